"""A region's stack as a whole: plain resources, nothing shared, nothing that changes from run to run."""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING, Any

import pytest
from watershed import names

from infra.config import RegionConfig
from local.aws.cloudformation import registry
from tests.infra.conftest import REPORTING

if TYPE_CHECKING:
    from tests.infra.conftest import Synthesize

VIRGINIA = RegionConfig("us-east-1", "N. Virginia", ("US",), ("America/New_York",))

# What the laptop's AWS can deploy. A new type needs a handler there before it may be used here.
TYPES = {
    "AWS::Athena::NamedQuery",
    "AWS::ApiGatewayV2::Api",
    "AWS::ApiGatewayV2::Integration",
    "AWS::ApiGatewayV2::Route",
    "AWS::ApiGatewayV2::Stage",
    "AWS::Athena::WorkGroup",
    "AWS::CloudWatch::Alarm",
    "AWS::DynamoDB::Table",
    "AWS::Glue::Database",
    "AWS::Glue::Table",
    "AWS::IAM::ManagedPolicy",
    "AWS::IAM::Role",
    "AWS::KMS::Alias",
    "AWS::KMS::Key",
    "AWS::Lambda::EventSourceMapping",
    "AWS::Lambda::Function",
    "AWS::Lambda::LayerVersion",
    "AWS::Lambda::Permission",
    "AWS::Logs::LogGroup",
    "AWS::Logs::MetricFilter",
    "AWS::S3::Bucket",
    "AWS::S3::BucketPolicy",
    "AWS::SNS::Topic",
    "AWS::SNS::TopicPolicy",
    "AWS::SQS::Queue",
    "AWS::SQS::QueuePolicy",
    "AWS::Scheduler::Schedule",
    "AWS::SecretsManager::Secret",
    "AWS::StepFunctions::StateMachine",
}


def test_resources_are_of_plain_types(template: dict[str, Any]) -> None:
    assert {each["Type"] for each in template["Resources"].values()} == TYPES


def test_the_laptop_deploys_every_optional_setting(synthesize: Synthesize) -> None:
    config = dataclasses.replace(REPORTING, object_lock_days=30, organization="o-a1b2c3d4e5")
    registry.check(synthesize(config), "all")


def test_quicksight_is_there_only_where_it_is_asked_for(template: dict[str, Any], reporting: dict[str, Any]) -> None:
    types = {each["Type"] for each in reporting["Resources"].values()}
    assert {each.removeprefix("AWS::QuickSight::") for each in types - TYPES} == {
        "Analysis",
        "Dashboard",
        "DataSet",
        "DataSource",
        "RefreshSchedule",
    }
    assert "quicksight" not in json.dumps(template).lower()


def test_a_stack_needs_nothing_from_outside(template: dict[str, Any]) -> None:
    text = json.dumps(template)
    assert "Parameters" not in template
    assert "Rules" not in template
    assert "Fn::ImportValue" not in text
    assert not [output for output in template["Outputs"].values() if "Export" in output]


def test_stacks_name_no_region_but_their_own(synthesize: Synthesize) -> None:
    assert "us-east-1" not in json.dumps(synthesize())
    assert "eu-central-1" not in json.dumps(synthesize(VIRGINIA))


def test_regions_differ_in_name_jurisdiction_and_night_only(synthesize: Synthesize) -> None:
    virginia = json.dumps(synthesize(VIRGINIA, ())).replace("us-east-1", "eu-central-1")
    virginia = virginia.replace("America/New_York", "Europe/Berlin").replace("_america_new_york", "_europe_berlin")
    assert virginia.replace("N. Virginia", "Frankfurt").replace('"US"', '"DE,FR"') == json.dumps(
        synthesize(connectors=())
    )


def test_the_same_configuration_gives_the_same_template(synthesize: Synthesize, template: dict[str, Any]) -> None:
    assert json.dumps(synthesize()) == json.dumps(template)


def test_stacks_are_named_by_region() -> None:
    assert names.stack("eu-central-1") == "Watershed-eu-central-1"


@pytest.mark.parametrize("kind", ["AWS::S3::Bucket", "AWS::S3::BucketPolicy", "AWS::KMS::Key"])
def test_data_outlives_the_stack(template: dict[str, Any], kind: str) -> None:
    found = [each for each in template["Resources"].values() if each["Type"] == kind]
    assert found
    # Their names are fixed: what a first deployment that fails left behind would stop the next one.
    assert {each["DeletionPolicy"] for each in found} == {"RetainExceptOnCreate"}
