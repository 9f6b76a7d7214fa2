"""`watershed residency report [REGION]`: the evidence that a region's data stays there, for people and as JSON."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from watershed import catalog

from infra.residency.build import graphs
from infra.residency.stack import Stack
from local.config import chosen, regions
from local.evidence import holds, page
from local.evidence.commit import commit
from local.evidence.document import evidence
from local.paths import BUILD, LAKE, ROOT
from local.synth import Synthesis

if TYPE_CHECKING:
    import argparse

    from infra.residency.graph import Graph

OUT = BUILD / "residency"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command line."""
    parser.add_argument("region", nargs="?", help="an AWS region of the lake; default: all, one page each")
    parser.add_argument("--out", type=Path, default=OUT, help=f"folder to write to (default {OUT.relative_to(ROOT)})")
    parser.add_argument("--aws", action="store_true", help="count rows in the real AWS account, not in `watershed up`")


def run(args: argparse.Namespace) -> int:
    """Write the pages; 1 if a way out was found."""
    configured = {place.region: place for place in chosen(args.region)}
    console, found, made = Console(highlight=False, soft_wrap=True), 0, commit(ROOT)
    lake = catalog.build(LAKE)
    for graph in _synthesized():
        region = graph.stack.region
        if region in configured:
            said = evidence(configured[region], graph, made, holds.read(region, aws=args.aws), lake.connectors.values())
            written, document = page.write(said, args.out)
            ways = {0: "no way out", 1: "1 way out"}.get(said.found, f"{said.found} ways out")
            rows = f"{said.held:,} rows held back" if said.holds.source else "rows held back: not read"
            console.print(f"{region}: {len(said.paths)} paths, {ways}; {rows}", markup=False)
            console.print(f"  {written}\n  {document}\n  sha256 {page.digest(page.as_json(said))}", markup=False)
            if said.holds.why_not:
                console.print(f"  Held rows were not counted: {said.holds.why_not}", markup=False, style="dim")
            found += said.found
    return 1 if found else 0


def _synthesized() -> list[Graph]:
    """The graphs of the lake as it is now, in cdk.json's order."""
    from local.aws import assembly  # here, because it brings the whole local AWS

    with tempfile.TemporaryDirectory() as folder:
        synthesis = Synthesis(Path(folder) / "cdk.out")
        stacks = assembly.read(synthesis.result())
    order = [place.region for place in regions()]
    built = graphs([Stack(each.name, each.region, each.template) for each in stacks])
    return sorted(built, key=lambda graph: order.index(graph.stack.region))
