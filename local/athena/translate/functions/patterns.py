"""Regular expressions that RE2 (DuckDB) and Java's syntax (Trino) read alike, and how the two still differ."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from local.athena.translate.functions.call import Call

# No look-around, back references, possessive quantifiers, flags, class intersections or Unicode classes.
_PROVEN = re.compile(
    r"(?:[^\\\[\](){}*+?|^$.]"  # plain characters
    r"|[|^.]|\\[dDwWsStn]|\\[^A-Za-z0-9]"  # alternatives, start, classes, escaped signs
    r"|\((?:\?:)?|\)"  # groups
    r"|(?:[*+?]|\{\d+(?:,\d*)?\})\??(?![*+?{])"  # quantifiers, greedy or lazy
    r"|\[\^?(?:[^\\\[\]&]|\\[dDwWstn]|\\[^A-Za-z0-9])+\])*\$?",
    re.DOTALL,
)
_TOKEN = re.compile(r"\\.|\[(?:\\.|[^\]\\])+\]|.", re.DOTALL)
_ESCAPED = re.compile(r"\\.", re.DOTALL)
# Something that no line break can be, and that is there at least once.
_VISIBLE_START = re.compile(r"(?:[^\\\[\](){}*+?|^$.\n]|\\[dw]|\\[^A-Za-z0-9]|\[(?:[A-Za-z0-9_.-]|\\[dw])+\])(?![*?{])")
_OPTIONAL = re.compile(r"[?*]|\{0")
_SPACE = r"\t-\r "  # Java's \s has the vertical tab, RE2's has not


@dataclass(frozen=True)
class Pattern:
    """A regular expression for DuckDB.

    Args:
        text: Without the `$` at its end.
        groups: How many groups it has.
        at_end: Whether it ended with `$`. That also means before a last line break, which RE2 cannot say without
            taking the line break in.
        starts_visibly: Whether each match begins with a character that is no line break.
        choice: Whether it has alternatives outside of groups.
    """

    text: str
    groups: int
    at_end: bool
    starts_visibly: bool
    choice: bool

    def with_end(self, *, captured: bool = False) -> str:
        """The expression, with the end of the text and the line break before it; that one as a group of its own."""
        if not self.at_end:
            return self.text
        return self.text + (r"(\n?)\z" if captured else r"\n?\z")


def read(made: Call) -> Pattern:
    """The regular expression that is the second argument.

    Raises:
        StatementFailed: if it is computed, not proven, or none.
    """
    written = made.literal_text(1, "regular expression")
    if not _PROVEN.fullmatch(written) or re.search(r"\(\?(?!:)", written):
        raise made.refusal(
            "This regular expression",
            "Use groups, classes, quantifiers, alternatives, ^ at the start and $ at the end.",
        )
    try:
        groups = re.compile(written).groups
    except re.error as error:
        message = "The regular expression is not valid"
        raise made.binder.failure("INVALID_FUNCTION_ARGUMENT", message, made.node) from error
    at_end = written.endswith("$") and not written.endswith(r"\$")
    body = written[:-1] if at_end else written
    pattern = Pattern(_with_java_spaces(body), groups, at_end, bool(_VISIBLE_START.match(body)), _has_choice(body))
    if at_end and pattern.choice:
        raise made.refusal("Alternatives outside of a group, with $,", "Put them in parentheses.")
    return pattern


def never_empty(made: Call, pattern: Pattern) -> None:
    """Check that the expression does not match the empty text, where the engines go on differently.

    Raises:
        StatementFailed: if it does.
    """
    if re.search(made.literal_text(1, "regular expression"), ""):
        raise made.refusal("A regular expression that matches the empty text", "Use + instead of *.")
    if pattern.at_end and not pattern.starts_visibly:
        raise made.refusal("This regular expression with $", "Begin it with a plain character or a class of letters.")


def always_taken(body: str, wanted: int) -> bool:
    """Whether a group takes part in every match: neither it nor a group around it is optional or an alternative.

    Args:
        body: A proven regular expression.
        wanted: The group's number, from 1.
    """
    around: list[list[int]] = [[]]  # for each group in the order of opening, 0 the whole: the groups that it is in
    numbered: list[int] = [0]
    optional: set[int] = set()
    with_choice: set[int] = set()
    tokens, inside = _TOKEN.findall(body), [0]
    for place, token in enumerate(tokens):
        if token == "(":
            if tokens[place + 1] != "?":
                numbered.append(len(around))
            inside.append(len(around))
            around.append(inside[:-1])
        elif token == ")":
            closed = inside.pop()
            if _OPTIONAL.match("".join(tokens[place + 1 : place + 3])):
                optional.add(closed)
        elif token == "|":
            with_choice.add(inside[-1])
    own = numbered[wanted]
    return own not in optional and not any(each in optional | with_choice for each in around[own])


def _with_java_spaces(body: str) -> str:
    parts = []
    for token in _TOKEN.findall(body):
        if token == r"\s":
            parts.append(f"[{_SPACE}]")
        elif token == r"\S":
            parts.append(f"[^{_SPACE}]")
        elif token.startswith("[") and len(token) > 1:
            parts.append(
                re.sub(r"\\(.)", lambda match: _SPACE if match[1] == "s" else match[0], token, flags=re.DOTALL)
            )
        else:
            parts.append(token)
    return "".join(parts)


def _has_choice(body: str) -> bool:
    depth = 0
    for token in _TOKEN.findall(body):
        depth += {"(": 1, ")": -1}.get(token, 0)
        if token == "|" and depth == 0:
            return True
    return False
