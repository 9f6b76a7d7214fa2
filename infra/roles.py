"""Roles whose every permission is written out, and confined to this account and region."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
from aws_cdk import aws_iam as iam

from infra.nag import accept

if TYPE_CHECKING:
    from collections.abc import Sequence

    from constructs import Construct


# Services that say for whose account they take a role. Lambda and QuickSight take those that were passed to them, which
# is possible within an account only, and says the same.
_SAYS_FOR_WHOM = {"scheduler.amazonaws.com", "states.amazonaws.com", "vpc-flow-logs.amazonaws.com"}
_TRUST = {"StringEquals": {"aws:SourceAccount": cdk.Aws.ACCOUNT_ID}}


def allow(scope: Construct, sid: str, actions: Sequence[str], resources: Sequence[str]) -> iam.PolicyStatement:
    """Allow actions on resources, in this account and this region only: a bucket's ARN alone says neither."""
    return iam.PolicyStatement(
        sid=sid,
        actions=list(actions),
        resources=list(resources),
        conditions={
            "StringEquals": {
                "aws:ResourceAccount": cdk.Aws.ACCOUNT_ID,
                "aws:RequestedRegion": cdk.Stack.of(scope).region,
            }
        },
    )


def role(
    scope: Construct, name: str, service: str, statements: Sequence[iam.PolicyStatement], *, wildcards: str = ""
) -> iam.Role:
    """A role that one AWS service may take, with exactly these statements, in the role itself.

    Args:
        scope: The construct that the role belongs to.
        name: The role's physical name.
        service: The service that takes it, e.g. `lambda.amazonaws.com`.
        statements: All that it may do.
        wildcards: Why some resources end in `*`; needed if any does.
    """
    made = iam.Role(
        scope,
        "Role",
        role_name=name,
        assumed_by=iam.ServicePrincipal(service, conditions=_TRUST if service in _SAYS_FOR_WHOM else None),
        inline_policies={"all": iam.PolicyDocument(statements=list(statements))},
    )
    open_ended = [text for each in statements for text in _texts(scope, each) if "*" in text]
    if open_ended and not wildcards:
        raise ValueError(f"The role {name} needs a reason for its wildcards: {', '.join(open_ended)}.")
    accept(made, {f"AwsSolutions-IAM5[Resource::{text}]": wildcards for text in open_ended})
    return made


def _texts(scope: Construct, statement: iam.PolicyStatement) -> list[str]:
    return [_flat(cdk.Stack.of(scope).resolve(resource)) for resource in statement.resources]


def _flat(value: Any) -> str:
    """A resolved string as cdk-nag spells it: `<LogicalId.Arn>/*`."""
    if not isinstance(value, dict):
        return str(value)
    if "Fn::Join" in value:
        separator, parts = value["Fn::Join"]
        return str(separator).join(_flat(part) for part in parts)
    if "Fn::GetAtt" in value:
        return f"<{'.'.join(value['Fn::GetAtt'])}>"
    return f"<{value['Ref']}>"
