"""Reads what kind of statement a text is, and takes it apart; sqlglot parses the queries in it."""

from __future__ import annotations

import re

from sqlglot import Token, TokenType

from local.athena.errors import StatementFailed, not_proven
from local.athena.statements import (
    CreateTableAs,
    CreateView,
    Deallocate,
    Drop,
    Execute,
    Name,
    Prepare,
    Query,
    Show,
    Statement,
    Unload,
)
from local.athena.translate.dialect import offset_position, tokenize

_NAME = r'(?:`[^`]+`|"[^"]+"|\w+)'
_QUALIFIED = rf"(?P<name>{_NAME}(?:\.{_NAME}){{0,2}})"
_HIVE_FORMS: tuple[tuple[str, str], ...] = (
    (r"SHOW\s+(?:DATABASES|SCHEMAS)(?:\s+LIKE)?(?:\s+'(?P<pattern>[^']*)')?", "databases"),
    (rf"SHOW\s+TABLES(?:\s+(?:IN|FROM)\s+(?P<database>{_NAME}))?(?:\s+(?:LIKE\s+)?'(?P<pattern>[^']*)')?", "tables"),
    (rf"SHOW\s+VIEWS(?:\s+(?:IN|FROM)\s+(?P<database>{_NAME}))?(?:\s+(?:LIKE\s+)?'(?P<pattern>[^']*)')?", "views"),
    (rf"SHOW\s+COLUMNS\s+(?:IN|FROM)\s+{_QUALIFIED}(?:\s+(?:IN|FROM)\s+(?P<database>{_NAME}))?", "columns"),
    (rf"SHOW\s+PARTITIONS\s+{_QUALIFIED}", "partitions"),
    (rf"DESC(?:RIBE)?\s+{_QUALIFIED}", "describe"),
)
_DROP = re.compile(rf"DROP\s+(?P<kind>TABLE|VIEW)\s+(?P<exists>IF\s+EXISTS\s+)?{_QUALIFIED}", re.IGNORECASE)
_ELSEWHERE = {
    "ALTER": "Change the table through the Glue API.",
    "ANALYZE": "It changes no answers.",
    "CALL": "Use the Glue API.",
    "CREATE": "Create tables and databases through the Glue API, or with CREATE TABLE … AS and CREATE VIEW.",
    "DELETE": "Write Iceberg tables with pyiceberg.",
    "DROP": "Drop databases through the Glue API.",
    "EXPLAIN": "Run the query.",
    "GRANT": "Use Lake Formation's API.",
    "INSERT": "Write Parquet files with UNLOAD, or Iceberg tables with pyiceberg.",
    "MERGE": "Write Iceberg tables with pyiceberg.",
    "MSCK": "Register partitions through the Glue API, or project them.",
    "OPTIMIZE": "Maintain Iceberg tables with pyiceberg.",
    "REVOKE": "Use Lake Formation's API.",
    "SHOW": "Use SHOW DATABASES, TABLES, VIEWS, COLUMNS or PARTITIONS.",
    "TRUNCATE": "Delete the table's objects.",
    "UPDATE": "Write Iceberg tables with pyiceberg.",
    "VACUUM": "Maintain Iceberg tables with pyiceberg.",
}


def read(sql: str) -> Statement:
    """What the text asks for.

    Raises:
        StatementFailed: `SYNTAX_ERROR`, or `NOT_SUPPORTED` for statements that are not run here.
    """
    bare = re.sub(r"^(?:\s+|--[^\n]*(?:\n|$)|/\*.*?\*/)+", "", sql, flags=re.DOTALL).rstrip().rstrip(";").rstrip()
    first = bare.split(None, 1)[0].upper() if bare else ""
    if first in {"SHOW", "DESC", "DESCRIBE", "DROP"}:
        found = _hive(bare)
        if found is not None:
            return found
    tokens = _tokens(sql)
    reader = _Reader(sql, tokens)
    if first in {"SELECT", "WITH", "VALUES", "TABLE"} or first[:1] == "(" or first.startswith("SELECT"):
        return Query(sql)
    forms = {"UNLOAD": reader.unload, "CREATE": reader.create, "PREPARE": reader.prepare, "EXECUTE": reader.execute}
    if first in forms:
        return forms[first]()
    if first == "DEALLOCATE":
        return reader.deallocate()
    if first in _ELSEWHERE:
        raise not_proven(f"Statement {first}", _ELSEWHERE[first], offset_position(sql, tokens[0].start))
    raise reader.unexpected(tokens[0] if tokens else None)


def _tokens(sql: str) -> list[Token]:
    tokens = tokenize(sql)
    while tokens and tokens[-1].token_type == TokenType.SEMICOLON:
        tokens.pop()
    if any(token.token_type == TokenType.SEMICOLON for token in tokens):
        raise StatementFailed("SYNTAX_ERROR", "Only one sql statement is allowed.")
    return tokens


def _hive(bare: str) -> Statement | None:
    drop = _DROP.fullmatch(bare)
    if drop:
        return Drop(drop["kind"].upper(), _qualified(drop["name"]), bool(drop["exists"]))
    for pattern, what in _HIVE_FORMS:
        match = re.fullmatch(pattern, bare, re.IGNORECASE)
        if match:
            groups = match.groupdict()
            name = _qualified(groups["name"]) if groups.get("name") else None
            database = _plain(groups["database"]) if groups.get("database") else ""
            if name is not None and database:
                name = Name(database, name.table)
            return Show(what, name or (Name(database, "") if database else None), groups.get("pattern"))
    return None


def _plain(name: str) -> str:
    return name.strip('`"').lower()


def _qualified(written: str) -> Name:
    parts = [_plain(part) for part in re.findall(_NAME, written)]
    return Name(parts[-2] if len(parts) > 1 else "", parts[-1])


class _Reader:
    """Reads a statement token by token; sqlglot parses the queries in it."""

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
        if self.peek() is not None:
            raise self.unexpected(self.peek())

    def name(self) -> Name:
        parts = [self.take().text.lower()]
        while self.accept("."):
            parts.append(self.take().text.lower())
        return Name(parts[-2] if len(parts) > 1 else "", parts[-1])

    def text(self) -> str:
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
        self.take("UNLOAD")
        query = self.parenthesised()
        self.take("TO")
        location = self.text()
        made = Unload(query, location, self.properties())
        self.end()
        return made

    def create(self) -> Statement:
        start = self.take("CREATE")
        if self.accept("OR", "REPLACE", "VIEW"):
            return self.view(replace=True)
        if self.accept("VIEW"):
            return self.view(replace=False)
        if not self.accept("TABLE"):
            raise not_proven("This CREATE statement", _ELSEWHERE["CREATE"], offset_position(self.sql, start.start))
        if_not_exists = self.accept("IF", "NOT", "EXISTS")
        name = self.name()
        properties = self.properties()
        if not self.accept("AS"):
            raise not_proven("CREATE TABLE without AS", _ELSEWHERE["CREATE"], offset_position(self.sql, start.start))
        words = [token.text.upper() for token in self.tokens[-3:]]
        if words == ["WITH", "NO", "DATA"]:
            raise not_proven(
                "WITH NO DATA", "Select with WHERE false.", offset_position(self.sql, self.tokens[-3].start)
            )
        if words[1:] == ["WITH", "DATA"]:
            del self.tokens[-2:]
        return CreateTableAs(name, self.rest(), properties, if_not_exists)

    def view(self, *, replace: bool) -> CreateView:
        name = self.name()
        self.take("AS")
        return CreateView(name, self.rest(), replace)

    def prepare(self) -> Prepare:
        self.take("PREPARE")
        name = self.take().text
        self.take("FROM")
        token = self.peek()
        if token is None:
            raise self.unexpected(None)
        return Prepare(name, self.sql[token.start : self.tokens[-1].end + 1])

    def execute(self) -> Execute:
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
        self.place = 1
        if self.tokens[0].text.upper() == "DEALLOCATE":
            self.accept("PREPARE")
        return Deallocate(self.take().text)


def _blank(sql: str, length: int) -> str:
    """As many blanks, with the line ends kept, so that positions in what follows are those of the whole text."""
    return re.sub(r"[^\n]", " ", sql[:length])
