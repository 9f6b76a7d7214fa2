"""`watershed up`: the lake stays up on a loopback port; files that appear in a folder are dropped into it."""

from __future__ import annotations

import shlex
import time
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from watershed import catalog

from local import running
from local.aws.server import DOOR
from local.config import regions
from local.drop_folder import DropFolder
from local.paths import BUILD, LAKE
from local.synth import Synthesis

if TYPE_CHECKING:
    import argparse

    from local.demo.loose import Drop

HOME = BUILD / "up"
EXAMPLE = '"SELECT * FROM gold.branch_performance"'
LOOK_EVERY = 0.5  # seconds between two looks at the drop folder


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command line."""
    parser.add_argument("--port", type=int, default=4566, help="the loopback port (default 4566; 0 takes a free one)")
    parser.add_argument("--folder", type=Path, default=HOME / "drop", help="where files are taken from, kept in place")


def run(args: argparse.Namespace) -> int:
    """Serve until interrupted.

    Raises:
        ConfigurationError: if another one is up, or the port is taken.
    """
    running.require_none()
    console = Console(highlight=False, soft_wrap=True)
    lake = catalog.build(LAKE)
    names = tuple(place.region for place in regions())
    with console.status("Synthesize and deploy"):
        synthesis = Synthesis(HOME / "cdk.out")
        from local.aws import LocalAWS  # while the synthesis runs: importing moto takes a second

        assembly = synthesis.result()
    with LocalAWS(port=args.port) as aws:
        with console.status("Deploy"):
            aws.deploy(assembly)
        place = running.RunningLake(aws.endpoint, aws.account, names)
        folder = DropFolder(args.folder, names, lake.contracts)
        running.announce(place)
        console.print(f"endpoint     {place.endpoint}   (AWS_ENDPOINT_URL; any access key)")
        console.print(f"drop files   {args.folder}/<region>/<dataset>/")
        console.print(f"sample       watershed sample {shlex.quote(str(args.folder))}   (files for every region)")
        console.print(
            f"send         {place.endpoint}{DOOR}<region>/v1/<source>/<dataset>   (signed: docs/connectors.md)"
        )
        console.print(f"ask          watershed query {names[0]} {EXAMPLE}")
        console.print("stop         Ctrl-C (nothing is kept)", style="dim")
        try:
            while True:
                for drop in folder.ready():
                    console.print(f"  {drop.region}  {drop.key}{taken(place, drop)}", markup=False)
                aws.pump()
                time.sleep(LOOK_EVERY)
        finally:
            running.withdraw()


def taken(place: running.RunningLake, drop: Drop) -> str:
    """Drop the file; what there is to say of it. One that cannot be read must not end all that is kept here."""
    try:
        place.region(drop.region).drop(drop.key, drop.path)
    except OSError as error:
        return f"  was not taken: {error.strerror}. Mend it, and save it again."
    return ""
