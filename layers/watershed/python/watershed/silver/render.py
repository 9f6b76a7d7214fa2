"""The plan in DuckDB's words. Names and values reach SQL only through DuckDB's expressions, which do the quoting."""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING

from duckdb import coalesce, col, lit, star, when

from watershed.silver import expressions, numbers
from watershed.silver import steps as do
from watershed.silver.expressions import call

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import pyarrow as pa
    from duckdb import DuckDBPyConnection, Expression

    from watershed.silver.formats import Format

FAILURE = "_failure"  # index into RowPlan.tests of the first test that is true; NULL for a good row


def typed(connection: DuckDBPyConnection, rows: pa.Table, plan: do.RowPlan, carried: Sequence[str]) -> pa.Table:
    """Run `plan` over `rows`.

    Args:
        connection: From `engine.connect`.
        rows: Text columns as the plan reads them, flag columns as its tests name them, and the `carried` ones.
        plan: What to do.
        carried: Columns of `rows` that come along as they are.

    Returns:
        The carried columns, the plan's columns in their types, and `_failure`. Values of failed rows mean nothing.
    """
    relation = connection.from_arrow(rows)
    for made in zip_longest(*(_making(column, plan.null_values) for column in plan.columns)):
        relation = relation.select(star(), *(expression for expression in made if expression is not None))
    types = {column.name: column.type for column in plan.columns}
    failure = _first_true(_true(test, types) for test, _ in plan.tests)
    values = [_made("value", name).alias(name) for name in types]
    table: pa.Table = relation.select(*map(col, carried), *values, failure.alias(FAILURE)).to_arrow_table()
    return table


def _made(kind: str, column: str) -> Expression:
    """A column made on the way, e.g. the text of `column`."""
    return col(f"_{kind} {column}")


def _making(column: do.ColumnPlan, null_values: tuple[str, ...]) -> list[Expression]:
    """The columns made on the way to a value, each from the ones before it.

    As one expression, each would hold those before it many times over.
    """
    steps = {"text": _text(column.read, null_values)}
    match column.conversion:
        case do.ToTimestamp(formats, zone) if zone != "UTC":
            local, guess = _made("local", column.name), _made("guess", column.name)
            naive = [each for each in formats if each.group("z") is None]
            steps["local"] = expressions.local_time(_made("text", column.name), naive)
            steps["guess"] = call("icu_utc", local, zone)
            steps["earlier"] = call("earlier_utc", local, zone, guess)
    steps["form"] = _form(column)
    steps["value"] = _value(column)
    return [expression.alias(f"_{kind} {column.name}") for kind, expression in steps.items()]


def _text(read: str | None, null_values: tuple[str, ...]) -> Expression:
    """The text without outer space; NULL where the source says so, or has no such column."""
    if read is None:
        return lit(None).cast("VARCHAR")
    text = call("cleaned", col(read))
    return when(text.isnotin(*map(lit, null_values))).then(text).end() if null_values else text


def _form(column: do.ColumnPlan) -> Expression:  # noqa: PLR0911  # one case a conversion, nothing else
    """The value where the text has the type's form, as text or in its type; else NULL."""
    text = _made("text", column.name)
    match column.conversion:
        case do.ToText():
            return text
        case do.ToInteger(marks):
            return expressions.integer(text, marks)
        case do.ToDecimal(marks=marks):
            return expressions.decimal(text, column.type, marks)
        case do.ToDouble(marks):
            return expressions.double(text, marks)
        case do.ToBoolean(true_words, false_words):
            return expressions.word(text, true_words, false_words)
        case do.ToDate(formats):
            return expressions.local_time(text, list(formats))
        case do.ToTimestamp(formats, zone):
            return _moment(column.name, formats, zone)


def _moment(column: str, formats: Sequence[Format], zone: str) -> Expression:
    """A moment in UTC: by its offset if it has one, else as local time."""
    text = _made("text", column)
    with_offset = [expressions.offset_time(text, each) for each in formats if each.group("z") is not None]
    if zone == "UTC":
        local = expressions.local_time(text, [each for each in formats if each.group("z") is None])
    else:
        times = (_made(kind, column) for kind in ("guess", "earlier"))
        local = call("chosen_utc", _made("local", column), zone, *times)
    return coalesce(*with_offset, local)


def _value(column: do.ColumnPlan) -> Expression:
    """The form as the type, or NULL where the type cannot hold it."""
    form = _made("form", column.name)
    match column.conversion:
        case do.ToInteger():
            value = call("whole_number", form)
        case do.ToDecimal(precision, scale):
            fits = call("regexp_full_match", form, numbers.fitting(precision, scale))
            value = when(fits).then(form).end().try_cast(column.type)
        case do.ToDouble():
            value = call("finite_double", form)
        case do.ToDate() | do.ToTimestamp():
            value = call("within_calendar", form)
        case _:
            value = form
    return value.cast(column.type)


def _first_true(conditions: Iterable[Expression]) -> Expression:
    """The index of the first condition that is true; NULL if none is."""
    never = lit(value=False)
    case = when(never).then(lit(None))
    for index, condition in enumerate(conditions):
        case = case.when(condition).then(index)
    return case.end().cast("INTEGER")


def _true(test: do.Test, types: dict[str, str]) -> Expression:  # noqa: PLR0911  # one case a test, nothing else
    """The condition under which a row fails `test`; never true of a value that is absent, but for `Missing`."""
    if isinstance(test, do.Broken | do.Unexpected):
        return col(test.flag) if isinstance(test, do.Broken) else ~_text(test.read, test.null_values).is_null()
    text, form, value = (_made(kind, test.column) for kind in ("text", "form", "value"))

    def own(limit: str) -> Expression:
        return lit(limit).cast(types[test.column])

    match test:
        case do.Missing():
            return text.is_null()
        case do.Unreadable():
            return ~text.is_null() & form.is_null()
        case do.Unfit():
            return ~form.is_null() & value.is_null()
        case do.NotOneOf(_, values):
            return value.isnotin(*map(own, values))
        case do.NotMatching(_, pattern):
            return ~call("regexp_full_match", value, pattern)
        case do.Below(_, limit):
            return value < own(limit)
        case do.Above(_, limit):
            return value > own(limit)
        case do.Longer(_, characters):
            return call("length", value) > characters
        case do.Elsewhere(_, countries, accept_missing):
            no_code = ~call("regexp_full_match", value, do.COUNTRY)
            foreign = no_code | call("upper", value).isnotin(*map(lit, countries))
            return foreign if accept_missing else value.is_null() | foreign
