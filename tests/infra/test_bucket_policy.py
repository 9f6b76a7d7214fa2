"""Every bucket's policy: what leads out of the region, its key or its account is denied, and the lake's work is not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from watershed import names
from watershed.names import Layer

from infra.denials import deployer
from tests.infra.documents import (
    A_SERVICE,
    A_SERVICE_FOR_OTHERS,
    ACCOUNT,
    ANOTHER_ACCOUNT,
    DEPLOYER,
    KEY,
    NOBODY,
    OTHER,
    REGION,
    denials,
    policies,
)
from tests.infra.resources import flat

if TYPE_CHECKING:
    from pathlib import Path

    from tests.infra.resources import Resources

RAW = f"arn:aws:s3:::{names.bucket(Layer.RAW, ACCOUNT, REGION)}"
OBJECT = f"{RAW}/orders/a.csv"
STRANGER = {"aws:PrincipalOrgID": "o-other67890"}
ENCRYPTION = "s3:x-amz-server-side-encryption"
KEY_ID = "s3:x-amz-server-side-encryption-aws-kms-key-id"
ACCESS_POINT = "s3:DataAccessPointArn"


def test_every_bucket_has_the_same_policy_and_it_allows_nothing(resources: Resources) -> None:
    found = policies(resources, "S3::BucketPolicy", "Bucket")
    assert set(found) == {f"arn:aws:s3:::{names.bucket(layer, ACCOUNT, REGION)}" for layer in Layer}
    assert len({tuple(each.sid for each in policy.statements) for policy in found.values()}) == 1
    assert not [each for policy in found.values() for each in policy.statements if each.effect != "Deny"]


@pytest.mark.parametrize(
    ("case", "action", "changed"),
    [
        ("a function reads", "s3:GetObject", {}),
        ("a function lists", "s3:ListBucket", {}),
        ("a function deletes", "s3:DeleteObject", {}),
        ("an upload that names no encryption", "s3:PutObject", {}),
        ("an upload that names the region's key", "s3:PutObject", {ENCRYPTION: "aws:kms", KEY_ID: KEY}),
        ("Athena, for somebody of the account", "s3:GetObject", {"aws:ViaAWSService": "true"}),
        ("a service for this account", "s3:PutObject", A_SERVICE),
        ("a service that says for nobody", "s3:GetObject", {**A_SERVICE, "aws:SourceAccount": None}),
        (
            "an access point of this account and region",
            "s3:GetObject",
            {ACCESS_POINT: f"arn:aws:s3:{REGION}:{ACCOUNT}:accesspoint/ours"},
        ),
        ("somebody looks at the policy", "s3:GetBucketPolicy", {}),
        ("an operator deletes the empty bucket", "s3:DeleteBucket", {}),
        ("a deployment changes the policy", "s3:PutBucketPolicy", {"aws:PrincipalArn": DEPLOYER}),
        ("a deployment removes the policy", "s3:DeleteBucketPolicy", {"aws:PrincipalArn": DEPLOYER}),
        ("a deployment changes retention", "s3:PutLifecycleConfiguration", {"aws:PrincipalArn": DEPLOYER}),
        (
            "a wrong organization is mended",
            "s3:PutBucketPolicy",
            {"aws:PrincipalArn": DEPLOYER, **STRANGER},
        ),
    ],
)
def test_what_the_lake_and_its_operators_need_is_not_denied(
    organized: Resources, case: str, action: str, changed: dict[str, Any]
) -> None:
    policy = policies(organized, "S3::BucketPolicy", "Bucket")[RAW]
    assert denials(policy, action, OBJECT if "Object" in action else RAW, changed) == set(), case


@pytest.mark.parametrize(
    ("case", "action", "changed", "by"),
    [
        ("without TLS", "s3:GetObject", {"aws:SecureTransport": "false"}, "statement 1"),
        ("another account reads", "s3:GetObject", ANOTHER_ACCOUNT, "OnlyThisAccount"),
        ("another account looks", "s3:GetBucketPolicy", ANOTHER_ACCOUNT, "OnlyThisAccount"),
        ("nobody in particular reads", "s3:GetObject", NOBODY, "OnlyThisAccount"),
        ("a service for another account", "s3:PutObject", A_SERVICE_FOR_OTHERS, "NoServiceForOthers"),
        ("a copy by another region", "s3:GetObject", {"aws:RequestedRegion": "us-east-1"}, "OnlyThisRegion"),
        ("another region lists", "s3:ListBucketVersions", {"aws:RequestedRegion": "us-east-1"}, "OnlyThisRegion"),
        (
            "another account's access point",
            "s3:GetObject",
            {ACCESS_POINT: f"arn:aws:s3:{REGION}:{OTHER}:accesspoint/theirs"},
            "OnlyOwnAccessPoints",
        ),
        (
            "an access point of another region",
            "s3:GetObject",
            {ACCESS_POINT: f"arn:aws:s3:us-east-1:{ACCOUNT}:accesspoint/ours"},
            "OnlyOwnAccessPoints",
        ),
        (
            "a multi-region access point",
            "s3:GetObject",
            {ACCESS_POINT: f"arn:aws:s3::{ACCOUNT}:accesspoint/ours.mrap"},
            "OnlyOwnAccessPoints",
        ),
        (
            "replication",
            "s3:PutReplicationConfiguration",
            {"aws:PrincipalArn": DEPLOYER},
            "NothingLeavesByItself",
        ),
        ("a replica is read", "s3:GetObjectVersionForReplication", A_SERVICE, "NothingLeavesByItself"),
        ("an access list of an object", "s3:PutObjectAcl", {}, "NothingLeavesByItself"),
        ("an inventory", "s3:PutInventoryConfiguration", {}, "NothingLeavesByItself"),
        ("public by hand", "s3:PutBucketPublicAccessBlock", {}, "OnlyDeploymentsConfigure"),
        ("another policy by hand", "s3:PutBucketPolicy", {}, "OnlyDeploymentsConfigure"),
        ("no policy by hand", "s3:DeleteBucketPolicy", {}, "OnlyDeploymentsConfigure"),
        (
            "another region's deployment",
            "s3:PutBucketPolicy",
            {"aws:PrincipalArn": DEPLOYER.replace(REGION, "us-east-1")},
            "OnlyDeploymentsConfigure",
        ),
        ("S3's own key", "s3:PutObject", {ENCRYPTION: "AES256"}, "OnlyTheRegionsKey"),
        ("AWS's key in KMS", "s3:PutObject", {ENCRYPTION: "aws:kms"}, "OnlyTheRegionsKey"),
        (
            "another key",
            "s3:PutObject",
            {ENCRYPTION: "aws:kms", KEY_ID: KEY.replace("the-regions", "another")},
            "OnlyTheRegionsKey",
        ),
        (
            "a key of the caller's",
            "s3:PutObject",
            {"s3:x-amz-server-side-encryption-customer-algorithm": "AES256"},
            "NoCustomersKeys",
        ),
        (
            "outside the organization",
            "s3:GetObject",
            STRANGER,
            "OnlyTheOrganization",
        ),
        ("in no organization", "s3:ListBucket", {"aws:PrincipalOrgID": None}, "OnlyTheOrganization"),
    ],
)
def test_what_leads_out_is_denied(
    organized: Resources, case: str, action: str, changed: dict[str, Any], by: str
) -> None:
    policy = policies(organized, "S3::BucketPolicy", "Bucket")[RAW]
    assert by in denials(policy, action, OBJECT if "Object" in action else RAW, changed), case


def test_without_an_organization_nothing_is_said_of_one(template: dict[str, Any]) -> None:
    assert "PrincipalOrgID" not in str(template)


@pytest.mark.parametrize("qualifier", [None, "acme"])
def test_the_role_that_may_configure_is_the_one_that_deploys(qualifier: str | None, tmp_path: Path) -> None:
    import aws_cdk as cdk

    context = {"@aws-cdk/core:bootstrapQualifier": qualifier} if qualifier else None
    app = cdk.App(outdir=str(tmp_path), context=context, builtin_cloud_formation_validation=False)
    stack = cdk.Stack(app, "Stack", env=cdk.Environment(region=REGION), synthesizer=cdk.DefaultStackSynthesizer())
    cdk.CfnOutput(stack, "Deployer", value=deployer(stack))
    made = app.synth().get_stack_by_name("Stack")
    said = flat(made.template["Outputs"]["Deployer"]["Value"])
    deploys = made.cloud_formation_execution_role_arn
    assert deploys is not None
    assert said == deploys.replace("${AWS::Partition}", "aws").replace("${AWS::AccountId}", ACCOUNT)
    assert (qualifier or "hnb659fds") in said
