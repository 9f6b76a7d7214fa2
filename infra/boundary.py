"""The permissions boundary of every role in the region's stack."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import Construct
from watershed import names

from infra.guardrails.boundary import boundary
from infra.guardrails.place import Place
from infra.nag import accept

_REASON = "A boundary allows nothing: the roles' own statements name the resources."


class Boundary(Construct):
    """One managed policy that bounds all roles of the stack: whatever is written into one later stays in the region."""

    def __init__(
        self, scope: Construct, construct_id: str, *, quicksight: bool = False, database: bool = False
    ) -> None:
        super().__init__(scope, construct_id)
        stack = cdk.Stack.of(self)
        place = Place(stack.region, cdk.Aws.ACCOUNT_ID, cdk.Aws.PARTITION, database, quicksight)
        document = boundary(place)
        policy = iam.ManagedPolicy(
            self,
            "Policy",
            managed_policy_name=names.boundary(stack.region),
            description="The most that a role of Watershed may be allowed in this region",
            document=iam.PolicyDocument.from_json(document),
        )
        wide = {resource for each in document["Statement"] for resource in each["Resource"] if "*" in resource}
        accept(policy, {f"AwsSolutions-IAM5[Resource::{_flat(each)}]": _REASON for each in sorted(wide)})
        iam.PermissionsBoundary.of(stack).apply(policy)


def _flat(arn: str) -> str:
    """As cdk-nag spells it."""
    return arn.replace(cdk.Aws.PARTITION, "<AWS::Partition>").replace(cdk.Aws.ACCOUNT_ID, "<AWS::AccountId>")
