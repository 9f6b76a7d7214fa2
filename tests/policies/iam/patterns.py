"""Wildcards and policy variables."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from tests.policies.iam.errors import NotModelled

if TYPE_CHECKING:
    from tests.policies.iam.context import Context

_PIECES = re.compile(r"\$\{([^}]*)\}|([*?])")
_ARN_PARTS = 6


def matches(pattern: str, text: str, context: Context | None = None, *, wild: bool = True) -> bool:
    """Whether `text` is what `pattern` describes. `*` and `?` match anything if `wild`; case counts.

    Args:
        pattern: From a policy.
        text: From a request.
        context: Gives policy variables their values; one that is absent matches nothing. None: `${` is plain text.
        wild: Whether wildcards are wildcards.

    Raises:
        NotModelled: for variables with a default, with several values, or that are not known.
    """
    expression = ""
    at = 0
    for piece in _PIECES.finditer(pattern):
        expression += re.escape(pattern[at : piece.start()])
        at = piece.end()
        if piece[2]:
            expression += {"*": ".*", "?": "."}[piece[2]] if wild else re.escape(piece[2])
        elif context is None:
            expression += re.escape(piece[0])
        elif piece[1] in {"*", "?", "$"}:
            expression += re.escape(piece[1])
        else:
            if "," in piece[1] or len(values := context.get(piece[1].strip())) > 1:
                raise NotModelled(f"The policy variable {piece[0]} has a default or several values.")
            if not values:
                return False
            expression += re.escape(values[0])
    return _compiled(expression + re.escape(pattern[at:])).fullmatch(text) is not None


@cache
def _compiled(expression: str) -> re.Pattern[str]:
    return re.compile(expression, re.DOTALL)


def arn_matches(pattern: str, arn: str, context: Context | None = None) -> bool:
    """Whether an ARN is what `pattern` describes: a wildcard reaches no further than its part, the last is the rest.

    Raises:
        NotModelled: if the pattern is not an ARN's.
    """
    if pattern == "*":
        return True
    # A variable's own colon, as in `${aws:PrincipalAccount}`, divides nothing.
    wanted = re.split(r":(?![^{]*\})", pattern, maxsplit=_ARN_PARTS - 1)
    if len(wanted) != _ARN_PARTS:
        raise NotModelled(f"{pattern} is not an ARN.")
    found = arn.split(":", _ARN_PARTS - 1)
    return len(found) == _ARN_PARTS and all(
        matches(part, text, context) for part, text in zip(wanted, found, strict=True)
    )
