"""The figures of an hour of small files in one region of the local AWS."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.progress import Progress
from watershed.names import Layer, Stage, bucket

from benchmarks.load import accounting, arrivals, memory
from benchmarks.load.accounting import Audit
from benchmarks.load.arrivals import Minute
from benchmarks.load.figures import Figure, at_most, exactly
from benchmarks.load.hour import CHILDREN
from infra.stages import SIZING
from local.paths import BUILD
from local.region import Region
from local.synth import Synthesis

if TYPE_CHECKING:
    from rich.console import Console

    from benchmarks.load.hour import Hour
    from local.aws import LocalAWS


AT_ONCE = (
    "The local AWS runs one function at a time: how functions run side by side is not shown, only uploads side by side "
    "and the backlog of events that they leave."
)
HELD_MEGABYTES = 16  # a few rows' tables that Python has not collected yet; it must not grow with the files
_PARENT = dict.fromkeys(CHILDREN, "stores")
_KILOBYTE = 1000


@dataclass(frozen=True)
class Run:
    """An hour that was delivered.

    Attributes:
        minutes: What each cost.
        at_once: The most uploads that were under way together.
        start: Megabytes of memory before the first file.
        stored: Megabytes of objects that moto's S3 holds in this process in the end.
        metadata: Silver table -> bytes of its metadata file in the end.
        audit: What became of the rows.
    """

    minutes: Sequence[Minute]
    at_once: int
    start: float
    stored: float
    metadata: dict[str, int]
    audit: Audit


def figures(console: Console, hour: Hour) -> list[Figure]:
    """Deliver an hour and measure it."""
    console.print(f"  {AT_ONCE}")
    found = deliver(hour, console)
    for fault in found.audit.missing[:20]:
        console.print(f"  [bold red]missing[/bold red] {fault}", markup=True)
    for cause, times in sum((minute.causes for minute in found.minutes), Counter()).most_common(20):
        console.print(f"  [bold red]failed[/bold red] {times:,} times: {cause}", markup=True)
    return table(hour, found)


def deliver(hour: Hour, console: Console) -> Run:
    """Deploy the lake into a fresh local AWS, and deliver the hour to it."""
    synthesis = Synthesis(BUILD / "load" / "cdk.out")
    from local.aws import Deliveries, LocalAWS  # after the synthesis has started: importing moto takes a second

    with LocalAWS(deliveries=Deliveries(duplicate=arrivals.REPEATED, seed=hour.seed)) as aws:
        aws.deploy(synthesis.result(), [hour.region])
        return measure(aws, hour, console)


def measure(aws: LocalAWS, hour: Hour, console: Console, late_every: int = arrivals.LATE_EVERY) -> Run:
    """Deliver the hour to a lake that is deployed, and ask what became of it."""
    region, start, minutes = Region.on(aws, hour.region), memory.resident(), list[arrivals.Minute]()
    with Progress(console=console, transient=True) as progress:
        task = progress.add_task(f"{len(hour.files):,} small files", total=len(hour.files))

        def on_minute(minute: Minute) -> None:
            minutes.append(minute)
            progress.update(task, advance=minute.new)

        at_once = arrivals.deliver(aws, region, hour, on_minute, late_every)
    with console.status("Ask the ledger and silver"):
        audit = accounting.audit(region, hour)
    sizes = {table: arrivals.metadata(region, table)[1] for table in hour.standing}
    return Run(minutes, at_once, start, _stored(region), sizes, audit)


def batched(parts: int, others: int) -> int:
    """The most commits that so many parts of one dataset may take when they wait together with those of others.

    Ten messages are one batch, of one dataset as far as that goes: where another dataset's parts end within a batch, it
    is filled up with the first of these. So they come once for each other dataset at most, and then ten at a time.

    Args:
        parts: The dataset's.
        others: How many other datasets have parts that wait.
    """
    filling = min(others, parts)
    return filling + math.ceil((parts - filling) / SIZING[Stage.SILVER].batch)


def table(hour: Hour, run: Run) -> list[Figure]:
    """What was measured, beside its bounds."""
    minutes, count = run.minutes, len(hour.files)
    commits = sum((minute.commits for minute in minutes), Counter())
    files = sum((minute.files for minute in minutes), Counter())
    seconds = sum(minute.seconds for minute in minutes)
    over = [
        table
        for minute in minutes
        for table, made in minute.commits.items()
        if made > batched(minute.files[_PARENT.get(table, table)], len(minute.files) - 1)
    ]
    busiest = max(minutes, key=lambda minute: minute.new)
    half = len(minutes) // 2
    grown = [run.start, minutes[half].memory, minutes[-1].memory]
    held = max(minute.arrow for minute in minutes)
    later = (grown[2] - grown[1]) * _KILOBYTE / max(sum(minute.new for minute in minutes[half + 1 :]), 1)
    return [
        exactly("small files: objects, tables or queues with a fault", len(run.audit.missing), 0),
        exactly("rows read by bronze", run.audit.totals["rows_read"], sum(len(file.rows) for file in hour.files)),
        exactly("rows held back by bronze", run.audit.totals["malformed"], sum(file.malformed for file in hour.files)),
        exactly("failures of functions", sum(minute.failures for minute in minutes), 0),
        Figure("events that came again, late", f"{files.total() - count:,} of {files.total():,}"),
        Figure("uploads under way at once", f"{run.at_once}", f"{arrivals.AT_ONCE} where a minute has them"),
        *(Figure(f"commits to {table}", f"{made:,} for {files[_PARENT.get(table, table)]:,} events")
          for table, made in sorted(commits.items())),
        exactly("minutes and tables with more commits than batches allow", len(over), 0),
        Figure("commits in the busiest minute", f"{busiest.commits.total()} for {busiest.new} files"),
        Figure("gold refreshes", f"{_runs(minutes, 'gold'):,} for {_runs(minutes, 'silver'):,} runs of silver"),
        Figure("largest metadata file in the end", f"{max(run.metadata.values()) / _KILOBYTE:,.0f} kB"),
        Figure("memory at the start, middle, end", ", ".join(f"{each:,.0f}" for each in grown) + " MB"),
        Figure("of which objects in the local S3, in the end", f"{run.stored:,.0f} MB"),
        Figure("memory for each file of the second half, all that moto keeps included", f"{later:,.0f} kB"),
        at_most("Arrow's memory that functions still hold after a minute", held, HELD_MEGABYTES, "MB"),
        Figure("time", f"{seconds:,.0f} s, {seconds / count * 1000:,.0f} ms a file"),
    ]  # fmt: skip


def _runs(minutes: Sequence[Minute], stage: str) -> int:
    return sum(made for minute in minutes for name, made in minute.invocations.items() if name.endswith(f"-{stage}"))


def _stored(region: Region) -> float:
    s3 = region.client("s3")
    total = 0
    for layer in Layer:
        pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket(layer, region.account, region.name))
        total += sum(found["Size"] for page in pages for found in page.get("Contents", []))
    return total / memory.MEGABYTE
