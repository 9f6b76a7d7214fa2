"""What AWS's own services do in a region that the laptop's AWS does not show, by their documentation."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.policies.iam.policy import Principal
from tests.policies.recorder import Call

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.policies.access import Access

_OF_LOGS = ("Decrypt", "DescribeKey", "Encrypt", "GenerateDataKey", "ReEncryptFrom", "ReEncryptTo")


def acts(access: Access) -> Iterator[Call]:
    """They take the roles made for them, encrypt logs, tell the topic of alarms, and run a distributed map's items."""
    yield from _roles_taken(access)
    yield from _logs_encrypted(access)
    for each in access.template.of("CloudWatch::Alarm", "Arn", "AlarmActions"):
        for topic in each["AlarmActions"]:
            service = Principal(service="cloudwatch.amazonaws.com")
            yield Call(service, "sns.Publish", {"TopicArn": topic}, source=each["Arn"])
    yield from _items_run(access)


def _roles_taken(access: Access) -> Iterator[Call]:
    template = access.template
    for each in template.of("Lambda::Function", "Role"):  # Lambda says not for whom: the role is the function's
        yield Call(Principal(service="lambda.amazonaws.com"), "sts.AssumeRole", {"RoleArn": each["Role"]})
    for each in template.of("StepFunctions::StateMachine", "Arn", "RoleArn"):
        service = Principal(service="states.amazonaws.com")
        yield Call(service, "sts.AssumeRole", {"RoleArn": each["RoleArn"]}, source=each["Arn"])
    group = f"arn:aws:scheduler:{template.region}:{template.account}:schedule-group/default"
    for each in template.of("Scheduler::Schedule", "Target"):
        service = Principal(service="scheduler.amazonaws.com")
        yield Call(service, "sts.AssumeRole", {"RoleArn": each["Target"]["RoleArn"]}, source=group)


def _logs_encrypted(access: Access) -> Iterator[Call]:
    service = Principal(service=f"logs.{access.template.region}.amazonaws.com")
    for each in access.template.of("Logs::LogGroup", "Arn", "KmsKeyId"):
        about = {"KeyId": each["KmsKeyId"], "EncryptionContext": {"aws:logs:arn": each["Arn"].removesuffix(":*")}}
        yield from (Call(service, f"kms.{operation}", about) for operation in _OF_LOGS)


def _items_run(access: Access) -> Iterator[Call]:
    """A distributed map's items are executions of the machine, with the map's label in their name."""
    for each in access.template.of("StepFunctions::StateMachine", "Arn", "RoleArn", "DefinitionString"):
        role = Principal(access.template.account, each["RoleArn"])
        labels = [
            state["Label"] for state in json.loads(each["DefinitionString"])["States"].values() if "Label" in state
        ]
        for label in labels:
            item = f"{each['Arn'].replace(':stateMachine:', ':execution:')}/{label}:id"
            yield Call(role, "stepfunctions.StartExecution", {"stateMachineArn": each["Arn"]})
            yield Call(role, "stepfunctions.DescribeExecution", {"executionArn": item})
            yield Call(role, "stepfunctions.StopExecution", {"executionArn": item})  # if another item fails
