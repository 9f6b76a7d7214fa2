"""Roles: exactly the actions each needs, on the resources it needs them on, in this account and region."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from watershed import names

from tests.infra.documents import OURS, settled
from tests.infra.resources import flat
from tests.policies.iam.context import Context
from tests.policies.iam.policy import Policy, Principal, Request

if TYPE_CHECKING:
    from tests.infra.resources import Resources

REGION = "eu-central-1"
USERS = (
    "receive",
    "collect",
    "bronze",
    "silver",
    "gold",
    "maintenance",
    "poll",
    "schedule",
    "poll-schedule",
    "maintenance-schedule",
    "backfill",
)
COMMON = {
    "sqs:ReceiveMessage",
    "sqs:DeleteMessage",
    "sqs:GetQueueAttributes",
    "sqs:SendMessage",
    "kms:Decrypt",
    "kms:GenerateDataKey",
    "logs:CreateLogStream",
    "logs:PutLogEvents",
}


def statements(resources: Resources, user: str) -> list[dict[str, Any]]:
    role = resources.named("IAM::Role", "RoleName")[names.role(user, REGION)]
    (policy,) = role["Policies"]
    found: list[dict[str, Any]] = policy["PolicyDocument"]["Statement"]
    return found


def granted(resources: Resources, user: str) -> set[tuple[str, str]]:
    """Every (action, resource) pair; buckets and queues by their physical names."""
    called = {
        f"<{logical}>": flat(each["Properties"][name])
        for kind, name in (
            ("S3::Bucket", "BucketName"),
            ("SQS::Queue", "QueueName"),
            ("Logs::LogGroup", "LogGroupName"),
            ("Lambda::Function", "FunctionName"),
            ("DynamoDB::Table", "TableName"),
            ("SecretsManager::Secret", "Name"),
        )
        for logical, each in resources.of(kind).items()
    }
    pairs = set()
    for statement in statements(resources, user):
        for action in _list(statement["Action"]):
            for resource in _list(statement["Resource"]):
                text = flat(resource)
                for logical, name in called.items():
                    text = text.replace(logical, name)
                pairs.add((action, text.replace(f"-1234-{REGION}", "").replace(f"arn:aws:glue:{REGION}:1234:", "")))
    return pairs


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def test_there_are_no_other_roles_or_policies(resources: Resources) -> None:
    assert set(resources.named("IAM::Role", "RoleName")) == {names.role(user, REGION) for user in USERS}
    assert not resources.of("IAM::Policy")
    for role in resources.of("IAM::Role").values():
        assert "ManagedPolicyArns" not in role["Properties"]


def test_every_role_has_the_boundary_and_it_allows_nothing_by_itself(resources: Resources) -> None:
    ((boundary, policy),) = resources.of("IAM::ManagedPolicy").items()
    assert policy["Properties"]["ManagedPolicyName"] == names.boundary(REGION)
    assert not {"Roles", "Users", "Groups"} & set(policy["Properties"])
    for role in resources.of("IAM::Role").values():
        assert role["Properties"]["PermissionsBoundary"] == {"Ref": boundary}


@pytest.mark.parametrize("user", USERS)
def test_the_boundary_leaves_a_role_all_that_it_needs_and_nothing_elsewhere(resources: Resources, user: str) -> None:
    (policy,) = resources.of("IAM::ManagedPolicy").values()
    boundary = Policy.parse("boundary", settled(resources, policy["Properties"]["PolicyDocument"]))

    def within(action: str, arn: str, **changed: str) -> bool:
        context = Context(OURS | {key.replace("_", ":"): value for key, value in changed.items()})
        return bool(
            [each for each in boundary.statements if each.about(Request(Principal(), action, arn, "", context))]
        )

    wanted = [
        (action, arn.replace("*", "x"))
        for statement in settled(resources, statements(resources, user))
        for action in _list(statement["Action"])
        for arn in _list(statement["Resource"])
    ]
    assert wanted
    assert [each for each in wanted if not within(*each)] == []
    assert [each for each in wanted if within(*each, aws_RequestedRegion="us-east-1")] == []
    assert [each for each in wanted if within(*each, aws_ResourceAccount="9999")] == []
    elsewhere = [(action, arn.replace(REGION, "us-east-1")) for action, arn in wanted]
    assert [each for each in elsewhere if within(*each)] == []


@pytest.mark.parametrize("user", USERS)
def test_services_take_a_role_only_for_this_account(resources: Resources, user: str) -> None:
    (trust,) = resources.named("IAM::Role", "RoleName")[names.role(user, REGION)]["AssumeRolePolicyDocument"][
        "Statement"
    ]
    if trust["Principal"]["Service"] == "lambda.amazonaws.com":
        assert "Condition" not in trust, "Lambda does not say for whom"
    else:
        assert trust["Condition"] == {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}


@pytest.mark.parametrize("user", USERS)
def test_every_statement_is_narrow(resources: Resources, user: str) -> None:
    for statement in statements(resources, user):
        assert statement["Effect"] == "Allow"
        assert statement["Condition"] == {
            "StringEquals": {"aws:ResourceAccount": {"Ref": "AWS::AccountId"}, "aws:RequestedRegion": REGION}
        }
        assert not [action for action in _list(statement["Action"]) if "*" in action]
        assert not [resource for resource in _list(statement["Resource"]) if flat(resource) in {"*", ""}]


@pytest.mark.parametrize(
    ("user", "actions"),
    [
        ("bronze", {"s3:GetObject", "s3:GetObjectVersion", "s3:ListBucket", "s3:PutObject", "s3:DeleteObject"}),
        ("silver", {"s3:GetObject", "s3:ListBucket", "s3:PutObject", "s3:PutObjectTagging", "s3:DeleteObject"}),
        (
            "gold",
            {
                "s3:GetObject",
                "s3:ListBucket",
                "s3:GetBucketLocation",
                "s3:PutObject",
                "s3:AbortMultipartUpload",
                "s3:ListMultipartUploadParts",
                "s3:ListBucketMultipartUploads",
                "s3:DeleteObject",
                "athena:StartQueryExecution",
                "athena:GetQueryExecution",
            },
        ),
        (
            "maintenance",
            {
                "s3:GetObject",
                "s3:ListBucket",
                "s3:GetBucketLocation",
                "s3:PutObject",
                "s3:AbortMultipartUpload",
                "s3:ListMultipartUploadParts",
                "s3:ListBucketMultipartUploads",
                "s3:DeleteObject",
                "athena:StartQueryExecution",
                "athena:GetQueryExecution",
            },
        ),
    ],
)
def test_what_each_function_may_do_at_all(resources: Resources, user: str, actions: set[str]) -> None:
    glue = {
        "bronze": set(),
        "silver": {"glue:GetDatabase", "glue:GetTable", "glue:GetTables", "glue:CreateTable", "glue:UpdateTable"},
        "gold": {
            "glue:GetDatabase",
            "glue:GetTable",
            "glue:GetPartitions",
            "glue:CreateTable",
            "glue:UpdateTable",
        },
        "maintenance": {"glue:GetDatabase", "glue:GetTable", "glue:GetTables", "glue:UpdateTable"},
    }[user]
    assert {action for action, _ in granted(resources, user)} == actions | glue | COMMON


@pytest.mark.parametrize(
    ("user", "action", "resources_named"),
    [
        ("receive", "s3:PutObject", {"watershed-raw/*/shop/*", "watershed-raw/*/other_shop/*"}),
        ("receive", "sqs:SendMessage", {"watershed-collect"}),
        ("receive", "dynamodb:PutItem", {"watershed-receipts"}),
        ("receive", "dynamodb:GetItem", {"watershed-receipts"}),
        ("receive", "secretsmanager:GetSecretValue", {"watershed/shop/push", "watershed/other_shop/push"}),
        ("collect", "s3:PutObject", {"watershed-raw/*/shop/*", "watershed-raw/*/other_shop/*"}),
        ("collect", "sqs:SendMessage", {"watershed-collect-dlq"}),
        ("collect", "sqs:ReceiveMessage", {"watershed-collect"}),
        ("bronze", "s3:GetObject", {"watershed-raw/*", "watershed-ledger/ledger/*"}),
        ("bronze", "s3:GetObjectVersion", {"watershed-raw/*"}),
        ("bronze", "s3:PutObject", {"watershed-bronze/*", "watershed-quarantine/*", "watershed-ledger/*"}),
        ("bronze", "s3:DeleteObject", {"watershed-bronze/*", "watershed-quarantine/*"}),
        ("bronze", "sqs:SendMessage", {"watershed-silver.fifo", "watershed-bronze-dlq"}),
        ("bronze", "sqs:ReceiveMessage", {"watershed-bronze"}),
        ("silver", "s3:GetObject", {"watershed-bronze/*", "watershed-silver/*", "watershed-ledger/ledger/*"}),
        ("silver", "s3:PutObject", {"watershed-silver/*", "watershed-quarantine/*", "watershed-ledger/*"}),
        ("silver", "s3:PutObjectTagging", {"watershed-quarantine/*"}),
        ("silver", "s3:DeleteObject", {"watershed-quarantine/*"}),
        ("silver", "glue:UpdateTable", {"catalog", "database/silver", "table/silver/*"}),
        ("silver", "glue:CreateTable", {"catalog", "database/silver", "table/silver/*"}),
        ("silver", "sqs:SendMessage", {"watershed-gold", "watershed-silver-dlq.fifo"}),
        ("silver", "sqs:ReceiveMessage", {"watershed-silver.fifo"}),
        ("gold", "s3:GetObject", {"watershed-silver/*", "watershed-gold/*", "watershed-results/*"}),
        (
            "gold",
            "s3:PutObject",
            {"watershed-gold/*", "watershed-results/*", "watershed-silver/masking-key/key.csv"},
        ),
        ("gold", "s3:DeleteObject", {"watershed-gold/*"}),
        (
            "gold",
            "glue:UpdateTable",
            {"catalog", "database/gold", "table/gold/*", "database/silver", "table/silver/*_europe_berlin"},
        ),
        (
            "gold",
            "glue:GetTable",
            {
                "catalog",
                *("database/gold", "table/gold/*"),
                *("database/silver", "table/silver/*"),
                *("database/ops", "table/ops/masking_key"),
            },
        ),
        ("gold", "glue:GetPartitions", {"catalog", "database/gold", "table/gold/*"}),
        ("gold", "s3:ListBucketMultipartUploads", {"watershed-gold", "watershed-results"}),
        ("gold", "athena:StartQueryExecution", {f"arn:aws:athena:{REGION}:1234:workgroup/watershed"}),
        ("gold", "sqs:SendMessage", {"watershed-gold-dlq"}),
        ("gold", "logs:PutLogEvents", {"/aws/lambda/watershed-gold"}),
        ("maintenance", "s3:GetObject", {"watershed-silver/*", "watershed-results/*"}),
        ("maintenance", "s3:PutObject", {"watershed-silver/*", "watershed-results/*"}),
        ("maintenance", "s3:DeleteObject", {"watershed-silver/*"}),
        ("maintenance", "s3:ListBucket", {"watershed-silver", "watershed-results"}),
        ("maintenance", "glue:UpdateTable", {"catalog", "database/silver", "table/silver/*"}),
        ("maintenance", "athena:StartQueryExecution", {f"arn:aws:athena:{REGION}:1234:workgroup/watershed"}),
        ("maintenance", "sqs:SendMessage", {"watershed-maintenance", "watershed-maintenance-dlq"}),
        ("maintenance", "sqs:ReceiveMessage", {"watershed-maintenance"}),
        ("maintenance", "logs:PutLogEvents", {"/aws/lambda/watershed-maintenance"}),
        (
            "poll",
            "s3:PutObject",
            {"watershed-raw/*/polled/*", "watershed-raw/*/open_shop/*", "watershed-ledger/polls/*"},
        ),
        ("poll", "s3:GetObject", {"watershed-ledger/polls/*"}),
        ("poll", "s3:ListBucket", {"watershed-ledger"}),
        ("poll", "secretsmanager:GetSecretValue", {"watershed/polled/pull"}),
        ("poll", "sqs:SendMessage", {"watershed-poll-dlq.fifo"}),
        ("poll", "sqs:ReceiveMessage", {"watershed-poll.fifo"}),
        ("schedule", "sqs:SendMessage", {"watershed-gold", "watershed-gold-dlq"}),
        ("poll-schedule", "sqs:SendMessage", {"watershed-poll.fifo"}),
        ("maintenance-schedule", "sqs:SendMessage", {"watershed-maintenance", "watershed-maintenance-dlq"}),
        ("backfill", "lambda:InvokeFunction", {"watershed-bronze"}),
        ("backfill", "s3:GetObject", {"watershed-ledger/backfills/*"}),
        ("backfill", "states:StartExecution", {f"arn:aws:states:{REGION}:1234:stateMachine:watershed-backfill"}),
        (
            "backfill",
            "states:StopExecution",
            {
                f"arn:aws:states:{REGION}:1234:execution:watershed-backfill:*",
                f"arn:aws:states:{REGION}:1234:execution:watershed-backfill/*",
            },
        ),
    ],
)
def test_where_each_may_do_it(resources: Resources, user: str, action: str, resources_named: set[str]) -> None:
    assert {resource for each, resource in granted(resources, user) if each == action} == resources_named


@pytest.mark.parametrize("user", USERS)
def test_all_use_the_regions_key(resources: Resources, user: str) -> None:
    (key,) = resources.of("KMS::Key")
    assert {resource for action, resource in granted(resources, user) if action.startswith("kms:")} == {f"<{key}>"}


def test_the_door_reads_no_rows(resources: Resources) -> None:
    actions = {action for action, _ in granted(resources, "receive")}
    assert actions == {
        "dynamodb:GetItem", "dynamodb:PutItem", "kms:Decrypt", "kms:GenerateDataKey", "logs:CreateLogStream",
        "logs:PutLogEvents", "s3:PutObject", "secretsmanager:GetSecretValue", "sqs:SendMessage",
    }  # fmt: skip
    assert {action for action, _ in granted(resources, "collect")} == COMMON | {"s3:PutObject"}


def test_the_poll_reads_no_rows(resources: Resources) -> None:
    actions = {action for action, _ in granted(resources, "poll")}
    assert actions == COMMON | {"s3:GetObject", "s3:PutObject", "s3:ListBucket", "secretsmanager:GetSecretValue"}


def test_only_sources_write_raw_below_their_names_and_only_bronze_reads_it(resources: Resources) -> None:
    touched = {
        (user, action)
        for user in USERS
        for action, resource in granted(resources, user)
        if resource.startswith("watershed-raw")
    }
    assert touched == {
        ("receive", "s3:PutObject"),
        ("collect", "s3:PutObject"),
        ("poll", "s3:PutObject"),
        ("bronze", "s3:GetObject"),
        ("bronze", "s3:GetObjectVersion"),
        ("bronze", "s3:ListBucket"),
    }
