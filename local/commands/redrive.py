"""`watershed redrive REGION`: put messages that were given up back on their queues, once the cause is mended."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from rich.console import Console
from watershed import redrive
from watershed.errors import ConfigurationError
from watershed.names import Stage

from local.config import stages_of
from local.given_up import print_given_up
from local.reached import reached

if TYPE_CHECKING:
    import argparse

    from watershed.dead_letters import Letter


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command line."""
    parser.add_argument("region", help="an AWS region of the lake, e.g. eu-central-1")
    parser.add_argument("--stage", choices=[str(stage) for stage in Stage], help="only of this stage; default: of all")
    parser.add_argument("--dataset", help="only what is about this dataset")
    parser.add_argument("--cause", help="only what was given up for this cause, as --dry-run shows it")
    parser.add_argument("--dry-run", action="store_true", help="show what would be moved, and move nothing")
    parser.add_argument("--aws", action="store_true", help="in the real AWS account instead of `watershed up`")


def run(args: argparse.Namespace) -> int:
    """Move the messages and print what they were about, and why they had been given up."""
    here = stages_of(args.region)
    if args.stage and args.stage not in here:
        raise ConfigurationError(
            f"{args.region} has no stage {args.stage}.", remedy=f"It has {', '.join(here)}: choose one of these."
        )
    sqs, console = reached(args.region, aws=args.aws).client("sqs"), Console(highlight=False)

    def chosen(letter: Letter) -> bool:
        return (args.dataset is None or letter.concerns(args.dataset)) and args.cause in {None, letter.cause}

    stages = [Stage(args.stage)] if args.stage else here
    unseen: dict[Stage, int] = {}
    found: dict[Stage, list[Letter]] = {}
    for stage in stages:
        if args.dry_run:
            seen, unseen[stage] = redrive.look(sqs, stage)
            found[stage] = [letter for letter in seen if chosen(letter)]
        else:
            found[stage] = redrive.redrive(sqs, stage, datetime.now(UTC), chosen)
    if not any(found.values()) and not any(unseen.values()):
        console.print("Nothing like that was given up." if args.dataset or args.cause else "Nothing was given up.")
        return 0
    print_given_up(console, "Would be moved" if args.dry_run else "Moved", found, unseen)
    if not args.dry_run:
        console.print("They are on their queues again. What fails again is given up again, and the alarm with it.")
    return 0
