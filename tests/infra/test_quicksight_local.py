"""QuickSight's part of the template on the laptop's AWS: it comes, changes and goes, and its rules are a table."""

from __future__ import annotations

import copy
import dataclasses
from typing import TYPE_CHECKING, Any

import pytest
from watershed import names
from watershed.athena import Athena
from watershed.names import Layer

from infra.quicksight.setting import Identity, QuickSight
from local.aws import LocalAWS
from local.quicksight_rules import Rule, write
from tests.infra.conftest import AUTHOR, FRANKFURT
from tests.local.conftest import Assembly

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.infra.conftest import Synthesize

REGION = "eu-central-1"
_KEPT = ("Athena::WorkGroup", "Glue::", "IAM::ManagedPolicy", "KMS::", "QuickSight::", "S3::", "SNS::")


def part(template: dict[str, Any]) -> dict[str, Any]:
    """What QuickSight stands on, without functions, whose code is not built here."""
    kept = {
        logical: copy.deepcopy(each)
        for logical, each in template["Resources"].items()
        if each["Type"].removeprefix("AWS::").startswith(_KEPT) or logical.startswith("QuickSight")
    }
    for each in kept.values():
        if "NotificationConfiguration" in each["Properties"]:
            del each["DependsOn"], each["Properties"]["NotificationConfiguration"]
    return kept


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory, reporting: dict[str, Any]) -> Iterator[LocalAWS]:
    with LocalAWS() as aws:
        aws.deploy(Assembly(tmp_path_factory.mktemp("asm")).write(part(reporting)))
        yield aws


def rows(aws: LocalAWS) -> list[list[Any]]:
    athena = Athena(aws.client("athena", REGION), names.ANALYSTS_WORKGROUP)
    return athena.typed_rows("SELECT username, groupname, branch FROM ops.quicksight_rules_branch ORDER BY 1, 2, 3")[1]


def test_without_a_file_of_rules_there_is_none_and_with_one_there_are_its(running: LocalAWS) -> None:
    assert rows(running) == [], "so nobody sees a row"
    rules = [Rule(2, "ana", "", "Café ☕"), Rule(3, "", "all", ""), Rule(4, "ben", "", "North, South")]
    where = names.bucket(Layer.LEDGER, running.account, REGION), names.rules_key("branch")
    s3 = running.client("s3", REGION)
    s3.put_object(Bucket=where[0], Key=where[1], Body=write(rules, "branch"))
    assert rows(running) == [["", "all", ""], ["ana", "", "Café ☕"], ["ben", "", '"North, South"']]
    s3.put_object(Bucket=where[0], Key=where[1], Body=write([], "branch"))
    assert rows(running) == []


def test_it_changes_with_the_setting_and_goes(
    running: LocalAWS, tmp_path: Path, reporting: dict[str, Any], synthesize: Synthesize
) -> None:
    more = QuickSight((Identity("us-east-1", "group/default/more"),), (AUTHOR,), spice=True)
    changed = part(synthesize(dataclasses.replace(FRANKFURT, quicksight=more)))
    running.deploy(Assembly(tmp_path / "changed").write(changed))
    sources = running.client("quicksight", REGION).list_data_sources(AwsAccountId=running.account)["DataSources"]
    assert [each["DataSourceId"] for each in sources] == ["watershed"]
    off = {
        logical: each
        for logical, each in part(reporting).items()
        if not logical.startswith("QuickSight") and "Quicksightrules" not in logical
    }
    running.deploy(Assembly(tmp_path / "off").write(off))
    assert running.client("quicksight", REGION).list_data_sources(AwsAccountId=running.account)["DataSources"] == []
