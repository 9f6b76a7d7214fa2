"""docs/contracts.md says what the code does: its tables and examples are compared, not trusted."""

from __future__ import annotations

import argparse
import re
import textwrap
from pathlib import Path

import pytest
from watershed.contracts.changes import RULES, Rule
from watershed.contracts.lint import lint
from watershed.contracts.model import Source
from watershed.contracts.odcs import CONTRACT_PROPERTIES, read_contracts
from watershed.contracts.sources import SOURCE_KEYS
from watershed.contracts.tables import COLUMN_PROPERTIES, TABLE_PROPERTIES
from watershed.reasons import Reason

from local.commands import backfill

ROOT = Path(__file__).parents[2]
DOCS = (ROOT / "docs" / "contracts.md").read_text(encoding="utf-8")
EXAMPLES = [
    textwrap.dedent(block) for block in re.findall(r"( *)```yaml\n(.*?)```", DOCS, re.DOTALL) for block in block[1:]
]


def table(heading: str) -> list[list[str]]:
    """The rows of the first table below a heading, as cells."""
    below = DOCS.split(f"## {heading}\n", 1)[1]
    lines = re.search(r"(?:^\|.*\n?)+", below, re.MULTILINE)
    assert lines
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[0].splitlines()[2:]]


def test_the_reasons_are_those_of_the_code() -> None:
    assert table("Why a row is in quarantine") == [[f"`{reason}`", reason.description] for reason in Reason]


def test_the_custom_properties_are_those_of_the_code() -> None:
    expected = {("contract", name) for name in CONTRACT_PROPERTIES}
    expected |= {("table", name) for name in TABLE_PROPERTIES} | {("column", name) for name in COLUMN_PROPERTIES}
    assert {(where, name.strip("`")) for where, name, _ in table("Custom properties")} == expected


def effect(rule: Rule) -> str:
    return ("breaking" if rule.is_breaking else "compatible") + (", noticed" if rule.is_noticed else "")


def test_the_changes_are_those_of_the_code() -> None:
    expected = [[rule.what, effect(rule), f"{rule.consequence} {rule.remedy}".strip()] for rule in RULES.values()]
    assert table("Change a contract") == expected


def test_what_is_to_count_rows_first_is_asked_of_the_engine_that_counts() -> None:
    """Through the functions, a dry run lists files and their price, and no row."""
    parser = argparse.ArgumentParser()
    backfill.arguments(parser)
    told = [rule.remedy for rule in RULES.values() if "Count them first" in rule.remedy]
    assert told
    for remedy in told:
        asked = parser.parse_args(re.findall("`watershed backfill (.*)`", remedy)[0].split())
        assert (asked.engine, asked.dry_run) == ("athena", True)


def test_the_example_of_a_rename_is_sound(tmp_path: Path) -> None:
    plain = textwrap.indent("- {name: name, logicalType: string, required: true}\n", " " * 6)
    assert plain in EXAMPLES[0]
    text = EXAMPLES[0].replace(plain, plain + textwrap.indent(EXAMPLES[2], " " * 6))
    (tmp_path / "suppliers.yaml").write_text(text, encoding="utf-8")
    assert lint(tmp_path) == []
    suppliers = read_contracts(tmp_path)["suppliers"]
    assert suppliers.sources[0].names_of("amount") == ("amount", "price")


def test_the_keys_of_a_source_are_those_of_the_code() -> None:
    assert {row[0].strip("`") for row in table("Sources")} == SOURCE_KEYS


@pytest.mark.parametrize(
    ("key", "field"),
    [
        ("delimiter", "delimiter"),
        ("encoding", "encoding"),
        ("decimalMark", "decimal_mark"),
        ("dateFormats", "date_formats"),
        ("timeZone", "time_zone"),
        ("trueValues", "true_values"),
        ("falseValues", "false_values"),
    ],
)
def test_the_defaults_of_a_source_are_those_of_the_code(key: str, field: str) -> None:
    default = getattr(Source("any"), field)
    shown = ", ".join(f"`{value}`" for value in ((default,) if isinstance(default, str) else default))
    assert next(row[1] for row in table("Sources") if row[0] == f"`{key}`") == shown


def test_the_whole_example_is_a_sound_contract(tmp_path: Path) -> None:
    (tmp_path / "suppliers.yaml").write_text(EXAMPLES[0], encoding="utf-8")
    assert lint(tmp_path) == []
    assert [column.name for column in read_contracts(tmp_path)["suppliers"].table.columns] == [
        "supplier_id", "name", "country", "updated_at",
    ]  # fmt: skip


def test_the_excerpt_is_in_the_file() -> None:
    shipped = (ROOT / "layers" / "lake" / "contracts" / "transactions.yaml").read_text(encoding="utf-8")
    assert textwrap.indent(EXAMPLES[1], " " * 6) in shipped
