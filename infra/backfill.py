"""The state machine that lands raw objects again: all of a manifest, a few at a time, and none may fail."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
from aws_cdk import aws_stepfunctions as stepfunctions
from constructs import Construct
from watershed import names
from watershed.names import Stage

from infra.nag import accept
from infra.roles import allow, role
from infra.stages import SIZING

if TYPE_CHECKING:
    from aws_cdk import aws_kms as kms
    from aws_cdk import aws_lambda as lambda_
    from aws_cdk import aws_s3 as s3

AT_ONCE = 10  # objects; half of bronze's concurrency, so that files that come meanwhile are not kept waiting
_MARGIN_SECONDS = 60
# Lambda's own failures pass; how bronze fared stands in its answer.
_PASSING = [
    "Lambda.ServiceException",
    "Lambda.AWSLambdaException",
    "Lambda.SdkClientException",
    "Lambda.TooManyRequestsException",
]


def definition() -> dict[str, Any]:
    """The machine in Amazon States Language; its input is {"manifest": key of the JSON array}.

    `${…}` are CloudFormation's substitutions. Children are STANDARD because bronze may take a quarter of an hour, and
    end with a small answer because all answers together must fit 256 KiB.
    """
    land = {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke",
        "Parameters": {
            "FunctionName": "${bronze}",
            "Payload": {"Records": [{"messageId.$": "$.id", "body.$": "$.body"}]},
        },
        "OutputPath": "$.Payload",
        "TimeoutSeconds": SIZING[Stage.BRONZE].timeout + _MARGIN_SECONDS,
        "Retry": [
            {
                "ErrorEquals": _PASSING,
                "IntervalSeconds": 2,
                "BackoffRate": 2,
                "MaxAttempts": 6,
                "JitterStrategy": "FULL",
            }
        ],
        "Next": "Judge",
    }
    # Bronze answers as to a queue: what failed is listed, and the call succeeds.
    judge = {
        "Type": "Choice",
        "Choices": [{"Variable": "$.batchItemFailures[0]", "IsPresent": True, "Next": "NotLanded"}],
        "Default": "Landed",
    }
    child = {
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
        "StartAt": "Land",
        "States": {
            "Land": land,
            "Judge": judge,
            "NotLanded": {"Type": "Fail", "Error": "NotLanded", "Cause": "Bronze's log says why."},
            "Landed": {"Type": "Pass", "Result": {}, "End": True},
        },
    }
    each = {  # no failure is tolerated unless one says so
        "Type": "Map",
        "Label": "Land",
        "ItemReader": {
            "Resource": "arn:aws:states:::s3:getObject",
            "ReaderConfig": {"InputType": "JSON"},
            "Parameters": {"Bucket": "${ledger}", "Key.$": "$.manifest"},
        },
        "ItemProcessor": child,
        "MaxConcurrency": AT_ONCE,
        "End": True,
    }
    return {"Comment": "Lands raw objects again.", "StartAt": "LandEach", "States": {"LandEach": each}}


class Backfill(Construct):
    """The state machine and its role; `watershed backfill` writes the manifest and starts it."""

    def __init__(
        self, scope: Construct, construct_id: str, *, key: kms.IKey, ledger: s3.Bucket, bronze: lambda_.Function
    ) -> None:
        super().__init__(scope, construct_id)
        stack = cdk.Stack.of(self)
        colon = cdk.ArnFormat.COLON_RESOURCE_NAME
        machine, *executions = (
            stack.format_arn(service="states", resource=kind, resource_name=name, arn_format=colon)
            for kind, name in (
                ("stateMachine", names.BACKFILL),
                ("execution", f"{names.BACKFILL}:*"),
                ("execution", f"{names.BACKFILL}/*"),
            )
        )
        taken = role(
            self,
            names.role("backfill", stack.region),
            "states.amazonaws.com",
            [
                allow(self, "Land", ("lambda:InvokeFunction",), (bronze.function_arn,)),
                allow(self, "ReadManifest", ("s3:GetObject",), (ledger.arn_for_objects(f"{names.BACKFILLS_PREFIX}*"),)),
                allow(self, "UseKey", ("kms:Decrypt",), (key.key_arn,)),
                # A distributed map runs its items as executions of the machine itself.
                allow(self, "StartItems", ("states:StartExecution",), (machine,)),
                allow(self, "FollowItems", ("states:DescribeExecution", "states:StopExecution"), executions),
            ],
            wildcards="Manifests and executions are named after the backfill, which is not known here.",
        )
        made = stepfunctions.CfnStateMachine(
            self,
            "Machine",
            state_machine_name=names.BACKFILL,
            state_machine_type="STANDARD",
            role_arn=taken.role_arn,
            definition_string=json.dumps(definition()),
            definition_substitutions={
                "bronze": bronze.function_arn,
                "ledger": ledger.bucket_name,
            },
        )
        accept(
            made,
            {
                "AwsSolutions-SF1": "A standard machine keeps the history of every execution for 90 days, and bronze "
                "logs why an object failed. A log of all events would copy object names, which merchants choose, "
                "and needs the permission to change the account's log policies.",
                "AwsSolutions-SF2": "One call an item: the history has its times. Traces need permissions on *.",
            },
        )
