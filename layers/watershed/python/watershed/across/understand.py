"""From a SELECT to a request. Whatever is not on the short list of what may be asked is refused, with the reason."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from watershed import names
from watershed.across.request import Condition, Output, Request
from watershed.errors import ExportRefused
from watershed.gold.model import MEASURES, Export

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from watershed.across.request import Value
    from watershed.gold.model import GoldColumn, GoldModel

FORM = "SELECT a_dimension, SUM(a_measure) FROM gold.a_model WHERE a_dimension = 'constant' AND … GROUP BY a_dimension"
_DIALECT = "trino"
_SAY = f"Write: {FORM}."
_CLAUSES = {"expressions", "from_", "where", "group"}
_COMPARISONS: dict[type[exp.Expr], str] = {
    exp.EQ: "=",
    exp.NEQ: "<>",
    exp.LT: "<",
    exp.LTE: "<=",
    exp.GT: ">",
    exp.GTE: ">=",
}


def understand(sql: str, models: Mapping[str, GoldModel]) -> Request:
    """What a statement asks of every region.

    Args:
        sql: One SELECT of the form in `FORM`, in Athena's dialect. Comments are read over.
        models: The gold models by name.

    Raises:
        ExportRefused: if the statement asks for anything else; the message says what, why, and what to write.
    """
    try:
        return _understood(_one_select(sql), models)
    except RecursionError as error:
        raise ExportRefused("It is nested too deeply.", remedy=_SAY) from error


def _understood(select: exp.Select, models: Mapping[str, GoldModel]) -> Request:
    model, alias = _model(select, models)
    found = _Columns(model, alias)
    outputs = [found.output(expression) for expression in select.expressions]
    labels = [output.label for output in outputs]
    if repeated := sorted({label for label in labels if labels.count(label) > 1}):
        raise ExportRefused(f"Two columns are called {', '.join(repeated)}.", remedy="Name each with AS.")
    request = Request(
        model,
        dimensions=tuple(output for output in outputs if output.column.export not in MEASURES),
        measures=tuple(output for output in outputs if output.column.export in MEASURES),
        conditions=tuple(found.conditions(select.args.get("where"))),
    )
    _check_grouping(request, [column.name for column in found.grouped(select.args.get("group"))])
    return request


def _one_select(sql: str) -> exp.Select:
    if not _is_text(sql):
        raise ExportRefused("It holds bytes that are no text.", remedy="Write it in UTF-8, without NUL.")
    try:
        statements = [
            each for each in sqlglot.parse(sql, read=_DIALECT) if each and not isinstance(each, exp.Semicolon)
        ]
    except (SqlglotError, RecursionError) as error:
        raise ExportRefused("This is not valid SQL.", remedy=_SAY) from error
    if len(statements) != 1 or not isinstance(statements[0], exp.Select):
        raise ExportRefused("This is not one plain SELECT.", remedy=_SAY)
    select = statements[0]
    for clause, value in select.args.items():
        if value and clause not in _CLAUSES:
            raise ExportRefused(f"{clause.strip('_').upper()} is not allowed across regions.", remedy=_SAY)
    return select


def _is_text(sql: str) -> bool:
    """Whether a region can be sent it: what a shell hands over as broken UTF-8 are surrogates here."""
    return not any(each == "\0" or "\ud800" <= each <= "\udfff" for each in sql)


def _model(select: exp.Select, models: Mapping[str, GoldModel]) -> tuple[GoldModel, str]:
    """The one model that is read, and the name by which columns may be qualified."""
    source = select.args.get("from_")
    table = source.this if source else None
    plain = isinstance(table, exp.Table) and isinstance(table.this, exp.Identifier)
    if not isinstance(table, exp.Table) or not plain or _extras(table, {"this", "db", "alias"}):
        raise ExportRefused("It reads something else than one gold model.", remedy=_SAY)
    database, name = table.db.lower(), table.name.lower()
    if database != names.GOLD_DB:
        shown = f"{database}.{name}" if database else name
        raise ExportRefused(f"{shown} is no gold model.", remedy=f"Across regions, only gold.* is read. {_SAY}")
    exportable = ", ".join(sorted(f"gold.{each.name}" for each in models.values() if each.exportable))
    if name not in models:
        raise ExportRefused(f"There is no model gold.{name}.", remedy=f"Read one of {exportable}.")
    if not models[name].exportable:
        problem = f"gold.{name} stays in its region: its header does not say `exportable: true`."
        raise ExportRefused(problem, remedy=f"Read one of {exportable}.")
    if isinstance(table.args.get("alias"), exp.TableAlias) and table.args["alias"].columns:
        raise ExportRefused("Columns cannot be renamed in FROM.", remedy=_SAY)
    return models[name], (table.alias or name).lower()


class _Columns:
    """Looks up the columns of one model, each for what it is used as."""

    def __init__(self, model: GoldModel, alias: str) -> None:
        self._model = model
        self._alias = alias

    def output(self, expression: exp.Expr) -> Output:
        """A column of the SELECT."""
        value = expression.unalias()
        if isinstance(value, exp.Sum) and isinstance(value.this, exp.Column) and not _extras(value, {"this"}):
            column = self._measure(value.this)
        elif isinstance(value, exp.Column) and not isinstance(value.this, exp.Star):
            column = self._dimension(value)
        else:
            what = "*" if isinstance(value, exp.Star | exp.Column) else _called(value)
            remedy = f"Select dimensions, and SUM of measures. {self._offer()}"
            raise ExportRefused(f"{what} is not allowed across regions.{_why(value)}", remedy=remedy)
        label = (expression.alias or column.name).lower()
        if not names.is_identifier(label):
            raise ExportRefused(f"`{label}` is no name for a column.", remedy="Use letters, digits and underscores.")
        return Output(column, label)

    def grouped(self, group: exp.Group | None) -> Iterator[GoldColumn]:
        """The columns of GROUP BY."""
        if group is None:
            return
        if _extras(group, {"expressions"}):
            raise ExportRefused("GROUP BY takes names of dimensions, nothing else.", remedy=self._offer())
        for expression in group.expressions:
            if not isinstance(expression, exp.Column):
                raise ExportRefused("GROUP BY takes names of dimensions, nothing else.", remedy=self._offer())
            yield self._dimension(expression)

    def conditions(self, part: exp.Expr | None) -> Iterator[Condition]:
        """The conditions of WHERE, all of which must hold."""
        if isinstance(part, exp.Where | exp.Paren):
            yield from self.conditions(part.this)
        elif isinstance(part, exp.And):
            yield from self.conditions(part.this)
            yield from self.conditions(part.expression)
        elif part is not None:
            yield self._condition(part)

    def _condition(self, part: exp.Expr) -> Condition:
        kind = type(part)
        if kind in _COMPARISONS:
            operator, values = _COMPARISONS[kind], [part.expression]
        elif kind is exp.Between and not _extras(part, {"this", "low", "high"}):
            operator, values = "BETWEEN", [part.args["low"], part.args["high"]]
        elif kind is exp.In and part.expressions and not _extras(part, {"this", "expressions"}):
            operator, values = "IN", part.expressions
        else:
            remedy = f"Use =, <>, <, <=, >, >=, IN and BETWEEN on dimensions, joined by AND. {self._offer()}"
            raise ExportRefused(f"{_called(part)} is not allowed in WHERE across regions.", remedy=remedy)
        if not isinstance(part.this, exp.Column):
            raise ExportRefused("A condition must begin with a dimension.", remedy=self._offer())
        column = self._dimension(part.this)
        return Condition(column, operator, tuple(_constant(value, column) for value in values))

    def _dimension(self, node: exp.Column) -> GoldColumn:
        column = self._known(node)
        if column.export in MEASURES:
            remedy = f"Write SUM({column.name}) in the SELECT; filter and group by dimensions. {self._offer()}"
            raise ExportRefused(f"{column.name} is a measure of gold.{self._model.name}.", remedy=remedy)
        return column

    def _measure(self, node: exp.Column) -> GoldColumn:
        column = self._known(node)
        if column.export not in MEASURES:
            raise ExportRefused(f"{column.name} of gold.{self._model.name} is no measure.", remedy=self._offer())
        return column

    def _known(self, node: exp.Column) -> GoldColumn:
        name = node.name.lower()
        column = self._model.column(name)
        if node.args.get("db") or (node.table and node.table.lower() != self._alias):
            raise ExportRefused(
                f"A column is asked of `{node.table}`.", remedy=f"Write {self._alias}.{name}, or {name}."
            )
        if column is None:
            raise ExportRefused(f"gold.{self._model.name} has no column `{name}`.", remedy=self._offer())
        if column.export is None:
            problem = f"{name} of gold.{self._model.name} stays in its region: its header does not say `export`."
            raise ExportRefused(problem, remedy=self._offer())
        return column

    def _offer(self) -> str:
        """What may be asked of the model."""
        columns = self._model.columns
        dimensions = [column.name for column in columns if column.export and column.export not in MEASURES]
        measures = [f"SUM({column.name})" for column in columns if column.export in MEASURES]
        return f"gold.{self._model.name} has the dimensions {', '.join(dimensions)}, and {', '.join(measures)}."


def _check_grouping(request: Request, grouped: list[str]) -> None:
    """Groups must be told apart by what is shown, and must not count the same thing twice."""
    if not request.measures:
        raise ExportRefused("It asks for no measure.", remedy=f"Select SUM of one. {_SAY}")
    shown = [dimension.column.name for dimension in request.dimensions]
    if sorted(shown) != sorted(grouped):
        raise ExportRefused("SELECT and GROUP BY do not name the same dimensions.", remedy="Name each once in both.")
    fixed = {c.column.name for c in request.conditions if c.operator == "="} | set(grouped)
    for column in request.model.columns:
        if column.export is Export.OVERLAPPING and column.name not in fixed:
            remedy = f"GROUP BY {column.name}, or fix it with {column.name} = a constant."
            raise ExportRefused(f"Rows of different {column.name} count the same things.", remedy=remedy)
    loose = [key for key in request.model.keys if key not in fixed]
    for measure in request.measures:
        if measure.column.export is Export.DISTINCT and loose:
            problem = (
                f"{measure.column.name} counts each thing once a row, and does not add up over {', '.join(loose)}."
            )
            remedy = f"GROUP BY {', '.join(request.model.keys)}, or fix them with = a constant."
            raise ExportRefused(problem, remedy=remedy)


def _constant(node: exp.Expr, column: GoldColumn) -> Value:
    """A constant as a value of the column's type; whoever writes it, only the value goes on."""
    inner, sign = (node.this, "-") if isinstance(node, exp.Neg) else (node, "")
    if isinstance(inner, exp.Cast) and inner.to.is_type("date"):
        inner = inner.this
    kind = "text" if column.type == "varchar" else column.type
    problem = f"{column.name} is compared with something else than a constant of type {kind}."
    refusal = ExportRefused(problem, remedy="Write 'text', 1, TRUE or DATE '2025-01-31', as the column's type is.")
    try:
        if isinstance(inner, exp.Boolean) and column.type == "boolean" and not sign:
            return bool(inner.this)
        if not isinstance(inner, exp.Literal) or inner.is_string != (column.type in {"varchar", "date"}):
            raise refusal
        if sign and inner.is_string:
            raise refusal
        if column.type == "date":
            return date.fromisoformat(inner.name)
        return inner.name if column.type == "varchar" else int(sign + inner.name)
    except ValueError as error:
        raise refusal from error


def _extras(node: exp.Expr, allowed: set[str]) -> list[str]:
    """The parts of a node beyond those named, e.g. TABLESAMPLE, FOR VERSION, joins, ROLLUP, a subquery in IN."""
    return [name for name, value in node.args.items() if value and name not in allowed]


def _called(node: exp.Expr) -> str:
    """What a node is called in a message, without what is inside it."""
    if isinstance(node, exp.Anonymous):
        return f"{node.name}()"
    if isinstance(node, exp.Func) and not isinstance(node, exp.Connector):
        return f"{node.sql_name()}()"
    return "A constant" if isinstance(node, exp.Literal) else f"{node.key.upper()}"


def _why(node: exp.Expr) -> str:
    if isinstance(node, exp.Min | exp.Max | exp.ArgMin | exp.ArgMax):
        return " The least or greatest is one row's own value."
    if isinstance(node, exp.Avg):
        return " Averages do not add up: ask for the sum and the count, and divide their totals."
    if isinstance(node, exp.Count):
        return " It counts the model's rows, not people."
    if isinstance(node, exp.Sum):
        return " A sum of anything else than a measure can be made to show one row's value."
    return ""
