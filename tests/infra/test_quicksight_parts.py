"""The parts that a page and a dataset are made of: types, formats, times, places, sentences."""

from __future__ import annotations

import dataclasses
import itertools
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import pytest
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft7Validator
from watershed.errors import ConfigurationError
from watershed.gold.model import Aggregate
from watershed.pages import Total

from infra.config import _zones as every_zone
from infra.quicksight import columns, insight, schedule
from infra.quicksight.definition import definition
from infra.quicksight.fields import PageFields
from infra.quicksight.formats import number_format
from infra.quicksight.layout import WIDTH, boxes
from infra.quicksight.visuals import spoken
from local.aws.cloudformation.quicksight_checks import missing
from tests.infra.conftest import PAGE, SALES

ZONES = sorted(every_zone())


@pytest.mark.parametrize(
    ("gold", "kind", "kept"),
    [
        ("bigint", "INTEGER", ""),
        ("integer", "INTEGER", ""),
        ("varchar", "STRING", ""),
        ("boolean", "BOOLEAN", ""),
        ("date", "DATETIME", ""),
        ("timestamp", "DATETIME", ""),
        ("double", "DECIMAL", "FLOAT"),
        ("decimal(18,2)", "DECIMAL", "FIXED"),
        ("decimal(18,4)", "DECIMAL", "FIXED"),
        ("decimal(9,6)", "DECIMAL", "FLOAT"),  # SPICE would cut off two digits
        ("decimal(38,2)", "DECIMAL", "FLOAT"),
    ],
)
def test_every_type_of_gold_has_one_there(gold: str, kind: str, kept: str) -> None:
    assert (columns.column_type(gold), columns.sub_type(gold)) == (kind, kept)


def test_a_type_that_gold_does_not_have_is_refused() -> None:
    with pytest.raises(ValueError, match="array"):
        columns.column_type("array(varchar)")


def test_only_spice_distinguishes_decimals() -> None:
    assert all("SubType" not in each for each in columns.input_columns(SALES, spice=False))
    kinds = {each["Name"]: each.get("SubType") for each in columns.input_columns(SALES, spice=True)}
    assert {name: kind for name, kind in kinds.items() if kind} == {
        "amount": "FIXED",
        "wide": "FLOAT",
        "ratio": "FLOAT",
    }


def test_each_column_is_in_one_folder() -> None:
    made = columns.folders(SALES)
    assert {name: folder["Columns"] for name, folder in made.items()} == {
        "Keys": ["sale_id"],
        "Measures": ["amount", "wide", "ratio"],
        "Attributes": ["branch", "sold_on", "paid"],
    }


@pytest.mark.parametrize(
    ("text", "kind", "places", "thousands"),
    [
        ("#,##0", "NumberDisplayFormatConfiguration", 0, "VISIBLE"),
        ("#,##0.00", "NumberDisplayFormatConfiguration", 2, "VISIBLE"),
        ("0.00", "NumberDisplayFormatConfiguration", 2, "HIDDEN"),
        ("0.00%", "PercentageDisplayFormatConfiguration", 2, "HIDDEN"),
    ],
)
def test_formats_of_headers(text: str, kind: str, places: int, thousands: str) -> None:
    ((found, shown),) = number_format(text, "x").items()
    assert found == kind
    assert shown["DecimalPlacesConfiguration"] == {"DecimalPlaces": places}
    assert shown["SeparatorConfiguration"]["ThousandsSeparator"]["Visibility"] == thousands


@pytest.mark.parametrize("text", ["", "0,0", "$#,##0", "#,##0.##", "0.00%%", "General"])
def test_a_format_that_it_cannot_be_told_is_refused_with_its_place(text: str) -> None:
    with pytest.raises(ConfigurationError, match=r"The total 'x' has the format"):
        number_format(text, "The total 'x'")


@given(st.sampled_from(ZONES), st.integers(0, 5 * 365))
def test_spice_is_refreshed_after_gold_on_every_day_of_every_zone(zone: str, day: int) -> None:
    gold = datetime(2025, 1, 1, 0, 15, tzinfo=UTC) + timedelta(days=day)
    hour, minute = (int(part) for part in schedule.time_of_day(zone).split(":"))
    places = [
        (gold + timedelta(days=shift)).astimezone(ZoneInfo(zone)).replace(hour=hour, minute=minute)
        for shift in (-1, 0, 1)
    ]
    waits = [at.astimezone(UTC) - gold for at in places]
    # The first refresh of SPICE after gold's: late enough for gold, and hours before its next one.
    assert schedule.MARGIN <= min(wait for wait in waits if wait >= timedelta(0)) < timedelta(hours=4)


def test_the_refresh_is_early_in_berlins_morning() -> None:
    assert schedule.daily("Europe/Berlin") == {
        "ScheduleId": "daily",
        "RefreshType": "FULL_REFRESH",
        "ScheduleFrequency": {"Interval": "DAILY", "TimeOfTheDay": "03:00", "TimeZone": "Europe/Berlin"},
    }


@given(st.integers(1, 12))
def test_no_visual_covers_another_or_leaves_the_page(totals: int) -> None:
    made = boxes(totals)
    assert len({box.visual for box in made}) == len(made) == 2 * totals + 1
    for one, other in itertools.combinations(made, 2):
        apart = (
            one.column + one.width <= other.column
            or other.column + other.width <= one.column
            or one.row + one.height <= other.row
            or other.row + other.height <= one.row
        )
        assert apart, (one, other)
    assert all(box.column + box.width <= WIDTH and 1 <= box.height <= 21 for box in made)


def test_the_words_are_well_formed_and_of_its_own_computations() -> None:
    made = insight.insight(PageFields(PAGE, SALES))["InsightVisual"]["InsightConfiguration"]
    names = {next(iter(each.values()))["Name"] for each in made["Computations"]}
    narrative = ElementTree.fromstring(made["CustomNarrative"]["Narrative"])  # noqa: S314 - our own
    assert narrative.tag == "narrative"
    loops = narrative.findall("for")
    assert [loop.attrib["listExpression"] for loop in loops] == [f"{name}.items" for name in _ORDER]
    assert names == {*_ORDER, "Count"}
    asked = [[str(each.text) for each in loop.findall("expression")] for loop in loops]
    for loop, name in zip(asked, _ORDER, strict=True):
        assert set(loop) <= {
            "Count.uniqueGroupValuesCount",
            "Highest.items[index].metricValue.formattedValue",
            f"{name}.items[index].metricValue.formattedValue",
            f"{name}.items[index].categoryValue.formattedValue",
        }
    assert asked[2] == [
        "Count.uniqueGroupValuesCount",
        "Lowest.items[index].metricValue.formattedValue",
        "Highest.items[index].metricValue.formattedValue",
    ]
    # As many items in the one as in the other, so that a place in one list is a place in the other.
    sizes = {each["TopBottomRanked"]["ResultSize"] for each in made["Computations"] if "TopBottomRanked" in each}
    assert sizes == {1}
    (counted,) = [each["UniqueValues"] for each in made["Computations"] if "UniqueValues" in each]
    assert counted["Category"]["CategoricalDimensionField"]["Column"]["ColumnName"] == PAGE.by
    assert "had the highest Total <amount>." in "".join(narrative.itertext())


def test_a_count_of_different_things_has_no_share() -> None:
    totals = (Total("Sales", Aggregate.DISTINCT, "sale_id", "#,##0"),)
    counted = PageFields(dataclasses.replace(PAGE, totals=totals), SALES)
    assert insight.calculated_fields(counted) == []
    made = insight.insight(counted)["InsightVisual"]["InsightConfiguration"]
    assert [next(iter(each.values()))["Name"] for each in made["Computations"]] == ["Highest", "Lowest", "Count"]
    assert [each["TopBottomRanked"]["Type"] for each in made["Computations"][:2]] == ["TOP", "BOTTOM"]
    said = made["CustomNarrative"]["Narrative"]
    assert "share" not in said.lower()
    assert f"</expression> values of {spoken(PAGE.by)}, Sales ranged from <expression>" in said


_WORDS = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=40) | st.just("☕" * 3000)
_TOTALS = st.one_of(
    st.builds(
        Total, _WORDS, st.just(Aggregate.SUM), st.sampled_from(["amount", "wide"]), st.sampled_from(["#,##0.00", "0%"])
    ),
    st.builds(
        Total,
        _WORDS,
        st.just(Aggregate.DISTINCT),
        st.sampled_from([column.name for column in SALES.columns]),
        st.just("#,##0"),
    ),
)


@settings(max_examples=25)
@given(_WORDS, st.sampled_from(["", "What is sold."]), st.lists(_TOTALS, min_size=1, max_size=9))
def test_any_page_that_lint_takes_is_one_that_cloudformation_takes(
    title: str, description: str, totals: list[Total]
) -> None:
    page = dataclasses.replace(PAGE, title=title, description=description, totals=tuple(totals))
    drawn = definition(page, SALES, "dataset")
    schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema("eu-central-1", "AWS::QuickSight::Dashboard").schema
    whole = {"$ref": "#/definitions/DashboardVersionDefinition", "definitions": schema["definitions"]}
    assert [error.message for error in Draft7Validator(whole).iter_errors(drawn)] == []
    assert missing(drawn, {"sales": {column.name: "" for column in SALES.columns}}) == []


_ORDER = ("Highest", "Lowest", "Lowest", "Spread", "Share")
