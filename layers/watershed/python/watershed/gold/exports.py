"""What a model's header lets out of its region, and whether it may: the rules for `export` and `backed_by`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from watershed import names
from watershed.gold.model import MEASURES, Export

if TYPE_CHECKING:
    from collections.abc import Mapping

    from watershed.contracts.document import Node, Report
    from watershed.contracts.model import Contract
    from watershed.gold.header import Header
    from watershed.gold.model import GoldColumn
    from watershed.gold.origins import Origin

_COUNTS = frozenset({"bigint", "integer"})
_DIMENSIONS = _COUNTS | {"varchar", "date", "boolean"}  # a timestamp tells single rows apart


def check(header: Header, report: Report) -> None:
    """Report what is wrong in the header alone."""
    exported = [column for column in header.columns if column.export]
    if header.exportable and header.exportable_at and not any(column.export in MEASURES for column in exported):
        remedy = "Say `export: sum` or `export: distinct` at the measures that may leave, or `exportable: false`."
        report.add(header.exportable_at, "An exportable model exports no measure.", remedy)
    for column in exported:
        node = header.nodes[column.name]
        if not header.exportable:
            report.add(
                node, "It says `export`, but the model is not exportable.", "Set `exportable: true`, or drop it."
            )
        elif column.export in MEASURES:
            _check_measure(column, header, node, report)
        elif column.type not in _DIMENSIONS:
            remedy = f"Export dimensions of type {', '.join(sorted(_DIMENSIONS))}."
            report.add(node, f"A {column.type} tells single rows apart.", remedy)
    for column in header.columns:
        if column.backed_by and column.export not in MEASURES:
            remedy = "Add `export: sum` or `export: distinct`, or drop it."
            report.add(header.nodes[column.name], "It says `backed_by` but is no exported measure.", remedy)


def check_identities(
    model: str,
    header: Header,
    report: Report,
    made: Mapping[Origin, frozenset[Origin]],
    contracts: Mapping[str, Contract],
) -> None:
    """Report exported columns made from what identifies one customer, store or other thing that a dataset describes.

    Args:
        model: The model's name.
        header: Its header.
        report: Takes the faults.
        made: Each gold column -> the columns it is made from, one step back.
        contracts: Their one-column keys identify, under that name in whichever table.
    """
    identities = {
        contract.table.primary_key[0] for contract in contracts.values() if len(contract.table.primary_key) == 1
    }
    for column in header.columns:
        if not column.export:
            continue
        told = sorted({name for _, name in _behind((f"{names.GOLD_DB}.{model}", column.name), made)} & identities)
        if told:
            problem = f"An exported column is made from {', '.join(told)}, which tells single ones apart."
            report.add(header.nodes[column.name], problem, "Drop `export`, or count it instead.")


def _check_measure(column: GoldColumn, header: Header, node: Node, report: Report) -> None:
    exact = column.type in _COUNTS or column.type.startswith("decimal")
    if not exact or (column.export is Export.DISTINCT and column.type not in _COUNTS):
        remedy = "Export sums of bigint, integer or decimal, and distinct counts of bigint or integer."
        report.add(node, f"A {column.type} does not add up exactly.", remedy)
    if column.backed_by not in {each.name for each in header.columns if each.type in _COUNTS}:
        what = f"`{column.backed_by}` is no column that counts" if column.backed_by else "`backed_by` is missing"
        remedy = "Name the bigint or integer column that counts the people or stores behind it: `backed_by: customers`."
        report.add(node, f"Nothing says how many people an exported measure is about: {what}.", remedy)


def _behind(column: Origin, made: Mapping[Origin, frozenset[Origin]]) -> set[Origin]:
    """The column itself and all that it is made from, any number of models back."""
    found, next_ones = {column}, [column]
    while next_ones:
        new = made.get(next_ones.pop(), frozenset()) - found
        found |= new
        next_ones += new
    return found
