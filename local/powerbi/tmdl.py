"""A semantic model in TMDL: one file for the database, the model, its parameters, its relationships and each table.

TMDL nests by tabs. An expression of several lines stands two tabs deeper than what it belongs to.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from local.powerbi.model import DataType
from local.powerbi.names import identity, m_text, tmdl_name, tmdl_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from local.powerbi.model import Column, End, Hierarchy, Measure, Model, Parameter, Relationship, Table

COMPATIBILITY = 1600  # of Power BI Desktop since 2023
CULTURE = "en-US"

_DEVICE = re.compile(r"con|prn|aux|nul|com\d|lpt\d", re.IGNORECASE)


def files(model: Model) -> dict[str, str]:
    """The files of `definition/`, by path."""
    found = {
        "database.tmdl": _text(_database()),
        "model.tmdl": _text(_model(model)),
        "expressions.tmdl": _text(_joined(_parameter(model, each) for each in model.parameters)),
    }
    if model.relationships:
        found["relationships.tmdl"] = _text(_joined(_relationship(model, each) for each in model.relationships))
    return found | {f"tables/{_file(table)}.tmdl": _text(_table(model, table)) for table in model.tables}


def _file(table: Table) -> str:
    """The table's name, or nearly so where Windows keeps it for a device."""
    return f"{table.name} table" if _DEVICE.fullmatch(table.name) else table.name


def _database() -> Iterator[str]:
    yield "database"
    yield f"\tcompatibilityLevel: {COMPATIBILITY}"


def _model(model: Model) -> Iterator[str]:
    yield from _described(model.description)
    yield "model Model"
    yield f"\tculture: {CULTURE}"
    yield "\tdefaultPowerBIDataSourceVersion: powerBI_V3"
    yield f"\tsourceQueryCulture: {CULTURE}"
    yield "\tdataAccessOptions"
    yield "\t\tlegacyRedirects"
    yield ""
    yield "annotation __PBI_TimeIntelligenceEnabled = 0"
    yield ""
    queries = [
        *(each.name for each in model.parameters),
        *(each.name for each in model.tables if not each.is_calculated),
    ]
    yield f"annotation PBI_QueryOrder = {json.dumps(queries, ensure_ascii=False)}"
    yield ""
    for table in model.tables:
        yield f"ref table {tmdl_name(table.name)}"


def _parameter(model: Model, parameter: Parameter) -> Iterator[str]:
    yield from _described(parameter.description)
    meta = 'meta [IsParameterQuery = true, Type = "Text", IsParameterQueryRequired = true]'
    yield f"expression {tmdl_name(parameter.name)} = {m_text(parameter.value)} {meta}"
    yield f"\tlineageTag: {identity(model.name, 'parameter', parameter.name)}"
    yield ""
    yield "\tannotation PBI_ResultType = Text"


def _relationship(model: Model, relationship: Relationship) -> Iterator[str]:
    many, one = relationship.many, relationship.one
    yield f"relationship {identity(model.name, 'relationship', many.table, many.column, one.table, one.column)}"
    if not relationship.is_active:
        yield "\tisActive: false"
    yield f"\tfromColumn: {_end(many)}"
    yield f"\ttoColumn: {_end(one)}"


def _end(end: End) -> str:
    return f"{tmdl_name(end.table)}.{tmdl_name(end.column)}"


def _table(model: Model, table: Table) -> Iterator[str]:
    of = (model.name, table.name)
    yield from _described(table.description)
    yield f"table {tmdl_name(table.name)}"
    yield f"\tlineageTag: {identity(*of)}"
    if table.is_calculated and any(column.is_key and column.is_day for column in table.columns):
        yield "\tdataCategory: Time"  # what Power BI calls to mark as a date table
    for measure in table.measures:
        yield from _deeper(_measure(of, measure))
    for column in table.columns:
        yield from _deeper(_column(of, column, is_calculated=table.is_calculated))
    for hierarchy in table.hierarchies:
        yield from _deeper(_hierarchy(of, hierarchy))
    yield from _deeper(_partition(table))
    if not table.is_calculated:
        yield ""
        yield "\tannotation PBI_ResultType = Table"


def _measure(of: Sequence[str], measure: Measure) -> Iterator[str]:
    yield from _described(measure.description)
    yield from _expression(f"measure {tmdl_name(measure.name)}", measure.expression)
    if measure.format:
        yield f"\tformatString: {tmdl_text(measure.format)}"
    if measure.folder:
        yield f"\tdisplayFolder: {tmdl_text(measure.folder)}"
    yield f"\tlineageTag: {identity(*of, 'measure', measure.name)}"


def _column(of: Sequence[str], column: Column, *, is_calculated: bool) -> Iterator[str]:
    yield from _described(column.description)
    yield f"column {tmdl_name(column.name)}"
    yield f"\tdataType: {column.type}"
    yield from (f"\t{name}" for name, is_so in (("isHidden", column.is_hidden), ("isKey", column.is_key)) if is_so)
    if column.format:
        yield f"\tformatString: {tmdl_text(column.format)}"
    yield f"\tlineageTag: {identity(*of, 'column', column.name)}"
    yield f"\tsummarizeBy: {'sum' if column.adds_up else 'none'}"
    if is_calculated:
        yield "\tisNameInferred"
    yield f"\tsourceColumn: {tmdl_text(column.source)}"
    if column.sort_by:
        yield f"\tsortByColumn: {tmdl_name(column.sort_by)}"
    yield ""
    yield "\tannotation SummarizationSetBy = User"
    if column.type is DataType.DATE_TIME and column.is_day:
        yield ""
        yield "\tannotation UnderlyingDateTimeDataType = Date"


def _hierarchy(of: Sequence[str], hierarchy: Hierarchy) -> Iterator[str]:
    yield f"hierarchy {tmdl_name(hierarchy.name)}"
    yield f"\tlineageTag: {identity(*of, 'hierarchy', hierarchy.name)}"
    for level in hierarchy.levels:
        yield ""
        yield f"\tlevel {tmdl_name(level.name)}"
        yield f"\t\tlineageTag: {identity(*of, 'hierarchy', hierarchy.name, level.name)}"
        yield f"\t\tcolumn: {tmdl_name(level.column)}"


def _partition(table: Table) -> Iterator[str]:
    yield f"partition {tmdl_name(table.name)} = {'calculated' if table.is_calculated else 'm'}"
    yield "\tmode: import"
    yield from (f"\t{line}" if line else "" for line in _expression("source", table.expression))


def _expression(head: str, expression: str) -> Iterator[str]:
    lines = expression.split("\n")
    if len(lines) == 1:
        yield f"{head} = {expression}"
        return
    yield f"{head} ="
    yield from (f"\t\t{line}" for line in lines)


def _described(description: str) -> Iterator[str]:
    if description:
        yield f"/// {description}"


def _deeper(lines: Iterable[str]) -> Iterator[str]:
    yield ""
    yield from (f"\t{line}" if line else "" for line in lines)


def _joined(blocks: Iterable[Iterable[str]]) -> Iterator[str]:
    for place, block in enumerate(blocks):
        if place:
            yield ""
        yield from block


def _text(lines: Iterable[str]) -> str:
    return "\n".join(lines) + "\n"
