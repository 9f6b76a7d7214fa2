"""`watershed gold lint`: every fault of every gold model and question, with file, line and remedy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console
from watershed import questions
from watershed.contracts.odcs import read_contracts
from watershed.gold.parse import lint, read_models

from local.paths import LAKE

if TYPE_CHECKING:
    import argparse


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command line."""
    parser.add_argument("action", choices=["lint"], help="check layers/lake/gold and layers/lake/questions")


def run(_: argparse.Namespace) -> int:
    """Print the findings; 1 if there are any."""
    console = Console(highlight=False, soft_wrap=True)
    contracts = read_contracts(LAKE / "contracts")
    findings = lint(LAKE / "gold", contracts)
    if not findings:
        findings = questions.lint(LAKE / "questions", read_models(LAKE / "gold", contracts))
    for finding in findings:
        console.print(str(finding), markup=False)
    if not findings:
        counts = [len(list((LAKE / kind).glob("*.sql"))) for kind in ("gold", "questions")]
        console.print(f"gold: {counts[0]} models and {counts[1]} questions checked, no findings")
    return 1 if findings else 0
