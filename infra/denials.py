"""Statements of resource policies that deny: whoever they name, no permission elsewhere outweighs them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
from aws_cdk import aws_iam as iam

from infra import confinement

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from constructs import Construct

_QUALIFIER = "@aws-cdk/core:bootstrapQualifier"  # the context by which one bootstraps under another name


def deny(
    sid: str, actions: Sequence[str], resources: Sequence[str], conditions: Mapping[str, Any] | None = None
) -> iam.PolicyStatement:
    """Deny actions on resources to everybody for whom the conditions hold; to everybody, if there are none."""
    return iam.PolicyStatement(
        sid=sid,
        effect=iam.Effect.DENY,
        principals=[iam.StarPrincipal()],
        actions=list(actions),
        resources=list(resources),
        conditions=conditions,
    )


def account_only(actions: Sequence[str], resources: Sequence[str]) -> list[iam.PolicyStatement]:
    """Deny actions to other accounts, and to AWS's services when they act for another account."""
    account = cdk.Aws.ACCOUNT_ID
    return [
        deny("OnlyThisAccount", actions, resources, confinement.outsiders(account)),
        deny("NoServiceForOthers", actions, resources, confinement.services_for_others(account)),
    ]


def deployer(scope: Construct) -> str:
    """The ARN of the role with which CloudFormation deploys; `cdk bootstrap` makes it, in each region."""
    stack = cdk.Stack.of(scope)
    # A stack's synthesizer would say, but the one that jsii hands out is never bound to a stack.
    qualifier = stack.node.try_get_context(_QUALIFIER) or cdk.DefaultStackSynthesizer.DEFAULT_QUALIFIER
    name = f"cdk-{qualifier}-cfn-exec-role-{cdk.Aws.ACCOUNT_ID}-{stack.region}"
    return stack.format_arn(service="iam", region="", resource="role", resource_name=name)
