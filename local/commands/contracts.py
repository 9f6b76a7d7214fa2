"""`watershed contracts`: `lint` finds every fault; `diff` says what a change does before it is deployed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from watershed.contracts.diff import diff
from watershed.contracts.lint import lint
from watershed.errors import ConfigurationError

from local import contract_states
from local.config import regions
from local.paths import LAKE

if TYPE_CHECKING:
    import argparse

    from watershed.finding import Finding

BREAKING = 3  # exit code of a diff that found a breaking change


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command line."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    actions.add_parser("lint", help="check layers/lake/contracts")
    what = "what changed: exits with 0 if all of it is compatible, 3 if any is breaking, 1 if a contract has a fault"
    compare = actions.add_parser("diff", help=what, description=f"{what.capitalize()}.")
    compare.add_argument("states", nargs="*", type=Path, metavar="OLD NEW", help="contract files, or folders of them")
    compare.add_argument("--git", metavar="REV", help="compare layers/lake/contracts with itself at a revision")


def run(args: argparse.Namespace) -> int:
    """Print what the action finds."""
    console = Console(highlight=False, soft_wrap=True)
    return _lint(console) if args.action == "lint" else _diff(console, args.states, args.git)


def _lint(console: Console) -> int:
    findings = lint(LAKE / "contracts", [place.region for place in regions()])
    _print(console, findings)
    if not findings:
        console.print(f"contracts: {len(list((LAKE / 'contracts').glob('*.yaml')))} checked, no findings")
    return 1 if findings else 0


def _diff(console: Console, paths: list[Path], revision: str | None) -> int:
    if len(paths) != (0 if revision else 2):
        raise ConfigurationError(
            "A diff needs two states of the contracts.", remedy="Give OLD and NEW, or `--git REV` and neither of them."
        )
    old = contract_states.at_revision(revision, contract_states.CONTRACTS) if revision else contract_states.at(paths[0])
    new = contract_states.at(contract_states.CONTRACTS if revision else paths[1])
    findings = [*old.findings, *new.findings]
    _print(console, findings)
    if findings:
        return 1
    changes = diff(old.contracts, new.contracts)
    for change in changes:
        file = new.files.get(change.dataset) or old.files[change.dataset]
        console.print(f"{file}: {change}", markup=False)
    breaking = sum(change.rule.is_breaking for change in changes)
    console.print(f"contracts: {len(changes)} changes, {breaking} breaking")
    return BREAKING if breaking else 0


def _print(console: Console, findings: list[Finding]) -> None:
    for finding in findings:
        console.print(str(finding), markup=False)
