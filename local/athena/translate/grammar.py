"""What sqlglot's parser lets pass and Trino's grammar does not have, found in the tokens and in the tree."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

from sqlglot import Token, TokenType, exp

if TYPE_CHECKING:
    from collections.abc import Iterator

Fault = tuple[int, str]  # where in the text, and the message
_SPACE = frozenset(" \t\r\n")
_COMMENT = re.compile(r"--[^\r\n]*|/\*.*?\*/", re.DOTALL)
_CLOSED = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|--[^\r\n]*|/\*.*?\*/", re.DOTALL)
# The order in which a SELECT's clauses stand. Those after _OWN belong to a whole UNION.
_CLAUSES = {"FROM": 1, "WHERE": 2, "GROUP BY": 3, "HAVING": 4, "ORDER BY": 6, "OFFSET": 7, "LIMIT": 8}
_OWN = 4
_SETS = frozenset({"UNION", "INTERSECT", "EXCEPT"})
_AFTER_COMMA = frozenset({",", ")", "]", *_CLAUSES, *_SETS} - {"OFFSET", "LIMIT"})
_OPERATORS = frozenset({"+", "-", "/", "%", "=", "<", ">", "<>", "!=", "<=", ">=", "||"})
_TEXT = frozenset({TokenType.STRING, TokenType.IDENTIFIER, TokenType.UNICODE_STRING, TokenType.HEX_STRING})
_TYPES = """
array bigint bingtile boolean char date decimal double geometry hyperloglog int integer interval ipaddress json map
p4hyperloglog qdigest real row smallint tdigest time timestamp tinyint uuid varbinary varchar
"""


def unclosed(sql: str) -> Fault | None:
    """The first quote or comment that does not end."""
    place = 0
    while place < len(sql):
        closed = _CLOSED.match(sql, place)
        if closed:
            place = closed.end()
        elif sql[place] in "'\"":
            return place, f"mismatched input '{sql[place]}'"
        elif sql.startswith("/*", place):
            # Trino reads a division and then a star, unless nothing stands before.
            later = 1 if _COMMENT.sub("", sql[:place]).strip() else 0
            return place + later, f"mismatched input '{sql[place + later]}'"
        else:
            place += 1
    return None


def fault_in_tokens(tokens: list[Token], sql: str) -> Fault | None:
    """The first fault in what the parser is given; None if there is none."""
    found = [next(faults, None) for faults in (_spaces(tokens, sql), _neighbours(tokens), _clauses(tokens))]
    return min((fault for fault in found if fault), default=None)


def _spaces(tokens: list[Token], sql: str) -> Iterator[Fault]:
    """Only four characters are white space; anything else between tokens is a token that Trino does not know."""
    end = 0
    for start, next_end in [*((token.start, token.end + 1) for token in tokens), (len(sql), 0)]:
        gap = _COMMENT.sub(lambda match: " " * len(match[0]), sql[end:start])
        for place, character in enumerate(gap):
            if character not in _SPACE and character != ";":
                yield end + place, f"mismatched input '{character}'"
        end = next_end


def _neighbours(tokens: list[Token]) -> Iterator[Fault]:
    for token in tokens:
        if token.token_type == TokenType.IDENTIFIER and not token.text:
            yield token.start, "Zero-length delimited identifier not allowed"
    for first, second in pairwise(tokens):
        before, word = _word(first), _word(second)
        if first.token_type == TokenType.NUMBER and second.start == first.end + 1 and word[:1].isalpha():
            message = "identifiers must not start with a digit; surround the identifier with double quotes"
            yield first.start, message
        elif (before == "," and word in _AFTER_COMMA) or (before in _OPERATORS and word in {"*", "/", "%", "="}):
            yield second.start, f"mismatched input '{second.text}'"


def _clauses(tokens: list[Token]) -> Iterator[Fault]:
    """Clauses in their order, `DISTINCT *` only in SELECT, and types of Trino's only, level by level of parentheses."""
    levels: list[int | None] = [None]  # the last clause of each level's SELECT
    casts: list[int | None] = [None]  # where each level's CAST stands, if it is one
    for place, token in enumerate(tokens):
        word, before = _word(token), _word(tokens[place - 1]) if place else ""
        if word == "(":
            levels.append(None)
            casts.append(tokens[place - 1].start if before in {"CAST", "TRY_CAST"} else None)
        elif word == ")" and len(levels) > 1:
            levels.pop()
            casts.pop()
        elif word == "SELECT":
            levels[-1] = 0
        elif levels[-1] is not None:
            reached = _reached(word, before, _word(tokens[place + 1]) if place + 1 < len(tokens) else "")
            if reached is not None and reached < levels[-1]:
                yield token.start, f"mismatched input '{token.text}'"
            levels[-1] = levels[-1] if reached is None else reached
        elif word == "*" and before == "DISTINCT":
            yield token.start, f"mismatched input '{token.text}'"
        elif (
            casts[-1] is not None
            and before == "AS"
            and word[:1].isalpha()
            and word.lower().split()[0] not in _TYPES.split()
        ):
            yield casts[-1], f"Unknown type: {word.lower()}"


def _reached(word: str, before: str, after: str) -> int | None:
    """How far a SELECT is with this word; None if the word is no clause."""
    if word in _SETS:
        return _OWN  # nothing of the whole may have come
    if before == "DISTINCT" and word == "FROM":
        return None  # IS DISTINCT FROM
    if word in {"LIMIT", "OFFSET"} and not (after.isdecimal() or after in {"ALL", "?"}):
        return None  # neither word is reserved
    return _CLAUSES.get(word)


def _word(token: Token) -> str:
    """The token as Trino's grammar names it; nothing for texts and quoted names."""
    return "" if token.token_type in _TEXT else " ".join(token.text.upper().split())


def fault_in_tree(tree: exp.Expr) -> tuple[exp.Expr, str, str] | None:
    """A node that stands where it may not, with Trino's code and message; None if there is none."""
    for window in tree.find_all(exp.Window):
        above = window.parent
        while above is not None and not isinstance(above, exp.Query):
            if isinstance(above, exp.Window):
                message = "Cannot nest window functions or row pattern measures inside window function arguments"
                return window, "NESTED_WINDOW", message
            above = above.parent
    return None
