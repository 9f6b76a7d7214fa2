"""Reads what kind of statement a text is, and takes it apart; sqlglot parses the queries in it."""

from __future__ import annotations

import re

from sqlglot import Token, TokenType

from local.athena import ddl_reader
from local.athena.errors import StatementFailed, not_proven
from local.athena.statements import Define, Drop, Modify, Name, Optimize, Query, Show, Statement, Vacuum
from local.athena.token_reader import CREATE_INSTEAD, TokenReader
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
_OPTIMIZE = re.compile(
    rf"OPTIMIZE\s+{_QUALIFIED}\s+REWRITE\s+DATA\s+USING\s+BIN_PACK(?:\s+WHERE\s+(?P<where>.+))?",
    re.IGNORECASE | re.DOTALL,
)
_VACUUM = re.compile(rf"VACUUM\s+{_QUALIFIED}", re.IGNORECASE)
_ELSEWHERE = {
    "ALTER": "Use ALTER TABLE, or the Glue API.",
    "ANALYZE": "It changes no answers.",
    "CALL": "Use the Glue API.",
    "CREATE": CREATE_INSTEAD,
    "DROP": "Use DROP TABLE, VIEW or DATABASE, or the Glue API.",
    "EXPLAIN": "Run the query.",
    "GRANT": "Use Lake Formation's API.",
    "MSCK": "Register partitions through the Glue API, or project them.",
    "REVOKE": "Use Lake Formation's API.",
    "SHOW": "Use SHOW DATABASES, TABLES, VIEWS, COLUMNS or PARTITIONS.",
    "TRUNCATE": "Delete the table's objects.",
}


def read(sql: str) -> Statement:
    """What the text asks for.

    Raises:
        StatementFailed: `SYNTAX_ERROR`, or `NOT_SUPPORTED` for statements that are not run here.
    """
    bare = re.sub(r"^(?:\s+|--[^\n]*(?:\n|$)|/\*.*?\*/)+", "", sql, flags=re.DOTALL).rstrip().rstrip(";").rstrip()
    first = bare.split(None, 1)[0].upper() if bare else ""
    if first in {"SHOW", "DESC", "DESCRIBE", "DROP", "OPTIMIZE", "VACUUM"}:
        found = _hive(bare)
        if found is not None:
            return found
    if ddl_reader.is_definition(bare):
        return Define(sql.rstrip().rstrip(";").rstrip())
    tokens = _tokens(sql)
    reader = TokenReader(sql, tokens)
    if first in {"SELECT", "WITH", "VALUES", "TABLE"} or first[:1] == "(" or first.startswith("SELECT"):
        return Query(sql)
    if first in {"DELETE", "INSERT", "MERGE", "UPDATE"}:
        return Modify(sql)
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
    optimize = _OPTIMIZE.fullmatch(bare)
    if optimize:
        return Optimize(_qualified(optimize["name"]), optimize["where"] or "")
    vacuum = _VACUUM.fullmatch(bare)
    if vacuum:
        return Vacuum(_qualified(vacuum["name"]))
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
