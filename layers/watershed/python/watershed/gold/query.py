"""A model's SQL, understood by parsing: what it reads, what it puts out, and what Athena or a rule would refuse."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import sqlglot
from sqlglot import exp
from sqlglot.errors import OptimizeError, ParseError, SqlglotError
from sqlglot.optimizer.annotate_types import annotate_types
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import Scope, ScopeType, traverse_scope
from sqlglot.schema import MappingSchema
from sqlglot.tokenizer_core import TokenType

from watershed import names
from watershed.finding import Finding
from watershed.gold.model import AS_OF_PLACE
from watershed.gold.origins import Origin, origins
from watershed.zones import calendar

if TYPE_CHECKING:
    from watershed.contracts.document import Report

DIALECT = "trino"  # Athena's engine
AS_OF = "as_of"  # written `:as_of`: the day that open periods run to

Tables = dict[str, dict[str, str]]  # "silver.orders" -> column -> Athena type

_FAMILIES: dict[str, frozenset[exp.DType]] = {
    "whole number": frozenset(exp.DataType.INTEGER_TYPES),
    "decimal": frozenset({exp.DType.DECIMAL}),
    "floating-point number": frozenset({exp.DType.DOUBLE, exp.DType.FLOAT}),
    "text": frozenset(exp.DataType.TEXT_TYPES),
    "boolean": frozenset({exp.DType.BOOLEAN}),
    "date": frozenset({exp.DType.DATE}),
    "timestamp": frozenset({exp.DType.TIMESTAMP, exp.DType.DATETIME}),
    "timestamp with a time zone": frozenset({exp.DType.TIMESTAMPTZ, exp.DType.TIMESTAMPLTZ}),
}
_CLOCKS = (exp.CurrentDate, exp.CurrentTime, exp.CurrentTimestamp, exp.Localtime, exp.Localtimestamp)
_DICE = (exp.Rand, exp.Uuid)


@dataclass(frozen=True)
class Output:
    """One column of the SELECT.

    Attributes:
        line: 1-based, of the expression.
        family: The kind of values, in words; None where it is not certain.
        decimal: (precision, scale) of an explicit cast to a decimal.
        origins: The lake's columns whose values can be told from it.
    """

    name: str
    line: int
    family: str | None
    decimal: tuple[int, int] | None
    origins: frozenset[Origin]


def family_of(athena_type: str) -> str | None:
    """The kind of values of an Athena type, in words."""
    return _family(exp.DataType.build(athena_type, dialect=DIALECT))


def parse(sql: str, report: Report) -> exp.Query | None:
    """The one SELECT of a model; None, with the fault in `report`, if there is none."""
    try:
        parsed = sqlglot.parse(sql, read=DIALECT)
    except ParseError as error:
        first = error.errors[0]
        _fault(report, first["line"], f"This is not valid SQL: {first['description']}.", "Correct the syntax.")
        return None
    except SqlglotError:
        _fault(report, 1, "This is not valid SQL.", "Close every quote and comment.")
        return None
    statements = [statement for statement in parsed if statement and not isinstance(statement, exp.Semicolon)]
    if len(statements) != 1 or not isinstance(statements[0], exp.Query):
        _fault(report, 1, "A model is one SELECT.", "Write one SELECT, with CTEs if it needs steps.")
        return None
    return statements[0]


def check(tree: exp.Query, report: Report) -> None:
    """Report what a model may not contain, wherever its tables and columns come from."""
    for star in tree.find_all(exp.Star):
        if not isinstance(star.parent, exp.Count):
            remedy = "Name the columns, so that a new column in the source changes nothing here."
            _fault(report, _line(star) or _line(star.parent), "SELECT * is not allowed.", remedy)
    for placeholder in tree.find_all(exp.Placeholder, exp.Parameter):
        if not _is_as_of(placeholder):
            _fault(report, _line(placeholder.parent), "Unknown placeholder.", f"The only one is :{AS_OF}.")
    for call in tree.find_all(*_CLOCKS, *_DICE):
        remedy = f"Use :{AS_OF} for today." if isinstance(call, _CLOCKS) else "Leave it out."
        _fault(report, _line(call), f"{call.sql_name()} gives another answer every time.", remedy)


def reads(tree: exp.Query, report: Report, tables: Tables) -> set[str]:
    """The lake's tables that the SELECT reads, as `database.table`; unknown ones are faults and left out."""
    found: set[str] = set()
    steps = {cte.alias for cte in tree.find_all(exp.CTE)}
    for table in tree.find_all(exp.Table):
        name = f"{table.db}.{table.name}"
        if not table.db and table.name in steps:
            continue
        if table.catalog or table.db not in {names.SILVER_DB, names.GOLD_DB}:
            _fault(report, _line(table), f"`{table.sql(DIALECT)}` is neither silver.x nor gold.x.", "Name it so.")
        elif name in tables:
            found.add(name)
        elif table.db == names.SILVER_DB:
            _fault(report, _line(table), f"No contract has a table `{name}`.", "Correct it, or add the contract.")
        else:
            _fault(report, _line(table), f"There is no model `{name}`.", "Correct it, or add the model.")
    return found


def outputs(tree: exp.Query, report: Report, tables: Tables) -> list[Output]:
    """The columns of the SELECT, in order; none, with the faults in `report`, if a column cannot be resolved."""
    dated = tree.copy()
    for placeholder in list(dated.find_all(exp.Placeholder)):
        placeholder.replace(exp.cast(exp.Literal.string("2000-01-01"), "date"))
    try:
        resolved = resolve(dated, tables)
    except OptimizeError as error:
        found = re.search(r"column: (\w+)", str(error))
        column = next((node for node in tree.find_all(exp.Column) if found and node.name == found[1]), None)
        _fault(report, _line(column), f"{error}.", "Correct the column's name.")
        return []
    scopes = traverse_scope(resolved)
    if _report_unresolved(scopes, report):
        return []
    for node, remedy in calendar.unclear(resolved):
        problem = f"What `{node.sql(DIALECT)}` says in another time zone is not clear."
        _fault(report, _line(node), problem, remedy)
    return [_output(select, place, scopes) for place, select in enumerate(resolved.selects)]


def resolve(tree: exp.Query, tables: Tables) -> exp.Query:
    """The same query with each column's table, and each expression's type, noted at it.

    Args:
        tree: Without placeholders; it is changed.
        tables: What it may read.

    Raises:
        OptimizeError: if a column is in no table, or in several.
    """
    typed = MappingSchema(dialect=DIALECT)
    for name, columns in tables.items():
        typed.add_table(name, columns, dialect=DIALECT)
    resolved: exp.Query = qualify(
        tree,
        schema=typed,
        dialect=DIALECT,
        quote_identifiers=False,
        identify=False,
        expand_alias_refs=False,
        validate_qualify_columns=False,
    )
    annotate_types(resolved, schema=typed, dialect=DIALECT)
    return resolved


def compiled(sql: str) -> str:
    """The SELECT as the catalog carries it: without header, final semicolon and outer space, `:as_of` made a token."""
    tokens = [token for token in sqlglot.tokenize(sql, read=DIALECT) if token.token_type is not TokenType.SEMICOLON]
    text = sql[: tokens[-1].end + 1]
    for colon, name in reversed(list(pairwise(tokens))):
        if colon.token_type is TokenType.COLON and name.text.lower() == AS_OF:
            text = text[: colon.start] + AS_OF_PLACE + text[name.end + 1 :]
    return text.strip()


def _output(select: exp.Expr, place: int, scopes: list[Scope]) -> Output:
    value = select.unalias()
    exact = value.to.expressions if isinstance(value, exp.Cast) and value.is_type(exp.DType.DECIMAL) else []
    digits = [int(parameter.name) for parameter in exact]
    return Output(
        name=select.output_name,
        line=_line(select),
        family=_family(value.type),
        decimal=(digits[0], digits[1] if len(digits) > 1 else 0) if digits else None,
        origins=origins(scopes[-1], place, scopes),
    )


def _family(kind: exp.DataType | None) -> str | None:
    return next((family for family, kinds in _FAMILIES.items() if kind and kind.this in kinds), None)


def _report_unresolved(scopes: list[Scope], report: Report) -> bool:
    """Report columns that belong to no table, or to none that is in reach."""
    unresolved: dict[int, exp.Column] = {}
    for scope in scopes:
        unresolved |= {id(column): column for column in scope.columns if not column.table}
        if scope.scope_type not in {ScopeType.SUBQUERY, ScopeType.UDTF}:  # those may reach outside
            unresolved |= {id(column): column for column in scope.external_columns}
    for column in unresolved.values():
        problem = f"The column `{column.sql(DIALECT)}` is in none of the tables here, or in several."
        _fault(report, _line(column), problem, "Correct it, or put its table before it.")
    return bool(unresolved)


def _is_as_of(node: exp.Expr) -> bool:
    return isinstance(node, exp.Placeholder) and node.name.lower() == AS_OF


def _line(node: exp.Expr | None) -> int:
    """The first line that sqlglot noted at a node or below it; 1 if it noted none."""
    noted = (child.meta["line"] for child in node.walk() if "line" in child.meta) if node else iter(())
    return min(noted, default=1)


def _fault(report: Report, line: int, message: str, remedy: str) -> None:
    report.findings.append(Finding(report.file, line, "", message, remedy))
