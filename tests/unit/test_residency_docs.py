"""docs/residency-evidence.md lists the rules as the code has them."""

from __future__ import annotations

from infra.residency.rules import FAMILIES
from local.paths import ROOT

DOCS = (ROOT / "docs" / "residency-evidence.md").read_text(encoding="utf-8")


def test_the_rules_are_those_of_the_code() -> None:
    _, _, rest = DOCS.partition("| about | rule | refuses |\n|---|---|---|\n")
    table = rest.partition("\n\n")[0].splitlines()
    expected = [f"| {family} | `{rule.id}` | {rule.refuses} |" for family, rules in FAMILIES.items() for rule in rules]
    assert table == expected


def test_commands_and_files_exist() -> None:
    for path in (
        "infra/residency/links.py",
        "infra/residency/kinds.py",
        "infra/residency/actions.py",
        "tests/infra/mutations",
    ):
        assert (ROOT / path).exists()
        assert path.rpartition("/")[2] in DOCS
