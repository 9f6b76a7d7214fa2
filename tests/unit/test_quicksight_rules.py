"""The file of who sees which rows: what is refused in it, and that what is written means the same."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.athena.hive_csv import _rows
from local.quicksight_rules import Rule, check, read, write

KNOWN = {"Uptown", "East Side", "Café ☕", "O'Hara", "North, South"}


def faults(text: str, *, all_rows: bool = False, ahead: bool = False) -> list[str]:
    rules, found = read(text, "branch_name")
    return found or list(check(rules, KNOWN, all_rows=all_rows, ahead=ahead))


def lines(*rows: str) -> str:
    return "\n".join(("UserName,GroupName,branch_name", *rows)) + "\n"


def test_good_rules_are_taken() -> None:
    text = lines("ana,,Uptown", "ana,,East Side", ",berlin,Café ☕", ",berlin,O'Hara", 'ben,,"North, South"')
    assert faults(text) == []
    rules, _ = read(text, "branch_name")
    assert rules[0] == Rule(2, "ana", "", "Uptown")
    assert rules[2] == Rule(4, "", "berlin", "Café ☕")


def test_an_empty_file_of_rules_is_good_and_shows_nobody_anything() -> None:
    assert faults(lines()) == []
    assert write([], "branch_name") == b"UserName,GroupName,branch_name\n"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "line 1: the header is missing. Write UserName,GroupName,branch_name."),
        ("username,groupname,branch_name\n", "line 1: the header is username,groupname,branch_name."),
        ("UserName,branch_name\nana,Uptown\n", "line 1: the header is UserName,branch_name."),
        (lines("ana,,Uptown,more"), "line 2: it has 4 values. Write 3."),
        (lines(",,Uptown"), "line 2: it names neither a user and a group. Name one of them."),
        (lines("ana,berlin,Uptown"), "line 2: it names both a user and a group."),
        (lines("ana,,"), "line 2: without a value the user ana sees all rows. Write one, or say --all-rows."),
        (lines("ana,,Downtown"), "line 2: no row of gold has 'Downtown'. Correct it, or say --ahead."),
        (lines("ana,,uptown"), "line 2: no row of gold has 'uptown'."),
        (lines("ana,,Uptown ,"), "line 2: it has 4 values."),
        (lines("ana,, Uptown"), "line 2: ' Uptown' begins or ends with a blank"),
        (lines("ana ,,Uptown"), "line 2: 'ana ' begins or ends with a blank"),
        (lines('ana,,"Up""town"'), "line 2: 'Up\"town' has a quote, backslash or line end"),
        (lines("ana,,Up\\town"), "has a quote, backslash or line end"),
        (lines('ana,,"Up\ntown"'), "has a quote, backslash or line end"),
        (lines("ana,,Uptown", "ana,,Uptown"), "line 3: it says the same as line 2. Remove one."),
        (lines('ana,,"Uptown'), "line 2: unexpected end of data"),
        (
            lines(*(f"ana,,{number}" for number in range(1000))),
            "the user ana has 1000 rules, and QuickSight takes 999.",
        ),
    ],
)
def test_what_is_wrong_is_said_with_its_line(text: str, says: str) -> None:
    assert any(fault.startswith(says) or says in fault for fault in faults(text)), faults(text)[:3]


def test_what_is_meant_may_be_said() -> None:
    assert faults(lines("ana,,", ",berlin,Downtown"), all_rows=True, ahead=True) == []


def test_a_comma_is_part_of_a_value_and_no_second_one() -> None:
    (rule,), _ = read(lines('ben,,"North, South"'), "branch_name")
    (row,) = list(csv.reader(io.StringIO(write([rule], "branch_name").decode())))[1:]
    assert row == ["ben", "", '"North, South"'], "in quotes of its own, which QuickSight takes as one value"


_TEXT = st.text(st.characters(exclude_characters='"\\\r\n', exclude_categories=("Cs", "Cc", "Zl", "Zp")), max_size=20)


@given(st.lists(st.tuples(_TEXT, _TEXT, _TEXT), max_size=5))
def test_what_is_written_is_what_the_table_reads(rows: list[tuple[str, str, str]]) -> None:
    rules = [Rule(place, *row) for place, row in enumerate(rows)]
    stored = _rows(write(rules, "branch_name"), ",", 1)
    meant = [[user, group, f'"{value}"' if "," in value else value] for user, group, value in rows]
    assert sorted(stored) == sorted(meant)


def test_the_example_of_the_docs_is_good(tmp_path: Path) -> None:
    docs = (Path(__file__).parents[2] / "docs" / "quicksight.md").read_text(encoding="utf-8")
    example = docs.partition("```csv\n")[2].partition("```")[0]
    rules, found = read(example, "branch_name")
    assert found == []
    assert list(check(rules, {rule.value for rule in rules}, all_rows=True)) == []
