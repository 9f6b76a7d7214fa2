"""The report's pages: what they show, where, and that every field of theirs is in the model."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from typing import TYPE_CHECKING, Any

import pytest
from watershed.gold.model import Aggregate
from watershed.pages import Page, Total

from local.powerbi.m import Source
from local.powerbi.report import HEIGHT, THEME, WIDTH
from tests.powerbi.lab import CATALOG, Project, hostile_lake, make, shipped

if TYPE_CHECKING:
    from watershed.catalog import Catalog

(PAGE,) = CATALOG.pages.values()


def _visuals(project: Project, kind: str = "") -> list[dict[str, Any]]:
    found = [each for each in project.all_json("/visual.json") if kind in ("", each["visual"]["visualType"])]
    return sorted(found, key=lambda each: each["position"]["tabOrder"])


def _with_totals(number: int) -> Catalog:
    columns = ("total_value", "total_amount", "customer_id", "product_id")
    totals = tuple(
        Total(f"Number {place}", Aggregate.DISTINCT, columns[place % len(columns)], "#,##0") for place in range(number)
    )
    return replace(CATALOG, pages={"page": Page("page", "Page", "", "datamart", "branch_name", totals)})


def test_the_page_is_the_report_that_the_lake_grew_from() -> None:
    project = shipped("eu-central-1", Source.ATHENA)
    page = project.json("/page.json")
    assert (page["displayName"], page["width"], page["height"]) == ("Revenue report", WIDTH, HEIGHT)
    assert project.json("/pages.json")["pageOrder"] == [page["name"]]
    (title,) = _visuals(project, "textbox")
    (paragraph,) = title["visual"]["objects"]["general"][0]["properties"]["paragraphs"]
    assert [run["value"] for run in paragraph["textRuns"]] == ["Revenue report"]
    cards = [_measure(each, "Values") for each in _visuals(project, "multiRowCard")]
    assert cards == [("datamart", total.name) for total in PAGE.totals]
    (sentences,) = _visuals(project, "card")
    assert _measure(sentences, "Values") == ("datamart", "Total revenue in words")
    assert sentences["visual"]["objects"]["wordWrap"][0]["properties"]["show"] == {
        "expr": {"Literal": {"Value": "true"}}
    }
    bars = _visuals(project, "clusteredBarChart")
    assert [_measure(each, "Y") for each in bars] == [("datamart", total.name) for total in PAGE.totals]
    for each in bars:
        (category,) = each["visual"]["query"]["queryState"]["Category"]["projections"]
        assert category["field"]["Column"]["Property"] == "branch_name"
        (sort,) = each["visual"]["query"]["sortDefinition"]["sort"]
        assert sort["direction"] == "Descending"
        assert sort["field"] == each["visual"]["query"]["queryState"]["Y"]["projections"][0]["field"]
    titles = [each["visual"]["visualContainerObjects"]["title"][0]["properties"]["text"] for each in bars]
    assert titles[0] == {"expr": {"Literal": {"Value": "'Total revenue by branch_name'"}}}


def test_a_total_and_its_bars_have_one_color_and_each_another() -> None:
    project = shipped("eu-central-1", Source.ATHENA)
    cards = [_color(each, "card", "barColor") for each in _visuals(project, "multiRowCard")]
    bars = [_color(each, "dataPoint", "fill") for each in _visuals(project, "clusteredBarChart")]
    assert cards == bars == [2, 3, 4, 5]  # 0 and 1 are the theme's background and text
    assert len(project.json(f"/{THEME}")["dataColors"]) >= len(bars)


@pytest.mark.parametrize("number", range(1, 13))
def test_visuals_are_on_the_page_and_none_on_another(number: int) -> None:
    boxes = [each["position"] for each in _visuals(make(_with_totals(number)))]
    assert len(boxes) == 1 + 2 * number + 1
    for box in boxes:
        assert box["x"] >= 0
        assert box["y"] >= 0
        assert box["width"] >= 40
        assert box["height"] >= 40
        assert box["x"] + box["width"] <= WIDTH
        assert box["y"] + box["height"] <= HEIGHT
    for one, other in combinations(boxes, 2):
        assert (
            one["x"] + one["width"] <= other["x"]
            or other["x"] + other["width"] <= one["x"]
            or one["y"] + one["height"] <= other["y"]
            or other["y"] + other["height"] <= one["y"]
        )


@pytest.mark.parametrize("lake", [CATALOG, hostile_lake(), _with_totals(7)], ids=["ships", "hostile", "many"])
@pytest.mark.parametrize("source", list(Source))
def test_every_field_is_in_the_model(source: Source, lake: Catalog) -> None:
    project = make(lake, source=source)
    measures = {(table.name, each.name) for table in project.tables.values() for each in table.all("measure")}
    shown = 0
    for visual in _visuals(project):
        for role in visual["visual"].get("query", {}).get("queryState", {}).values():
            for projection in role["projections"]:
                ((kind, field),) = projection["field"].items()
                name = (field["Expression"]["SourceRef"]["Entity"], field["Property"])
                assert name in (measures if kind == "Measure" else project.columns)
                assert projection["queryRef"] == ".".join(name)
                shown += 1
    assert shown >= 4


def test_names_are_as_their_folders_and_unique() -> None:
    project = make(hostile_lake())
    paths = [path.split("/") for path in project.files if path.endswith("/visual.json")]
    for path in paths:
        visual = project.json("/".join(path[-5:]))
        assert visual["name"] == path[-2]
    assert len({path[-2] for path in paths}) == len(paths)
    assert len({path[-4] for path in paths}) == 2


def test_a_lake_without_pages_gives_a_report_with_an_empty_one() -> None:
    project = make(replace(CATALOG, pages={}))
    assert _visuals(project) == []
    assert project.json("/pages.json")["pageOrder"] == [project.json("/page.json")["name"]]


def test_the_project_leads_to_the_report_and_the_report_to_the_model() -> None:
    project = shipped("eu-central-1", Source.ATHENA)
    (artifact,) = project.json(".pbip")["artifacts"]
    report = artifact["report"]["path"]
    assert f"{report}/definition.pbir" in project.files
    model = project.json("definition.pbir")["datasetReference"]["byPath"]["path"].removeprefix("../")
    assert f"{model}/definition.pbism" in project.files
    types = {each["metadata"]["type"]: each["metadata"]["displayName"] for each in project.all_json("/.platform")}
    assert types == {"Report": "Watershed-eu-central-1", "SemanticModel": "Watershed-eu-central-1"}


def test_git_does_not_get_the_rows_that_power_bi_caches() -> None:
    assert "**/.pbi/cache.abf" in shipped("eu-central-1", Source.ATHENA).files[".gitignore"].splitlines()


def test_a_connection_file_is_for_postgresql_alone() -> None:
    (connection,) = shipped("eu-central-1", Source.POSTGRES).json(".pbids")["connections"]
    assert connection["details"]["protocol"] == "postgresql"
    assert connection["details"]["address"] == {"server": "localhost:5433", "database": "watershed"}
    assert not any(path.endswith(".pbids") for path in shipped("eu-central-1", Source.ATHENA).files)


def _measure(visual: dict[str, Any], role: str) -> tuple[str, str]:
    (projection,) = visual["visual"]["query"]["queryState"][role]["projections"]
    field = projection["field"]["Measure"]
    return field["Expression"]["SourceRef"]["Entity"], field["Property"]


def _color(visual: dict[str, Any], part: str, name: str) -> int:
    color = visual["visual"]["objects"][part][0]["properties"][name]["solid"]["color"]
    number: int = color["expr"]["ThemeDataColor"]["ColorId"]
    return number
