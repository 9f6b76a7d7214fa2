"""What is not known is refused, wherever templates and calls are read: nothing is judged by a guess."""

from __future__ import annotations

from typing import Any

import pytest

from local.aws import LocalAWS
from tests.policies import access
from tests.policies.iam.errors import NotModelled
from tests.policies.iam.policy import Principal
from tests.policies.operations import Need, needs
from tests.policies.recorder import ATHENA, Call, Recorder
from tests.policies.template import Template

ACCOUNT, REGION = "123456789012", "eu-central-1"
ME = Principal(ACCOUNT, f"arn:aws:iam::{ACCOUNT}:role/me")
QUEUE = {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": {"Fn::Sub": "${AWS::Region}-q"}, "KmsMasterKeyId": "k"}}
BUCKET = {
    "Type": "AWS::S3::Bucket",
    "Properties": {"BucketName": {"Fn::Join": ["-", ["b", {"Ref": "AWS::AccountId"}]]}},
}


def template(**resources: Any) -> Template:
    return Template({"Resources": resources}, ACCOUNT, REGION)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("plain", "plain"),
        ({"Ref": "AWS::AccountId"}, ACCOUNT),
        ({"Ref": "Queue"}, f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{REGION}-q"),
        ({"Fn::GetAtt": ["Queue", "Arn"]}, f"arn:aws:sqs:{REGION}:{ACCOUNT}:{REGION}-q"),
        ({"Fn::GetAtt": "Bucket.Arn"}, f"arn:aws:s3:::b-{ACCOUNT}"),
        ({"Fn::Join": ["", [{"Fn::GetAtt": ["Bucket", "Arn"]}, "/*"]]}, f"arn:aws:s3:::b-{ACCOUNT}/*"),
        ({"Fn::Sub": "${Bucket}/${Queue.QueueName}/${!x}"}, f"b-{ACCOUNT}/{REGION}-q/${{!x}}"),
        ([{"a": {"Ref": "Bucket"}}], [{"a": f"b-{ACCOUNT}"}]),
    ],
)
def test_references(value: Any, text: Any) -> None:
    assert template(Queue=QUEUE, Bucket=BUCKET).resolve(value) == text


@pytest.mark.parametrize(
    "value",
    [
        {"Fn::Select": [0, ["a"]]},
        {"Fn::If": ["x", "a", "b"]},
        {"Fn::ImportValue": "other"},
        {"Ref": "Elsewhere"},
        {"Fn::GetAtt": ["Queue", "Purpose"]},
        {"Ref": "AWS::StackId"},
    ],
)
def test_references_that_are_not_known(value: Any) -> None:
    with pytest.raises(NotModelled):
        template(Queue=QUEUE).resolve(value)


def test_types_of_which_nobody_said_whether_they_grant_anything() -> None:
    with pytest.raises(NotModelled, match="Lambda::Url"):
        access.read(template(Open={"Type": "AWS::Lambda::Url", "Properties": {}}))


def test_roles_with_policies_from_elsewhere() -> None:
    role = {"RoleName": "r", "ManagedPolicyArns": ["arn:aws:iam::aws:policy/AdministratorAccess"]}
    with pytest.raises(NotModelled, match="managed policies"):
        access.read(template(Role={"Type": "AWS::IAM::Role", "Properties": role}))


def test_operations_and_parameters_that_are_not_known() -> None:
    region = access.read(template())
    with pytest.raises(LookupError, match=r"s3\.PutObjectAcl"):
        needs(Call(ME, "s3.PutObjectAcl", {"Bucket": "b", "Key": "k"}), region)
    with pytest.raises(LookupError, match="ACL"):
        needs(Call(ME, "s3.PutObject", {"Bucket": "b", "Key": "k", "ACL": "public-read"}), region)


OBJECT = {"Bucket": "b", "Key": "k"}
TWO = [{"Key": "k"}, {"Key": "l", "VersionId": "1"}]
GROUP = {"ResultConfiguration": {"EncryptionConfiguration": {"KmsKey": "key"}}}


@pytest.mark.parametrize(
    ("call", "asked"),
    [
        (Call(ME, "s3.GetObject", OBJECT), [("s3:GetObject", "b/k")]),
        (Call(ME, "s3.GetObject", {**OBJECT, "VersionId": "1"}), [("s3:GetObjectVersion", "b/k")]),
        (Call(ME, "s3.HeadObject", OBJECT, missing=True), [("s3:GetObject", "b/k"), ("s3:ListBucket", "b")]),
        (Call(ME, "s3.PutObject", OBJECT), [("s3:PutObject", "b/k")]),
        (Call(ME, "s3.PutObject", OBJECT, via=ATHENA), [("s3:PutObject", "b/k")] * 2),
        (
            Call(ME, "s3.DeleteObjects", {"Bucket": "b", "Delete": {"Objects": TWO}}),
            [("s3:DeleteObject", "b/k"), ("s3:DeleteObjectVersion", "b/l")],
        ),
    ],
)
def test_what_calls_of_s3_ask(call: Call, asked: list[tuple[str, str]]) -> None:
    group = {"Type": "AWS::Athena::WorkGroup", "Properties": {"WorkGroupConfiguration": GROUP}}
    found = needs(call, access.read(template(Group=group)))
    assert [(need.action, need.resource.removeprefix("arn:aws:s3:::")) for need in found] == asked


def test_glue_asks_for_all_that_a_table_is_in() -> None:
    call = Call(ME, "glue.UpdateTable", {"DatabaseName": "silver", "Name": "orders"})
    where = f"arn:aws:glue:{REGION}:{ACCOUNT}"
    assert list(needs(call, access.read(template()))) == [
        Need("glue:UpdateTable", f"{where}:catalog"),
        Need("glue:UpdateTable", f"{where}:database/silver"),
        Need("glue:UpdateTable", f"{where}:table/silver/orders"),
    ]


def test_calls_of_which_nobody_knows_who_makes_them_are_noticed() -> None:
    with LocalAWS(ACCOUNT) as aws, Recorder(access.read(template())) as recorder:
        buckets = aws.client("s3", REGION).list_buckets
        buckets()
        assert recorder.strays == ["s3.ListBuckets"]
        with recorder.machinery():
            buckets()
        with recorder.acting(ME):
            buckets()
        assert recorder.strays == ["s3.ListBuckets"]
        assert recorder.calls == [Call(ME, "s3.ListBuckets")]
