"""`python -m tests.trino.check`: a real Trino judges the local Athena. Exits with 1 if they differ anywhere."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
from watershed import catalog
from watershed.backfill.bronze import Window

from local.config import regions
from local.paths import LAKE
from local.synth import Synthesis
from tests.trino import (
    athena,
    backfill,
    catalogs,
    changes,
    comparison,
    lake,
    probing,
    server,
    snippets,
    statements,
    sweep,
    verdict,
)
from tests.trino.distribution import TrinoMissing
from tests.trino.verdict import Kind
from tests.unit import backfill_lab

if TYPE_CHECKING:
    from collections.abc import Sequence

    from local.demo.loose import Drop
    from tests.trino.client import Trino

AS_OF = date(2025, 1, 1)
SAMPLE_ROWS = 300
GOOD = {Kind.EQUAL, Kind.REFUSED}
PROBES_PER_LINE = 250  # how often the sweep says how far it is

_STARTED = time.monotonic()


def say(line: str = "") -> None:
    """Print a line at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def begin(part: str) -> None:
    """Announce a part, with the time since the start."""
    say(f"[{_elapsed()}] {part}")


def _elapsed() -> str:
    minutes, seconds = divmod(int(time.monotonic() - _STARTED), 60)
    return f"{minutes:02d}:{seconds:02d}"


def check_recording(trino: Trino) -> int:
    """Ask Trino for every snippet again; gives the number of answers that are not the recorded ones."""
    known = snippets.read_all()
    begin(f"recording: asking Trino {trino.version()} for {len(known)} snippets again")
    changed = [s for s in known if trino.ask(s.sql) != s.expected]
    for snippet in changed:
        say(f"  not as recorded: {snippet.title}")
    say(f"  {len(known) - len(changed)} answers as recorded, {len(changed)} not")
    return len(changed)


def check_snippets() -> int:
    """Replay every snippet on the local Athena; gives the number of those that are neither equal nor refused."""
    counts: Counter[Kind] = Counter()
    known = snippets.read_all()
    begin(f"snippets: asking the local Athena for {len(known)}")
    with athena.alone() as local:
        for snippet in known:
            found = verdict.judge(snippet.expected, verdict.ask(local, snippet.sql))
            counts[found.kind] += 1
            if found.kind not in GOOD:
                say(f"  {found.kind}: {snippet.title}\n  {snippet.sql}\n  {found.difference}")
    return _differences("statements", counts)


def check_sweep(trino: Trino) -> int:
    """Ask both engines for every probe of the sweep; gives the number of statements that differ."""
    counts: Counter[Kind] = Counter()
    values, probes = 0, sweep.probes()
    begin(f"sweep: {len(probes)} expressions on both")
    with athena.alone() as local:
        for number, probe in enumerate(probes):
            if number and number % PROBES_PER_LINE == 0:
                begin(f"  {number} of {len(probes)} expressions, {values} values")
            for found in probing.outcomes(probe, trino, local):
                counts[found.verdict.kind] += 1
                values += found.values
                if found.verdict.kind not in GOOD:
                    say(f"  {found.verdict.kind}: {probe.title}\n  {found.verdict.difference}")
    say(f"  {values} values compared")
    return _differences("statements", counts)


def _differences(what: str, counts: Counter[Kind]) -> int:
    say(f"  {counts.total()} {what}: " + ", ".join(f"{counts[kind]} {kind}" for kind in Kind))
    return sum(counts[kind] for kind in Kind if kind not in GOOD)


def check_conversions(trino: Trino) -> int:
    """Ask Trino for silver's conversions in Athena's SQL; gives the number of questions that it answers otherwise."""
    asked = backfill_lab.questions()
    begin(f"conversions: {sum(len(question.texts) for question in asked)} texts on Trino, against silver's own answer")
    differ = [each for each in asked if not backfill_lab.agree(each.by_silver(), trino.run(each.sql).rows)]
    for question in differ:
        say(f"  differs: {question.column.athena_type} as {question.source.name} writes it")
    return len(differ)


def check_changes(trino: Trino, port: int) -> int:
    """Ask Trino again for what INSERT, UPDATE, DELETE and MERGE do; gives the number of answers not as recorded."""
    begin(f"changes: asking Trino for {len(changes.read_all())} statements again")
    found = changes.check(trino, port)
    for line in found:
        say(f"  {line}")
    return len(found)


def check_backfill(trino: Trino, region: str, port: int) -> int:
    """Let Trino make a filled lake's silver again from bronze; gives the number of datasets that differ."""
    begin(f"backfill, {region}: silver and quarantine again, twice")
    today = datetime.now(UTC).date()
    window = Window(today - timedelta(days=2), today)
    place = next(each for each in regions() if each.region == region)
    keys = {"aws_access_key_id": catalogs.CREDENTIAL, "aws_secret_access_key": catalogs.CREDENTIAL}
    s3 = boto3.client("s3", region_name=region, endpoint_url=f"http://127.0.0.1:{port}", **keys)
    found = list(backfill.check(trino, place, catalog.build(LAKE).contracts.values(), window, s3))
    for line in found:
        say(f"  {line}")
    return len(found)


def check_lake(trino: Trino, title: str, assembly: Path, drops: Sequence[Drop], port: int) -> int:
    """Run every statement of a filled lake on both engines, then backfill it; gives the number of differences."""
    known, made, differ = catalog.build(LAKE), [], 0
    begin(f"lake: filling it with the {title}")
    with lake.filled(assembly, drops, port) as athena_of:
        for region in dict.fromkeys(drop.region for drop in drops):
            begin(f"{title}, {region}: statement, rows, equal")
            zones = next(place.time_zones for place in regions() if place.region == region)
            for statement in statements.of(known, AS_OF, zones):
                found = comparison.compare(statement, region, trino, athena_of(region))
                made.append(found)
                say(f"  {found.name:<45}{found.rows:>7}  {'no' if found.difference else 'yes'}")
                if found.difference:
                    differ += 1
                    say(f"  {found.difference}")
            differ += check_backfill(trino, region, port)
    rows, values = sum(found.rows for found in made), sum(found.values for found in made)
    say(f"  {title}: {len(made)} statements, {rows} rows, {values} values compared, {differ} differences")
    return differ


def main() -> int:
    """Everything, one part after the other; gives the exit code."""
    seed, port, places = os.environ.get("WATERSHED_SEED_DATA"), server.free_port(), [p.region for p in regions()]
    with tempfile.TemporaryDirectory(prefix="watershed-judge-") as name:
        folder = Path(name)
        synthesis = Synthesis(folder / "cdk.out")
        differ = check_snippets()
        begin("starting Trino (the first time, Maven fetches it), synthesizing the templates")
        assembly = synthesis.result()
        try:
            with server.running(catalogs.of_all(places, f"http://127.0.0.1:{port}")) as trino:
                differ += check_recording(trino)
                differ += check_conversions(trino)
                differ += check_changes(trino, port)
                differ += check_sweep(trino)
                drops = lake.sample_drops(folder / "sample", SAMPLE_ROWS)
                differ += check_lake(trino, "sample data", assembly, drops, port)
                if seed:
                    drops = lake.seed_drops(Path(seed), places[0], catalog.build(LAKE))
                    differ += check_lake(trino, "founding data", assembly, drops, port)
        except TrinoMissing as missing:
            say(f"No Trino: {missing}")
            return 2
        else:
            if not seed:
                say("Without the founding data: WATERSHED_SEED_DATA is not set.")
    say(f"It took {_elapsed()} (minutes:seconds).")
    say("No difference." if not differ else f"{differ} differences.")
    return 1 if differ else 0


if __name__ == "__main__":
    sys.exit(main())
