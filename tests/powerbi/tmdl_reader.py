"""Reads TMDL strictly: objects by tabs, properties, quoted names and texts, expressions, descriptions, annotations.

It knows the kinds of objects and properties that the writer uses and refuses every other, so a slip in one is an error
here, and not in Power BI.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_KINDS = {
    "database": set(),
    "model": {"dataAccessOptions"},
    "dataAccessOptions": set(),
    "expression": {"annotation"},
    "relationship": set(),
    "table": {"measure", "column", "hierarchy", "partition", "annotation"},
    "measure": set(),
    "column": {"annotation"},
    "hierarchy": {"level"},
    "level": set(),
    "partition": set(),
    "annotation": set(),
}
_NAMELESS = {"database", "dataAccessOptions"}
_VALUES = {"measure", "expression", "partition", "annotation"}  # that have one after an equals sign
_FLAGS = {"isHidden", "isKey", "isNameInferred", "legacyRedirects"}
_PROPERTIES = {
    "compatibilityLevel",
    "culture",
    "defaultPowerBIDataSourceVersion",
    "sourceQueryCulture",
    "lineageTag",
    "dataCategory",
    "formatString",
    "displayFolder",
    "dataType",
    "summarizeBy",
    "sourceColumn",
    "sortByColumn",
    "isActive",
    "fromColumn",
    "toColumn",
    "mode",
    "column",
}
_NAME = r"(?:[A-Za-z_][A-Za-z0-9_-]*|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|'(?:[^'\n]|'')+')"
_HEAD = re.compile(rf"(?P<kind>[a-zA-Z]+)(?: (?P<name>{_NAME}))?(?: =(?: (?P<value>.+))?)?")
_PROPERTY = re.compile(r"(?P<name>[a-zA-Z]+): (?P<value>.+)")
_END = re.compile(rf"(?P<table>{_NAME})\.(?P<column>{_NAME})")


class WrongTmdl(ValueError):
    """What is no TMDL, or none that this reader knows."""


@dataclass
class Thing:
    """One object, with what belongs to it."""

    kind: str
    name: str
    value: str | None = None
    description: str = ""
    flags: set[str] = field(default_factory=set)
    properties: dict[str, str] = field(default_factory=dict)
    things: list[Thing] = field(default_factory=list)

    def all(self, kind: str) -> list[Thing]:
        return [thing for thing in self.things if thing.kind == kind]


@dataclass
class _Lines:
    lines: list[str]
    place: int = 0

    def peek(self) -> str | None:
        while self.place < len(self.lines) and not self.lines[self.place]:
            self.place += 1
        return self.lines[self.place] if self.place < len(self.lines) else None


def read(text: str) -> tuple[list[Thing], list[str]]:
    """The objects of a file, and the tables that it refers to by `ref table`.

    Raises:
        WrongTmdl: naming the line.
    """
    if not text.endswith("\n") or "\r" in text:
        raise WrongTmdl("lines end with LF")
    lines = text.removesuffix("\n").split("\n")
    wrong = next((line for line in lines if line != line.rstrip()), None)
    if wrong is not None:
        raise WrongTmdl(f"space at the end of {wrong!r}")
    refs = [name(line.removeprefix("ref table ")) for line in lines if line.startswith("ref table ")]
    source = _Lines([line for line in lines if not line.startswith("ref table ")])
    found = []
    while source.peek() is not None:
        found.append(_thing(source, 0))
    return found, refs


def name(text: str) -> str:
    """A name without its quotes."""
    if not re.fullmatch(_NAME, text):
        raise WrongTmdl(f"{text!r} is no name")
    return text[1:-1].replace("''", "'") if text.startswith("'") else text


def end(text: str) -> tuple[str, str]:
    """A table and its column, of a relationship."""
    match = _END.fullmatch(text)
    if match is None:
        raise WrongTmdl(f"{text!r} is no column")
    return name(match["table"]), name(match["column"])


def unquoted(text: str) -> str:
    """A property's text."""
    if text.startswith('"') and text.endswith('"') and len(text) > 1:
        inside = text[1:-1]
        if '"' in inside.replace('""', ""):
            raise WrongTmdl(f"quotes in {text!r}")
        return inside.replace('""', '"')
    if text.startswith("```"):
        raise WrongTmdl("a block begins where a text is meant")
    return text


def _thing(source: _Lines, depth: int) -> Thing:
    description = []
    line = source.peek() or ""
    while line.strip("\t").startswith("///"):
        description.append(_indented(line, depth).removeprefix("///").removeprefix(" "))
        source.place += 1
        line = source.lines[source.place] if source.place < len(source.lines) else ""
    match = _HEAD.fullmatch(_indented(line, depth))
    if match is None or match["kind"] not in _KINDS:
        raise WrongTmdl(f"no object: {line!r}")
    kind = match["kind"]
    source.place += 1
    if (match["name"] is None) != (kind in _NAMELESS):
        raise WrongTmdl(f"a {kind} has a name or has none: {line!r}")
    has_value = "=" in line[len(kind) :].replace(match["name"] or "", "", 1)
    if has_value != (kind in _VALUES):
        raise WrongTmdl(f"a {kind} has a value or has none: {line!r}")
    value = match["value"] or (_block(source, depth + 2) if has_value else None)
    thing = Thing(kind, name(match["name"]) if match["name"] else "", value, "\n".join(description))
    _fill(thing, source, depth + 1)
    return thing


def _fill(thing: Thing, source: _Lines, depth: int) -> None:
    while (line := source.peek()) is not None and _depth(line) == depth:
        inside = line[depth:]
        match = _PROPERTY.fullmatch(inside)
        if inside in _FLAGS:
            thing.flags.add(inside)
        elif inside.startswith("source ="):
            source.place += 1
            thing.value = inside.removeprefix("source = ") if inside != "source =" else _block(source, depth + 2)
            continue
        elif match and match["name"] in _PROPERTIES:
            if match["name"] in thing.properties:
                raise WrongTmdl(f"twice: {inside!r}")
            thing.properties[match["name"]] = unquoted(match["value"])
        else:
            child = _thing(source, depth)
            if child.kind not in _KINDS[thing.kind]:
                raise WrongTmdl(f"a {child.kind} in a {thing.kind}")
            thing.things.append(child)
            continue
        source.place += 1
    rest = source.peek()
    if rest is not None and _depth(rest) > depth:
        raise WrongTmdl(f"too deep: {rest!r}")


def _block(source: _Lines, depth: int) -> str:
    found = []
    while source.place < len(source.lines) and source.lines[source.place].startswith("\t" * depth):
        found.append(source.lines[source.place][depth:])
        source.place += 1
    if not found:
        raise WrongTmdl("an expression is missing")
    return "\n".join(found)


def _indented(line: str, depth: int) -> str:
    if _depth(line) != depth:
        raise WrongTmdl(f"not {depth} tabs deep: {line!r}")
    return line[depth:]


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip("\t"))
