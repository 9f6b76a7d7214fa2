"""Date and timestamp formats: what a contract may write, as a regular expression that RE2 and Java read alike."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass

from watershed.errors import ConfigurationError

OFFSET = r"Z|[+-](?:(?:0[0-9]|1[0-7])(?::?[0-5][0-9])?|18(?::?00)?)"  # no zone is further from UTC

# directive -> (with one or two digits, with exactly as many as there can be)
_PATTERNS = {
    "Y": ("([0-9]{4})", "([0-9]{4})"),
    "m": ("(0?[1-9]|1[0-2])", "(0[1-9]|1[0-2])"),
    "d": ("(0?[1-9]|[12][0-9]|3[01])", "(0[1-9]|[12][0-9]|3[01])"),
    "H": ("([01]?[0-9]|2[0-3])", "([01][0-9]|2[0-3])"),
    "I": ("(0?[1-9]|1[0-2])", "(0[1-9]|1[0-2])"),
    "p": ("([AaPp][Mm])", "([AaPp][Mm])"),
    "M": ("([0-5]?[0-9])", "([0-5][0-9])"),
    "S": ("([0-5]?[0-9])", "([0-5][0-9])"),
    # Microseconds are what a timestamp holds; the three digits that some systems add are below that and dropped.
    "f": ("([0-9]{1,6})[0-9]{0,3}", "([0-9]{6})"),
    "z": (f"({OFFSET})", f"({OFFSET})"),
}
_TOKEN = re.compile(r"%(.)|([^%])|(%)$", re.DOTALL)
_META = frozenset(r"\.^$|?*+()[]{}")


@dataclass(frozen=True)
class Format:
    """One format.

    Attributes:
        text: As the contract writes it, e.g. `%d.%m.%Y %H:%M`.
        pattern: A regular expression for the whole value, anchored at both ends, one group a directive.
        directives: What the groups hold, in order: `Y m d H I p M S f z`.
    """

    text: str
    pattern: str
    directives: tuple[str, ...]

    def group(self, directive: str) -> int | None:
        """The 1-based group that holds `directive`, or None."""
        return self.directives.index(directive) + 1 if directive in self.directives else None


@functools.cache
def parse(text: str) -> Format:
    """Compile a format.

    `%Y %m %d %H %I %p %M %S %f %z %%` and literal characters. Month, day, hour, minute and second may have one digit
    or two, unless the next character is a digit's place too. Two-digit years are refused: their century is a guess.

    Raises:
        ConfigurationError: naming the directive that is unknown, missing, given twice or without its partner.
    """
    tokens = [(match[1], match[2]) for match in _TOKEN.finditer(text)]
    if text.endswith("%") and not text.endswith("%%"):
        raise _refused(text, "it ends in a single %")
    pieces: list[str] = []
    directives: list[str] = []
    for place, (directive, literal) in enumerate(tokens):
        if directive in {None, "%"}:
            pieces.append(literally(literal or "%"))
            continue
        if directive not in _PATTERNS:
            raise _refused(text, f"%{directive} is not supported")
        if directive in directives:
            raise _refused(text, f"%{directive} is there twice")
        directives.append(directive)
        pieces.append(_PATTERNS[directive][_touches_digits(tokens, place)])
    missing = [f"%{directive}" for directive in "Ymd" if directive not in directives]
    if missing:
        raise _refused(text, f"{', '.join(missing)} is missing")
    if ("I" in directives) != ("p" in directives) or {"H", "I"} <= set(directives):
        raise _refused(text, "an hour is %H, or %I together with %p")
    return Format(text, f"^{''.join(pieces)}$", tuple(directives))


def literally(text: str) -> str:
    """A regular expression for just this text."""
    return "".join(f"\\{character}" if character in _META else character for character in text)


def _touches_digits(tokens: list[tuple[str | None, str | None]], place: int) -> bool:
    """Whether the token before or after also holds digits, so that its neighbour's width must be fixed."""
    around = [*tokens[max(place - 1, 0) : place], *tokens[place + 1 : place + 2]]
    return any(
        (directive is not None and directive not in "%pz") or (literal is not None and literal.isdigit())
        for directive, literal in around
    )


def _refused(text: str, why: str) -> ConfigurationError:
    return ConfigurationError(
        f"The format `{text}` cannot be used: {why}.",
        remedy="Use %Y %m %d and, for times, %H or %I %p, %M, %S, %f, %z, with literal characters between them.",
    )
