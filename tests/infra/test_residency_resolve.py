"""CloudFormation's functions, worked out without an account."""

from __future__ import annotations

from typing import Any

import pytest

from infra.residency.arn import Arn
from infra.residency.confined import other_regions
from infra.residency.resolve import Resolver, Unknown
from infra.residency.stack import ACCOUNT, Stack

RESOURCES = {
    "Raw": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": {"Fn::Sub": "raw-${AWS::AccountId}"}}},
    "Work": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "work"}},
    "Key": {"Type": "AWS::KMS::Key"},
    "Log": {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": "/log"}},
    "Odd": {"Type": "AWS::Odd::Thing"},
    "Table": {
        "Type": "AWS::Glue::Table",
        "Properties": {"DatabaseName": "ops", "TableInput": {"Name": {"Fn::Join": ["_", ["the", "ledger"]]}}},
    },
}


def resolver(region: str = "eu-central-1") -> Resolver:
    return Resolver(Stack("Lake", region, {"Resources": RESOURCES}))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"Ref": "Raw"}, f"raw-{ACCOUNT}"),
        ({"Fn::GetAtt": ["Raw", "Arn"]}, f"arn:aws:s3:::raw-{ACCOUNT}"),
        ({"Ref": "Work"}, f"https://sqs.eu-central-1.amazonaws.com/{ACCOUNT}/work"),
        ({"Fn::GetAtt": "Work.QueueName"}, "work"),
        ({"Fn::GetAtt": ["Work", "QueueUrl"]}, f"https://sqs.eu-central-1.amazonaws.com/{ACCOUNT}/work"),
        ({"Fn::GetAtt": ["Key", "Arn"]}, f"arn:aws:kms:eu-central-1:{ACCOUNT}:key/${{Key}}"),
        ({"Fn::GetAtt": ["Log", "Arn"]}, f"arn:aws:logs:eu-central-1:{ACCOUNT}:log-group:/log:*"),
        ({"Fn::GetAtt": ["Table", "Arn"]}, f"arn:aws:glue:eu-central-1:{ACCOUNT}:table/ops/the_ledger"),
        ({"Fn::GetAtt": ["Odd", "Thing"]}, "${Odd.Thing}"),
        ({"Fn::Join": ["/", [{"Fn::GetAtt": ["Raw", "Arn"]}, "*"]]}, f"arn:aws:s3:::raw-{ACCOUNT}/*"),
        ({"Fn::Sub": "${AWS::Region}-${Raw}-${!kept}-${Work.QueueName}"}, f"eu-central-1-raw-{ACCOUNT}-${{kept}}-work"),
        ({"Fn::Sub": ["${a}-${Raw}", {"a": {"Ref": "AWS::Partition"}}]}, f"aws-raw-{ACCOUNT}"),
        ({"Fn::Select": [1, {"Fn::Split": ["-", "a-b-c"]}]}, "b"),
        ({"a": {"Ref": "AWS::NoValue"}, "b": [{"Ref": "AWS::NoValue"}, 1]}, {"b": [1]}),
        ("${AWS::Region} is not a function here", "${AWS::Region} is not a function here"),
    ],
)
def test_functions(value: Any, expected: Any) -> None:
    made = resolver()
    assert made.value(value, "Here") == expected
    assert made.unknown == []


@pytest.mark.parametrize(
    ("value", "what"),
    [
        ({"Fn::ImportValue": "other"}, "Fn::ImportValue"),
        ({"Fn::If": ["Big", "a", "b"]}, "Fn::If"),
        ({"Ref": "Given"}, "the parameter Given"),
        ({"Fn::GetAtt": ["Gone", "Arn"]}, "an attribute of Gone"),
        ({"Fn::Sub": "x-${Given}"}, "the parameter Given"),
        ("{{resolve:ssm:/peer}}", "a dynamic reference"),
        ({"Fn::Select": [9, ["a"]]}, "Fn::Select"),
        ({"Fn::Join": [",", {"Ref": "Raw"}]}, "Fn::Join of something that is no list"),
    ],
)
def test_what_a_template_does_not_tell_is_listed_with_its_place(value: Any, what: str) -> None:
    made = resolver()
    assert "${?" in made.value({"Deep": [value]}, "Here")["Deep"][0]
    assert made.unknown == [Unknown("Here.Deep[0]", what)]


def test_names_that_refer_to_each_other_end() -> None:
    resources = {
        "A": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": {"Fn::GetAtt": ["B", "QueueName"]}}},
        "B": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": {"Fn::GetAtt": ["A", "QueueName"]}}},
    }
    assert Resolver(Stack("Lake", "eu-central-1", {"Resources": resources})).name("A") == "${A}"


def test_partitions_follow_from_the_region() -> None:
    assert resolver("us-gov-west-1").arn("Raw").startswith("arn:aws-us-gov:s3")
    assert resolver("cn-north-1").reference("Work").startswith("https://sqs.cn-north-1.amazonaws.com.cn/")


def test_an_arn_keeps_the_colons_of_its_account_and_resource() -> None:
    arn = Arn.parse(f"arn:aws:logs:eu-central-1:{ACCOUNT}:log-group:/log:*")
    assert arn is not None
    assert (arn.service, arn.region, arn.account, arn.resource) == ("logs", "eu-central-1", ACCOUNT, "log-group:/log:*")
    assert Arn.parse("s3://bucket/") is None
    assert Arn.parse("*") is None


@pytest.mark.parametrize("region", ["us-east-1", "ap-southeast-7", "us-gov-west-1", "us-isob-east-1", "eusc-de-east-1"])
def test_other_regions_are_seen_wherever_they_stand(region: str) -> None:
    assert other_regions(f"https://s3.{region}.amazonaws.com/raw-{region}", "eu-central-1") == [region, region]
    assert other_regions(f"{region} utf-8 north-7 2025-01-01", region) == []
