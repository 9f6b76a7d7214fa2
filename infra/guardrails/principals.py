"""Service control policies: what nobody in an account may do, whatever else allows it."""

from __future__ import annotations

from watershed import names

from infra.confinement import S3_SETTINGS, S3_WAYS_OUT
from infra.guardrails.place import Document, Place, Statement, deny, key_stays, policy

# Services without regions, and what an account is run by; none of them holds rows.
_NOT_REGIONAL = (
    "account:*",
    "billing:*",
    "budgets:*",
    "ce:*",
    "health:*",
    "iam:*",
    "organizations:*",
    "payments:*",
    "s3:ListAllMyBuckets",
    "sts:*",
    "support:*",
    "tax:*",
    "trustedadvisor:*",
)
# What opens a resource to others, or takes a protection away from it.
_SETTINGS = (
    "athena:DeleteWorkGroup",
    "athena:UpdateWorkGroup",
    "lambda:AddPermission",
    "lambda:CreateFunctionUrlConfig",
    "lambda:UpdateFunction*",
    "logs:AssociateKmsKey",
    "logs:DeleteDataProtectionPolicy",
    "logs:DisassociateKmsKey",
    "logs:PutDataProtectionPolicy",
    "logs:PutSubscriptionFilter",
    "logs:Unmask",
    "secretsmanager:PutResourcePolicy",
    "secretsmanager:ReplicateSecretToRegions",
    "sns:AddPermission",
    "sns:SetTopicAttributes",
    "sqs:AddPermission",
    "sqs:SetQueueAttributes",
    "states:UpdateStateMachine",
)
_SET = (
    f"athena:{{place}}:workgroup/{names.WORKGROUP}",
    f"athena:{{place}}:workgroup/{names.ANALYSTS_WORKGROUP}",
    f"lambda:{{place}}:function:{names.PREFIX}-*",
    f"logs:{{place}}:log-group:/aws/lambda/{names.PREFIX}-*",
    f"secretsmanager:{{place}}:secret:{names.PREFIX}/*",
    f"sns:{{place}}:{names.ALARM_TOPIC}",
    f"sqs:{{place}}:{names.PREFIX}-*",
    f"states:{{place}}:stateMachine:{names.BACKFILL}",
)
_ROLES = (
    "iam:AttachRolePolicy",
    "iam:CreatePolicyVersion",
    "iam:CreateRole",
    "iam:DeletePolicy*",
    "iam:DeleteRole*",
    "iam:DetachRolePolicy",
    "iam:PassRole",  # a function of another region with this region's role would read here, and keep there
    "iam:PutRole*",
    "iam:SetDefaultPolicyVersion",
    "iam:UpdateAssumeRolePolicy",
    "iam:UpdateRole*",
)


def service_control(place: Place) -> Document:
    """What nobody in the account may do with this region of the lake; it leaves other regions and workloads alone."""
    region, prefix = place.region, names.PREFIX
    ours = {"ArnLike": {"aws:PrincipalArn": place.role(f"{prefix}-*-{region}")}}
    by_hand = {"ArnNotLike": {"aws:PrincipalArn": place.role(f"cdk-*-cfn-exec-role-*-{region}")}}
    key = {"ForAnyValue:StringEquals": {"kms:ResourceAliases": names.KEY_ALIAS}}
    bounds = place.arn(f"iam::{place.account or '*'}:policy/{names.boundary(region)}")
    elsewhere = {"StringNotEquals": {"aws:RequestedRegion": region}, **ours}
    abroad = {"StringNotEquals": {"aws:ResourceAccount": place.account or "${aws:PrincipalAccount}"}, **ours}
    return policy(
        [
            _nearly_all(place, deny("RolesStayInRegion", ["*"], ["*"], elsewhere)),
            _nearly_all(place, deny("RolesStayInAccount", ["*"], ["*"], abroad)),
            deny("NothingLeavesByItself", S3_WAYS_OUT, [*place.buckets(), *place.objects()]),
            *key_stays(place, [place.arn("kms:{place}:key/*")], key),
            deny(
                "KeyByDeployment",
                ("kms:DisableKey", "kms:PutKeyPolicy", "kms:ScheduleKeyDeletion"),
                [place.arn("kms:{place}:key/*")],
                {**key, **by_hand},
            ),
            deny(
                "AliasByDeployment",
                ("kms:DeleteAlias", "kms:UpdateAlias"),
                [place.arn(f"kms:{{place}}:{names.KEY_ALIAS}")],
                by_hand,
            ),
            deny("BucketsByDeployment", S3_SETTINGS, place.buckets(), by_hand),
            deny("RestByDeployment", _SETTINGS, [place.arn(resource) for resource in _SET], by_hand),
            deny("RolesByDeployment", _ROLES, [place.role(f"{prefix}-*-{region}"), bounds], by_hand),
        ]
    )


def _nearly_all(place: Place, denial: Statement) -> Statement:
    """Of everything, all but signing in to the database: RDS does not say its region, and the roles' ARNs do."""
    if not place.database:
        return denial
    return {("NotAction" if name == "Action" else name): value for name, value in denial.items()} | {
        "NotAction": ["rds-db:connect"]
    }


def own_account(place: Place) -> Document:
    """What an account may not do at all that holds one region of the lake, and nothing else."""
    return policy(
        [
            {
                "Sid": "OnlyThisRegion",
                "Effect": "Deny",
                "NotAction": list(_NOT_REGIONAL),
                "Resource": "*",
                "Condition": {"StringNotEquals": {"aws:RequestedRegion": place.region}},
            },
            deny(
                "NothingIsShared",
                (
                    "glue:DeleteResourcePolicy",
                    "kms:ReplicateKey",
                    "lakeformation:BatchGrantPermissions",
                    "lakeformation:GrantPermissions",
                    "lakeformation:RegisterResource",
                    "logs:CreateExportTask",
                    "logs:PutAccountPolicy",
                    "logs:PutSubscriptionFilter",
                    "ram:AssociateResourceShare",
                    "ram:CreateResourceShare",
                    "s3:CreateMultiRegionAccessPoint",
                    "s3:PutReplicationConfiguration",
                ),
                ["*"],
            ),
            deny("AccountStays", ("organizations:LeaveOrganization",), ["*"]),
        ]
    )
