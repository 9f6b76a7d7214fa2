"""The function that asks sources, made to have something to tell them."""

from __future__ import annotations

from typing import Any

from watershed import names

from tests.infra.mutations.change import ACCOUNT, STATEMENT, Mutation, named, put

POLL = "role watershed-poll-eu-central-1"
OUTSIDE = "the sources that connectors name, on the public internet"
KEY, VALUE = names.GOES_OUTSIDE
CONFINED = {"StringEquals": {"aws:ResourceAccount": ACCOUNT, "aws:RequestedRegion": "eu-central-1"}}


def _may(action: str, kind: str, name: str, resource: str) -> Any:
    def change(template: dict[str, Any]) -> None:
        logical, _ = named(template, kind, name)
        arn = {"Fn::Sub": resource.replace("ARN", f"${{{logical}.Arn}}")}
        statement = {"Sid": "More", "Effect": "Allow", "Action": action, "Resource": arn, "Condition": CONFINED}
        put("IAM::Role", "PollFunctionRole", f"{STATEMENT}.+", statement)(template)

    return change


def _may_ask(template: dict[str, Any]) -> None:
    arn = {"Fn::Sub": "arn:aws:athena:eu-central-1:${AWS::AccountId}:workgroup/watershed"}
    action = "athena:StartQueryExecution"
    statement = {"Sid": "More", "Effect": "Allow", "Action": action, "Resource": arn, "Condition": CONFINED}
    put("IAM::Role", "PollFunctionRole", f"{STATEMENT}.+", statement)(template)


GOING_OUTSIDE = [
    Mutation(
        "a poll that may read raw",
        _may("s3:GetObject", "S3::Bucket", "StorageRaw", "ARN/*"),
        "row-telling-function",
        POLL,
        ("watershed-raw", POLL, "function watershed-poll", OUTSIDE),
    ),
    Mutation(
        "a poll that may read the whole ledger",
        _may("s3:GetObject", "S3::Bucket", "StorageLedger", "ARN/*"),
        "row-telling-function",
        POLL,
        ("watershed-ledger", POLL, "function watershed-poll", OUTSIDE),
    ),
    Mutation(
        "a poll that may list what there is in raw",
        _may("s3:ListBucket", "S3::Bucket", "StorageRaw", "ARN"),
        "row-telling-function",
        POLL,
        ("watershed-raw", "function watershed-poll", OUTSIDE),
    ),
    Mutation(
        "a poll that takes webhooks from their queue",
        _may("sqs:ReceiveMessage", "SQS::Queue", "watershed-collect", "ARN"),
        "row-telling-function",
        POLL,
        ("watershed-collect", "function watershed-poll", OUTSIDE),
    ),
    Mutation(
        "a poll that may call a function that reads",
        _may("lambda:InvokeFunction", "Lambda::Function", "watershed-bronze", "ARN"),
        "row-telling-function",
        POLL,
        ("watershed-bronze", "function watershed-poll", OUTSIDE),
    ),
    Mutation(
        "a poll that may ask Athena",
        _may_ask,
        "row-telling-function",
        POLL,
        ("workgroup/watershed", "function watershed-poll", OUTSIDE),
    ),
    Mutation(
        "silver, declared to go outside",
        put("Lambda::Function", "SilverFunction", "Tags", [{"Key": KEY, "Value": VALUE}]),
        "row-telling-function",
        "role watershed-silver-eu-central-1",
        ("watershed-bronze", "function watershed-silver", OUTSIDE),
    ),
]
