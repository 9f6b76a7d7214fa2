"""A backfill through the functions: raw objects land again. What it shows before, while and after."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from time import sleep
from typing import TYPE_CHECKING

from rich.console import Console
from watershed import names
from watershed.backfill import check, price, raw
from watershed.backfill.raw import RawBucket
from watershed.backfill.replay import Replay, Result
from watershed.errors import ConfigurationError
from watershed.names import Layer, Stage

from infra.stages import SIZING
from local import report
from local.terminal import harmless

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from watershed.backfill.bronze import Window
    from watershed.backfill.raw import RawObject
    from watershed.contracts.model import Contract

    from local.region import Region

_NAMED = 20  # objects that are named before the rest is only counted


def found(region: Region, contracts: Mapping[str, Contract], dataset: str, window: Window) -> list[RawObject]:
    """The objects to be read again; what they are, by day, and their price is printed."""
    bucket = names.bucket(Layer.RAW, region.account, region.name)
    objects = RawBucket(region.client("s3"), bucket, region.name, contracts).objects(dataset, window)
    console = Console(highlight=False)
    if objects:
        _print_days(console, objects)
        _print_price(console, objects)
    else:
        console.print("No file of this dataset came in that time.")
    return objects


def agreed(*, yes: bool) -> bool:
    """Whether the user wants to pay that.

    Raises:
        ConfigurationError: if there is nobody to ask.
    """
    if yes:
        return True
    if not sys.stdin.isatty():
        raise ConfigurationError(
            "Nobody is there to agree to the price: standard input is no terminal.", remedy="Give --yes, or --dry-run."
        )
    return input("Start? [y/N] ").strip().lower() in {"y", "yes"}


def run(
    region: Region,
    contract: Contract,
    window: Window,
    objects: Sequence[RawObject],
    *,
    patience: float,
    say: Callable[[str], None],
) -> int:
    """Backfill, check, and print what became of the rows; the exit code: 1 if not all was read by this contract."""
    replay = Replay(
        id=names.new_replay(datetime.now(UTC)),
        dataset=contract.name,
        window=window,
        account=region.account,
        region=region.name,
        client=region.client,
        athena=region.athena,
        sleep=sleep,
        say=say,
    )
    say(f"replay {replay.id}")
    result = replay.run(objects, patience)
    console = Console(highlight=False, soft_wrap=True)
    _print_outcomes(console, result)
    console.print(f"In the ledger, these rows have replay = '{replay.id}'.", style="dim")
    return judged(console, region.name, result, contract.version)


def _print_days(console: Console, objects: Sequence[RawObject]) -> None:
    table = report.table("Raw objects to be read again, by the day on which they came")
    table.add_column("day", no_wrap=True)
    for name in ("objects", "KiB"):
        table.add_column(name, justify="right")
    for day, (count, size) in raw.by_day(objects).items():
        table.add_row(str(day), f"{count:,}", f"{size / 1024:,.0f}")
    console.print(table)


def _print_price(console: Console, objects: Sequence[RawObject]) -> None:
    table = report.table("About what it costs, in US dollars")
    table.add_column("what")
    table.add_column("amount", justify="right")
    table.add_column("")
    table.add_column("USD", justify="right")
    lines = price.price(
        [each.size for each in objects],
        bronze_memory=SIZING[Stage.BRONZE].memory,
        silver_memory=SIZING[Stage.SILVER].memory,
    )
    for line in lines:
        table.add_row(line.what, f"{line.amount:,.0f}", line.unit, f"{line.dollars:,.4f}")
    table.add_row("together", "", "", f"{sum(line.dollars for line in lines):,.4f}", style="bold")
    console.print(table)
    console.print(price.stated(), style="dim")


def _print_outcomes(console: Console, result: Result) -> None:
    table = report.table("Backfill: what became of every row")
    table.add_column("table", no_wrap=True)
    table.add_column("rows", justify="right")
    for name in check.OUTCOMES:
        table.add_column(name, justify="right")
    for name, counts in sorted(check.outcomes(result.entries).items()):
        table.add_row(name, *(f"{counts[each]:,}" for each in ("rows", *check.OUTCOMES)))
    console.print(table)
    if refused := check.refused(result.entries):
        console.print(f"{refused} whole files were held back: see ops.quarantine.")


def judged(console: Console, region: str, result: Result, version: str) -> int:
    """Say what is missing and what to do; the exit code. The ledger decides, and the execution must agree."""
    for each in result.missing[:_NAMED]:
        parts = f", parts {', '.join(map(str, each.parts))}" if each.parts else ""
        key = harmless(each.object.key)
        console.print(f"missing in {each.stage}: {key} version {each.object.version}{parts}", markup=False)
    if len(result.missing) > _NAMED:
        console.print(f"… and {len(result.missing) - _NAMED:,} more.")
    if result.missing:
        console.print(
            f"The ledger does not have all of it. `watershed status {region}` shows what waits or was given up, "
            f"`watershed redrive {region}` brings that back, and the functions' logs say why. Then backfill again: "
            "what is done already changes nothing.",
            style="bold red",
        )
        return 1
    if result.status != "SUCCEEDED":
        console.print(f"The ledger has all of it, but the execution ended {result.status}: backfill again.")
        return 1
    others = [each for each in check.versions(result.entries) if each != version]
    if others:
        console.print(
            f"The rows were read by the contract's version {', '.join(others)}; here it is {version}. "
            "Deploy the contract, then backfill again.",
            style="bold red",
        )
        return 1
    return 0
