"""From a contract to what is done with a source row: which conversions, which tests, in which order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from watershed.contracts.model import Column, Kind, MissingResidency
from watershed.reasons import Reason
from watershed.silver import steps as do
from watershed.silver.formats import parse
from watershed.silver.steps import ColumnPlan, Failure, RowPlan, Test

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from watershed.contracts.model import Contract, Source, Table

ELEMENT_BROKEN = "_broken"  # flag column: the element is not a JSON object
POSITION = "position"  # of a child table: the element's 1-based place in its array


def plan_table(
    contract: Contract,
    source: Source,
    jurisdiction: tuple[str, ...],
    read: Mapping[str, str],
    flags: Iterable[tuple[do.Broken | do.Unexpected, Failure]] = (),
) -> RowPlan:
    """The plan of the dataset's own table.

    Args:
        contract: The dataset.
        source: Whose habits the rows have.
        jurisdiction: ISO codes of the countries whose rows belong in this region.
        read: The text column that holds each silver column's value; absent: the source does not have it.
        flags: The tests of the JSON columns that are read, and of columns that the contract does not name.
    """
    table, residency = contract.table, contract.residency
    tests: list[tuple[Test, Failure]] = list(flags)
    if residency.column is not None:
        accepted = residency.missing is MissingResidency.ACCEPT
        rule = f"one of {', '.join(jurisdiction)}{' or empty' if accepted else ''}"
        failure = Failure(residency.column, Reason.RESIDENCY_VIOLATION, rule)
        # First: a row that belongs elsewhere is that, whatever else is wrong with it.
        tests.insert(0, (do.Elsewhere(residency.column, jurisdiction, accepted), failure))
    return _plan(table.columns, source, read, tests, required=table.primary_key)


def plan_elements(child: Table, parent: Table, source: Source) -> RowPlan:
    """The plan of a child table's elements, as `json_fields.unpack` gives them.

    They have a text column for each of `element_columns`, of its name, and the flag column `_broken`.
    """
    columns = element_columns(child, parent)
    failure = Failure(str(child.explode), Reason.INVALID_JSON, "a JSON object")
    read = {column.name: column.name for column in columns}
    return _plan(columns, source, read, [(do.Broken(ELEMENT_BROKEN), failure)], required=())


def element_columns(child: Table, parent: Table) -> tuple[Column, ...]:
    """The child's columns that come from the element: all but the parent's key and `position`."""
    return tuple(column for column in child.columns if column.name not in {*parent.primary_key, POSITION})


def _plan(
    columns: tuple[Column, ...],
    source: Source,
    read: Mapping[str, str],
    tests: list[tuple[Test, Failure]],
    required: Collection[str],
) -> RowPlan:
    for column in columns:
        tests.extend(_tests(column, source, required=column.required or column.name in required))
    plans = tuple(ColumnPlan(c.name, c.athena_type, read.get(c.name), _conversion(c, source)) for c in columns)
    return RowPlan(plans, source.null_values, tuple(tests))


def _conversion(column: Column, source: Source) -> do.Conversion:  # noqa: PLR0911  # one case a type, nothing else
    """How `source`'s text becomes the column's type."""
    marks = do.Marks(source.decimal_mark, source.thousands_mark)
    match column.kind:
        case Kind.STRING:
            return do.ToText()
        case Kind.INTEGER:
            return do.ToInteger(marks)
        case Kind.DECIMAL:
            return do.ToDecimal(column.precision, column.scale, marks)
        case Kind.DOUBLE:
            return do.ToDouble(marks)
        case Kind.BOOLEAN:
            return do.ToBoolean(source.true_values, source.false_values)
        case Kind.DATE:
            return do.ToDate(tuple(map(parse, source.date_formats)))
        case Kind.TIMESTAMP:
            return do.ToTimestamp(tuple(map(parse, source.timestamp_formats)), source.time_zone)


def _tests(column: Column, source: Source, *, required: bool) -> Iterable[tuple[Test, Failure]]:
    name = column.name
    form = _described(column, source)
    if required:
        yield do.Missing(name), Failure(name, Reason.MISSING_VALUE, "required")
    if column.kind is not Kind.STRING:
        yield do.Unreadable(name), Failure(name, Reason.INVALID_TYPE, form)
        yield do.Unfit(name), Failure(name, Reason.OUT_OF_RANGE, form)
    if column.valid_values:
        rule = f"one of {', '.join(column.valid_values)}"
        yield do.NotOneOf(name, column.valid_values), Failure(name, Reason.INVALID_VALUE, rule)
    if column.pattern is not None:
        yield do.NotMatching(name, column.pattern), Failure(name, Reason.INVALID_VALUE, f"matches {column.pattern}")
    if column.minimum is not None:
        yield do.Below(name, column.minimum), Failure(name, Reason.OUT_OF_RANGE, f"at least {column.minimum}")
    if column.maximum is not None:
        yield do.Above(name, column.maximum), Failure(name, Reason.OUT_OF_RANGE, f"at most {column.maximum}")
    if column.max_length is not None:
        rule = f"at most {column.max_length} characters"
        yield do.Longer(name, column.max_length), Failure(name, Reason.OUT_OF_RANGE, rule)


def _described(column: Column, source: Source) -> str:
    """The column's type and the source's habits, for people."""
    marks = f" with decimal mark '{source.decimal_mark}'"
    if source.thousands_mark:
        marks += f" and thousands mark '{source.thousands_mark}'"
    match column.kind:
        case Kind.DECIMAL | Kind.DOUBLE:
            return f"{column.athena_type}{marks}"
        case Kind.BOOLEAN:
            return f"boolean, one of {', '.join((*source.true_values, *source.false_values))}"
        case Kind.DATE:
            return f"date as {' or '.join(source.date_formats)}"
        case Kind.TIMESTAMP:
            return f"timestamp as {' or '.join(source.timestamp_formats)}, local time in {source.time_zone}"
        case _:
            return str(column.kind)
