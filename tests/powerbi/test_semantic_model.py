"""The semantic model of the lake that ships: complete, of the right types, and every name in it leads somewhere."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from typing import TYPE_CHECKING

import pytest
from watershed import names
from watershed.gold.model import Aggregate, Export

from local.powerbi.m import Source
from tests.powerbi import tmdl_reader
from tests.powerbi.dax_reader import Bracketed, Call, ColumnOf, TableName, Text, walk
from tests.powerbi.lab import BERLIN, CATALOG, HOSTILE, PLACES, Project, hostile_lake, make, shipped, texts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from watershed.catalog import Catalog

PROJECTS = [pytest.param(region, source, id=f"{region}-{source}") for region in PLACES for source in Source]
MODELS = CATALOG.shown_models
TYPES = {  # what each of gold's types must be: in the model, and in M
    "varchar": ("string", "type text"),
    "bigint": ("int64", "Int64.Type"),
    "boolean": ("boolean", "type logical"),
    "date": ("dateTime", "type date"),
    "timestamp": ("dateTime", "type datetime"),
    "decimal(18,2)": ("decimal", "Currency.Type"),
    "decimal(38,2)": ("decimal", "Currency.Type"),
    "decimal(18,6)": ("double", "type number"),
    "decimal(38,6)": ("double", "type number"),
    "decimal(9,6)": ("double", "type number"),
}


@pytest.mark.parametrize(("region", "source"), PROJECTS)
def test_every_shown_model_is_a_table_and_nothing_else_is(region: str, source: Source) -> None:
    project = shipped(region, source)
    tables = set(project.tables) - {"Calendar"}
    assert tables == set(MODELS)
    assert not any(column.pii for name in tables for column in CATALOG.models[name].columns)
    (path,) = (path for path in project.files if path.endswith("/model.tmdl"))
    assert set(tmdl_reader.read(project.files[path])[1]) == set(project.tables)


@pytest.mark.parametrize(("region", "source"), PROJECTS)
def test_columns_have_the_headers_order_types_and_meaning(region: str, source: Source) -> None:
    project = shipped(region, source)
    for name, model in MODELS.items():
        columns = project.tables[name].all("column")
        assert [column.name for column in columns] == [column.name for column in model.columns]
        for ours, theirs in zip(columns, model.columns, strict=True):
            assert ours.properties["dataType"] == TYPES[theirs.type][0]
            assert ours.properties["sourceColumn"] == theirs.name
            meaning = theirs.description.replace(" in UTC", "").replace(", UTC", "")
            assert ours.description.startswith(meaning.partition(";")[0]), (name, theirs.name)
            if theirs.format:
                assert ours.properties["formatString"] == theirs.format


@pytest.mark.parametrize(("region", "source"), PROJECTS)
def test_a_query_reads_a_table_that_is_there_with_its_columns_and_types(region: str, source: Source) -> None:
    project = shipped(region, source)
    zone = PLACES[region].time_zones[0]
    for name, model in MODELS.items():
        (partition,) = project.tables[name].all("partition")
        said = str(partition.value)
        assert _is_balanced(said)
        columns = [column.name for column in model.columns]
        in_view = source is Source.ATHENA and f"gold.{name}" in CATALOG.views
        read = names.zoned(name, zone) if in_view else name
        if in_view:
            assert CATALOG.views[f"gold.{name}"].name(zone) == read
        if source is Source.ATHENA:
            assert "AmazonAthena.Databases(Dsn, null, [])" in said
            assert f'Tables{{[Name = "{read}"]}}[Data]' in said
        else:
            assert 'PostgreSQL.Database(Host & ":" & Port, Database)' in said
            assert f'Source{{[Schema = "gold", Item = "{read}"]}}[Data]' in said
        chosen = said.partition("Table.SelectColumns(Rows, ")[2].partition("})")[0]
        assert texts(chosen) == columns
        typed = said.partition("Table.TransformColumnTypes(")[2].partition('}, "en-US")')[0]
        found = re.findall(r'\{"(\w+)", (.+?)\}', typed)
        assert found == [(column.name, TYPES[column.type][1]) for column in model.columns]
        steps = re.findall(r"^    (\w+) = ", said, re.MULTILINE)
        assert said.rstrip().endswith(f"in\n    {steps[-1]}")
        for before, after in itertools.pairwise(steps):
            assert re.search(rf"^    {after} = .*\b{before}\b", said, re.MULTILINE), (before, after)


def test_local_days_are_said_where_they_are_read() -> None:
    athena, postgres = (shipped("eu-central-1", source) for source in Source)
    assert "Europe/Berlin" in athena.tmdl("model.tmdl")[0].description
    assert athena.columns["sales", "order_day"].description == "Day of the order in Europe/Berlin"
    assert "UTC" in postgres.tmdl("model.tmdl")[0].description
    assert postgres.columns["sales", "order_day"].description == "Day of the order in UTC"
    assert "Europe/Berlin" not in str(postgres.files)


def test_what_power_bis_calendar_does_not_hold_is_empty() -> None:
    (partition,) = shipped("eu-central-1", Source.ATHENA).tables["sales"].all("partition")
    cleaned = str(partition.value).partition("Cleaned = ")[2]
    assert texts(cleaned) == ["order_date", "order_day"]
    assert cleaned.count("< #datetime(1900, 3, 1, 0, 0, 0) then null") == 1
    assert cleaned.count("< #date(1900, 3, 1) then null") == 1


def test_a_time_with_a_zone_becomes_utc_before_it_is_typed() -> None:
    (partition,) = shipped("eu-central-1", Source.POSTGRES).tables["sales"].all("partition")
    said = str(partition.value)
    assert said.index("DateTimeZone.ToUtc(_)") < said.index("Table.TransformColumnTypes(Utc")


@pytest.mark.parametrize("lake", [CATALOG, hostile_lake()], ids=["ships", "hostile"])
@pytest.mark.parametrize("source", list(Source))
def test_every_name_in_dax_and_in_relationships_is_there(source: Source, lake: Catalog) -> None:
    project = make(lake, source=source)
    for what, tree in project.dax.items():
        added = {name for node in walk(tree) if isinstance(node, Call) for name in _added(node)}
        for node in walk(tree):
            if isinstance(node, ColumnOf):
                assert (node.table, node.name) in project.columns, (what, node)
            elif isinstance(node, TableName):
                assert node.name in project.tables, (what, node)
            elif isinstance(node, Bracketed):
                assert node.name in {*project.measures, *added, "Date", "Value"}, (what, node)
    for relationship in project.relationships:
        many, one = (tmdl_reader.end(relationship.properties[side]) for side in ("fromColumn", "toColumn"))
        assert project.columns[many].properties["dataType"] == project.columns[one].properties["dataType"]
        assert "isKey" in project.columns[one].flags
    for table in project.tables.values():
        own = {column.name for column in table.all("column")}
        sorts = [
            column.properties["sortByColumn"] for column in table.all("column") if "sortByColumn" in column.properties
        ]
        assert {tmdl_reader.name(sort) for sort in sorts} <= own
        levels = [level for hierarchy in table.all("hierarchy") for level in hierarchy.all("level")]
        assert {tmdl_reader.name(level.properties["column"]) for level in levels} <= own


@pytest.mark.parametrize("lake", [CATALOG, hostile_lake()], ids=["ships", "hostile"])
def test_names_and_tags_are_unique(lake: Catalog) -> None:
    project = make(lake)
    measures = Counter(each.name.lower() for table in project.tables.values() for each in table.all("measure"))
    assert set(measures.values()) == {1}
    for table in project.tables.values():
        assert not {column.name.lower() for column in table.all("column")} & {
            measure.name.lower() for measure in table.all("measure")
        }
        assert sum("isKey" in column.flags for column in table.all("column")) <= 1
    tags = Counter(re.findall(r"^\t+lineageTag: (\S+)$", "".join(project.files.values()), re.MULTILINE))
    assert set(tags.values()) == {1}
    assert len(tags) > 100


def test_power_bi_sums_by_itself_what_adds_up_and_nothing_else() -> None:
    project = shipped("eu-central-1", Source.ATHENA)
    for name, model in MODELS.items():
        counts_twice = any(column.export is Export.OVERLAPPING for column in model.columns)
        for column in model.columns:
            adds_up = column.aggregate is Aggregate.SUM and not counts_twice
            said = project.columns[name, column.name].properties["summarizeBy"]
            assert said == ("sum" if adds_up else "none"), (name, column.name)
    assert all(column.properties["summarizeBy"] == "none" for column in project.tables["Calendar"].all("column"))


def test_there_is_a_measure_for_every_column_that_adds_up() -> None:
    project = shipped("eu-central-1", Source.ATHENA)
    for name, model in MODELS.items():
        said = [str(measure.value) for measure in project.tables[name].all("measure")]
        for column in model.columns:
            sums = [value for value in said if f"SUM('{name}'[{column.name}])" in value]
            assert len(sums) == (column.aggregate is Aggregate.SUM), (name, column.name)


def test_what_counts_the_same_rows_twice_is_summed_for_one_value_only() -> None:
    measure = shipped("eu-central-1", Source.ATHENA).measures["Sum of revenue (branch_performance)"]
    assert measure.value == "IF(HASONEVALUE('branch_performance'[scope]), SUM('branch_performance'[revenue]))"
    assert "one scope" in measure.description


def test_the_pages_totals_are_measures_as_the_page_says() -> None:
    project = shipped("eu-central-1", Source.ATHENA)
    (page,) = CATALOG.pages.values()
    for total in page.totals:
        function = "SUM" if total.aggregate is Aggregate.SUM else "DISTINCTCOUNTNOBLANK"
        measure = project.measures[total.name]
        assert measure.value == f"{function}('{page.table}'[{total.column}])"
        assert measure.properties["formatString"] == total.format
        assert measure.properties["displayFolder"] == page.title


def test_the_calendar_is_a_date_table_over_every_day() -> None:
    project = shipped("eu-central-1", Source.ATHENA)
    calendar = project.tables["Calendar"]
    assert calendar.properties["dataCategory"] == "Time"
    assert "isKey" in project.columns["Calendar", "Date"].flags
    columns = {(node.table, node.name) for node in walk(project.dax["table Calendar"]) if isinstance(node, ColumnOf)}
    days = {(name, column.name) for name, model in MODELS.items() for column in model.columns if column.type == "date"}
    assert columns == days
    related = {
        tmdl_reader.end(each.properties["fromColumn"])
        for each in project.relationships
        if each.properties["toColumn"] == "Calendar.Date"
    }
    assert related == days
    made = {f"[{node.value}]" for node in walk(project.dax["table Calendar"]) if isinstance(node, Text)}
    assert {column.properties["sourceColumn"] for column in calendar.all("column")} <= {*made, "[Date]"}


@pytest.mark.parametrize(("region", "source"), PROJECTS)
def test_a_filter_reaches_a_table_by_one_way_only(region: str, source: Source) -> None:
    assert max(_ways(shipped(region, source)).values()) == 1


def test_the_star_of_the_lake_that_ships() -> None:
    ways = set(_ways(shipped("eu-central-1", Source.ATHENA)))
    with_days = {name for name, model in MODELS.items() if any(column.type == "date" for column in model.columns)}
    assert {table for one, table in ways if one == "Calendar"} == (with_days - {"store_lifespan"}) | {"datamart"}
    assert ("sales", "datamart") in ways
    assert ("store_lifespan", "store_subscription_revenue_by_day") in ways


def test_columns_that_a_relationship_stands_for_are_hidden() -> None:
    project = shipped("eu-central-1", Source.ATHENA)
    hidden = {key for key, column in project.columns.items() if "isHidden" in column.flags}
    active = {
        tmdl_reader.end(each.properties["fromColumn"])
        for each in project.relationships
        if "isActive" not in each.properties
    }
    assert hidden == active | {("Calendar", "Weekday number")}


def test_hostile_names_are_kept_for_people() -> None:
    project = make(hostile_lake())
    shown = [
        visual["visual"]["query"]["queryState"]["Values"]["projections"][0].get("displayName")
        or visual["visual"]["query"]["queryState"]["Values"]["projections"][0]["nativeQueryRef"]
        for visual in project.all_json("/visual.json")
        if visual["visual"]["visualType"] == "multiRowCard"
    ]
    for name in HOSTILE:
        assert " ".join(name.split()) in shown


@pytest.mark.parametrize("source", list(Source))
def test_equal_lakes_give_equal_bytes_and_regions_have_ids_of_their_own(source: Source) -> None:
    assert make(source=source).files == make(source=source).files
    ids = [each["config"]["logicalId"] for region in PLACES for each in shipped(region, source).all_json("/.platform")]
    assert len(set(ids)) == len(ids) == 2 * len(PLACES)


@pytest.mark.parametrize(("region", "source"), PROJECTS)
def test_no_file_holds_a_credential_or_another_region(region: str, source: Source) -> None:
    everything = "\n".join(shipped(region, source).files.values())
    assert not re.search(r"password|secret|credential|AKIA|accesskey", everything, re.IGNORECASE)
    assert not any(other in everything for other in PLACES if other != region)


def test_a_table_without_views_is_read_itself() -> None:
    (partition,) = shipped("eu-central-1", Source.ATHENA).tables["branch_performance"].all("partition")
    assert '[Name = "branch_performance"]' in str(partition.value)
    assert BERLIN.time_zones[0] not in shipped("eu-central-1", Source.ATHENA).tables["branch_performance"].description


def _added(call: Call) -> Iterator[str]:
    """The columns that an expression adds."""
    if call.function == "ADDCOLUMNS":
        for name in call.arguments[1::2]:
            assert isinstance(name, Text)
            yield name.value


def _ways(project: Project) -> Counter[tuple[str, str]]:
    """By how many ways of active relationships a filter goes from one table to another."""
    onward: dict[str, list[str]] = {table: [] for table in project.tables}
    for relationship in project.relationships:
        if "isActive" not in relationship.properties:
            many, one = (tmdl_reader.end(relationship.properties[side])[0] for side in ("fromColumn", "toColumn"))
            onward[one].append(many)

    def reached(table: str, depth: int = 0) -> Iterator[str]:
        assert depth <= len(onward), "a circle"
        for next_ in onward[table]:
            yield next_
            yield from reached(next_, depth + 1)

    return Counter((table, each) for table in onward for each in reached(table))


def _is_balanced(m: str) -> bool:
    waiting = []
    pairs = {")": "(", "]": "[", "}": "{"}
    for sign in re.sub(r'"(?:[^"]|"")*"', "", m):
        if sign in pairs.values():
            waiting.append(sign)
        elif sign in pairs and (not waiting or waiting.pop() != pairs[sign]):
            return False
    return not waiting
