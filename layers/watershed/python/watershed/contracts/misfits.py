"""Reads what a contract does with what does not fit it: `schemaChange` for columns, `badRows` for rows."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from watershed.contracts.model import BadRows, SchemaChange

if TYPE_CHECKING:
    from watershed.contracts.document import Node, Report

_AT_LEAST = 100  # rows: of fewer, a few bad ones are no sign of a broken delivery


def read_schema_change(report: Report, node: Node | None) -> SchemaChange:
    """What happens when a file has a column that the contract does not name. Faults go to `report`."""
    return SchemaChange(report.choice(node, [str(mode) for mode in SchemaChange], SchemaChange.EVOLVE))


def read_bad_rows(report: Report, node: Node | None) -> BadRows | None:
    """From which share of bad rows a part is stopped; None if it never is. Faults go to `report`."""
    if node is None:
        return None
    fields = report.mapping(node, ("share", "atLeast"), required=("share",))
    share = report.scalar(fields.get("share"))
    if share is not None and not _is_share(share):
        report.add(fields["share"], f"`{share}` is not a share.", "Write a number above 0 and at most 1, e.g. 0.5.")
    at_least = report.number(fields["atLeast"]) if "atLeast" in fields else _AT_LEAST
    return BadRows(share or "1", at_least or _AT_LEAST)


def _is_share(text: str) -> bool:
    try:
        share = Decimal(text)
    except InvalidOperation:
        return False
    return share.is_finite() and 0 < share <= 1
