"""What cannot be said in Power BI is refused, with what and why; what nearly cannot is called otherwise."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from watershed.errors import ConfigurationError
from watershed.gold.model import Aggregate, GoldColumn, GoldModel
from watershed.pages import Page, Total

from local.cli import main
from local.commands import bi
from local.powerbi import types
from local.powerbi.model import DataType
from tests.powerbi.lab import CATALOG, make

if TYPE_CHECKING:
    from pathlib import Path

    from watershed.catalog import Catalog


def _lake(name: str, *columns: GoldColumn, pages: tuple[Page, ...] = ()) -> Catalog:
    model = GoldModel(name, "About.", "one row", (columns[0].name,), columns, (), "")
    return replace(CATALOG, models={name: model}, views={}, pages={page.name: page for page in pages})


def _page(name: str, *totals: str) -> Page:
    return Page(name, "Same", "", "m", "b", tuple(Total(each, Aggregate.DISTINCT, "k", "0") for each in totals))


KEY, TEXT = GoldColumn("k", "bigint"), GoldColumn("b", "varchar")


@pytest.fixture(autouse=True)
def _built(monkeypatch: pytest.MonkeyPatch) -> None:
    """The lake that ships, read once for all of these tests."""
    monkeypatch.setattr("watershed.catalog.build", lambda _folder: CATALOG)


def test_the_command_writes_a_project_and_says_what_to_open(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bi, "HOME", tmp_path)
    assert main(["bi", "powerbi", "us-east-1", "--source", "postgres"]) == 0
    written = tmp_path / "us-east-1-postgres" / "Watershed-us-east-1.pbip"
    assert written.exists()
    assert capsys.readouterr().out.strip().endswith("us-east-1-postgres/Watershed-us-east-1.pbip")
    assert main(["bi", "powerbi", "us-east-1", "--source", "postgres"]) == 0


def test_days_in_utc_are_read_from_the_tables_themselves(tmp_path: Path) -> None:
    assert main(["bi", "powerbi", "eu-central-1", "--utc", "--folder", str(tmp_path / "new")]) == 0
    definition = tmp_path / "new" / "Watershed-eu-central-1.SemanticModel" / "definition"
    assert '[Name = "sales"]' in (definition / "tables" / "sales.tmdl").read_text("utf-8")
    assert "Days and times are in UTC." in (definition / "model.tmdl").read_text("utf-8")


def test_an_unknown_region_is_told_with_those_that_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bi", "powerbi", "mars-1"]) == 1
    error = capsys.readouterr().err
    assert "no region mars-1" in error
    assert "eu-central-1" in error


def test_a_folder_of_others_is_refused_by_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "mine.txt").touch()
    assert main(["bi", "powerbi", "us-east-1", "--folder", str(tmp_path)]) == 1
    assert "another --folder" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


@pytest.mark.parametrize("arguments", [["bi"], ["bi", "tableau", "us-east-1"], ["bi", "powerbi"]])
def test_a_missing_or_unknown_tool_is_wrong_usage(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    assert stop.value.code == 2


def test_a_type_that_power_bi_has_not_is_refused_by_name() -> None:
    with pytest.raises(ConfigurationError, match=r"gold\.m\.a is of type array"):
        make(_lake("m", KEY, GoldColumn("a", "array(varchar)")))


@pytest.mark.parametrize(
    ("type_name", "expected"),
    [
        ("decimal(38,0)", DataType.DECIMAL),
        ("decimal(38,4)", DataType.DECIMAL),
        ("decimal(38, 2)", DataType.DECIMAL),
        ("decimal(38,5)", DataType.DOUBLE),
        ("decimal(38,38)", DataType.DOUBLE),
        ("integer", DataType.INT64),
        ("double", DataType.DOUBLE),
    ],
)
def test_types(type_name: str, expected: DataType) -> None:
    assert types.kind(type_name).type is expected


def test_a_double_that_is_no_number_becomes_empty() -> None:
    (partition,) = make(_lake("m", KEY, GoldColumn("d", "double"))).tables["m"].all("partition")
    assert '{"d", each if _ <> null and (Number.IsNaN(_) or Number.Abs(_) = Number.PositiveInfinity) then null' in str(
        partition.value
    )


def test_a_model_called_as_the_calendar_keeps_its_name() -> None:
    project = make(_lake("calendar", KEY, GoldColumn("day", "date")))
    assert set(project.tables) == {"calendar", "Calendar of days"}


def test_without_a_day_there_is_no_calendar_and_no_relationship() -> None:
    project = make(_lake("m", KEY, TEXT))
    assert set(project.tables) == {"m"}
    assert not any(path.endswith("relationships.tmdl") for path in project.files)


def test_a_file_is_not_called_as_a_device_of_windows() -> None:
    project = make(_lake("con", KEY))
    assert not any(path.endswith("/con.tmdl") for path in project.files)
    assert set(project.tables) == {"con"}


def test_totals_of_one_name_and_meaning_are_one_measure_else_two() -> None:
    same = make(_lake("m", KEY, TEXT, pages=(_page("one", "T"), _page("two", "T"))))
    assert set(same.measures) == {"T", "T in words"}
    other = replace(_page("two", "T"), totals=(Total("T", Aggregate.DISTINCT, "b", "0"),), title="Other")
    both = make(_lake("m", KEY, TEXT, pages=(_page("one", "T"), other)))
    assert set(both.measures) == {"T", "T in words", "T (Other)", "T in words (Other)"}


def test_a_total_called_as_a_columns_sum_is_told_from_it() -> None:
    money = GoldColumn("v", "decimal(18,2)", format="0", unit="u", aggregate=Aggregate.SUM)
    project = make(_lake("m", KEY, TEXT, money, pages=(_page("one", "sum of V (m)"),)))
    assert str(project.measures["sum of V (m)"].value).startswith("DISTINCTCOUNTNOBLANK")
    assert project.measures["Sum of v (m), all of it"].value == "SUM('m'[v])"


def test_a_total_that_cannot_be_called_is_refused_with_its_page() -> None:
    with pytest.raises(ConfigurationError, match="page one calls a total ''"):
        make(_lake("m", KEY, TEXT, pages=(_page("one", " \n"),)))


def test_a_renamed_column_shows_at_the_next_run() -> None:
    before, after = (make(_lake("m", KEY, GoldColumn(name, "varchar"))) for name in ("b", "renamed"))
    assert ("m", "b") in before.columns
    assert ("m", "b") not in after.columns
    assert '"renamed"' in str(after.tables["m"].all("partition")[0].value)
