"""`watershed erase REGION --subject customer_id=…`: remove a person from every layer of a region, with a receipt."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from watershed import catalog, names
from watershed.clock import system_clock
from watershed.erase.gold import Models
from watershed.erase.lake import Lake
from watershed.erase.run import Erasure
from watershed.erase.silver import Tables
from watershed.erase.store import Store
from watershed.erase.subject import Subject, holders
from watershed.errors import ConfigurationError
from watershed.gold.masking_key import MaskingKey
from watershed.gold.refresh import Refresher
from watershed.gold.runs import GoldFiles
from watershed.gold.tables import GoldTables
from watershed.log import logger
from watershed.names import Layer, Stage
from watershed.next_stage import NextStage
from watershed.settings import Settings
from watershed.silver import engine
from watershed.silver.lakehouse import Lakehouse

from local import report
from local.config import regions, stages_of
from local.paths import LAKE
from local.reached import reached
from local.terminal import harmless

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator, Sequence

    from duckdb import DuckDBPyConnection
    from watershed.catalog import Catalog
    from watershed.erase.plan import Receipt
    from watershed.messages import Refreshed

    from local.region import Region

_FEW = 20  # objects that are printed


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command line."""
    parser.add_argument("region", help="an AWS region of the lake, e.g. eu-central-1")
    parser.add_argument(
        "--subject", required=True, metavar="COLUMN=VALUE", help="whom: a contract's `subject`, e.g. customer_id=17"
    )
    parser.add_argument("--dry-run", action="store_true", help="say what would be removed, and change nothing")
    parser.add_argument("--aws", action="store_true", help="in the real AWS account instead of `watershed up`")
    parser.add_argument(
        "--in-region", action="store_true", help="with --aws: state that this machine is itself in REGION"
    )


def run(args: argparse.Namespace) -> int:
    """Erase, and print the receipt without any value; standard error tells the progress."""
    lake, subject = catalog.build(LAKE), Subject.parse(args.subject)
    held_in = holders(lake.contracts, subject)
    subject = subject.plain(held_in)
    if args.aws and not args.in_region:
        raise ConfigurationError(
            f"Erasing reads rows of {args.region} to the machine that it runs on, and they must not leave it.",
            remedy=f"Run it on a machine in {args.region} (CloudShell there will do), and say so with --in-region.",
        )
    console, progress = Console(highlight=False, soft_wrap=True), Console(stderr=True, highlight=False, soft_wrap=True)
    region = reached(args.region, aws=args.aws)

    def say(what: str) -> None:
        progress.print(f"· {harmless(what)}", style="dim", markup=False)

    with engine.connect() as connection, _few_words():
        work = Erasure(_lake(lake, region, connection, say), subject)
        begun, ended = work.written()
        if begun and not args.dry_run:
            say(f"going on with {begun.id}")
            _print(console, work.carry_out(begun))
            return 0
        receipt = work.look()
        if not receipt.datasets:
            _print_not_searched(console, receipt)
            return _nobody(console, subject, ended)
        if not args.dry_run:
            _print(console, work.carry_out(receipt))
            return 0
        _print(console, receipt)
        _print_plan(console, work.lake, receipt, {contract.name for contract in held_in})
    return 0


@contextmanager
def _few_words() -> Iterator[None]:
    """The functions' log is for machines: only what went wrong is shown here."""
    level = logger.log_level
    logger.setLevel(logging.WARNING)
    try:
        yield
    finally:
        logger.setLevel(level)


def _lake(lake: Catalog, region: Region, connection: DuckDBPyConnection, say: Callable[[str], None]) -> Lake:
    jurisdiction = next((each.jurisdiction for each in regions() if each.region == region.name), ())
    store = Store(Settings(region.account, region.name, jurisdiction), region.client("s3"))
    glue = region.client("glue")
    lakehouse = Lakehouse(glue, store.client, store.settings.bucket(Layer.SILVER))
    files = GoldFiles(store.client, store.settings.bucket(Layer.GOLD))
    key = MaskingKey(store.s3, store.settings.bucket(Layer.SILVER))
    refresher = Refresher(
        lake.models, region.athena, GoldTables(glue), files, key, system_clock, announce=_publication(region)
    )
    return Lake(
        contracts=lake.contracts,
        athena=region.athena,
        client=region.client,
        store=store,
        tables=Tables(lakehouse, store, connection),
        models=Models(refresher, glue, store),
        connection=connection,
        clock=system_clock,
        say=say,
    )


def _publication(region: Region) -> Callable[[Refreshed], None] | None:
    """Asks for the models that are made again to be published, where the region has a database: it has the rows too."""
    if Stage.PUBLISH not in stages_of(region.name):
        return None
    sqs = region.client("sqs")
    url = sqs.get_queue_url(QueueName=names.queue(Stage.PUBLISH))["QueueUrl"]
    return NextStage(sqs, url, Stage.PUBLISH).tell


def _nobody(console: Console, subject: Subject, ended: Sequence[Receipt]) -> int:
    """Nothing is there: because it was erased before, or because there never was anything."""
    if not ended:
        raise ConfigurationError(
            f"Nothing in this region is about that {subject.column}. Nothing was changed.",
            remedy="Look whether the number is right, and whether the person belongs to another region.",
        )
    console.print(f"Nothing is left of this person, who was erased at {ended[-1].ended}: {ended[-1].id}.")
    return 0


def _print(console: Console, receipt: Receipt) -> None:
    table = report.table(f"Erasure {receipt.id}")
    table.add_column("store", no_wrap=True)
    for name in ("rows before", "rows after") if receipt.ended else ("rows",):
        table.add_column(name, justify="right")
    for store, count in receipt.before.items():
        after = [f"{receipt.after.get(store, 0):,}"] if receipt.ended else []
        table.add_row(store, f"{count:,}", *after)
    console.print(table)
    for step, counts in receipt.steps.items():
        console.print(f"{step}: {', '.join(f'{count:,} {what}' for what, count in counts.items())}", markup=False)
    if receipt.ended:
        console.print(f"snapshots forgotten: {sum(receipt.snapshots.values()):,}")
    for statement in receipt.proof:
        console.print(f"proof: {statement['sql']} gives {statement['result']}", markup=False)
    if receipt.ended:
        console.print(f"Receipt: {receipt.object_key} in the ledger's bucket", markup=False)
    _print_not_searched(console, receipt)


def _print_not_searched(console: Console, receipt: Receipt) -> None:
    if receipt.not_searched:
        console.print(
            f"{len(receipt.not_searched):,} raw objects and tables could not be searched; nobody knows what they hold:"
        )
        for each in receipt.not_searched[:_FEW]:
            console.print(f"  {harmless(each)}", markup=False)
        if len(receipt.not_searched) > _FEW:
            console.print(f"  … and {len(receipt.not_searched) - _FEW:,} more, named in the receipt.")


def _print_plan(console: Console, lake: Lake, receipt: Receipt, held_in: set[str]) -> None:
    console.print(f"Raw objects that are written without the rows: {len(receipt.objects):,}")
    for affected in receipt.objects[:_FEW]:
        where = "" if affected.place else ", which only bronze has"
        key = harmless(affected.key)
        console.print(f"  {key} ({affected.version}): {len(affected.rows):,} rows{where}", markup=False)
    tables = [table.name for name in receipt.datasets for table in lake.contracts[name].tables]
    models = ", ".join(lake.models.downstream(tables)) or "none"
    console.print(f"Gold models that are made again: {models}")
    snapshots = ", ".join(f"{count:,} of {table}" for table, count in receipt.snapshots.items())
    console.print(f"Snapshots that silver forgets: {snapshots}")
    console.print(f"All objects of {names.bucket(Layer.RESULTS, '…', '…')} are deleted.", markup=False)
    others = sorted(lake.contracts.keys() - held_in)
    if others:
        console.print(f"Not looked at, as their contracts have no such `subject`: {', '.join(others)}", markup=False)
