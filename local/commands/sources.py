"""`watershed sources`: how far each polled source has been read, and why one is not; or has one polled now."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.rule import Rule
from watershed import catalog, names
from watershed.errors import ConfigurationError
from watershed.poll.failure import Cause
from watershed.poll.message import Poll
from watershed.poll.state import Kept
from watershed.s3 import S3

from local import report
from local.config import chosen
from local.paths import LAKE
from local.reached import reached
from local.terminal import harmless

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Mapping

    from watershed.connectors.model import Connector
    from watershed.poll.model import Stream
    from watershed.poll.state import State

    from local.region import Region


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command line."""
    parser.add_argument("region", nargs="?", help="an AWS region of the lake; default: all, one after the other")
    parser.add_argument("--poll", metavar="SOURCE", help="have this source of the region polled now, paused or not")
    parser.add_argument("--aws", action="store_true", help="in the real AWS account instead of `watershed up`")


def run(args: argparse.Namespace) -> int:
    """Print how the sources are; 1 if one fails."""
    console, failing = Console(highlight=False), False
    polled = {name: each for name, each in catalog.build(LAKE).connectors.items() if each.pull}
    if args.poll:
        if args.poll not in polled or polled[args.poll].region != args.region:
            known = ", ".join(f"{each.region} --poll {name}" for name, each in sorted(polled.items()))
            raise ConfigurationError(
                f"{args.region} polls no source {args.poll}." if args.region else "--poll needs the source's region.",
                remedy=f"Write one of: {known}." if known else "Give a connector `pull`.",
            )
        ask(reached(args.region, aws=args.aws), args.poll)
        console.print(f"{args.poll} is polled. `watershed sources {args.region}` says how it went.", markup=False)
        return 0
    for place in chosen(args.region):
        here = {name: each for name, each in polled.items() if each.region == place.region}
        console.print(Rule(f"[bold]{place.name}[/bold] ({place.region})", align="left"))
        if here:
            failing |= print_sources(console, reached(place.region, aws=args.aws), here)
        else:
            console.print("No source of this region is polled.\n")
    return 1 if failing else 0


def ask(region: Region, source: str) -> None:
    """Put a poll of `source` on the region's queue."""
    sqs, body = region.client("sqs"), Poll(source, datetime.now(UTC)).to_json()
    sqs.send_message(
        QueueUrl=sqs.get_queue_url(QueueName=names.queue(names.Stage.POLL))["QueueUrl"],
        MessageBody=body,
        MessageGroupId=source,
        MessageDeduplicationId=hashlib.sha256(body.encode()).hexdigest(),
    )


def print_sources(console: Console, region: Region, connectors: Mapping[str, Connector]) -> bool:
    """Print each stream's state, without a value of any row; whether one fails."""
    table = report.table("Sources: how far each was read, UTC")
    for name in ("source", "stream", "read up to", "last success", "failing since", "state"):
        table.add_column(name, no_wrap=name in {"source", "stream"})
    failures: dict[str, str] = {}
    for source, stream, state, paused in _states(region, connectors):
        how = state.cause or ("paused" if paused else "ok" if state.polled_at else "never polled")
        up_to = state.cursor or (state.succeeded_at if stream[1].incremental is None else None)
        row = (source, stream[0], _said(up_to), _said(state.succeeded_at), _said(state.failing_since), how)
        table.add_row(*map(escape, row), style="bold red" if state.cause else "dim" if paused else "")
        if state.cause:
            failures[f"{source} {stream[0]}"] = f"{state.why} {Cause(state.cause).remedy}"
    console.print(table)
    for which, why in failures.items():
        console.print(f"[bold]{escape(which)}[/bold]: {escape(harmless(why))}", soft_wrap=True)
    return bool(failures)


def _states(
    region: Region, connectors: Mapping[str, Connector]
) -> Iterator[tuple[str, tuple[str, Stream], State, bool]]:
    s3, bucket = S3(region.client("s3")), names.bucket(names.Layer.LEDGER, region.account, region.name)
    for source, connector in sorted(connectors.items()):
        for name, stream in connector.pull.streams.items() if connector.pull else ():
            kept = Kept(s3, bucket, names.poll_state_key(source, name))
            yield source, (name, stream), kept.load(), connector.pull is not None and connector.pull.paused


def _said(moment: datetime | None) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M}" if moment else ""
