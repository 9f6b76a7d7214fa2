"""Texts: joining, trimming by characters, positions, regular expressions."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sqlglot import exp

from local.athena.translate.functions import patterns
from local.athena.translate.functions.call import Call
from local.athena.translate.functions.signatures import call_by_signature
from local.athena.translate.registry import function, rule
from local.athena.translate.typed import Typed, call, number, text
from local.athena.translate.types import BIGINT, BOOLEAN, INTEGER, UNKNOWN, VARCHAR, array, is_varchar

if TYPE_CHECKING:
    from local.athena.translate.binder import Binder
    from local.athena.translate.functions.patterns import Pattern

_MOST_GROUPS = 9  # that a replacement can refer to
_REPLACEMENT = re.compile(r"\$(\d)|\\(.)|([^$\\]+)|(.)", re.DOTALL)


@function("concat")
def concat(made: Call) -> Typed:
    """The operator `||`, so NULL if one is NULL; DuckDB's concat leaves NULLs out."""
    made.expect(2, None)
    joined = made.arguments[0]
    for argument in made.arguments[1:]:
        joined = exp.DPipe(this=joined, expression=argument)
    return made.binder.bind(joined)


@function("concat_ws")
def concat_ws(made: Call) -> Typed:
    """Texts only; NULLs are left out."""
    made.expect(2, None)
    values = [made.value(place, VARCHAR).node for place in range(len(made.arguments))]
    return Typed(call("concat_ws", *values), VARCHAR)


@function("codepoint")
def codepoint(made: Call) -> Typed:
    """Takes varchar(1) only."""
    made.expect(1)
    value = made.binder.bind(made.arguments[0])
    if not is_varchar(value.type):
        raise made.unexpected([value.type])
    if not value.type.numbers:
        raise made.refusal("codepoint of a text whose length is not declared", "Cast it to varchar(1).")
    if value.type.numbers[0] > 1:
        raise made.unexpected([value.type])
    return Typed(call("trino_codepoint", value.node), INTEGER)


@rule(exp.StrPosition, parts="this substr")
def position(binder: Binder, node: exp.StrPosition) -> Typed:
    """The same as strpos, with its arguments exchanged."""
    return call_by_signature(Call(binder, "strpos", node, [node.this, node.args["substr"]]))


@rule(exp.Substring, parts="this start length")
def substring(binder: Binder, node: exp.Substring) -> Typed:
    """Both forms: with FROM and FOR, and with commas."""
    if binder.bind(node.this).type == UNKNOWN:  # in one form ambiguous, in the other NULL
        raise binder.refusal("substring of an untyped NULL", "Cast it.", node)
    arguments = [node.this, node.args.get("start"), node.args.get("length")]
    return call_by_signature(Call(binder, "substr", node, [argument for argument in arguments if argument]))


@rule(exp.Trim, parts="this expression position")
def trim(binder: Binder, node: exp.Trim) -> Typed:
    """The form with a side and characters: TRIM(LEADING 'x' FROM y)."""
    side = (node.args.get("position") or "BOTH").upper()
    name = {"BOTH": "trim", "LEADING": "ltrim", "TRAILING": "rtrim"}[side]
    made = Call(binder, name, node, [part for part in (node.this, node.expression) if part])
    return call_by_signature(made)


def _group(made: Call, pattern: Pattern) -> int:
    """The group's number; it must take part in every match, because the engines differ where it does not."""
    if not made.arguments[2:]:
        return 0
    group = made.literal_integer(2, "group")
    if not 0 <= group <= pattern.groups:
        message = f"Pattern has {pattern.groups} groups. Cannot access group {group}"
        raise made.binder.failure("INVALID_FUNCTION_ARGUMENT", message, made.node)
    if group and not patterns.always_taken(pattern.text, group):
        raise made.refusal("A group that may be left out of a match", "Make every group part of each match.")
    return group


@function("regexp_like")
def regexp_like(made: Call) -> Typed:
    """Whether the pattern is found anywhere."""
    made.expect(2)
    pattern = patterns.read(made)
    return Typed(call("regexp_matches", made.value(0, VARCHAR).node, text(pattern.with_end())), BOOLEAN)


@function("regexp_extract")
def regexp_extract(made: Call) -> Typed:
    """NULL without a match; DuckDB gives the empty text."""
    made.expect(2, 3)
    pattern = patterns.read(made)
    group, written = _group(made, pattern), pattern.text
    if pattern.at_end:  # the line break before the end is no part of what is found
        group, written = group + 1, f"({pattern.text})\\n?\\z"
    return Typed(call("trino_regexp_extract", made.value(0, VARCHAR).node, text(written), number(group)), VARCHAR)


@function("regexp_extract_all")
def regexp_extract_all(made: Call) -> Typed:
    """All matches, from left to right."""
    made.expect(2, 3)
    pattern = patterns.read(made)
    patterns.never_empty(made, pattern)
    group, written = _group(made, pattern), pattern.text
    if pattern.at_end:
        group, written = group + 1, f"({pattern.text})\\n?\\z"
    found = call("regexp_extract_all", made.value(0, VARCHAR).node, text(written), number(group))
    return Typed(found, array(VARCHAR))


@function("regexp_replace")
def regexp_replace(made: Call) -> Typed:
    """Every match; Trino refers to a group as `$1`, DuckDB with a backslash."""
    made.expect(2, 3)
    pattern = patterns.read(made)
    patterns.never_empty(made, pattern)
    if pattern.at_end and pattern.groups >= _MOST_GROUPS:
        raise made.refusal("A regular expression of nine groups with $", "Use fewer groups.")
    written = made.literal_text(2, "replacement") if made.arguments[2:] else ""
    parts = []
    for group, escaped, plain, other in _REPLACEMENT.findall(written):
        if other or (group and int(group) > pattern.groups):
            raise made.refusal("This replacement", "Refer to groups as $1 to $9, and write \\$ for a dollar sign.")
        parts.append(f"\\{group}" if group else (escaped or plain).replace("\\", "\\\\"))
    if pattern.at_end:
        parts.append(f"\\{pattern.groups + 1}")  # the line break before the end stays
    value = made.value(0, VARCHAR).node
    found = text(pattern.with_end(captured=True))
    return Typed(call("regexp_replace", value, found, text("".join(parts)), text("g")), VARCHAR)


@function("regexp_count")
def regexp_count(made: Call) -> Typed:
    """How many matches there are."""
    made.expect(2)
    pattern = patterns.read(made)
    patterns.never_empty(made, pattern)
    found = call("regexp_extract_all", made.value(0, VARCHAR).node, text(pattern.with_end()))
    return Typed(call("len", found), BIGINT)
