"""What bronze and silver wrote down about an object's parts, and how it reads once some of the rows are gone. Pure."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from watershed import records
from watershed.bronze.erased import RULE
from watershed.exact import exactly
from watershed.names import Stage
from watershed.reasons import Reason
from watershed.records import QuarantinedRow
from watershed.silver.decision import Verdict
from watershed.silver.tally import control_sums

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from watershed.silver.transform import TypedRows

Entry = dict[str, Any]  # a row of ops.ledger
_LEFT = "remaining"  # in control_sums_out, beside verdicts: whose sums they were is not known any more


def corrected(entry: Entry, gone: int, typed: Iterable[TypedRows]) -> Entry:
    """A ledger entry of one part, without the rows that are gone.

    What became of a row when it came is not known row by row: rows that are gone are taken from those inserted, then
    updated, duplicate and stale. Of a later pass only the sums go, which might give a row away.

    Args:
        entry: As it is.
        gone: How many of the part's rows in bronze are gone.
        typed: What those rows were to silver, by table.
    """
    if entry["stage"] == Stage.BRONZE:
        moved = min(gone, entry["rows_out"])
        return {**entry, "rows_out": entry["rows_out"] - moved, "malformed": entry["malformed"] + moved}
    if entry["replay"]:
        return {**entry, "control_sums": "{}", "control_sums_out": "{}"} if gone else entry
    for rows in typed:
        if rows.table.name == entry["table_name"] and rows.rows_in:
            return _without(entry, rows)
    return entry


def _without(entry: Entry, rows: TypedRows) -> Entry:
    left = min(rows.rows_in, entry["rows_in"])
    made = {**entry, "rows_in": entry["rows_in"] - left}
    held = min(left, rows.bad.num_rows, entry["quarantined"])
    takes = [("quarantined", held), *((str(verdict), left) for verdict in Verdict), ("quarantined", left)]
    for name, most in takes:
        taken = min(most, left, made[name])
        made[name], left = made[name] - taken, left - taken
    if any(entry[str(verdict)] for verdict in Verdict):
        sums, less = json.loads(entry["control_sums"]), control_sums(rows)
        with exactly():
            total = {name: str(Decimal(text) - less.get(name, Decimal(0))) for name, text in sums.items()}
        made["control_sums"] = json.dumps(total, sort_keys=True)
        made["control_sums_out"] = json.dumps({name: {_LEFT: text} for name, text in total.items()}, sort_keys=True)
    return made


def held(table: pa.Table, gone: Collection[int]) -> pa.Table:
    """An object of quarantine without what its rows said that are gone.

    Bronze's are still counted: a row that could not be read becomes an erased one. Silver's leave.
    """
    schema = records.to_arrow(QuarantinedRow, []).schema
    is_gone = pc.fill_null(pc.is_in(table["row_number"], pa.array(sorted(gone), pa.int64())), fill_value=False)
    stay = table.filter(pc.invert(is_gone)).to_pylist()
    places = [_place(row) for row in table.filter(is_gone).to_pylist() if row["stage"] == Stage.BRONZE]
    return _sorted([*stay, *places], schema)


def with_places(table: pa.Table | None, entry: Entry, rows: Sequence[int]) -> pa.Table:
    """Bronze's object of quarantine for the part of a ledger entry, with a place for each of `rows` that are gone."""
    schema = records.to_arrow(QuarantinedRow, []).schema
    there = table.to_pylist() if table is not None else []
    numbers = {row["row_number"] for row in there}
    about = {name: entry[name] for name in schema.names if name in entry}
    new = [
        _place({**about, "line_number": None, "row_number": number, "quarantined_at": entry["recorded_at"]})
        for number in rows
        if number not in numbers
    ]
    return _sorted([*there, *new], schema)


def _place(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **row,
        "reason": Reason.ERASED.value,
        "column_name": None,
        "rule": RULE,
        "remedy": Reason.ERASED.remedy,
        "raw": "",
    }


def _sorted(rows: list[dict[str, Any]], schema: pa.Schema) -> pa.Table:
    return pa.Table.from_pylist(sorted(rows, key=lambda row: row["row_number"] or 0), schema)
