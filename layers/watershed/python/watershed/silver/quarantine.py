"""Bad rows as records of `ops.quarantine`: what was there, where, which rule it broke, what to do."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from watershed import names
from watershed.reasons import Reason
from watershed.records import QuarantinedRow
from watershed.silver import lineage
from watershed.silver.plan import POSITION
from watershed.silver.render import FAILURE
from watershed.silver.transform import element_text, source_column

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from watershed.contracts.model import Contract, Source
    from watershed.messages import BronzePart
    from watershed.silver.steps import Failure
    from watershed.silver.transform import TypedRows

_ROWS_AT_ONCE = 5_000


def quarantined(
    message: BronzePart, part: pa.Table, contract: Contract, source: Source, typed: TypedRows
) -> Iterator[list[QuarantinedRow]]:
    """The bad rows of one table, some thousands at a time, in the order of the file.

    `raw` is the row as JSON, or for an element of a child table the parent's key and an array of just this element.
    """
    for start in range(0, typed.bad.num_rows, _ROWS_AT_ONCE):
        bad = typed.bad.slice(start, _ROWS_AT_ONCE)
        if typed.table.parent is None:
            raws = _rows(part, bad)
        else:
            raws = (_element(part, contract, source, typed, one) for one in bad.to_pylist())
        yield [_record(message, contract, typed, one, raw) for one, raw in zip(bad.to_pylist(), raws, strict=True)]


def of_another_jurisdiction(typed: TypedRows) -> int:
    """How many of the bad rows belong elsewhere."""
    elsewhere = [n for n, failure in enumerate(typed.failures) if failure.reason is Reason.RESIDENCY_VIOLATION]
    return int(pc.sum(pc.is_in(typed.bad[FAILURE], pa.array(elsewhere, typed.bad[FAILURE].type))).as_py() or 0)


def _record(
    message: BronzePart, contract: Contract, typed: TypedRows, bad: Mapping[str, Any], raw: str
) -> QuarantinedRow:
    failure: Failure = typed.failures[bad[FAILURE]]
    position = bad.get(POSITION)
    rule = failure.rule if position is None else f"{typed.table.name} element {position}: {failure.rule}"
    return QuarantinedRow(
        batch_id=message.batch_id,
        part=message.part,
        stage=names.Stage.SILVER,
        reason=failure.reason,
        column_name=failure.column,
        rule=rule,
        remedy=failure.reason.remedy,
        raw=raw,
        row_number=bad[lineage.ROW_NUMBER],
        line_number=None,
        source_key=message.source_key,
        source_version=message.source_version,
        source_name=message.source,
        contract_version=contract.version,
        quarantined_at=message.arrived,
        replay=message.replay,
    )


def _rows(rows: pa.Table, bad: pa.Table) -> Iterator[str]:
    """The file's columns of the bad rows, in the same order, as JSON objects."""
    indices = pc.index_in(bad[lineage.ROW_NUMBER], rows[lineage.ROW_NUMBER])
    source = rows.drop_columns([name for name in lineage.COLUMNS if name in rows.column_names]).take(indices)
    return (json.dumps(row, ensure_ascii=False) for row in source.to_pylist())


def _element(rows: pa.Table, contract: Contract, source: Source, typed: TypedRows, bad: Mapping[str, Any]) -> str:
    index = pc.index(rows[lineage.ROW_NUMBER], bad[lineage.ROW_NUMBER]).as_py()
    parent = rows.slice(index, 1)
    keys = [source_column(parent, key, source) for key in contract.table.primary_key]
    raw = {name: parent[name][0].as_py() for name in keys if name is not None}
    raw[str(typed.table.explode)] = f"[{element_text(parent, typed.table, source, bad[POSITION])}]"
    return json.dumps(raw, ensure_ascii=False)
