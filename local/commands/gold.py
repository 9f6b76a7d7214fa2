"""`watershed gold lint`: every fault of every gold model, question and page, with file, line and remedy.

First the rules for models, questions and pages; then, if they hold, the translation that every query of the local
Athena goes through, against the tables that the contracts describe: what strict mode refuses is found before anything
is deployed. So it is for the views of cdk.json's time zones, which nobody writes.
Last whether the dashboard still finds what it shows: a renamed column is told here, and not by a broken page.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console
from watershed import catalog, pages, questions
from watershed.contracts.odcs import read_contracts
from watershed.finding import Finding
from watershed.gold.parse import lint, read_models
from watershed.zones.check import collisions

from local.config import regions
from local.paths import LAKE

if TYPE_CHECKING:
    import argparse
    from pathlib import Path


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command line."""
    parser.add_argument("action", choices=["lint"], help="check gold, questions and pages in layers/lake")


def run(_: argparse.Namespace) -> int:
    """Print the findings; 1 if there are any."""
    console = Console(highlight=False, soft_wrap=True)
    findings = findings_in(LAKE) or _dashboard()
    for finding in findings:
        console.print(str(finding), markup=False)
    if not findings:
        models, asked, drawn = (len(list((LAKE / kind).glob("*.*"))) for kind in ("gold", "questions", "pages"))
        console.print(
            f"gold: models ({models}), questions ({asked}), pages ({drawn}), views in time zones: checked, no findings"
        )
    return 1 if findings else 0


def _dashboard() -> list[Finding]:
    """What the pages ask for and the models, which have no faults, do not have."""
    from local.dashboard import queries

    return queries.lint(read_models(LAKE / "gold", read_contracts(LAKE / "contracts")))


def findings_in(lake: Path) -> list[Finding]:
    """The findings in a lake's folder, which holds `contracts/`, `gold/`, `questions/` and `pages/`."""
    contracts = read_contracts(lake / "contracts")
    gold, asked = lake / "gold", lake / "questions"
    findings = lint(gold, contracts)
    if findings:
        return findings
    models = read_models(gold, contracts)
    findings = questions.lint(asked, models) + pages.lint(lake / "pages", catalog.without_personal_data(models))
    if findings:
        return findings
    from local.athena import strict  # slow to import, and of no use before

    found = questions.read_questions(asked, models)
    strictly = strict.check_models(gold, contracts, models)
    strictly += strict.check_questions(asked, contracts, models, found.values())
    return sorted(strictly) or _views_in(lake)


def _views_in(lake: Path) -> list[Finding]:
    """The findings in the views that the regions' time zones ask for, of a lake that has none else."""
    from local.athena import strict

    compiled = catalog.build(lake)
    zones = list(dict.fromkeys(zone for place in regions() for zone in place.time_zones))
    taken = [Finding("cdk.json", 0, "time_zones", fault, "") for fault in collisions(compiled, zones)]
    return taken or strict.check_views(lake, compiled, zones)
