"""`python -m tests.trino.check`: a real Trino judges the local Athena. Exits with 1 if they differ anywhere."""

from __future__ import annotations

import os
import sys
import tempfile
from collections import Counter
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from watershed import catalog

from local.config import regions
from local.paths import LAKE
from local.synth import Synthesis
from tests.trino import (
    athena,
    catalogs,
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

if TYPE_CHECKING:
    from collections.abc import Sequence

    from local.demo.loose import Drop
    from tests.trino.client import Trino

AS_OF = date(2025, 1, 1)
SAMPLE_ROWS = 300
GOOD = {Kind.EQUAL, Kind.REFUSED}


def say(line: str = "") -> None:
    """Print a line at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def check_recording(trino: Trino) -> int:
    """Ask Trino for every snippet again; gives the number of answers that are not the recorded ones."""
    changed = [s for s in snippets.read_all() if trino.ask(s.sql) != s.expected]
    for snippet in changed:
        say(f"  not as recorded: {snippet.title}")
    say(f"recorded answers: {len(snippets.read_all()) - len(changed)} hold, {len(changed)} do not")
    return len(changed)


def check_snippets() -> int:
    """Replay every snippet on the local Athena; gives the number of those that are neither equal nor refused."""
    counts: Counter[Kind] = Counter()
    with athena.alone() as local:
        for snippet in snippets.read_all():
            found = verdict.judge(snippet.expected, verdict.ask(local, snippet.sql))
            counts[found.kind] += 1
            if found.kind not in GOOD:
                say(f"  {found.kind}: {snippet.title}\n  {snippet.sql}\n  {found.difference}")
    say("snippets: " + ", ".join(f"{counts[kind]} {kind}" for kind in Kind))
    return sum(counts[kind] for kind in Kind if kind not in GOOD)


def check_sweep(trino: Trino) -> int:
    """Ask both engines for every probe of the sweep; gives the number of statements that differ."""
    counts: Counter[Kind] = Counter()
    values = 0
    with athena.alone() as local:
        for probe in sweep.probes():
            for found in probing.outcomes(probe, trino, local):
                counts[found.verdict.kind] += 1
                values += found.values
                if found.verdict.kind not in GOOD:
                    say(f"  {found.verdict.kind}: {probe.title}\n  {found.verdict.difference}")
    say(f"sweep, {values} values: " + ", ".join(f"{counts[kind]} {kind}" for kind in Kind))
    return sum(counts[kind] for kind in Kind if kind not in GOOD)


def check_lake(trino: Trino, title: str, assembly: Path, drops: Sequence[Drop], port: int) -> int:
    """Run every statement of a filled lake on both engines; gives the number of those that differ."""
    known, differ = catalog.build(LAKE), 0
    with lake.filled(assembly, drops, port) as athena_of:
        for region in dict.fromkeys(drop.region for drop in drops):
            say(f"{title}, {region}: statement, rows, equal")
            for statement in statements.of(known, AS_OF):
                found = comparison.compare(statement, region, trino, athena_of(region))
                say(f"  {found.name:<45}{found.rows:>7}  {'no' if found.difference else 'yes'}")
                if found.difference:
                    differ += 1
                    say(f"  {found.difference}")
    return differ


def main() -> int:
    """Everything, one part after the other; gives the exit code."""
    seed, port, places = os.environ.get("WATERSHED_SEED_DATA"), server.free_port(), [p.region for p in regions()]
    with tempfile.TemporaryDirectory(prefix="watershed-judge-") as name:
        folder = Path(name)
        synthesis = Synthesis(folder / "cdk.out")
        differ = check_snippets()
        assembly = synthesis.result()
        try:
            with server.running(catalogs.of_all(places, f"http://127.0.0.1:{port}")) as trino:
                say(f"Trino {trino.version()}")
                differ += check_recording(trino)
                differ += check_sweep(trino)
                drops = lake.sample_drops(folder / "sample", SAMPLE_ROWS)
                differ += check_lake(trino, "sample data", assembly, drops, port)
                if seed:
                    drops = lake.seed_drops(Path(seed), places[0], catalog.build(LAKE))
                    differ += check_lake(trino, "founding data", assembly, drops, port)
        except TrinoMissing as missing:
            say(f"No Trino: {missing}")
            return 2
    say("No difference." if not differ else f"{differ} differences.")
    return 1 if differ else 0


if __name__ == "__main__":
    sys.exit(main())
