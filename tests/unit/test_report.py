"""What a region tells of itself while some of its gold tables are not there yet."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest
from rich.console import Console
from watershed import catalog
from watershed.errors import QueryFailed
from watershed.gold.model import GoldColumn, GoldModel
from watershed.questions import Question

from local import report
from local.dashboard import region
from local.dashboard.figures import Figures
from local.paths import LAKE

if TYPE_CHECKING:
    from pathlib import Path

    from local.region import Region

SALES = GoldModel("sales", "", "", ("branch",), (GoldColumn("branch", "varchar"),), (), "")
STORES = GoldModel("stores", "", "", ("store",), (GoldColumn("store", "varchar"),), (), "")
QUESTIONS = [
    Question("01_most", "Who sells most?", "{branch}.", "Nobody.", "SELECT branch FROM gold.sales", reads=("sales",)),
    Question(
        "02_stores", "Which stores?", "{store}.", "None.", "SELECT store FROM gold.stores", "A rule.", ("stores",)
    ),
]


class Athena:
    """Stands in for a region's Athena, whose gold has sales alone."""

    def rows(self, sql: str) -> tuple[list[str], list[tuple[str, ...]]]:
        if sql == "SHOW TABLES IN gold":
            return ["tab_name"], [("sales",)]
        assert '"gold"."sales"' in sql
        return ["branch"], [("Uptown",)]

    def typed_rows(self, sql: str) -> tuple[list[str], list[list[Any]]]:
        assert "gold.sales" in sql
        if "margin" in sql:
            raise QueryFailed("no", remedy="", code="COLUMN_NOT_FOUND")
        if "wrong" in sql:
            raise QueryFailed("no", remedy="", code="SYNTAX_ERROR")
        return ["branch"], [["[b]Uptown:rocket:"]]


REGION = cast("Region", SimpleNamespace(name="eu-central-1", athena=Athena()))


def test_a_question_about_a_table_that_is_not_there_stops_no_other() -> None:
    out = io.StringIO()
    report.print_answers(Console(file=out, width=200), REGION, QUESTIONS)
    assert out.getvalue().splitlines()[:5] == [
        "Who sells most?",
        "  [b]Uptown:rocket:.",  # not bold, and no picture
        "Which stores?",
        "  Not yet: there is no gold.stores, which is made when what it reads has come.",
        "  A rule.",
    ]


def test_a_question_about_a_column_that_is_new_stops_no_other() -> None:
    """A deployment brings it, and the next refresh makes it."""
    new, wrong = (replace(QUESTIONS[0], sql=f"SELECT {what} FROM gold.sales") for what in ("margin", "wrong"))
    said = dict(report.answers(REGION.athena, [new, QUESTIONS[0]]))
    assert said[QUESTIONS[0]] == ("[b]Uptown:rocket:.",)
    assert said[new] == (
        "Not yet: a column that is new is not in gold.sales, and will be when gold is refreshed next.",
    )
    with pytest.raises(QueryFailed):
        dict(report.answers(REGION.athena, [wrong]))


def test_the_page_answers_what_it_can_though_its_own_tables_are_all_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """A question may be about a table that no chart shows, as one of a new dataset that has not come here yet."""
    days = {name: Figures("", (), ()) for name in ("sales_by_day", "sales_by_month")}
    monkeypatch.setattr("local.dashboard.region.figures.read", lambda *_: days)
    monkeypatch.setattr("local.dashboard.region.health.read", lambda *_: None)
    lake = cast("Any", SimpleNamespace(questions={each.name: each for each in QUESTIONS}, contracts={}, models={}))
    made = region.read(REGION, "Frankfurt", lake, {}, datetime(2026, 3, 1, tzinfo=UTC))
    assert [each.answers for each in made.questions] == [
        ("[b]Uptown:rocket:.",),
        ("Not yet: there is no gold.stores, which is made when what it reads has come.",),
    ]


def test_a_table_that_is_not_there_leaves_no_file_not_even_an_old_one(tmp_path: Path) -> None:
    (tmp_path / "stores.csv").write_text("store\nof an earlier run\n", encoding="utf-8")
    report.write_csv(REGION, (SALES, STORES), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["sales.csv"]
    assert (tmp_path / "sales.csv").read_text(encoding="utf-8").split() == ["branch", "Uptown"]


def test_each_question_knows_the_tables_that_it_reads() -> None:
    questions = catalog.build(LAKE).questions
    assert all(question.reads for question in questions.values())
    assert questions["10_store_lifespan"].reads == ("store_lifespan",)
