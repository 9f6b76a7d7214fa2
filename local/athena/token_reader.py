"""Takes a statement apart token by token: CTAS, views, UNLOAD and prepared statements."""

from __future__ import annotations

import re

from sqlglot import Token, TokenType

from local.athena.errors import StatementFailed, not_proven
from local.athena.statements import (
    CreateTableAs,
    CreateView,
    Deallocate,
    Execute,
    Name,
    Prepare,
    Query,
    Statement,
    Unload,
)
from local.athena.translate.dialect import offset_position

CREATE_INSTEAD = "Use CREATE TABLE … AS, CREATE EXTERNAL TABLE, CREATE VIEW or CREATE DATABASE, or the Glue API."


class TokenReader:
    """Reads from left to right; sqlglot parses the queries in a statement.

    Args:
        sql: The statement.
        tokens: Its tokens, without a final semicolon.
    """

    def __init__(self, sql: str, tokens: list[Token]) -> None:
        self.sql = sql
        self.tokens = tokens
        self.place = 0

    def unexpected(self, token: Token | None) -> StatementFailed:
        """Trino's failure for a token that cannot stand there."""
        shown = token.text if token else "<EOF>"
        position = offset_position(self.sql, token.start if token else len(self.sql))
        return StatementFailed("SYNTAX_ERROR", f"mismatched input '{shown}'", position)

    def peek(self) -> Token | None:
        """The next token, which stays; None at the end."""
        return self.tokens[self.place] if self.place < len(self.tokens) else None

    def take(self, *texts: str) -> Token:
        """The next token, which must be one of `texts` if any are given."""
        token = self.peek()
        if token is None or (texts and token.text.upper() not in texts):
            raise self.unexpected(token)
        self.place += 1
        return token

    def accept(self, *texts: str) -> bool:
        """Takes these words if they come next, all of them or none."""
        words = [token.text.upper() for token in self.tokens[self.place : self.place + len(texts)]]
        if words != list(texts):
            return False
        self.place += len(texts)
        return True

    def end(self) -> None:
        """Nothing may follow."""
        if self.peek() is not None:
            raise self.unexpected(self.peek())

    def name(self) -> Name:
        """`[[catalog.]database.]table`."""
        parts = [self.take().text.lower()]
        while self.accept("."):
            parts.append(self.take().text.lower())
        return Name(parts[-2] if len(parts) > 1 else "", parts[-1])

    def text(self) -> str:
        """A text in single quotes."""
        token = self.take()
        if token.token_type != TokenType.STRING:
            raise self.unexpected(token)
        return token.text

    def rest(self) -> Query:
        """What follows, up to the end, as a query at its own position."""
        token = self.peek()
        if token is None:
            raise self.unexpected(None)
        last = self.tokens[-1]
        return Query(_blank(self.sql, token.start) + self.sql[token.start : last.end + 1])

    def parenthesised(self) -> Query:
        """`(query)`."""
        self.take("(")
        start, depth = self.place, 1
        while depth:
            token = self.take()
            depth += {"(": 1, ")": -1}.get(token.text if token.token_type != TokenType.STRING else "", 0)
        inner = self.tokens[start : self.place - 1]
        if not inner:
            raise self.unexpected(self.tokens[self.place - 1])
        return Query(_blank(self.sql, inner[0].start) + self.sql[inner[0].start : inner[-1].end + 1])

    def properties(self) -> dict[str, object]:
        """`WITH (name = value, …)`: texts, numbers, booleans and arrays of texts."""
        made: dict[str, object] = {}
        if not self.accept("WITH"):
            return made
        self.take("(")
        while True:
            key = self.take().text.lower()
            self.take("=")
            made[key] = self.value()
            if not self.accept(","):
                break
        self.take(")")
        return made

    def value(self) -> object:
        """A property's value: a text, a number, a boolean or an array of texts."""
        if self.accept("ARRAY", "["):
            items: list[str] = []
            while not self.accept("]"):
                items.append(self.text())
                self.accept(",")
            return items
        token = self.take()
        if token.token_type == TokenType.STRING:
            return token.text
        if token.token_type == TokenType.NUMBER:
            return int(token.text)
        if token.text.lower() in {"true", "false"}:
            return token.text.lower() == "true"
        raise self.unexpected(token)

    def unload(self) -> Unload:
        """UNLOAD (query) TO '…' WITH (…)."""
        self.take("UNLOAD")
        query = self.parenthesised()
        self.take("TO")
        location = self.text()
        made = Unload(query, location, self.properties())
        self.end()
        return made

    def create(self) -> Statement:
        """CREATE [OR REPLACE] VIEW, and CREATE TABLE … AS."""
        start = self.take("CREATE")
        if self.accept("OR", "REPLACE", "VIEW"):
            return self.view(replace=True)
        if self.accept("VIEW"):
            return self.view(replace=False)
        if not self.accept("TABLE"):
            raise not_proven("This CREATE statement", CREATE_INSTEAD, offset_position(self.sql, start.start))
        if_not_exists = self.accept("IF", "NOT", "EXISTS")
        name = self.name()
        properties = self.properties()
        if not self.accept("AS"):
            raise not_proven("CREATE TABLE without AS", CREATE_INSTEAD, offset_position(self.sql, start.start))
        words = [token.text.upper() for token in self.tokens[-3:]]
        if words == ["WITH", "NO", "DATA"]:
            raise not_proven(
                "WITH NO DATA", "Select with WHERE false.", offset_position(self.sql, self.tokens[-3].start)
            )
        if words[1:] == ["WITH", "DATA"]:
            del self.tokens[-2:]
        return CreateTableAs(name, self.rest(), properties, if_not_exists)

    def view(self, *, replace: bool) -> CreateView:
        """What follows CREATE VIEW."""
        name = self.name()
        self.take("AS")
        return CreateView(name, self.rest(), replace)

    def prepare(self) -> Prepare:
        """PREPARE name FROM statement."""
        self.take("PREPARE")
        name = self.take().text
        self.take("FROM")
        token = self.peek()
        if token is None:
            raise self.unexpected(None)
        return Prepare(name, self.sql[token.start : self.tokens[-1].end + 1])

    def execute(self) -> Execute:
        """EXECUTE name [USING value, …]."""
        self.take("EXECUTE")
        name = self.take().text
        if self.peek() is None:
            return Execute(name)
        self.take("USING")
        values: list[str] = []
        start, depth = self.place, 0
        for place in range(self.place, len(self.tokens) + 1):
            token = self.tokens[place] if place < len(self.tokens) else None
            if token is None or (token.text == "," and depth == 0 and token.token_type != TokenType.STRING):
                part = self.tokens[start:place]
                if not part:
                    raise self.unexpected(token)
                values.append(self.sql[part[0].start : part[-1].end + 1])
                start = place + 1
            elif token.token_type != TokenType.STRING:
                depth += {"(": 1, "[": 1, ")": -1, "]": -1}.get(token.text, 0)
        return Execute(name, tuple(values))

    def deallocate(self) -> Deallocate:
        """DEALLOCATE [PREPARE] name."""
        self.place = 1
        if self.tokens[0].text.upper() == "DEALLOCATE":
            self.accept("PREPARE")
        return Deallocate(self.take().text)


def _blank(sql: str, length: int) -> str:
    """As many blanks, with the line ends kept, so that positions in what follows are those of the whole text."""
    return re.sub(r"[^\n]", " ", sql[:length])
