"""`watershed ask REGION [QUESTION]`: the business questions, answered in plain words by a region's Athena."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console
from watershed import catalog
from watershed.errors import ConfigurationError
from watershed.questions import choose

from local.paths import LAKE

if TYPE_CHECKING:
    import argparse


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command line."""
    parser.add_argument("region", nargs="?", help="an AWS region of the lake, e.g. eu-central-1")
    parser.add_argument("question", nargs="?", help="its number or name; all questions if it is left out")
    parser.add_argument("--list", action="store_true", help="list the questions instead of asking")
    parser.add_argument("--aws", action="store_true", help="ask the real AWS account instead of `watershed up`")


def run(args: argparse.Namespace) -> int:
    """Print the questions, or the answers.

    Raises:
        ConfigurationError: if no region is given, or there is no such question or region.
        QueryFailed: if Athena refuses.
    """
    console, questions = Console(soft_wrap=True, highlight=False, emoji=False), catalog.build(LAKE).questions
    if args.list:
        for question in questions.values():
            console.print(f"{question.number:>2}  {question.name.partition('_')[2]}: {question.question}", markup=False)
        return 0
    if args.region is None:
        raise ConfigurationError("No region is given.", remedy="Say which to ask, e.g. eu-central-1, or `--list`.")
    asked = [choose(questions, args.question)] if args.question else list(questions.values())
    from local.reached import reached  # boto3 and what is up: not needed to list
    from local.report import print_answers

    print_answers(console, reached(args.region, aws=args.aws), asked)
    return 0
