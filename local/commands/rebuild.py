"""`watershed rebuild REGION DATASET`: make silver again from bronze in tables beside, then switch readers over."""

from __future__ import annotations

from argparse import ArgumentTypeError
from collections import Counter
from datetime import UTC, datetime
from time import sleep
from typing import TYPE_CHECKING

from rich.console import Console
from watershed import catalog, names
from watershed.bronze.announce import SilverQueue
from watershed.errors import ConfigurationError
from watershed.messages import Refresh
from watershed.names import Layer, Stage
from watershed.rebuild.intake import Intake
from watershed.rebuild.run import Rebuild
from watershed.rebuild.switch import Progress, Switch, unreferenced
from watershed.silver.lakehouse import Lakehouse

from local import report
from local.paths import LAKE
from local.reached import reached

if TYPE_CHECKING:
    import argparse

    from watershed.contracts.model import Contract
    from watershed.rebuild.run import Switched

    from local.region import Region


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command line."""
    parser.add_argument("region", help="an AWS region of the lake, e.g. eu-central-1")
    parser.add_argument("dataset", help="a contract's name, e.g. transactions")
    parser.add_argument("--dry-run", action="store_true", help="count what would be taken in, and change nothing")
    parser.add_argument("--resume", type=_id, metavar="ID", help="go on with a rebuild that did not end")
    parser.add_argument(
        "--wait", type=float, default=900, metavar="SECONDS", help="give up after so long without progress; default 900"
    )
    parser.add_argument("--aws", action="store_true", help="in the real AWS account instead of `watershed up`")


def run(args: argparse.Namespace) -> int:
    """Rebuild and print each table's rows before and after; standard error tells the progress."""
    lake, progress = catalog.build(LAKE), Console(stderr=True, highlight=False, soft_wrap=True)
    contract = lake.contracts.get(args.dataset)
    if contract is None:
        raise ConfigurationError(
            f"There is no dataset {args.dataset}.", remedy=f"Choose one of {', '.join(sorted(lake.contracts))}."
        )
    region, rebuild = reached(args.region, aws=args.aws), args.resume or names.new_replay(datetime.now(UTC))

    def say(what: str) -> None:
        progress.print(f"· {what}", style="dim", markup=False)

    glue, sqs = region.client("glue"), region.client("sqs")
    url = sqs.get_queue_url(QueueName=names.queue(Stage.SILVER))["QueueUrl"]
    intake = Intake(
        athena=region.athena,
        queue=SilverQueue(sqs, url),
        contract=contract,
        contracts=lake.contracts,
        region=args.region,
        rebuild=rebuild,
        patience=args.wait,
        sleep=sleep,
        say=say,
    )
    if args.dry_run:
        _print_plan(intake)
        return 0
    bucket = names.bucket(Layer.SILVER, region.account, region.name)
    lakehouse = Lakehouse(glue, region.client("s3"), bucket)
    lakehouse.ensure([contract])  # so that there is something to take the place of
    switch = Switch(glue, lakehouse, contract, rebuild)
    if args.resume and switch.progress() is Progress.ABSENT and intake.taken():
        Console(highlight=False).print(f"{rebuild} is done: its tables are those that readers see, or were removed.")
        return 0
    say(f"this is {rebuild}")
    changed = tuple(f"{names.SILVER_DB}.{table.name}" for table in contract.tables)
    message = Refresh(changed, "manual").to_json()
    done = Rebuild(region.athena, intake, switch, lambda: region.send_refresh(message), say).run()
    _print_switched(region, contract, bucket, done)
    progress.print("Gold is being refreshed.", style="dim")
    return 0


def _id(text: str) -> str:
    if not names.is_replay(text):
        raise ArgumentTypeError("A rebuild's id looks like 20260301t123000000000_9f86d081.")
    return text


def _print_plan(intake: Intake) -> None:
    console, parts = Console(highlight=False), intake.parts()
    table = report.table("Rebuild: what silver would take in from bronze")
    table.add_column("source", no_wrap=True)
    for name in ("files", "parts", "rows"):
        table.add_column(name, justify="right")
    rows: Counter[str] = Counter()
    for part in parts:
        rows[part.source] += part.rows
    for source, count in sorted(rows.items()):
        of_source = [part for part in parts if part.source == source]
        files = len({part.batch_id for part in of_source})
        table.add_row(source, f"{files:,}", f"{len(of_source):,}", f"{count:,}")
    console.print(table if parts else f"Bronze holds no rows of {intake.contract.name} here.")


def _print_switched(region: Region, contract: Contract, bucket: str, done: list[Switched]) -> None:
    console, table = Console(highlight=False, soft_wrap=True), report.table("Rebuild: rows that readers see")
    table.add_column("table", no_wrap=True)
    for name in ("before", "after"):
        table.add_column(name, justify="right")
    for each in done:
        table.add_row(each.table, "" if each.before is None else f"{each.before:,}", f"{each.after:,}")
    console.print(table)
    s3, glue = region.client("s3"), region.client("glue")
    old = [prefix for each in contract.tables for prefix in unreferenced(glue, s3, bucket, each.name)]
    if old:
        console.print("The old tables' files are still there. Once no running query reads them, remove them:")
        for prefix in old:
            console.print(f"  aws s3 rm --recursive {prefix}", markup=False)
