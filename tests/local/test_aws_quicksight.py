"""QuickSight on the laptop: what holds together is kept as described, and what does not is refused with its reason."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from local.aws.cloudformation.quicksight_checks import missing, output_columns
from local.aws.errors import UnsupportedResource

if TYPE_CHECKING:
    from collections.abc import Callable

    from local.aws import LocalAWS

EVERY = json.loads((Path(__file__).parent / "every_resource.json").read_text(encoding="utf-8"))
ROLE = {
    "Type": "AWS::IAM::Role",
    "Properties": {"RoleName": "reader", "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": []}},
}
GROUP = {"Type": "AWS::Athena::WorkGroup", "Properties": {"Name": "lake"}}
REPORTS = {
    "Role": ROLE,
    "WorkGroup": GROUP,
    **{name: each for name, each in EVERY.items() if each["Type"].startswith("AWS::QuickSight::")},
}
KEPT_NAMES = [{"ProjectOperation": {"ProjectedColumns": ["username", "groupname", "branch"]}}]
OTHER_RULES = "arn:aws:quicksight:eu-central-1:123456789012:dataset/other"
BARS = REPORTS["QuickSightDashboard"]["Properties"]["Definition"]


def changed(logical: str, path: str, value: Any) -> dict[str, Any]:
    """The reports with one property changed."""
    made = copy.deepcopy(REPORTS)
    place: Any = made[logical]["Properties"]
    *steps, last = path.split(".")
    for step in steps:
        place = place[int(step)] if isinstance(place, list) else place[step]
    place[last] = value
    return made


def test_what_holds_together_is_kept_as_described(aws: LocalAWS, deploy: Callable[..., None]) -> None:
    deploy(REPORTS)
    sources = aws.client("quicksight", "eu-central-1").list_data_sources(AwsAccountId=aws.account)["DataSources"]
    assert [each["DataSourceId"] for each in sources] == ["lake"]


@pytest.mark.parametrize(
    ("logical", "path", "value", "what"),
    [
        ("QuickSightSource", "DataSourceParameters.AthenaParameters.WorkGroup", "other", "workgroup or role is not"),
        (
            "QuickSightSource",
            "DataSourceParameters.AthenaParameters.RoleArn",
            "arn:aws:iam::123456789012:role/other",
            "workgroup or role is not",
        ),
        ("QuickSightDataset", "AwsAccountId", "999999999999", "another account"),
        (
            "QuickSightDataset",
            "PhysicalTableMap.sales.RelationalTable.DataSourceArn",
            "arn:aws:quicksight:eu-central-1:123456789012:datasource/other",
            "there is no source .*other",
        ),
        (
            "QuickSightDataset",
            "PhysicalTableMap.sales.RelationalTable.InputColumns",
            [{"Name": "branch", "Type": "STRING"}, {"Name": "renamed", "Type": "DECIMAL"}],
            "there is no amount",
        ),
        ("QuickSightDataset", "FieldFolders.Measures.Columns", ["price"], "there is no price"),
        ("QuickSightDataset", "ImportMode", "DIRECT_QUERY", "keeps nothing that could be refreshed"),
        ("QuickSightDataset", "RowLevelPermissionDataSet.Arn", OTHER_RULES, "there is no dataset .*other"),
        ("QuickSightRules", "LogicalTableMap.rules.DataTransforms", KEPT_NAMES, "name no users and groups"),
        ("QuickSightRefresh", "DataSetId", "other", "there is no dataset .*other"),
        ("QuickSightRefresh", "Schedule.ScheduleFrequency", {"Interval": "DAILY", "Color": "red"}, "Color"),
        (
            "QuickSightDashboard",
            "Definition.DataSetIdentifierDeclarations.0.DataSetArn",
            "arn:aws:quicksight:eu-central-1:123456789012:dataset/other",
            "there is no dataset .*other",
        ),
        ("QuickSightDashboard", "Definition.CalculatedFields", [], "there is no column share in the dataset sales"),
        ("QuickSightDashboard", "Definition.Sheets.0.Color", "red", "Color"),
    ],
)
def test_what_does_not_is_refused(logical: str, path: str, value: Any, what: str, deploy: Callable[..., None]) -> None:
    with pytest.raises(UnsupportedResource, match=what):
        deploy(changed(logical, path, value))


def test_a_definition_that_holds_together_misses_nothing() -> None:
    assert missing(BARS, {"sales": {"branch": "STRING", "amount": "DECIMAL"}}) == []


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (lambda sheet: sheet["FilterControls"][0]["Dropdown"].update(SourceFilterId="x"), "there is no filter x"),
        (lambda sheet: sheet["Visuals"].append(sheet["Visuals"][0]), "bars is there twice"),
        (lambda sheet: sheet["Visuals"].clear(), "there is no element bars"),
        (lambda sheet: sheet["Layouts"].clear(), "bars has no place"),
        (
            lambda sheet: sheet["Visuals"][0]["BarChartVisual"]["ChartConfiguration"]["SortConfiguration"][
                "CategorySort"
            ][0]["FieldSort"].update(FieldId="x"),
            "there is no field x to sort by",
        ),
    ],
)
def test_what_a_definition_misses_is_named(change: Callable[[Any], None], what: str) -> None:
    definition = copy.deepcopy(BARS)
    change(definition["Sheets"][0])
    assert what in missing(definition, {"sales": {"branch": "STRING", "amount": "DECIMAL"}})


def test_columns_are_those_after_the_steps() -> None:
    assert output_columns(REPORTS["QuickSightRules"]["Properties"]) == {
        "UserName": "STRING",
        "GroupName": "STRING",
        "branch": "STRING",
    }
    bare = {"PhysicalTableMap": REPORTS["QuickSightDataset"]["Properties"]["PhysicalTableMap"]}
    assert output_columns(bare) == {"branch": "STRING", "amount": "DECIMAL"}
    step = {"DataTransforms": [{"FilterOperation": {}}], "Source": {"PhysicalTableId": "sales"}}
    with pytest.raises(LookupError, match="FilterOperation is not imitated"):
        output_columns({**bare, "LogicalTableMap": {"sales": step}})


def test_rules_are_a_dataset_that_is_for_rules(deploy: Callable[..., None]) -> None:
    resources = copy.deepcopy(REPORTS)
    del resources["QuickSightRules"]["Properties"]["UseAs"]
    with pytest.raises(UnsupportedResource, match="a dataset that is not for rules"):
        deploy(resources)
