"""Hive's data definition language, as far as Athena has it: databases, tables over files, and their properties."""

from __future__ import annotations

import re

from local.athena.definitions import (
    CSV,
    PARQUET,
    Column,
    CreateDatabase,
    CreateExternalTable,
    Definition,
    DropDatabase,
    RenameTable,
    SetProperties,
)
from local.athena.errors import StatementFailed, not_proven
from local.athena.statements import Name
from local.athena.translate.dialect import offset_position

_STARTS = re.compile(
    r"(CREATE\s+(EXTERNAL\s+TABLE|DATABASE|SCHEMA)|ALTER\s+TABLE|DROP\s+(DATABASE|SCHEMA))\b", re.IGNORECASE
)
_NAME = re.compile(r"`([^`]+)`|\"([^\"]+)\"|(\w+)")
_STRING = re.compile(r"'((?:[^'\\]|\\.|'')*)'|\"((?:[^\"\\]|\\.)*)\"")
_COLUMN = re.compile(r"(`[^`]+`|\w+)\s+(.*?)(?:\s+COMMENT\s+('(?:[^'\\]|\\.)*'))?", re.IGNORECASE | re.DOTALL)
_SKIPPED = re.compile(r"(?:\s+|--[^\n]*(?:\n|$)|/\*.*?\*/)*", re.DOTALL)
_BRACKET = re.compile(r"'(?:[^'\\]|\\.)*'|`[^`]*`|[(<>),]", re.DOTALL)
_SERDES = {
    "org.apache.hadoop.hive.ql.io.parquet.serde.parquethiveserde": PARQUET,
    "org.apache.hadoop.hive.serde2.opencsvserde": CSV,
}


def is_definition(bare: str) -> bool:
    """Whether a statement, without comments before it, is one of these."""
    return _STARTS.match(bare) is not None


def read(sql: str) -> Definition:
    """The statement's parts.

    Raises:
        StatementFailed: `SYNTAX_ERROR`, or `NOT_SUPPORTED` for what is not run here.
    """
    reader = _Reader(sql)
    made = reader.create() if reader.word("CREATE") else reader.drop() if reader.word("DROP") else reader.alter()
    reader.end()
    return made


class _Reader:
    """Reads from left to right; each method takes what it names, or nothing."""

    def __init__(self, sql: str) -> None:
        self.sql = sql
        self.place = 0
        self._skip()

    def _skip(self) -> None:
        found = _SKIPPED.match(self.sql, self.place)
        self.place = found.end() if found else self.place

    def _take(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        found = pattern.match(self.sql, self.place)
        if found:
            self.place = found.end()
            self._skip()
        return found

    def unexpected(self) -> StatementFailed:
        shown = re.match(r"\w+|\S|$", self.sql[self.place :])
        token = shown[0] if shown and shown[0] else "<EOF>"
        return StatementFailed("SYNTAX_ERROR", f"mismatched input '{token}'", offset_position(self.sql, self.place))

    def word(self, *words: str) -> bool:
        """These words, all or none."""
        return self._take(re.compile(r"\s+".join(words) + r"\b", re.IGNORECASE)) is not None

    def need(self, *words: str) -> None:
        if not self.word(*words):
            raise self.unexpected()

    def symbol(self, symbol: str) -> bool:
        return self._take(re.compile(re.escape(symbol))) is not None

    def end(self) -> None:
        if self.place < len(self.sql):
            raise self.unexpected()

    def identifier(self) -> str:
        found = self._take(_NAME)
        if found is None:
            raise self.unexpected()
        return next(part for part in found.groups() if part).lower()

    def name(self) -> Name:
        parts = [self.identifier()]
        while self.symbol("."):
            parts.append(self.identifier())
        return Name(parts[-2] if len(parts) > 1 else "", parts[-1])

    def string(self) -> str:
        found = self._take(_STRING)
        if found is None:
            raise self.unexpected()
        return re.sub(r"\\(.)", r"\1", found[1] if found[1] is not None else found[2])

    def after(self, *words: str) -> str:
        """The string after these words; empty without them."""
        return self.string() if self.word(*words) else ""

    def pairs(self) -> dict[str, str]:
        """`('name' = 'value', …)`."""
        made: dict[str, str] = {}
        if not self.symbol("("):
            raise self.unexpected()
        while True:
            key = self.string()
            if not self.symbol("="):
                raise self.unexpected()
            made[key] = self.string()
            if not self.symbol(","):
                break
        if not self.symbol(")"):
            raise self.unexpected()
        return made

    def columns(self) -> tuple[Column, ...]:
        """`(name type [COMMENT '…'], …)`; commas in a type stand in brackets."""
        if not self.symbol("("):
            raise self.unexpected()
        made, begun, depth = [], self.place, 0
        for found in _BRACKET.finditer(self.sql, self.place):
            if depth == 0 and found[0] in {",", ")"}:
                made.append(self._column(self.sql[begun : found.start()], begun))
                begun = found.end()
            depth += {"(": 1, "<": 1, ")": -1, ">": -1}.get(found[0], 0)
            if depth < 0:
                self.place = found.end()
                self._skip()
                return tuple(made)
        self.place = len(self.sql)
        raise self.unexpected()

    def _column(self, text: str, place: int) -> Column:
        found = _COLUMN.fullmatch(text.strip())
        if found is None:
            self.place = place
            raise self.unexpected()
        comment = found[3][1:-1] if found[3] else ""
        return Column(found[1].strip("`").lower(), " ".join(found[2].split()).lower(), comment)

    def create(self) -> Definition:
        if self.word("DATABASE") or self.word("SCHEMA"):
            exists = self.word("IF", "NOT", "EXISTS")
            return CreateDatabase(self.identifier(), exists, self.after("COMMENT"), self.after("LOCATION"))
        self.need("EXTERNAL", "TABLE")
        exists = self.word("IF", "NOT", "EXISTS")
        name, columns, comment = self.name(), self.columns(), self.after("COMMENT")
        keys = self.columns() if self.word("PARTITIONED", "BY") else ()
        kind, serde = self._format()
        location = self.after("LOCATION")
        properties = self.pairs() if self.word("TBLPROPERTIES") else {}
        if not location:
            raise StatementFailed("SYNTAX_ERROR", "CREATE EXTERNAL TABLE needs a LOCATION")
        return CreateExternalTable(name, exists, columns, keys, comment, kind, serde, location, properties)

    def _format(self) -> tuple[str, dict[str, str]]:
        """The format's name and the serde's properties; the only ones that are read here."""
        position = offset_position(self.sql, self.place)
        named, properties = "", {}
        if self.word("ROW", "FORMAT", "SERDE"):
            named = _SERDES.get(self.string().lower(), "other")
            properties = self.pairs() if self.word("WITH", "SERDEPROPERTIES") else {}
        if self.word("STORED", "AS", "PARQUET"):
            named = named or PARQUET
        elif self.word("STORED", "AS", "INPUTFORMAT"):
            self.string()
            self.need("OUTPUTFORMAT")
            self.string()
        elif self.word("STORED", "AS", "TEXTFILE"):
            named = named if named == CSV else "other"
        if named not in {PARQUET, CSV}:
            raise not_proven("This file format", "Say STORED AS PARQUET, or use the OpenCSVSerde.", position)
        return named, properties

    def drop(self) -> Definition:
        if not self.word("DATABASE"):
            self.need("SCHEMA")
        exists = self.word("IF", "EXISTS")
        name = self.identifier()
        cascade = self.word("CASCADE")
        if not cascade:
            self.word("RESTRICT")
        return DropDatabase(name, exists, cascade)

    def alter(self) -> Definition:
        self.need("ALTER", "TABLE")
        name = self.name()
        if self.word("SET", "TBLPROPERTIES"):
            return SetProperties(name, self.pairs())
        if self.word("RENAME", "TO"):
            return RenameTable(name, self.name())
        position = offset_position(self.sql, self.place)
        raise not_proven("This ALTER TABLE", "Change the table through the Glue API.", position)
