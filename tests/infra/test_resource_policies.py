"""Key, queues and topic: for this account and its services alone; and all policies fit what AWS takes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from watershed import names

from tests.infra.documents import (
    A_SERVICE,
    A_SERVICE_FOR_OTHERS,
    ACCOUNT,
    ANOTHER_ACCOUNT,
    DEPLOYER,
    KEY,
    NOBODY,
    REGION,
    denials,
    policies,
    settled,
)
from tests.infra.resources import STAGES
from tests.policies.iam.policy import Policy

if TYPE_CHECKING:
    from tests.infra.resources import Resources

QUEUES = [name(stage) for stage in STAGES for name in (names.queue, names.dead_letter_queue)]
THROUGH_S3 = {"kms:ViaService": f"s3.{REGION}.amazonaws.com"}


def key_policy(resources: Resources) -> Policy:
    (key,) = resources.of("KMS::Key").values()
    return Policy.parse("key", settled(resources, key["Properties"]["KeyPolicy"]))


@pytest.mark.parametrize(
    ("case", "action", "changed", "by"),
    [
        ("a function, through S3", "kms:Decrypt", THROUGH_S3, set()),
        ("a function, through SQS", "kms:GenerateDataKey", {"kms:ViaService": f"sqs.{REGION}.amazonaws.com"}, set()),
        ("S3's notifications", "kms:GenerateDataKey", A_SERVICE, set()),
        ("CloudWatch Logs", "kms:Encrypt", {**A_SERVICE, "aws:SourceAccount": None}, set()),
        ("somebody looks at the key", "kms:DescribeKey", {}, set()),
        ("a deployment changes the policy", "kms:PutKeyPolicy", {"aws:PrincipalArn": DEPLOYER}, set()),
        ("an operator disables it", "kms:DisableKey", {}, set()),
        (
            "a wrong organization is mended",
            "kms:PutKeyPolicy",
            {"aws:PrincipalArn": DEPLOYER, "aws:PrincipalOrgID": "o-other67890"},
            set(),
        ),
        ("past the services", "kms:Decrypt", {}, {"OnlyThroughTheRegionsServices"}),
        (
            "through another region's S3",
            "kms:Decrypt",
            {"kms:ViaService": "s3.us-east-1.amazonaws.com"},
            {"OnlyThroughTheRegionsServices"},
        ),
        ("another account", "kms:Decrypt", {**THROUGH_S3, **ANOTHER_ACCOUNT}, {"OnlyThisAccount"}),
        ("another account's policy", "kms:PutKeyPolicy", ANOTHER_ACCOUNT, {"OnlyThisAccount"}),
        ("a service for another account", "kms:GenerateDataKey", A_SERVICE_FOR_OTHERS, {"NoServiceForOthers"}),
        ("a replica", "kms:ReplicateKey", {"aws:PrincipalArn": DEPLOYER}, {"StaysHere"}),
        ("a grant", "kms:CreateGrant", {}, {"StaysHere"}),
        (
            "outside the organization",
            "kms:Decrypt",
            {**THROUGH_S3, "aws:PrincipalOrgID": "o-other67890"},
            {"OnlyTheOrganization"},
        ),
    ],
)
def test_what_the_key_denies(
    organized: Resources, case: str, action: str, changed: dict[str, Any], by: set[str]
) -> None:
    assert denials(key_policy(organized), action, KEY, changed) == by, case


@pytest.mark.parametrize("queue", QUEUES)
@pytest.mark.parametrize(
    ("changed", "by"),
    [
        ({}, set()),
        (A_SERVICE, set()),
        (ANOTHER_ACCOUNT, {"OnlyThisAccount"}),
        (NOBODY, {"OnlyThisAccount"}),
        (A_SERVICE_FOR_OTHERS, {"NoServiceForOthers"}),
    ],
)
def test_queues_are_for_this_account(resources: Resources, queue: str, changed: dict[str, Any], by: set[str]) -> None:
    arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:{queue}"
    found = policies(resources, "SQS::QueuePolicy", "Queues")
    assert set(found) == {f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}" for name in QUEUES}
    for action in ("sqs:SendMessage", "sqs:ReceiveMessage", "sqs:SetQueueAttributes"):
        assert denials(found[arn], action, arn, changed) == by


@pytest.mark.parametrize(
    ("changed", "by"),
    [
        ({}, set()),
        (A_SERVICE, set()),
        (ANOTHER_ACCOUNT, {"OnlyThisAccount"}),
        (A_SERVICE_FOR_OTHERS, {"NoServiceForOthers"}),
    ],
)
def test_the_topic_is_for_this_account(resources: Resources, changed: dict[str, Any], by: set[str]) -> None:
    ((arn, policy),) = policies(resources, "SNS::TopicPolicy", "Topics").items()
    for action in ("sns:Publish", "sns:Subscribe", "sns:AddPermission"):
        assert denials(policy, action, arn, changed) == by
    named = {action for each in policy.statements for action in each.actions}
    assert not [action for action in named if "*" in action], "SNS refuses a topic policy with a wildcard"


@pytest.mark.parametrize(
    ("kind", "path", "limit"),
    [
        ("S3::BucketPolicy", "PolicyDocument", 20_480),
        ("KMS::Key", "KeyPolicy", 32_768),
        ("SNS::TopicPolicy", "PolicyDocument", 30_720),
        ("SQS::QueuePolicy", "PolicyDocument", 8_192),
        ("IAM::ManagedPolicy", "PolicyDocument", 6_144),
    ],
)
def test_policies_fit_what_aws_takes(organized: Resources, kind: str, path: str, limit: int) -> None:
    for each in organized.of(kind).values():
        document = json.dumps(settled(organized, each["Properties"][path]), separators=(",", ":"))
        assert len(document) < limit * 0.9  # accounts and names here are shorter than some


def test_roles_own_policies_fit(resources: Resources) -> None:
    for role in resources.of("IAM::Role").values():
        (policy,) = role["Properties"]["Policies"]
        assert len(json.dumps(settled(resources, policy["PolicyDocument"]), separators=(",", ":"))) < 10_240 * 0.9
