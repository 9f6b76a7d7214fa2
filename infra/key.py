"""The region's one encryption key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from constructs import Construct
from watershed import names

from infra import confinement
from infra.denials import account_only, deny

if TYPE_CHECKING:
    from collections.abc import Mapping

USERS = ("s3", "sqs", "sns", "secretsmanager")  # the services that encrypt with it in somebody's name


DATABASE_USERS = ("rds",)
_DATABASE_LOGS = (names.DATABASE_LOG, names.FLOW_LOG)


class Key(Construct):
    """A single-region, customer-managed key for every bucket, queue, topic and log group of the region.

    One key and not one per store: a key costs a dollar a month, S3's bucket keys make requests to it rare, and what
    separates readers are the roles' statements on buckets. See docs/decisions/one-key-per-region.md.
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, organization: str | None, database: bool = False
    ) -> None:
        super().__init__(scope, construct_id)
        stack = cdk.Stack.of(self)
        self.key = kms.Key(
            self,
            "Key",
            description="Everything that Watershed keeps in this region",
            enable_key_rotation=True,
            removal_policy=cdk.RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
        )
        self.key.add_alias(names.KEY_ALIAS)
        own_account = {"StringEquals": {"aws:SourceAccount": cdk.Aws.ACCOUNT_ID}}
        self._let("S3Notifies", "s3.amazonaws.com", ["kms:Decrypt", "kms:GenerateDataKey"], own_account)
        self._let("AlarmsNotify", "cloudwatch.amazonaws.com", ["kms:Decrypt", "kms:GenerateDataKey"], own_account)
        groups = [
            stack.format_arn(
                service="logs", resource="log-group", resource_name=name, arn_format=cdk.ArnFormat.COLON_RESOURCE_NAME
            )
            for name in (f"/aws/lambda/{names.PREFIX}-*", names.DOOR_LOG, *(_DATABASE_LOGS if database else ()))
        ]
        self._let(
            "LogsEncrypt",
            f"logs.{stack.region}.amazonaws.com",
            ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"],
            {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": groups}},
        )

        self._confine(organization, database)

    def _confine(self, organization: str | None, database: bool) -> None:
        """Deny its use from outside the account, past the region's services, and whatever would share it.

        Nothing here denies a change of this policy: nobody could ever undo a mistake, not even the account's root.
        """
        region = cdk.Stack.of(self).region
        users = (*USERS, *(DATABASE_USERS if database else ()))
        services = [f"{service}.{region}.amazonaws.com" for service in users]
        past_services = {
            "StringNotEquals": {"kms:ViaService": services},
            "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
        }
        statements = [
            *account_only(["kms:*"], ["*"]),
            deny("OnlyThroughTheRegionsServices", confinement.KMS_USE, ["*"], past_services),
            *(
                _stays_but_for_the_database(region)
                if database
                else [deny("StaysHere", confinement.KMS_WAYS_OUT, ["*"])]
            ),
        ]
        if organization:
            outside = confinement.strangers(organization)
            statements.append(deny("OnlyTheOrganization", confinement.KMS_USE, ["*"], outside))
        for statement in statements:
            self.key.add_to_resource_policy(statement)

    def _let(self, sid: str, service: str, actions: list[str], conditions: Mapping[str, Any]) -> None:
        """Let an AWS service use the key on this account's behalf; in a key's policy `*` means this key."""
        self.key.add_to_resource_policy(
            iam.PolicyStatement(
                sid=sid,
                actions=actions,
                principals=[iam.ServicePrincipal(service)],
                resources=["*"],
                conditions=conditions,
            )
        )


def _stays_but_for_the_database(region: str) -> list[iam.PolicyStatement]:
    """As `StaysHere`, but that RDS may be granted its use for a database that is encrypted with it."""
    return [
        deny("StaysHere", confinement.KMS_COPIES, ["*"]),
        *(deny(sid, confinement.KMS_GRANTS, ["*"], tests) for sid, tests in confinement.other_grants(region).items()),
    ]
