"""Reads the DAX that the measures use into a tree, and refuses the rest: a second pair of eyes on what is written."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

# Of each function, how many arguments it takes.
FUNCTIONS = {
    "ADDCOLUMNS": range(3, 99, 2),
    "CALENDAR": range(2, 3),
    "COALESCE": range(2, 99),
    "COUNTROWS": range(1, 2),
    "DATE": range(3, 4),
    "DISTINCTCOUNTNOBLANK": range(1, 2),
    "DIVIDE": range(2, 3),
    "FILTER": range(2, 3),
    "FORMAT": range(2, 3),
    "HASONEVALUE": range(1, 2),
    "IF": range(2, 4),
    "ISBLANK": range(1, 2),
    "MAX": range(1, 3),
    "MAXX": range(2, 3),
    "MIN": range(1, 3),
    "MINX": range(2, 3),
    "MONTH": range(1, 2),
    "NOT": range(1, 2),
    "QUARTER": range(1, 2),
    "SUM": range(1, 2),
    "SWITCH": range(3, 99),
    "TODAY": range(1),
    "TRUE": range(1),
    "UNICHAR": range(1, 2),
    "VALUES": range(1, 2),
    "WEEKDAY": range(2, 3),
    "YEAR": range(1, 2),
}
_TOKEN = re.compile(
    r"""(?P<space>\s+)
    | (?P<text>"(?:[^"\n]|"")*")
    | (?P<table>'(?:[^'\n]|'')+')
    | (?P<name>\[(?:[^\]\n]|\]\])+\])
    | (?P<number>\d+(?:\.\d+)?)
    | (?P<word>[A-Za-z_][A-Za-z0-9_]*)
    | (?P<sign>&&|\|\||<>|<=|>=|[-+*/=<>&(){},])""",
    re.VERBOSE,
)
_LEVELS = (("||",), ("&&",), ("=", "<>", "<", "<=", ">", ">="), ("&",), ("+", "-"), ("*", "/"))


class WrongDax(ValueError):
    """What is no DAX, or none that this reader knows."""


@dataclass(frozen=True)
class Text:
    value: str


@dataclass(frozen=True)
class Number:
    value: str


@dataclass(frozen=True)
class TableName:
    name: str


@dataclass(frozen=True)
class ColumnOf:
    table: str
    name: str


@dataclass(frozen=True)
class Bracketed:
    """A measure, or a column that an expression added."""

    name: str


@dataclass(frozen=True)
class Variable:
    name: str


@dataclass(frozen=True)
class Call:
    function: str
    arguments: tuple[Node, ...]


@dataclass(frozen=True)
class Operation:
    sign: str
    left: Node
    right: Node


@dataclass(frozen=True)
class Rows:
    """A table that is spelled out, of one column called Value."""

    values: tuple[Node, ...]


@dataclass(frozen=True)
class Block:
    """Variables, each of which may use those before it, and the result."""

    variables: tuple[tuple[str, Node], ...]
    result: Node


Node = Text | Number | TableName | ColumnOf | Bracketed | Variable | Call | Operation | Rows | Block


def parse(text: str) -> Node:
    """The tree of an expression.

    Raises:
        WrongDax: naming what is wrong.
    """
    return _Parser(list(_tokens(text))).whole()


def walk(node: Node) -> Iterator[Node]:
    """A node and all below it."""
    yield node
    below: tuple[Node, ...] = ()
    match node:
        case Call(_, arguments):
            below = arguments
        case Operation(_, left, right):
            below = (left, right)
        case Rows(values):
            below = values
        case Block(variables, result):
            below = (*(value for _, value in variables), result)
    for each in below:
        yield from walk(each)


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    place = 0
    while place < len(text):
        match = _TOKEN.match(text, place)
        if match is None:
            raise WrongDax(f"at {text[place : place + 20]!r}")
        place = match.end()
        if match.lastgroup != "space":
            yield str(match.lastgroup), match.group()


class _Parser:
    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self.tokens = tokens
        self.place = 0
        self.known: list[str] = []

    def whole(self) -> Node:
        node = self.block()
        if self.place != len(self.tokens):
            raise WrongDax(f"more after the end: {self.tokens[self.place]}")
        return node

    def block(self) -> Node:
        variables = []
        while self.takes("VAR"):
            name = self.next("word")
            self.expects("=")
            value = self.operation(0)
            if name in self.known:
                raise WrongDax(f"{name} twice")
            self.known.append(name)
            variables.append((name, value))
        if not variables:
            return self.operation(0)
        self.expects("RETURN")
        return Block(tuple(variables), self.operation(0))

    def operation(self, level: int) -> Node:
        if level == len(_LEVELS):
            return self.primary()
        left = self.operation(level + 1)
        while self.peek() in _LEVELS[level]:
            sign = self.next("sign")
            left = Operation(sign, left, self.operation(level + 1))
        return left

    def primary(self) -> Node:  # noqa: PLR0911  # one for each kind of node
        kind, text = self.tokens[self.place] if self.place < len(self.tokens) else ("end", "")
        self.place += 1
        if kind == "text":
            return Text(text[1:-1].replace('""', '"'))
        if kind == "number":
            return Number(text)
        if kind == "name":
            return Bracketed(_inside(text))
        if kind == "table":
            return self.of_table(text[1:-1].replace("''", "'"))
        if kind == "word":
            return self.word(text)
        if text == "(":
            node = self.operation(0)
            self.expects(")")
            return node
        if text == "{":
            return Rows(self.list_until("}"))
        raise WrongDax(f"unexpected {text!r}")

    def of_table(self, table: str) -> Node:
        if self.place < len(self.tokens) and self.tokens[self.place][0] == "name":
            return ColumnOf(table, _inside(self.next("name")))
        return TableName(table)

    def word(self, text: str) -> Node:
        if self.peek() != "(":
            if text not in self.known:
                raise WrongDax(f"no variable {text}")
            return Variable(text)
        self.place += 1
        arguments = self.list_until(")")
        if len(arguments) not in FUNCTIONS.get(text, ()):
            raise WrongDax(f"{text} with {len(arguments)} argument(s)")
        return Call(text, arguments)

    def list_until(self, end: str) -> tuple[Node, ...]:
        if self.takes(end):
            return ()
        found = [self.operation(0)]
        while self.takes(","):
            found.append(self.operation(0))
        self.expects(end)
        return tuple(found)

    def peek(self) -> str:
        return self.tokens[self.place][1] if self.place < len(self.tokens) else ""

    def takes(self, text: str) -> bool:
        taken = self.peek() == text
        self.place += taken
        return taken

    def expects(self, text: str) -> None:
        if not self.takes(text):
            raise WrongDax(f"{text!r} is missing before {self.peek()!r}")

    def next(self, kind: str) -> str:
        found, text = self.tokens[self.place] if self.place < len(self.tokens) else ("end", "")
        if found != kind:
            raise WrongDax(f"a {kind} is missing before {text!r}")
        self.place += 1
        return text


def _inside(bracketed: str) -> str:
    return bracketed[1:-1].replace("]]", "]")
