"""One bronze part becomes typed rows: the dataset's own and its children's, and for each bad row what is wrong."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from watershed.contracts.model import Kind, SchemaChange, Table
from watershed.names import column_places
from watershed.reasons import Reason
from watershed.silver import json_fields, lineage
from watershed.silver.json_fields import Wanted
from watershed.silver.plan import POSITION, element_columns, plan_elements, plan_table
from watershed.silver.render import FAILURE, typed
from watershed.silver.steps import Broken, Failure, RowPlan, Unexpected

if TYPE_CHECKING:
    from collections.abc import Sequence

    from duckdb import DuckDBPyConnection

    from watershed.contracts.model import Column, Contract, Source


@dataclass(frozen=True)
class TypedRows:
    """One part's share of one silver table.

    Attributes:
        table: The silver table.
        rows_in: Rows or elements taken from the part, good and bad.
        good: The table's columns, then lineage.
        bad: Lineage, for a child table `position`, and `_failure`: an index into `failures`.
        failures: What can be wrong.
    """

    table: Table
    rows_in: int
    good: pa.Table
    bad: pa.Table
    failures: tuple[Failure, ...]


def transform(
    connection: DuckDBPyConnection, contract: Contract, source: Source, jurisdiction: tuple[str, ...], part: pa.Table
) -> list[TypedRows]:
    """Type one part by the contract.

    Args:
        connection: From `engine.connect`.
        contract: The dataset.
        source: The contract's source that the part came through.
        jurisdiction: ISO codes of the countries whose rows belong in this region.
        part: Text columns named as in the file, and lineage.

    Returns:
        One `TypedRows` for each of the contract's tables, in its order. A bad row's elements are not unpacked.
    """
    wide = _read(_with_unexpected(part, contract, source), contract.table.columns, source)
    elements: list[pa.Table] = []
    for child in contract.children:
        texts, flags = _arrays(part, child, source)
        unpacked, not_arrays = json_fields.unpack(texts, part[lineage.ROW_NUMBER], _wanted(child, contract), source)
        wide = wide.flagged(str(child.explode), pc.or_(flags, not_arrays), "a JSON array")
        elements.append(unpacked)
    plan = plan_table(contract, source, jurisdiction, wide.read, wide.flags)
    rows = typed(connection, wide.rows, plan, lineage.COLUMNS)
    own = _split(contract.table, plan, rows)
    parents = own.good.select([*contract.table.primary_key, *lineage.COLUMNS])
    children = (
        _typed_elements(connection, child, plan_elements(child, contract.table, source), unpacked, parents)
        for child, unpacked in zip(contract.children, elements, strict=True)
    )
    return [own, *children]


def transform_together(
    connection: DuckDBPyConnection,
    contract: Contract,
    source: Source,
    jurisdiction: tuple[str, ...],
    parts: Sequence[pa.Table],
) -> list[list[TypedRows]]:
    """Type several parts with equal columns: each as `transform` does, for little more than the time of one.

    Few rows are typed in less time than DuckDB needs to make its plan. Row numbers would meet those of other parts, so
    meanwhile each row has its place among all of them instead.

    Args:
        connection: From `engine.connect`.
        contract: The dataset.
        source: The contract's source that all of them came through.
        jurisdiction: As for `transform`.
        parts: At least one; as for `transform`, with the same columns in the same order.
    """
    if len(parts) == 1:
        return [transform(connection, contract, source, jurisdiction, parts[0])]
    every = pa.concat_tables(parts)
    numbers = every[lineage.ROW_NUMBER]
    column = every.schema.get_field_index(lineage.ROW_NUMBER)
    placed = every.set_column(column, lineage.ROW_NUMBER, pa.array(range(every.num_rows), pa.int64()))
    typed = transform(connection, contract, source, jurisdiction, placed)
    ends = list(itertools.accumulate(part.num_rows for part in parts))
    return [
        [_share(rows, numbers, end - part.num_rows, end) for rows in typed]
        for part, end in zip(parts, ends, strict=True)
    ]


def element_text(row: pa.Table, child: Table, source: Source, position: int) -> str:
    """One element of the child's array in `row`, which is one row of a part, as compact JSON."""
    texts, _ = _arrays(row, child, source)
    return json_fields.element_text(texts[0].as_py(), position, source)


def source_column(row: pa.Table, column: str, source: Source) -> str | None:
    """The file's column from which the silver `column` of `row`, one row of a part, is read; None if there is none."""
    names = [name for name, _ in _places(source.names_of(column), row.column_names)]
    return next((each for each in names if row[each][0].is_valid), names[0] if names else None)


@dataclass(frozen=True)
class _Wide:
    """A part's rows with the text and flag columns that a plan reads beside those of the file."""

    rows: pa.Table
    read: dict[str, str] = field(default_factory=dict)  # silver column -> text column
    flags: tuple[tuple[Broken | Unexpected, Failure], ...] = ()  # tests of columns that are none of silver's

    def flagged(self, name: str, flags: pa.Array, rule: str) -> _Wide:
        test = Broken(f"_broken {len(self.flags)}")
        failure = Failure(name, Reason.INVALID_JSON, rule)
        return _Wide(self.rows.append_column(test.flag, flags), self.read, (*self.flags, (test, failure)))


def _places(names: Sequence[str], present: Sequence[str]) -> list[tuple[str, tuple[str, ...]]]:
    """Those of `names` that the file has, each as its column and the path inside it.

    A dotted name is a column of that very name, or else reaches into the JSON of the longest column it starts with.
    """
    places = (next((place for place in column_places(name) if place[0] in present), None) for name in names)
    return [place for place in places if place is not None]


def _first_text(part: pa.Table, names: Sequence[str]) -> pa.ChunkedArray:
    """In each row the first text there is: one JSON file may have records from before a rename and from after it."""
    return part[names[0]] if len(names) == 1 else pc.coalesce(*(part[name] for name in names))


def _read(wide: _Wide, columns: Sequence[Column], source: Source) -> _Wide:
    """Find each silver column in the file, taking values out of JSON where its name says so."""
    texts: dict[str, list[str]] = {}  # silver column -> the text columns that it may be in, the first one first
    wanted: dict[str, list[Wanted]] = {}
    for column in columns:
        for name, path in _places(source.names_of(column.name), wide.rows.column_names):
            text = f"_json {len(texts.get(column.name, ()))} {column.name}" if path else name
            texts.setdefault(column.name, []).append(text)
            if path:
                wanted.setdefault(name, []).append(Wanted(text, path, column.kind))
    for name, values in wanted.items():
        arrays, flags = json_fields.pick(wide.rows[name], values, source)
        for value, array in zip(values, arrays, strict=True):
            wide = replace(wide, rows=wide.rows.append_column(value.name, array))
        wide = wide.flagged(name, flags, "JSON")
    rows, read = wide.rows, {}
    for silver, names in texts.items():
        read[silver] = names[0] if len(names) == 1 else f"_first {silver}"
        if len(names) > 1:
            rows = rows.append_column(read[silver], _first_text(rows, names))
    return replace(wide, rows=rows, read=read)


def _with_unexpected(part: pa.Table, contract: Contract, source: Source) -> _Wide:
    """The part, with a test of each column that makes a row bad if it holds a value.

    The test reads a copy with a name of ours, for a file's name may be anything, even `*`.
    """
    wide = _Wide(part)
    if contract.schema_change is not SchemaChange.QUARANTINE:
        return wide
    for name in contract.unexpected(source, (each for each in part.column_names if each not in lineage.COLUMNS)):
        test = Unexpected(f"_unexpected {len(wide.flags)}", source.null_values)
        failure = Failure(name, Reason.UNEXPECTED_COLUMN, "empty, as the contract does not name the column")
        wide = _Wide(wide.rows.append_column(test.read, part[name]), flags=(*wide.flags, (test, failure)))
    return wide


def _arrays(part: pa.Table, child: Table, source: Source) -> tuple[pa.ChunkedArray, pa.Array]:
    """The texts that hold the child's JSON arrays, and a flag for each: true where a path leads into broken JSON."""
    places = _places(source.names_of(str(child.explode)), part.column_names)
    texts, broken = [], _never(part)
    for name, path in places:
        if not path:
            texts.append(part[name])
            continue
        arrays, flags = json_fields.pick(part[name], [Wanted(name, path, Kind.STRING)], source)
        texts.append(pa.chunked_array(arrays))
        broken = pc.or_(broken, flags)
    if not texts:
        return pa.chunked_array([pa.nulls(part.num_rows, pa.string())]), broken
    return texts[0] if len(texts) == 1 else pc.coalesce(*texts), broken


def _never(part: pa.Table) -> pa.Array:
    return pa.repeat(pa.scalar(value=False), part.num_rows)


def _wanted(child: Table, contract: Contract) -> list[Wanted]:
    columns = element_columns(child, contract.table)
    return [Wanted(c.name, tuple((c.json_path or c.name).split(".")), c.kind) for c in columns]


def _typed_elements(
    connection: DuckDBPyConnection, child: Table, plan: RowPlan, elements: pa.Table, parents: pa.Table
) -> TypedRows:
    """Type the elements of the `parents`, which bring their key and lineage; elements of other rows are left out."""
    rows = connection.from_arrow(typed(connection, elements, plan, (lineage.ROW_NUMBER, POSITION)))
    joined = rows.join(connection.from_arrow(parents), [lineage.ROW_NUMBER])
    return _split(child, plan, joined.order(f"{lineage.ROW_NUMBER}, {POSITION}").to_arrow_table())


def _share(typed: TypedRows, numbers: pa.ChunkedArray, start: int, end: int) -> TypedRows:
    """The rows whose place is from `start` to before `end`, with their own numbers again."""

    def within(rows: pa.Table) -> pa.Table:
        column = rows.schema.get_field_index(lineage.ROW_NUMBER)
        place = pc.field(lineage.ROW_NUMBER)
        rows = rows.filter((place >= start) & (place < end))
        return rows.set_column(column, rows.field(column), numbers.take(rows[lineage.ROW_NUMBER]))

    good, bad = within(typed.good), within(typed.bad)
    return replace(typed, rows_in=good.num_rows + bad.num_rows, good=good, bad=bad)


def _split(table: Table, plan: RowPlan, rows: pa.Table) -> TypedRows:
    failed = pc.is_valid(rows[FAILURE])
    good = rows if not pc.any(failed).as_py() else rows.filter(pc.invert(failed))
    place = [name for name in (*lineage.COLUMNS, POSITION, FAILURE) if name in rows.column_names]
    return TypedRows(
        table=table,
        rows_in=rows.num_rows,
        good=good.select([*(column.name for column in table.columns), *lineage.COLUMNS]),
        bad=rows.filter(failed).select(place),
        failures=tuple(failure for _, failure in plan.tests),
    )
