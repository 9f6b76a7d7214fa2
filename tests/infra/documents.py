"""A template's policies as AWS would hold them, in account 1234, and which of their statements deny a request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.infra.resources import flat
from tests.policies.iam.context import Context
from tests.policies.iam.policy import Policy, Principal, Request

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.infra.resources import Resources

    Changed = Mapping[str, str | tuple[str, ...] | None]

ACCOUNT, OTHER, REGION = "1234", "9999", "eu-central-1"
ORGANIZATION = "o-a1b2c3d4e5"
KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/the-regions"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/watershed-silver-{REGION}"
DEPLOYER = f"arn:aws:iam::{ACCOUNT}:role/cdk-hnb659fds-cfn-exec-role-{ACCOUNT}-{REGION}"
_ARNS = {
    "S3::Bucket": ("BucketName", "arn:aws:s3:::{}"),
    "SQS::Queue": ("QueueName", f"arn:aws:sqs:{REGION}:{ACCOUNT}:{{}}"),
    "SNS::Topic": ("TopicName", f"arn:aws:sns:{REGION}:{ACCOUNT}:{{}}"),
    "Logs::LogGroup": ("LogGroupName", f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{{}}:*"),
    "Lambda::Function": ("FunctionName", f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{{}}"),
    "KMS::Key": ("Description", KEY),
    "DynamoDB::Table": ("TableName", f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{{}}"),
    "SecretsManager::Secret": ("Name", f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:{{}}-AbCdEf"),
}
# The condition keys of a request that the lake itself makes, and what makes it somebody else's.
OURS = {
    "aws:PrincipalAccount": ACCOUNT,
    "aws:PrincipalArn": ROLE,
    "aws:PrincipalIsAWSService": "false",
    "aws:PrincipalOrgID": ORGANIZATION,
    "aws:RequestedRegion": REGION,
    "aws:ResourceAccount": ACCOUNT,
    "aws:SecureTransport": "true",
}
ANOTHER_ACCOUNT = {"aws:PrincipalAccount": OTHER, "aws:PrincipalArn": f"arn:aws:iam::{OTHER}:role/somebody"}
NOBODY = dict.fromkeys(("aws:PrincipalAccount", "aws:PrincipalArn", "aws:PrincipalIsAWSService", "aws:PrincipalOrgID"))
A_SERVICE = {**NOBODY, "aws:PrincipalIsAWSService": "true", "aws:SourceAccount": ACCOUNT}
A_SERVICE_FOR_OTHERS = {**A_SERVICE, "aws:SourceAccount": OTHER}


def settled(resources: Resources, value: Any) -> Any:
    """A value of the template with every function worked out."""
    found = {
        f"<{logical}>": arn.format(flat(each["Properties"][name]))
        for kind, (name, arn) in _ARNS.items()
        for logical, each in resources.of(kind).items()
    }

    def settle(each: Any) -> Any:
        if isinstance(each, list):
            return [settle(item) for item in each]
        if isinstance(each, dict) and not any(key == "Ref" or key.startswith("Fn::") for key in each):
            return {key: settle(item) for key, item in each.items()}
        text = flat(each)
        for logical, arn in found.items():
            text = text.replace(logical, arn)
        return text

    return settle(value)


def policies(resources: Resources, kind: str, of: str) -> dict[str, Policy]:
    """The policies of one type, by the ARN of the one resource that the property `of` names."""
    found = {}
    for logical, each in resources.of(kind).items():
        named, document = each["Properties"][of], each["Properties"]["PolicyDocument"]
        protected = settled(resources, named[0] if isinstance(named, list) else named)
        found[protected] = Policy.parse(logical, settled(resources, document))
    return found


def allowances(policy: Policy, action: str, resource: str, changed: Changed) -> set[str]:
    """As `denials`, of the statements that allow it."""
    return _about(policy, "Allow", action, resource, changed)


def denials(policy: Policy, action: str, resource: str, changed: Changed) -> set[str]:
    """The ids of the statements that deny a request, which is the lake's own but for some condition keys.

    Args:
        policy: The policy.
        action: E.g. `s3:GetObject`.
        resource: Its ARN.
        changed: Condition keys that differ; None for one that is absent.
    """
    return _about(policy, "Deny", action, resource, changed)


def _about(policy: Policy, effect: str, action: str, resource: str, changed: Changed) -> set[str]:
    context = {key: value for key, value in {**OURS, **changed}.items() if value is not None}
    request = Request(Principal(), action, resource, ACCOUNT, Context(context))
    return {each.sid for each in policy.statements if each.effect == effect and each.about(request)}
