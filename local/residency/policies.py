"""`watershed residency policies REGION`: the policies that CloudFormation cannot attach, ready to attach by hand."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from watershed.errors import ConfigurationError

from infra.guardrails.attach import guardrails
from infra.guardrails.place import Place
from local.config import one
from local.paths import BUILD

if TYPE_CHECKING:
    import argparse

_ACCOUNT = re.compile(r"[0-9]{12}")


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command line."""
    parser.add_argument("region", help="an AWS region of the lake, e.g. eu-central-1")
    parser.add_argument(
        "--account", help="its account, 12 digits: the policies then name it, and the catalog's is made"
    )
    parser.add_argument("--out", type=Path, help="the folder to write to (default build/policies/<region>)")


def run(args: argparse.Namespace) -> int:
    """Write one file a policy, and print where each is attached."""
    configured = one(args.region)
    if args.account is not None and not _ACCOUNT.fullmatch(args.account):
        raise ConfigurationError(f"{args.account} is not the number of an AWS account.", remedy="Write its 12 digits.")
    place = Place(args.region, args.account, database=configured.postgres)
    made = [(each, each.text) for each in guardrails(place)]  # all of them, or none
    folder = args.out or BUILD / "policies" / args.region
    if folder.exists() and not folder.is_dir():
        raise ConfigurationError(f"{folder} is a file.", remedy="Give --out a folder.")
    folder.mkdir(parents=True, exist_ok=True)
    console = Console(highlight=False, soft_wrap=True)
    for each, text in made:
        file = folder / f"{each.name}.json"
        file.write_text(text, encoding="utf-8")
        console.print(f"{file}  {len(text):,} of {each.limit:,} characters", markup=False)
        console.print(f"  {each.attach}", style="dim", markup=False)
    if args.account is None:
        console.print("The Glue catalog's policy must name the account: give --account.", style="dim")
    return 0
