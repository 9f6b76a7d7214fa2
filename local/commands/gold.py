"""`watershed gold lint`: every fault of every gold model and question, with file, line and remedy.

First the rules for models and questions; then, if they hold, the translation that every query of the local Athena goes
through, against the tables that the contracts describe: what strict mode refuses is found before anything is deployed.
Last whether the dashboard still finds what it shows: a renamed column is told here, and not by a broken page.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console
from watershed import questions
from watershed.contracts.odcs import read_contracts
from watershed.gold.parse import lint, read_models

from local.paths import LAKE

if TYPE_CHECKING:
    import argparse
    from pathlib import Path

    from watershed.finding import Finding


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command line."""
    parser.add_argument("action", choices=["lint"], help="check layers/lake/gold and layers/lake/questions")


def run(_: argparse.Namespace) -> int:
    """Print the findings; 1 if there are any."""
    console = Console(highlight=False, soft_wrap=True)
    findings = findings_in(LAKE) or _dashboard()
    for finding in findings:
        console.print(str(finding), markup=False)
    if not findings:
        counts = [len(list((LAKE / kind).glob("*.sql"))) for kind in ("gold", "questions")]
        console.print(f"gold: {counts[0]} models and {counts[1]} questions checked, no findings")
    return 1 if findings else 0


def _dashboard() -> list[Finding]:
    """What the pages ask for and the models, which have no faults, do not have."""
    from local.dashboard import queries

    return queries.lint(read_models(LAKE / "gold", read_contracts(LAKE / "contracts")))


def findings_in(lake: Path) -> list[Finding]:
    """The findings in a lake's folder, which holds `contracts/`, `gold/` and `questions/`."""
    contracts = read_contracts(lake / "contracts")
    gold, asked = lake / "gold", lake / "questions"
    findings = lint(gold, contracts)
    if findings:
        return findings
    models = read_models(gold, contracts)
    findings = questions.lint(asked, models)
    if findings:
        return findings
    from local.athena import strict  # slow to import, and of no use before

    found = questions.read_questions(asked, models)
    strictly = strict.check_models(gold, contracts, models)
    return sorted(strictly + strict.check_questions(asked, contracts, models, found.values()))
