"""Change sets, by which the CDK command deploys: created, executed, refused, and kept apart."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from collections.abc import Callable

QUEUE = {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "queue"}}
NAME = "cdk-deploy-change-set"


@pytest.fixture
def cloudformation(patched: Callable[[str], Any]) -> Any:
    return patched("cloudformation")


def template(queue: dict[str, Any] = QUEUE, **more: Any) -> str:
    return json.dumps({"Resources": {"Queue": queue, **more}, "Outputs": {"Url": {"Value": {"Ref": "Queue"}}}})


def execute(cloudformation: Any, kind: str, body: str, *, stack: str = "One") -> dict[str, Any]:
    cloudformation.delete_change_set(StackName=stack, ChangeSetName=NAME)  # as the CDK command does
    cloudformation.create_change_set(StackName=stack, ChangeSetName=NAME, ChangeSetType=kind, TemplateBody=body)
    cloudformation.execute_change_set(StackName=stack, ChangeSetName=NAME)
    (found,) = cloudformation.describe_stacks(StackName=stack)["Stacks"]
    assert isinstance(found, dict)
    return found


def test_a_stack_made_and_changed_by_change_sets_is_as_one_made_at_once(cloudformation: Any) -> None:
    made = execute(cloudformation, "CREATE", template())
    assert made["StackStatus"] == "CREATE_COMPLETE"
    assert made["Outputs"][0]["OutputValue"].endswith("/queue")
    body = template(Other={"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "other"}})
    assert execute(cloudformation, "UPDATE", body)["StackStatus"] == "UPDATE_COMPLETE"
    assert len(cloudformation.describe_stack_resources(StackName="One")["StackResources"]) == 2
    assert cloudformation.get_template(StackName="One")["TemplateBody"] == json.loads(body)


def test_what_the_laptop_refuses_fails_the_stack_with_the_reason_in_its_events(cloudformation: Any) -> None:
    for kind, status in (("CREATE", "CREATE_FAILED"), ("UPDATE", "UPDATE_FAILED")):
        if kind == "UPDATE":
            execute(cloudformation, "CREATE", template(), stack=kind)
        body = template(Instance={"Type": "AWS::EC2::Instance"})
        assert execute(cloudformation, kind, body, stack=kind)["StackStatus"] == status
        last = cloudformation.describe_stack_events(StackName=kind)["StackEvents"][0]
        assert f"{kind}/Instance (AWS::EC2::Instance)" in last["ResourceStatusReason"]
        cloudformation.delete_stack(StackName=kind)


def test_a_name_that_is_taken_fails_the_stack(cloudformation: Any, patched: Callable[[str], Any]) -> None:
    place = {"LocationConstraint": "eu-central-1"}
    patched("s3").create_bucket(Bucket="taken-by-somebody", CreateBucketConfiguration=place)
    bucket = {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "taken-by-somebody"}}
    assert execute(cloudformation, "CREATE", template(Bucket=bucket))["StackStatus"] == "CREATE_FAILED"


def test_plain_moto_still_needs_the_patches(plain: Callable[[str], Any]) -> None:
    cloudformation = plain("cloudformation")
    with pytest.raises(UnboundLocalError):
        cloudformation.delete_change_set(StackName="One", ChangeSetName=NAME)
    for stack in ("One", "Two"):
        cloudformation.create_change_set(
            StackName=stack, ChangeSetName=NAME, ChangeSetType="CREATE", TemplateBody=template()
        )
    assert cloudformation.describe_change_set(StackName="One", ChangeSetName=NAME)["StackName"] == "Two"
    cloudformation.execute_change_set(StackName="Two", ChangeSetName=NAME)
    assert "Outputs" not in cloudformation.describe_stacks(StackName="Two")["Stacks"][0]


def test_change_sets_of_one_name_belong_to_their_stacks(cloudformation: Any) -> None:
    other = {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "other"}}
    for stack, queue in (("One", QUEUE), ("Two", other)):
        cloudformation.create_change_set(
            StackName=stack, ChangeSetName=NAME, ChangeSetType="CREATE", TemplateBody=template(queue)
        )
    assert cloudformation.describe_change_set(StackName="One", ChangeSetName=NAME)["StackName"] == "One"
    cloudformation.execute_change_set(StackName="One", ChangeSetName=NAME)
    assert cloudformation.describe_stacks(StackName="One")["Stacks"][0]["StackStatus"] == "CREATE_COMPLETE"
    assert cloudformation.describe_stacks(StackName="Two")["Stacks"][0]["StackStatus"] == "REVIEW_IN_PROGRESS"
    cloudformation.delete_change_set(StackName="One", ChangeSetName=NAME)
    cloudformation.delete_change_set(StackName="One", ChangeSetName=NAME)  # it is gone, which is as well
    with pytest.raises(ClientError, match=r"ChangeSet \[cdk-deploy-change-set\] does not exist") as error:
        cloudformation.describe_change_set(StackName="One", ChangeSetName=NAME)
    assert error.value.response["Error"]["Code"] == "ChangeSetNotFound"
    assert cloudformation.describe_change_set(StackName="Two", ChangeSetName=NAME)["StackName"] == "Two"


def test_a_template_is_found_by_its_address(cloudformation: Any, patched: Callable[[str], Any]) -> None:
    s3 = patched("s3")
    s3.create_bucket(Bucket="assets", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    s3.put_object(Bucket="assets", Key="a/template.json", Body=template())
    cloudformation.create_change_set(
        StackName="One",
        ChangeSetName=NAME,
        ChangeSetType="CREATE",
        TemplateURL="http://127.0.0.1:4566/assets/a/template.json",
    )
    assert cloudformation.describe_change_set(StackName="One", ChangeSetName=NAME)["Status"] == "CREATE_COMPLETE"
