"""`watershed demo`: sample data, or a folder of real files, through the whole lake on this machine."""

from __future__ import annotations

import os
import shutil
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.rule import Rule
from watershed import catalog, names, redrive
from watershed.errors import ConfigurationError
from watershed.messages import Refresh

from local import dashboard, report, sample
from local.commands import sources
from local.config import chosen, regions
from local.days import day
from local.demo import doors, loose, polled
from local.demo.loose import Drop
from local.given_up import print_given_up
from local.paths import BUILD, LAKE
from local.region import Region
from local.synth import Synthesis

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Mapping, Sequence

    from watershed.connectors.model import Connector

HOME = BUILD / "demo"
POLLED = "csv_api"  # the connector whose source is polled, from a shop on this machine


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command line."""
    parser.add_argument("--rows", type=int, default=1000, help="transactions per region in the sample (default 1000)")
    parser.add_argument("--data", type=Path, help="use the files of this folder instead, in one region")
    parser.add_argument("--region", help="the region for --data (default: the first in cdk.json)")
    parser.add_argument("--as-of", type=day, help="the day open periods run to (default: today, UTC)")
    parser.add_argument("--out", type=Path, default=HOME, help="where data, templates and results go (build/demo)")


def run(args: argparse.Namespace) -> int:
    """Run the lake and print what it says; 1 if it gave a message up, so that something is missing.

    Raises:
        ConfigurationError: if there is no such region, or the sample or folder has nothing to show.
    """
    console = Console(highlight=False)
    started, gave_up = time.monotonic(), False
    if args.region and not args.data:
        raise ConfigurationError("--region says where the files of --data go.", remedy="Give --data, or leave it out.")
    chosen(args.region)  # before anything takes time
    with _step(console, "Synthesize the CDK app and write the data"):
        synthesis = Synthesis(args.out / "cdk.out")
        lake = catalog.build(LAKE)
        places = regions()
        files = _files(args, places[0].region, lake)
        from local.aws import LocalAWS  # after the synthesis has started: importing moto takes a second

        assembly = synthesis.result()
    with LocalAWS() as aws:
        with _step(console, f"Deploy the templates of {len(places)} regions into the local AWS"):
            aws.deploy(assembly)
        used = list(dict.fromkeys(drop.region for drop in files))
        lakes = {name: Region.on(aws, name) for name in used}
        connectors = {name: each for name, each in lake.connectors.items() if each.region in lakes}
        asked = None if args.data else connectors.get(POLLED)  # a lake of one's own need not have it
        pushed: list[doors.Pushed] = []
        with _step(console, _what_comes(args, len(files))):
            for number, wave in enumerate(_waves(files)):
                for drop in wave:
                    lakes[drop.region].drop(drop.key, drop.path)
                with ExitStack() as shop:
                    if number and not args.data:  # with the second wave, so that gold is refreshed no more often
                        pushed = doors.push(aws, connectors.values())
                        _open(shop, asked, lakes, args.rows)
                    aws.pump()
            if args.as_of:
                for region in lakes.values():
                    region.send_refresh(Refresh((), "manual", args.as_of.isoformat()).to_json())
                aws.pump()
        for each in pushed:
            console.print(
                f"  {each.source} sent {each.deliveries} signed webhooks to {each.region}: {each.receipts} receipts"
            )
        if asked:
            sources.print_sources(console, lakes[asked.region], {POLLED: asked})
        for place in places:
            if place.region in lakes:
                console.print(Rule(f"[bold]{place.name}[/bold] ({place.region})", align="left"))
                region = lakes[place.region]
                report.print_ledger(console, region)
                report.print_quarantine(console, region)
                gave_up |= _print_given_up(console, region, place.stages)
                report.print_answers(console, region, lake.questions.values())
                report.write_csv(region, lake.models.values(), args.out / place.region)
                console.print(f"Gold tables as CSV: {os.path.relpath(args.out / place.region)}/\n", markup=False)
        for path in _pages(lakes, lake, args.out / "dashboard"):
            console.print(f"A page to look at: {os.path.relpath(path)}", markup=False, soft_wrap=True)
    console.print(f"Done in {time.monotonic() - started:.1f} s. Ask more: `watershed up` says how.")
    return 1 if gave_up else 0


def _print_given_up(console: Console, region: Region, stages: Sequence[names.Stage]) -> bool:
    """Print what the region gave up, e.g. a gold model that failed; whether it gave up anything."""
    sqs = region.client("sqs")
    letters = {stage: redrive.look(sqs, stage)[0] for stage in stages}
    if not any(letters.values()):
        return False
    print_given_up(console, "Given up: what would be made of these is missing", letters)
    return True


def _open(shop: ExitStack, asked: Connector | None, lakes: Mapping[str, Region], rows: int) -> None:
    """Open the shop that is polled, if there is one."""
    if asked:
        shop.enter_context(polled.opened(asked, lakes, rows))


def _pages(lakes: Mapping[str, Region], lake: catalog.Catalog, folder: Path) -> Iterator[Path]:
    """Write a page for each region that was used, and the one of all regions if all were."""
    called = {place.region: place.name for place in regions()}
    for region, seen in lakes.items():
        yield dashboard.write_region(seen, called[region], lake, folder)
    if lakes.keys() == called.keys():
        yield dashboard.write_all_regions({name: lakes[region].athena for region, name in called.items()}, lake, folder)


def _files(args: argparse.Namespace, first_region: str, lake: catalog.Catalog) -> list[Drop]:
    """The files to drop, in order."""
    if args.data:
        return loose.drops(args.data, args.region or first_region, lake.contracts.values())
    folder, here = args.out / "data", [place.region for place in regions()]
    shutil.rmtree(folder, ignore_errors=True)
    files = [
        Drop(file.region, f"{file.dataset}/{file.path.name}", file.path)
        for file in sample.write(folder, args.rows)
        if file.region in here
    ]
    if not files:
        raise ConfigurationError(
            f"There are no sample data of {', '.join(here)}.", remedy="Give a folder of your own files with --data."
        )
    return files


def _what_comes(args: argparse.Namespace, files: int) -> str:
    besides = "" if args.data else ", push webhooks to the doors, poll an API"
    return f"Drop {files} files into the raw buckets{besides}; the functions do the rest"


def _waves(files: Sequence[Drop]) -> tuple[list[Drop], list[Drop]]:
    """Each dataset's first file, then the others: so later files find rows in silver to add to, update or repeat."""
    first = {(drop.region, drop.key.partition("/")[0]): drop for drop in reversed(files)}
    return [*first.values()][::-1], [drop for drop in files if drop not in first.values()]


@contextmanager
def _step(console: Console, what: str) -> Iterator[None]:
    """Say what is being done while it is being done, then how long it took."""
    started = time.monotonic()
    with console.status(what):
        yield
    console.print(f"  [green]done[/green] {time.monotonic() - started:5.1f} s  {what}")
