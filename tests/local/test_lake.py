"""The whole lake, end to end: synthesized templates, real handlers, real events, SQL through Athena's API."""

from __future__ import annotations

import dataclasses
import hashlib
import hmac
import json
import random
from collections import Counter
from datetime import UTC, date, datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import awswrangler as wr
import boto3
import pyathena
import pytest
import sqlalchemy
from watershed import catalog, names
from watershed.across.combine import Answer, ask, combine
from watershed.across.request import SMALLEST_GROUP
from watershed.across.understand import understand
from watershed.questions import ask as ask_question
from watershed.reasons import Reason
from watershed.zones.publish import VIRTUAL

from infra.quicksight import dataset
from infra.quicksight.definition import definition
from infra.quicksight.setting import Identity, QuickSight
from local import cli, dashboard, sample
from local.aws import LocalAWS
from local.aws.cloudformation.quicksight_checks import output_columns
from local.commands import quicksight
from local.config import regions
from local.dashboard.queries import read_queries
from local.demo import doors
from local.evidence import holds
from local.paths import LAKE
from local.powerbi.m import Source
from local.region import Region
from local.residency import report
from tests import quicksight_lab
from tests.dashboard_lab import Page
from tests.powerbi.dax_answers import Data
from tests.powerbi.lab import shipped as shipped_project

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ROWS = 300
PLACES = regions()
REGIONS = [place.region for place in PLACES]
Rows = list[list[Any]]
BRANCHES = (
    "SELECT branch_name, revenue, customers FROM gold.branch_performance WHERE scope = 'all' ORDER BY branch_name"
)


class Lake:
    """A deployed lake of all regions, with the sample data dropped, its webhooks pushed, and everything quiet."""

    def __init__(self, aws: LocalAWS, files: list[sample.SampleFile]) -> None:
        self.aws, self.files = aws, files
        self.catalog = catalog.build(LAKE)
        self.regions = {name: Region.on(aws, name) for name in REGIONS}

    def drop(self, files: list[sample.SampleFile]) -> None:
        for file in files:
            self.regions[file.region].drop(f"{file.dataset}/{file.path.name}", file.path)
        self.aws.pump()

    def rows(self, region: str, sql: str) -> Rows:
        return self.regions[region].athena.typed_rows(sql)[1]

    def silver(self, region: str) -> dict[str, Rows]:
        """Every silver table's business columns, ordered by key."""
        tables = [table for contract in self.catalog.contracts.values() for table in contract.tables]
        return {
            table.name: self.rows(
                region,
                f"SELECT {', '.join(column.name for column in table.columns)} FROM silver.{table.name} "
                f"ORDER BY {', '.join(table.primary_key)}",
            )
            for table in tables
        }

    def gold(self, region: str) -> dict[str, Rows]:
        """Every gold table, ordered by key."""
        return {
            model.name: self.rows(region, f"SELECT * FROM gold.{model.name} ORDER BY {', '.join(model.keys)}")
            for model in self.catalog.models.values()
        }


@pytest.fixture(scope="module")
def lake(shipped: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lake]:
    files = sample.write(tmp_path_factory.mktemp("data"), ROWS)
    with LocalAWS(port=0) as aws:
        aws.deploy(shipped)
        lake = Lake(aws, files)
        doors.push(aws, lake.catalog.connectors.values())
        lake.drop(files)
        yield lake


@pytest.fixture
def client_environment(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """All that a real client is told: where AWS is."""
    environment = {"AWS_ENDPOINT_URL": str(lake.aws.endpoint)}
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return environment


@pytest.mark.parametrize("region", REGIONS)
def test_masked_tables_hash_personal_data_with_the_regions_own_key(lake: Lake, region: str) -> None:
    columns = "customer_id, customer_name, birth_date, email, country, updated_at"
    plain = lake.rows(region, f"SELECT {columns} FROM silver.customers ORDER BY customer_id")
    masked = lake.rows(region, f"SELECT {columns} FROM gold.masked_customers ORDER BY customer_id")
    ((text,),) = lake.rows(region, "SELECT masking_key FROM ops.masking_key")
    key = bytes.fromhex(text)

    def hashed(value: object) -> str | None:
        return None if value is None else hmac.new(key, str(value).encode(), hashlib.sha256).hexdigest()

    assert len(plain) > 20
    assert masked == [[row[0], *(hashed(value) for value in row[1:4]), *row[4:]] for row in plain]
    others = [lake.rows(each, "SELECT masking_key FROM ops.masking_key") for each in REGIONS if each != region]
    assert [[text]] not in others


@pytest.mark.parametrize("region", REGIONS)
def test_every_row_is_accounted_for(lake: Lake, region: str) -> None:
    """Per object: what bronze read is what silver took plus what was malformed; silver's outcomes add up."""
    bronze = lake.rows(
        region,
        "SELECT batch_id, sum(rows_read), sum(rows_out), sum(malformed) FROM ops.ledger "
        "WHERE stage = 'bronze' GROUP BY batch_id",
    )
    silver = lake.rows(
        region,
        "SELECT batch_id, table_name, dataset, sum(rows_in), "
        "sum(inserted) + sum(updated) + sum(duplicate) + sum(stale) + sum(quarantined) "
        "FROM ops.ledger WHERE stage = 'silver' GROUP BY batch_id, table_name, dataset",
    )
    assert bronze
    assert silver
    taken = {batch: rows_in for batch, table, dataset, rows_in, _ in silver if table == dataset}
    for batch, read, out, malformed in bronze:
        assert read == out + malformed
        assert taken.get(batch, 0) == out
    for _, _, _, rows_in, outcomes in silver:
        assert rows_in == outcomes


@pytest.mark.parametrize("region", REGIONS)
def test_every_fault_ends_where_the_sample_planted_it(lake: Lake, region: str) -> None:
    held: dict[str, Counter[str]] = {}
    for key, reason, count in lake.rows(
        region, "SELECT source_key, reason, count(*) FROM ops.quarantine GROUP BY source_key, reason"
    ):
        held.setdefault(key, Counter())[reason] += count
    planted = [file for file in lake.files if file.region == region]
    assert any(file.expected.quarantined for file in planted)
    for file in planted:
        key = f"{file.dataset}/{file.path.name}"
        expected = Counter(file.expected.quarantined) + Counter({Reason.MALFORMED_ROW: file.expected.malformed})
        assert held.pop(key, Counter()) == expected, key
    assert not held


@pytest.mark.parametrize("region", REGIONS)
def test_no_row_of_another_jurisdiction_passes_quarantine(lake: Lake, region: str) -> None:
    jurisdiction = set(next(place.jurisdiction for place in PLACES if place.region == region))
    for table in ("customers", "transactions", "conversations"):
        found = {country for (country,) in lake.rows(region, f"SELECT DISTINCT country FROM silver.{table}") if country}
        assert found
        assert found <= jurisdiction
    violations = lake.rows(region, f"SELECT count(*) FROM ops.quarantine WHERE reason = '{Reason.RESIDENCY_VIOLATION}'")
    assert violations[0][0] > 0


@pytest.mark.parametrize("region", REGIONS)
def test_the_evidence_counts_the_rows_of_other_jurisdictions(
    lake: Lake, shipped: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, region: str
) -> None:
    """By day and dataset, as many as were planted, on the page as in the JSON; nothing of the rows themselves."""
    monkeypatch.setattr(holds, "reached", lambda name, **_: lake.regions[name])
    monkeypatch.setattr(report, "Synthesis", lambda _: SimpleNamespace(result=lambda: shipped))
    assert cli.main(["residency", "report", region, "--out", str(tmp_path)]) == 0
    said = json.loads((tmp_path / f"residency-{region}.json").read_text(encoding="utf-8"))["holds"]
    planted: Counter[str] = Counter()
    for file in lake.files:
        if file.region == region and file.expected.quarantined.get(Reason.RESIDENCY_VIOLATION):
            planted[file.dataset] += file.expected.quarantined[Reason.RESIDENCY_VIOLATION]
    counted: Counter[str] = Counter()
    for day in said["days"]:
        assert date.fromisoformat(day["day"])
        counted[day["dataset"]] += day["rows"]
    assert counted == planted
    page = (tmp_path / f"residency-{region}.html").read_text(encoding="utf-8")
    assert f"{planted.total()} rows that belong to other\njurisdictions are held back" in page
    assert "@" not in page.partition("</style>")[2], "no address of a person"


@pytest.mark.parametrize("region", REGIONS)
def test_gold_agrees_with_silver(lake: Lake, region: str) -> None:
    assert all(lake.gold(region).values())
    exact = lake.rows(
        region, "SELECT sum(CAST(total_amount * price AS decimal(18,2))), count(*) FROM silver.transactions"
    )
    for model in ("daily_revenue", "product_sales"):
        assert lake.rows(region, f"SELECT sum(revenue), sum(transactions) FROM gold.{model}") == exact
    assert (
        lake.rows(region, "SELECT sum(revenue), sum(transactions) FROM gold.branch_performance WHERE scope = 'all'")
        == exact
    )


ZONES = [(place.region, zone) for place in PLACES for zone in place.time_zones]


def _views(lake: Lake, region: str) -> dict[str, dict[str, Any]]:
    """Every view of a region as Athena describes it, by `database.view`."""
    client = lake.aws.client("athena", region)
    return {
        f"{database}.{table['Name']}": table
        for database in (names.SILVER_DB, names.GOLD_DB)
        for page in client.get_paginator("list_table_metadata").paginate(
            CatalogName="AwsDataCatalog", DatabaseName=database
        )
        for table in page["TableMetadataList"]
        if table["TableType"] == VIRTUAL
    }


def test_every_table_with_times_has_a_view_in_each_of_its_regions_zones(lake: Lake) -> None:
    for place in PLACES:
        wanted = {
            f"{view.database}.{view.name(zone)}": view.within(zone, datetime.now(UTC).date())
            for view in lake.catalog.views.values()
            for zone in place.time_zones
        }
        found = _views(lake, place.region)
        assert found.keys() == wanted.keys()
        for name, view in wanted.items():
            assert [column["Name"] for column in found[name]["Columns"]] == [column.name for column in view.columns]
            assert [column["Comment"] for column in found[name]["Columns"]] == [
                each.description for each in view.columns
            ]
    days = next(c for c in _views(lake, REGIONS[0])["gold.daily_revenue_europe_berlin"]["Columns"])
    assert days["Comment"] == "Day of the orders in Europe/Berlin"


@pytest.mark.parametrize(("region", "zone"), ZONES)
def test_views_have_local_days_and_the_same_totals(lake: Lake, region: str, zone: str) -> None:
    """Each local day, worked out from silver's UTC timestamps by Python's zones, is a day of the view."""
    worth = "CAST(total_amount * price AS decimal(18,2))"
    by_day: Counter[tuple[date, str]] = Counter()
    for at, branch, value in lake.rows(
        region, f"SELECT order_date, COALESCE(branch_name, 'Unknown'), {worth} FROM silver.transactions"
    ):
        by_day[at.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).date(), branch] += value
    local = names.zoned("daily_revenue", zone)
    found = lake.rows(region, f"SELECT order_day, branch_name, revenue FROM gold.{local}")
    assert {(day, branch): value for day, branch, value in found} == by_day
    assert lake.rows(region, f"SELECT sum(revenue), sum(transactions) FROM gold.{local}") == lake.rows(
        region, "SELECT sum(revenue), sum(transactions) FROM gold.daily_revenue"
    )
    key = "store_id || '/' || CAST(position AS varchar)"
    utc = lake.rows(region, f"SELECT {key}, from_date FROM silver.store_installs")
    there = lake.rows(region, f"SELECT {key}, from_date FROM silver.{names.zoned('store_installs', zone)}")
    assert dict(map(tuple, there)) == {
        each: at.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None) for each, at in utc
    }
    for view in _views(lake, region):
        assert lake.rows(region, f"SELECT * FROM {view}"), view


def test_nothing_is_left_in_a_queue(lake: Lake) -> None:
    for name in REGIONS:
        sqs = lake.aws.client("sqs", name)
        for url in sqs.list_queues()["QueueUrls"]:
            counts = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
            assert int(counts["ApproximateNumberOfMessages"]) == 0, url
            assert int(counts["ApproximateNumberOfMessagesNotVisible"]) == 0, url


def test_every_question_has_an_answer_and_is_saved_as_a_query(lake: Lake) -> None:
    for region in REGIONS:
        client = lake.aws.client("athena", region)
        listed = client.list_named_queries(WorkGroup=names.ANALYSTS_WORKGROUP)["NamedQueryIds"]
        queries = [client.get_named_query(NamedQueryId=query)["NamedQuery"] for query in listed]
        saved = {query["Name"]: query["QueryString"] for query in queries}
        assert saved == {question.name: question.sql for question in lake.catalog.questions.values()}
        for question in lake.catalog.questions.values():
            answer = ask_question(question, lake.regions[region].athena)
            assert answer.sentences
            assert all("{" not in line for line in answer.sentences)


def test_a_question_is_asked_by_number_or_name(
    lake: Lake, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("local.reached.reached", lambda name, **_: lake.regions[name])
    said = []
    for wanted in ("9", "low_activity"):
        assert cli.main(["ask", REGIONS[0], wanted]) == 0
        said.append(capsys.readouterr().out)
    assert said[0] == said[1]
    question, *sentences, rule, _ = said[0].splitlines()
    asked = lake.catalog.questions["09_low_activity"]
    assert (question, rule.strip()) == (asked.question, asked.rule)
    assert sentences == [f"  {line}" for line in ask_question(asked, lake.regions[REGIONS[0]].athena).sentences]


@pytest.mark.filterwarnings("ignore:The copy keyword is deprecated")  # awswrangler 3.17 on pandas 3
def test_awswrangler_reads_gold_unchanged(lake: Lake, client_environment: dict[str, str]) -> None:
    session = boto3.Session(region_name=REGIONS[0])
    frame = wr.athena.read_sql_query(
        BRANCHES, database="gold", workgroup=names.WORKGROUP, ctas_approach=False, boto3_session=session
    )
    assert frame.values.tolist() == lake.rows(REGIONS[0], BRANCHES)


def test_pyathena_and_sqlalchemy_read_gold_unchanged(lake: Lake, client_environment: dict[str, str]) -> None:
    expected = lake.rows(REGIONS[1], BRANCHES)
    with pyathena.connect(region_name=REGIONS[1], work_group=names.WORKGROUP) as connection:
        assert [list(row) for row in connection.cursor().execute(BRANCHES).fetchall()] == expected
    url = f"awsathena+rest://:@athena.{REGIONS[1]}.amazonaws.com:443/gold?work_group={names.WORKGROUP}"
    engine = sqlalchemy.create_engine(url)
    with engine.connect() as connection:
        assert [list(row) for row in connection.execute(sqlalchemy.text(BRANCHES))] == expected
    engine.dispose()


def _across(lake: Lake, sql: str) -> dict[str, Answer]:
    request = understand(sql, lake.catalog.models)
    return ask(request, {name: region.athena for name, region in lake.regions.items()})


def test_an_answer_across_regions_is_each_regions_own_added_up(lake: Lake) -> None:
    answers = _across(
        lake,
        "SELECT branch_name, SUM(revenue), SUM(transactions), SUM(customers) FROM gold.branch_performance "
        "WHERE scope = 'all' GROUP BY branch_name",
    )
    own = {
        region: lake.rows(
            region,
            "SELECT branch_name, revenue, transactions, customers FROM gold.branch_performance "
            f"WHERE scope = 'all' AND customers >= {SMALLEST_GROUP}",
        )
        for region in REGIONS
    }
    assert all(own.values())
    assert {name: answer.groups for name, answer in answers.items()} == {
        name: {(branch,): tuple(sums) for branch, *sums in rows} for name, rows in own.items()
    }
    for measure in range(3):
        given = sum(row[1 + measure] for rows in own.values() for row in rows)
        assert sum(row.total or 0 for row in combine(answers, measure)) == given


def test_small_groups_stay_in_their_region_and_are_counted(lake: Lake) -> None:
    """Every group that a person could be told from is held back: in a region, or in all of them."""
    by_day = "SELECT order_day, SUM(revenue) FROM gold.daily_revenue GROUP BY order_day"
    for region, answer in _across(lake, by_day).items():
        days = lake.rows(region, "SELECT order_day, MAX(customers) FROM gold.daily_revenue GROUP BY order_day")
        small = {day for day, customers in days if customers < SMALLEST_GROUP}
        assert small
        assert answer.held_back == len(small)
        assert {day for (day,) in answer.groups} == {day for day, _ in days} - small
    nobody = "SELECT SUM(revenue) FROM gold.daily_revenue WHERE branch_name = 'there is none'"
    assert {(len(answer.groups), answer.held_back) for answer in _across(lake, nobody).values()} == {(0, 1)}
    total = "SELECT SUM(transactions) FROM gold.customer_distribution"
    assert all(not answer.groups or () in answer.groups for answer in _across(lake, total).values())


@pytest.fixture(scope="module")
def page(lake: Lake, tmp_path_factory: pytest.TempPathFactory) -> Page:
    """The page of the first region."""
    folder = tmp_path_factory.mktemp("page")
    written = dashboard.write_region(lake.regions[REGIONS[0]], PLACES[0].name, lake.catalog, folder)
    return Page(written.read_text(encoding="utf-8"))


def test_a_regions_page_says_what_its_athena_says(lake: Lake, page: Page) -> None:
    region = REGIONS[0]
    models = {
        "branches": "branch_performance",
        "sales": "daily_revenue",
        "subscriptions": "subscription_revenue_by_day",
    }
    for figures, model in {**models, "activity": "store_activity_by_day"}.items():
        columns = [column["name"] for column in page.data[figures]["columns"]]
        rows = lake.rows(region, f"SELECT {', '.join(columns)} FROM gold.{model}")
        assert rows
        as_data = [[value if isinstance(value, int) else str(value) for value in row] for row in rows]
        assert sorted(page.data[figures]["rows"], key=str) == sorted(as_data, key=str)
    ((revenue, people),) = lake.rows(region, "SELECT SUM(total_value), COUNT(DISTINCT customer_id) FROM gold.datamart")
    assert ["engaged", str(revenue), people] in [row[:3] for row in page.data["totals"]["rows"]]
    assert f"{revenue:,}" in page.text
    ((stores, days),) = lake.rows(region, "SELECT COUNT(*), MAX(lifespan_days) FROM gold.store_lifespan")
    assert f"Stores {stores:,} Active" in page.text
    assert sum(sum(row[1:]) for row in page.data["lifespans"]["rows"]) == stores
    assert f"Longest lifespan days {days:,}" in page.text
    ((held,),) = lake.rows(region, "SELECT COUNT(*) FROM ops.quarantine")
    assert f"{held:,} rows held back" in page.text
    assert "Balanced" in page.text
    for question in lake.catalog.questions.values():
        assert question.question in page.text


def test_power_bi_reads_what_is_there_and_says_what_the_page_says(lake: Lake, page: Page) -> None:
    region = REGIONS[0]
    project = shipped_project(region, Source.ATHENA)
    tables = {}
    for name, (read, columns) in project.reads.items():
        rows = lake.rows(region, f"SELECT {', '.join(columns)} FROM gold.{read}")
        tables[name] = [dict(zip(columns, row, strict=True)) for row in rows]
        assert rows
        for column in (column.name for column in project.tables[name].all("column") if "isKey" in column.flags):
            told_apart = {str(row[column]).lower() for row in tables[name]}  # Power BI takes a and A for the same
            assert len(told_apart) == len(rows)
            assert None not in {row[column] for row in tables[name]}
    said = Data(tables, {name: str(measure.value) for name, measure in project.measures.items()})
    totals = [total.name for total in lake.catalog.pages["revenue"].totals]
    assert ["engaged", *(_shown(said.answer(total)) for total in totals)] in page.data["totals"]["rows"]
    branches = [row for row in page.data["branches"]["rows"] if row[0] == "engaged"]
    assert branches
    for _, branch, *numbers in branches:
        bar = said.at({"'datamart'[branch_name]": branch})
        assert [_shown(bar.answer(total)) for total in totals] == numbers[: len(totals)]
    best = max(branches, key=lambda row: Decimal(row[2]))
    words = said.answer("Total revenue in words")
    assert words.startswith(f"At {Decimal(best[2]):,}, {best[1]} had the highest Total revenue")
    assert f"Across all {len(branches)} values of branch_name" in words


def _shown(value: Any) -> Any:
    return value if isinstance(value, int) else str(value)


def test_the_page_of_all_regions_holds_what_may_leave_them_and_no_more(lake: Lake, tmp_path: Path) -> None:
    regions = {place.name: lake.regions[place.region].athena for place in PLACES}
    page = Page(dashboard.write_all_regions(regions, lake.catalog, tmp_path).read_text(encoding="utf-8"))
    sums = "SUM(revenue), SUM(customers) FROM gold.branch_performance"
    sql = f"SELECT scope, branch_name, {sums} GROUP BY scope, branch_name"
    let_out = {
        (region, *group): (str(revenue), customers)
        for region, answer in ask(understand(sql, lake.catalog.models), regions).items()
        for group, (revenue, customers) in answer.groups.items()
    }
    shown = {(*row[:3],): (row[3], row[4]) for row in page.data["regions"]["rows"]}
    assert shown
    assert shown.items() <= let_out.items()
    by_month = ask(
        understand(
            "SELECT order_month, SUM(revenue) FROM gold.product_sales GROUP BY order_month", lake.catalog.models
        ),
        regions,
    )
    for region, month, revenue, _ in page.data["months"]["rows"]:
        assert by_month[region].groups[date.fromisoformat(month),] == (Decimal(revenue),)
    assert set(page.data) == {"choices", "names", "regions", "months"}
    assert set(page.data["choices"]) == {branch for _, _, branch in shown}


def test_dropping_everything_again_in_any_order_changes_nothing(lake: Lake) -> None:
    region = REGIONS[-1]  # one is enough: they share nothing
    silver, gold = lake.silver(region), lake.gold(region)
    files = [file for file in lake.files if file.region == region]
    lake.drop(random.Random(3).sample(files, len(files)))
    assert lake.silver(region) == silver
    assert lake.gold(region) == gold


@pytest.mark.parametrize(
    ("key", "reason"),
    [
        ("holidays/a.csv", Reason.UNKNOWN_DATASET),
        ("loose.csv", Reason.UNKNOWN_DATASET),
        ("../../silver/customers.csv", Reason.UNKNOWN_DATASET),
        ("customers/../../gold/x.csv", None),
        ("customers/%2e%2e%2fx.csv", None),
        ("customers/räksmörgås\u202e \u0000.csv", None),
        ("customers/table.xlsx", Reason.UNKNOWN_FORMAT),
    ],
)
def test_strange_keys_harm_nothing(lake: Lake, tmp_path: Path, key: str, reason: Reason | None) -> None:
    region = REGIONS[0]
    before = {layer: _keys(lake, region, layer) for layer in (names.Layer.SILVER, names.Layer.GOLD)}
    path = tmp_path / "strange"
    path.write_text("nothing;of;use\n1;2;3\n", encoding="utf-8")
    lake.regions[region].drop(key, path)
    lake.aws.pump()
    assert before == {layer: _keys(lake, region, layer) for layer in before}
    found = lake.rows(region, "SELECT source_key, reason FROM ops.quarantine")
    reasons = {why for name, why in found if name == key}
    assert reasons == {reason} if reason else reasons


def _keys(lake: Lake, region: str, layer: names.Layer) -> set[str]:
    pages = lake.aws.client("s3", region).get_paginator("list_objects_v2")
    bucket = names.bucket(layer, lake.aws.account, region)
    return {item["Key"] for page in pages.paginate(Bucket=bucket) for item in page.get("Contents", [])}


def test_regions_share_nothing(lake: Lake) -> None:
    """No bucket holds an object that another region's file led to."""
    for region in REGIONS:
        own = {f"{file.dataset}/{file.path.name}" for file in lake.files if file.region == region}
        read = {key for (key,) in lake.rows(region, "SELECT DISTINCT source_key FROM ops.ledger")}
        assert own <= read
        others = {f"{file.dataset}/{file.path.name}" for file in lake.files if file.region != region}
        assert not (read & (others - own))


def test_quicksights_datasets_have_the_columns_and_types_that_athena_gives(lake: Lake) -> None:
    region, setting = lake.regions[REGIONS[0]], QuickSight((Identity("eu-central-1", "group/default/all"),), spice=True)
    athena = region.client("athena")
    kinds = {"INTEGER": {"bigint", "integer"}, "STRING": {"varchar"}, "BOOLEAN": {"boolean"}}
    kinds |= {"DECIMAL": {"decimal", "double"}, "DATETIME": {"date", "timestamp"}}
    for model in lake.catalog.shown_models.values():
        made = dataset.of_model(model, setting, "source", None)
        (table,) = (each["RelationalTable"] for each in made["PhysicalTableMap"].values())
        query = region.athena.run(f"SELECT * FROM {table['Schema']}.{table['Name']} LIMIT 0")
        given = athena.get_query_results(QueryExecutionId=query)["ResultSet"]["ResultSetMetadata"]["ColumnInfo"]
        assert [each["Name"] for each in given] == [each["Name"] for each in table["InputColumns"]]
        for column, there in zip(table["InputColumns"], given, strict=True):
            assert there["Type"] in kinds[column["Type"]], (model.name, column)
            if column.get("SubType") == "FIXED":
                assert there["Precision"] <= 18
                assert there["Scale"] <= 4
        assert list(output_columns(made)) == [each["Name"] for each in given]


@pytest.mark.parametrize("region", REGIONS)
def test_quicksights_page_shows_the_dashboards_numbers(lake: Lake, region: str) -> None:
    page = lake.catalog.pages["revenue"]
    drawn = definition(page, lake.catalog.models[page.table], "dataset")
    (sheet,), table = drawn["Sheets"], f"gold.{page.table}"

    def shown(name: str) -> list[list[Any]]:
        rows = lake.rows(region, read_queries(lake.catalog.models)[name].sql)
        return [row[1:] for row in rows if row[0] == "engaged"]

    numbers = quicksight_lab.numbers(sheet, table, lambda sql: lake.rows(region, sql))
    (totals,) = shown("totals")
    assert list(numbers) == [total.name for total in page.totals]
    assert list(numbers.values()) == totals
    bars = quicksight_lab.bars(sheet, table, lambda sql: lake.rows(region, sql))
    for place, total in enumerate(page.totals, start=1):
        wanted = sorted(((row[0], row[place]) for row in shown("branches")), key=lambda bar: (-bar[1], bar[0]))
        assert bars[total.name] == wanted
    (told,) = shown("best_and_worst")
    values = [value for _, value in bars[page.totals[0].name]]
    worked_out = {
        each["Name"]: quicksight_lab.calculated(each["Expression"], page.totals[0].column, values)
        for each in drawn["CalculatedFields"]
    }
    assert worked_out["share of all"] == pytest.approx(told[3], abs=Decimal("0.000001"))
    assert worked_out["above the lowest"] == pytest.approx(told[6], abs=Decimal("0.000001"))


def test_rules_of_rows_are_checked_against_gold_and_put_in_place(
    lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    region = REGIONS[0]
    ((branch,), *_) = lake.rows(region, "SELECT DISTINCT branch_name FROM gold.sales ORDER BY 1")
    place = dataclasses.replace(PLACES[0], quicksight=QuickSight((Identity(region, "group/default/all"),)))
    monkeypatch.setattr(quicksight, "regions", lambda: (place,))
    monkeypatch.setattr(quicksight, "reached", lambda name, **_: lake.regions[name])
    rules = tmp_path / "rules.csv"
    where = {
        "Bucket": names.bucket(names.Layer.LEDGER, lake.aws.account, region),
        "Key": names.rules_key("branch_name"),
    }
    s3 = lake.aws.client("s3", region)

    rules.write_text(f"UserName,GroupName,branch_name\nana,,{branch}\nana,,Atlantis\n", encoding="utf-8")
    assert cli.main(["quicksight", region, str(rules)]) == 1
    assert "line 3: no row of gold has 'Atlantis'" in capsys.readouterr().out
    assert "Contents" not in s3.list_objects_v2(Bucket=where["Bucket"], Prefix=names.RULES_PREFIX)

    rules.write_text(f"UserName,GroupName,branch_name\nana,,{branch}\n,all,\n", encoding="utf-8-sig")
    assert cli.main(["quicksight", region, str(rules), "--all-rows", "--dry-run"]) == 0
    assert "Contents" not in s3.list_objects_v2(Bucket=where["Bucket"], Prefix=names.RULES_PREFIX)
    assert cli.main(["quicksight", region, str(rules), "--all-rows"]) == 0
    assert "the group all sees all rows." in capsys.readouterr().out
    stored = s3.get_object(**where)["Body"].read().decode()
    assert stored == f"UserName,GroupName,branch_name\n,all,\nana,,{branch}\n"
    assert cli.main(["quicksight", REGIONS[1], str(rules)]) == 1
    assert "has no `quicksight` in cdk.json" in capsys.readouterr().err
