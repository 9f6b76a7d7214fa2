"""`watershed rollback REGION TABLE`: set a silver table back to an earlier snapshot, or show which there are."""

from __future__ import annotations

from argparse import ArgumentTypeError
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text
from watershed import catalog, names, rollback
from watershed.errors import ConfigurationError
from watershed.messages import Refresh
from watershed.names import Layer
from watershed.rebuild.parts import key_of, parts
from watershed.silver.lakehouse import Lakehouse

from local import report
from local.paths import LAKE
from local.reached import reached

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping, Sequence

    from pyiceberg.table import Table as IcebergTable
    from watershed.contracts.model import Contract, Table
    from watershed.rollback import State

    from local.region import Region

_FEW = 20  # parts that are printed
_WIDTH = 120


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command line."""
    parser.add_argument("region", help="an AWS region of the lake, e.g. eu-central-1")
    parser.add_argument("table", help="a silver table, e.g. transactions")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--list", action="store_true", help="show the snapshots, and change nothing")
    what.add_argument(
        "--to",
        type=_moment,
        metavar="SNAPSHOT|TIME",
        help="a snapshot's id, or a time in UTC, e.g. 2026-03-01T12:00:00: the last snapshot at or before it",
    )
    parser.add_argument("--only-this-table", action="store_true", help="leave child tables as they are")
    parser.add_argument("--aws", action="store_true", help="in the real AWS account instead of `watershed up`")


def run(args: argparse.Namespace) -> int:
    """Roll back and print what was undone, and how it comes back."""
    contract, table = _contract_of(catalog.build(LAKE).contracts, args.table)
    region = reached(args.region, aws=args.aws)
    bucket = names.bucket(Layer.SILVER, region.account, region.name)
    lakehouse = Lakehouse(region.client("glue"), region.client("s3"), bucket)
    iceberg = _load(lakehouse, table)
    if args.list:
        _print_states(table.name, rollback.states(iceberg))
        return 0
    if table.parent and not args.only_this_table:
        raise ConfigurationError(
            f"silver.{table.name} follows silver.{table.parent}, and is rolled back with it.",
            remedy=f"Roll {table.parent} back, or add --only-this-table.",
        )
    children = () if args.only_this_table else contract.children
    changed, lost = _roll_back(lakehouse, table, children, iceberg, args.to)
    tables = tuple(f"{names.SILVER_DB}.{name}" for name in changed)
    region.send_refresh(Refresh(tables, "manual").to_json())
    _print_undone(region, contract, changed, lost)
    return 0


def _roll_back(
    lakehouse: Lakehouse, table: Table, children: Sequence[Table], iceberg: IcebergTable, to: int | datetime
) -> tuple[list[str], list[State]]:
    """The tables that were set back, and their states that are undone.

    The dataset's own table is first: should the children not follow, the same command mends it.
    """
    found = rollback.states(iceberg)
    target = rollback.chosen(table.name, found, to)
    after, changed, lost = rollback.undone(found, target), [], []
    if not target.current:
        rollback.set_back(table.name, iceberg, target)
        changed, lost = [table.name], [state for state in after if state.ancestor]
    for child in children:
        going = rollback.follow(partial(_load, lakehouse, child), after)
        if going:
            changed, lost = [*changed, child.name], [*lost, *going]
    if not changed:
        raise ConfigurationError(
            f"Snapshot {target.snapshot} is the current one of silver.{table.name}: there is nothing to roll back.",
            remedy="Choose an earlier one from `--list`.",
        )
    return changed, lost


def _moment(text: str) -> int | datetime:
    """A snapshot's id, or a time, UTC unless it has an offset."""
    if text.isdecimal():
        return int(text)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError(f"{text!r} is neither a snapshot's id nor a time.") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _contract_of(contracts: Mapping[str, Contract], name: str) -> tuple[Contract, Table]:
    known = {table.name: (contract, table) for contract in contracts.values() for table in contract.tables}
    if name not in known:
        raise ConfigurationError(f"There is no table {name}.", remedy=f"Choose one of {', '.join(sorted(known))}.")
    return known[name]


def _load(lakehouse: Lakehouse, table: Table) -> IcebergTable:
    found = lakehouse.find(table)
    if found is None:
        raise ConfigurationError(f"silver.{table.name} was never made here.", remedy="There is nothing to roll back.")
    return found


def _print_states(name: str, found: Sequence[State]) -> None:
    table = report.table(f"Snapshots of silver.{name}, oldest first")
    for column in ("snapshot", "time (UTC)"):
        table.add_column(column, no_wrap=True)
    for column in ("parts", "added", "removed", "rows"):
        table.add_column(column, justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    for each in found:
        what = "current" if each.current else "" if each.ancestor else "undone"
        counts = (f"{count:,}" for count in (len(each.parts), each.added, each.removed, each.rows))
        moment = each.at.replace(tzinfo=None).isoformat(timespec="milliseconds")
        table.add_row(str(each.snapshot), moment, *counts, what)
    console = Console(highlight=False)
    console.width = max(console.width, _WIDTH)  # a snapshot's id is of use only whole
    console.print(table if found else f"silver.{name} has no snapshot yet.")


def _print_undone(region: Region, contract: Contract, changed: Sequence[str], lost: Sequence[State]) -> None:
    console = Console(highlight=False, soft_wrap=True)
    console.print(f"Rolled back: {', '.join(f'silver.{name}' for name in changed)}. Gold is being refreshed.")
    others = sum(not state.parts for state in lost)
    if others:
        console.print(f"{others} commits that merged no part were undone with it: backfills or maintenance.")
    keys = rollback.keys_of(lost)
    gone = [part for part in parts(region.athena, contract.name) if key_of(part) in keys] if keys else []
    if not gone:
        return
    table = report.table("Undone: parts that silver held")
    table.add_column("object", overflow="fold")
    table.add_column("part", justify="right")
    for part in gone[:_FEW]:
        table.add_row(Text(part.source_key), str(part.part))
    console.print(table)
    if len(gone) > _FEW:
        console.print(f"… and {len(gone) - _FEW:,} more parts.")
    days = sorted(part.arrived.date() for part in gone)
    console.print("The ledger has them settled, so only a replay brings them back:")
    command = f"watershed backfill {region.name} {contract.name} --since {days[0]} --until {days[-1]}"
    console.print(f"  {command}", markup=False)
