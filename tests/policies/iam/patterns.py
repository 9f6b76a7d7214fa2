"""Wildcards and policy variables."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from tests.policies.iam.errors import NotModelled

if TYPE_CHECKING:
    from tests.policies.iam.context import Context

_PIECES = re.compile(r"(\$\{[^}]*\}|[*?])")
_WILD = {"*": ".*", "?": "."}
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
    for piece in _pieces(pattern):
        if piece in _WILD and wild:
            expression += _WILD[piece]
        elif context is not None and piece.startswith("${"):
            value = _value(piece[2:-1], context)
            if value is None:
                return False
            expression += re.escape(value)
        else:
            expression += re.escape(piece)
    return _compiled(expression).fullmatch(text) is not None


def _value(variable: str, context: Context) -> str | None:
    if variable in {"*", "?", "$"}:
        return variable
    if "," in variable or len(values := context.get(variable)) > 1:
        raise NotModelled(f"The policy variable {variable} has a default or several values.")
    return values[0] if values else None


@cache
def _pieces(pattern: str) -> list[str]:
    return _PIECES.split(pattern)


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
