"""QuickSight in a region's template: who reads what, who sees what, and that all of it follows from the catalog."""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING, Any

import pytest
from watershed import catalog as lake_catalog
from watershed import names
from watershed.catalog import Catalog
from watershed.errors import ConfigurationError
from watershed.names import Layer

from infra.guardrails.attach import BOUNDARY_LIMIT
from infra.guardrails.boundary import boundary
from infra.guardrails.place import Place
from infra.quicksight import dataset
from infra.quicksight.access import _MOST_MODELS, QUERIES
from infra.quicksight.definition import definition
from infra.quicksight.rules import rule_columns
from infra.quicksight.setting import QuickSight
from infra.residency.build import graphs
from infra.residency.stack import ACCOUNT, Stack
from local.aws.cloudformation.quicksight_checks import missing, output_columns
from local.paths import LAKE
from tests.infra.conftest import AUTHOR, FRANKFURT, MODELS, PAGE, READERS, REPORTING, SALES
from tests.infra.resources import Resources, flat

if TYPE_CHECKING:
    from tests.infra.conftest import Synthesize

REGION = "eu-central-1"
DIRECT = dataclasses.replace(FRANKFURT, quicksight=QuickSight((READERS,)))
VIEW = ["quicksight:DescribeDashboard", "quicksight:ListDashboardVersions", "quicksight:QueryDashboard"]


@pytest.fixture(scope="module")
def made(reporting: dict[str, Any]) -> Resources:
    return Resources(reporting)


@pytest.fixture(scope="module")
def direct(synthesize: Synthesize) -> Resources:
    """Without SPICE and without authors."""
    return Resources(synthesize(DIRECT))


def by_id(resources: Resources, kind: str, identity: str) -> dict[str, dict[str, Any]]:
    return resources.named(f"QuickSight::{kind}", identity)


def test_there_is_a_dataset_for_each_model_that_holds_nobodys_data(made: Resources) -> None:
    assert set(by_id(made, "DataSet", "DataSetId")) == {
        "watershed-sales",
        "watershed-days",
        "watershed-rules-branch",
    }


def test_ids_come_from_models_and_pages_alone(made: Resources) -> None:
    assert set(by_id(made, "DataSource", "DataSourceId")) == {"watershed"}
    assert set(by_id(made, "Analysis", "AnalysisId")) == set(by_id(made, "Dashboard", "DashboardId"))
    assert set(by_id(made, "Dashboard", "DashboardId")) == {"watershed-page-revenue"}


def test_the_source_asks_as_analysts_do_by_a_role_of_its_own(made: Resources) -> None:
    source = by_id(made, "DataSource", "DataSourceId")["watershed"]
    (role,) = [
        name for name, each in made.of("IAM::Role").items() if "quicksight" in flat(each["Properties"]["RoleName"])
    ]
    assert source["Type"] == "ATHENA"
    assert source["DataSourceParameters"] == {
        "AthenaParameters": {"RoleArn": {"Fn::GetAtt": [role, "Arn"]}, "WorkGroup": names.ANALYSTS_WORKGROUP}
    }
    assert source["SslProperties"] == {"DisableSsl": False}
    assert "Permissions" not in source


def test_the_role_reads_the_shown_models_and_the_rules_and_writes_its_results(made: Resources) -> None:
    role = made.named("IAM::Role", "RoleName")[f"watershed-quicksight-{REGION}"]
    (trust,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"Service": "quicksight.amazonaws.com"}
    found = {
        each["Sid"]: {flat(one).split(":", 5)[-1] for one in _list(each["Resource"])}
        for each in role["Policies"][0]["PolicyDocument"]["Statement"]
    }
    buckets = {
        layer: f"<{logical}>"
        for layer in Layer
        for logical, each in made.of("S3::Bucket").items()
        if flat(each["Properties"]["BucketName"]) == names.bucket(layer, "1234", REGION)
    }
    gold, ledger, results = (buckets[layer] for layer in (Layer.GOLD, Layer.LEDGER, Layer.RESULTS))
    assert found["Read"] == {f"{gold}/days/*", f"{gold}/sales/*", f"{ledger}/quicksight-rules/branch/*"}
    assert found["OwnResults"] == {f"{results}/{names.ANALYSTS_RESULTS}*"}
    assert found["List"] == {gold, ledger}
    assert found["Query"] == {f"workgroup/{names.ANALYSTS_WORKGROUP}"}
    assert found["FindTables"] == {
        "catalog",
        "database/default",
        "database/gold",
        "table/gold/days",
        "table/gold/sales",
        "database/ops",
        "table/ops/quicksight_rules_branch",
    }
    assert "people" not in json.dumps(role["Policies"]), "what is personal is not among it"


def test_the_boundary_lets_it_do_what_its_statements_say(made: Resources, resources: Resources) -> None:
    def bounds(of: Resources) -> set[str]:
        (policy,) = of.of("IAM::ManagedPolicy").values()
        statements = policy["Properties"]["PolicyDocument"]["Statement"]
        return {action for each in statements for action in _list(each["Action"])}

    role = made.named("IAM::Role", "RoleName")[f"watershed-quicksight-{REGION}"]
    asked = {action for each in role["Policies"][0]["PolicyDocument"]["Statement"] for action in _list(each["Action"])}
    assert set(QUERIES) < asked <= bounds(made)
    assert "athena:GetQueryResultsStream" not in bounds(resources), "where QuickSight is off, nothing is wider"


def test_the_wider_boundary_is_within_what_iam_takes() -> None:
    document = boundary(Place(REGION, "111122223333", database=True, quicksight=True))
    assert len(json.dumps(document, separators=(",", ":"))) < BOUNDARY_LIMIT


def test_the_role_is_within_what_iam_takes_at_its_most(reporting: dict[str, Any]) -> None:
    role = Resources(reporting).named("IAM::Role", "RoleName")[f"watershed-quicksight-{REGION}"]
    (policy,) = role["Policies"]
    statements = policy["PolicyDocument"]["Statement"]
    text = json.dumps([{**each, "Resource": [flat(one) for one in _list(each["Resource"])]} for each in statements])
    model = len(f'"arn:aws:s3:::watershed-gold-111122223333-{REGION}/{"m" * 30}/*", ')
    model += len(f'"arn:aws:glue:{REGION}:111122223333:table/gold/{"m" * 30}", ')
    assert len(text) + _MOST_MODELS * model < 10_240


def test_rows_are_hidden_wherever_the_column_is(made: Resources) -> None:
    sets = by_id(made, "DataSet", "DataSetId")
    (rules,) = [
        name
        for name, each in made.of("QuickSight::DataSet").items()
        if each["Properties"]["DataSetId"] == "watershed-rules-branch"
    ]
    assert sets["watershed-sales"]["RowLevelPermissionDataSet"] == {
        "Arn": {"Fn::GetAtt": [rules, "Arn"]},
        "Namespace": "default",
        "PermissionPolicy": "GRANT_ACCESS",
        "FormatVersion": "VERSION_1",
        "Status": "ENABLED",
    }
    assert "RowLevelPermissionDataSet" not in sets["watershed-days"]
    assert sets["watershed-rules-branch"]["UseAs"] == "RLS_RULES"
    assert sets["watershed-rules-branch"]["ImportMode"] == "DIRECT_QUERY", "what is taken from somebody is gone at once"
    assert output_columns(sets["watershed-rules-branch"]) == dict.fromkeys(
        ("UserName", "GroupName", "branch"), "STRING"
    )


def test_the_rules_are_a_table_that_nobody_fills_but_the_operator(made: Resources, resources: Resources) -> None:
    def tables(of: Resources) -> dict[str, Any]:
        every = (each["Properties"]["TableInput"] for each in of.of("Glue::Table").values())
        return {each["Name"]: each for each in every}

    assert set(tables(made)) - set(tables(resources)) == {"quicksight_rules_branch"}
    table = tables(made)["quicksight_rules_branch"]
    assert [(column["Name"], column["Type"]) for column in table["StorageDescriptor"]["Columns"]] == [
        ("username", "string"),
        ("groupname", "string"),
        ("branch", "string"),
    ]
    assert flat(table["StorageDescriptor"]["Location"]).endswith("/quicksight-rules/branch/")
    assert table["Parameters"]["skip.header.line.count"] == "1"


def test_readers_see_dashboards_and_nothing_else(direct: Resources) -> None:
    (dashboard,) = by_id(direct, "Dashboard", "DashboardId").values()
    assert [(flat(each["Principal"]), each["Actions"]) for each in dashboard["Permissions"]] == [
        ("arn:aws:quicksight:us-east-1:1234:group/default/readers", VIEW)
    ]
    others = ("DataSource", "DataSourceId"), ("DataSet", "DataSetId"), ("Analysis", "AnalysisId")
    for kind, identity in others:
        assert all("Permissions" not in each for each in by_id(direct, kind, identity).values())


def test_authors_build_only_on_what_the_rules_cover(made: Resources) -> None:
    sets = by_id(made, "DataSet", "DataSetId")
    assert {name for name, each in sets.items() if "Permissions" in each} == {"watershed-sales"}
    (given,) = sets["watershed-sales"]["Permissions"]
    assert flat(given["Principal"]) == f"arn:aws:quicksight:us-east-1:1234:{AUTHOR.resource}"
    assert "quicksight:UpdateDataSet" not in given["Actions"]
    assert all(
        each["DataSetUsageConfiguration"] == {"DisableUseAsDirectQuerySource": True, "DisableUseAsImportedSource": True}
        for each in sets.values()
    )


def test_nothing_of_a_dashboard_leads_to_single_rows_or_to_language_models(made: Resources) -> None:
    (dashboard,) = by_id(made, "Dashboard", "DashboardId").values()
    options = dashboard["DashboardPublishOptions"]
    assert {option["AvailabilityStatus"] for option in options.values()} == {"DISABLED"}
    assert {"AdHocFilteringOption", "ExportToCSVOption", "DataQAEnabledOption"} <= set(options)


def test_spice_is_refreshed_daily_and_direct_datasets_are_not(made: Resources, direct: Resources) -> None:
    refreshed = {each["Properties"]["DataSetId"] for each in made.of("QuickSight::RefreshSchedule").values()}
    kept = {name for name, each in by_id(made, "DataSet", "DataSetId").items() if each["ImportMode"] == "SPICE"}
    assert refreshed == kept == {"watershed-sales", "watershed-days"}
    for each in made.of("QuickSight::RefreshSchedule").values():
        (after,) = each["DependsOn"]
        assert made.of("QuickSight::DataSet")[after]["Properties"]["DataSetId"] == each["Properties"]["DataSetId"]
    assert direct.of("QuickSight::RefreshSchedule") == {}
    assert {each["ImportMode"] for each in by_id(direct, "DataSet", "DataSetId").values()} == {"DIRECT_QUERY"}


def test_a_refresh_that_fails_rings(made: Resources, direct: Resources) -> None:
    def alarms(of: Resources) -> dict[str, dict[str, Any]]:
        return {name: each for name, each in of.named("CloudWatch::Alarm", "AlarmName").items() if "quicksight" in name}

    (alarm,) = alarms(made).values()
    (topic,) = made.of("SNS::Topic")
    assert (alarm["Namespace"], alarm["MetricName"]) == ("AWS/QuickSight", "IngestionErrorCount")
    assert alarm["AlarmActions"] == [{"Ref": topic}]
    assert alarms(direct) == {}, "what is asked each time is not stale"


def test_the_page_draws_each_total_twice_sorted_and_says_the_first(made: Resources) -> None:
    (dashboard,) = by_id(made, "Dashboard", "DashboardId").values()
    (analysis,) = by_id(made, "Analysis", "AnalysisId").values()
    assert analysis["Definition"] == dashboard["Definition"]
    (sheet,) = dashboard["Definition"]["Sheets"]
    kinds = [next(iter(each)) for each in sheet["Visuals"]]
    assert kinds == ["KPIVisual"] * 4 + ["BarChartVisual"] * 4 + ["InsightVisual"]
    for total, visual in zip(PAGE.totals, sheet["Visuals"][:4], strict=True):
        assert visual["KPIVisual"]["Title"]["FormatText"] == {"PlainText": total.name}
    for visual in sheet["Visuals"][4:8]:
        chart = visual["BarChartVisual"]["ChartConfiguration"]
        assert chart["Orientation"] == "HORIZONTAL"
        (value,) = chart["FieldWells"]["BarChartAggregatedFieldWells"]["Values"]
        ((_, field),) = value.items()
        assert chart["SortConfiguration"]["CategorySort"][0]["FieldSort"] == {
            "FieldId": field["FieldId"],
            "Direction": "DESC",
        }
    ((control,),) = ([each["Dropdown"] for each in sheet["FilterControls"]],)
    ((group,),) = (dashboard["Definition"]["FilterGroups"],)
    (chosen,) = group["Filters"]
    assert control["SourceFilterId"] == chosen["CategoryFilter"]["FilterId"]
    assert chosen["CategoryFilter"]["Column"]["ColumnName"] == PAGE.by


def test_totals_of_every_type_of_column_are_fields_of_their_kind(made: Resources) -> None:
    (dashboard,) = by_id(made, "Dashboard", "DashboardId").values()
    visuals = dashboard["Definition"]["Sheets"][0]["Visuals"][:4]
    fields = [each["KPIVisual"]["ChartConfiguration"]["FieldWells"]["Values"][0] for each in visuals]
    assert [next(iter(each)) for each in fields] == [
        "NumericalMeasureField",
        "NumericalMeasureField",
        "DateMeasureField",
        "CategoricalMeasureField",
    ]
    assert fields[0]["NumericalMeasureField"]["AggregationFunction"] == {"SimpleNumericalAggregation": "SUM"}
    assert fields[1]["NumericalMeasureField"]["AggregationFunction"] == {"SimpleNumericalAggregation": "DISTINCT_COUNT"}
    assert {each[next(iter(each))].get("AggregationFunction") for each in fields[2:]} == {"DISTINCT_COUNT"}


def test_the_shipped_pages_hold_together() -> None:
    lake = lake_catalog.build(LAKE)
    assert lake.pages
    setting = QuickSight((READERS,), spice=True)
    for page in lake.pages.values():
        model = lake.models[page.table]
        columns = output_columns(dataset.of_model(model, setting, "source", "rules"))
        assert list(columns) == [column.name for column in model.columns]
        assert missing(definition(page, model, "dataset"), {page.table: columns}) == []
    assert rule_columns(lake)["datamart"] == "branch_name"


def test_a_model_has_one_set_of_rules() -> None:
    pages = {"a": PAGE, "b": dataclasses.replace(PAGE, name="b", by="shop")}
    shop = dataclasses.replace(SALES.columns[1], name="shop")
    both = dataclasses.replace(SALES, columns=(*SALES.columns, shop))
    with pytest.raises(ConfigurationError, match=r"Pages go by branch and shop, and the gold model sales has all"):
        rule_columns(Catalog({}, {"sales": both}, {}, pages=pages))
    assert rule_columns(Catalog({}, MODELS, {}, pages=pages)) == {"sales": "branch"}


def test_a_lake_without_pages_has_no_rules() -> None:
    assert rule_columns(Catalog({}, {"days": MODELS["days"]}, {})) == {}


def test_more_models_than_a_role_can_name_are_refused(synthesize: Synthesize, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("infra.quicksight.access._MOST_MODELS", 1)
    with pytest.raises(ConfigurationError, match="to show 2 gold models; its role can name 1"):
        synthesize(REPORTING)


def test_the_evidence_says_whose_rows_a_dashboard_may_show(reporting: dict[str, Any]) -> None:
    (graph,) = graphs([Stack(f"Watershed-{REGION}", REGION, reporting)])
    (dashboard,) = graph.of("QuickSight dashboard")
    stake = graph.at_stake([dashboard.id])
    assert stake[0] == "QuickSight dataset watershed-sales"
    assert f"bucket watershed-gold-{ACCOUNT}-{REGION}" in stake


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
