"""A template with its references resolved, for one account: names and ARNs as CloudFormation would give them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from tests.policies.iam.errors import NotModelled

if TYPE_CHECKING:
    from collections.abc import Mapping

# What `Ref` and `Fn::GetAtt` give, by type; in braces are the resource's own properties.
_GIVES = {
    "S3::Bucket": {"Ref": "{BucketName}", "Arn": "arn:aws:s3:::{BucketName}"},
    "SQS::Queue": {
        "Ref": "https://sqs.{region}.amazonaws.com/{account}/{QueueName}",
        "Arn": "arn:aws:sqs:{region}:{account}:{QueueName}",
        "QueueName": "{QueueName}",
    },
    "SNS::Topic": {
        "Ref": "arn:aws:sns:{region}:{account}:{TopicName}",
        "Arn": "arn:aws:sns:{region}:{account}:{TopicName}",  # which CloudFormation calls TopicArn
    },
    "DynamoDB::Table": {"Ref": "{TableName}", "Arn": "arn:aws:dynamodb:{region}:{account}:table/{TableName}"},
    # Secrets Manager ends the ARN in six letters of its own.
    "SecretsManager::Secret": {"Ref": "arn:aws:secretsmanager:{region}:{account}:secret:{Name}-AbCdEf"},
    "KMS::Key": {"Ref": "{id}", "Arn": "arn:aws:kms:{region}:{account}:key/{id}"},
    "IAM::Role": {"Ref": "{RoleName}", "Arn": "arn:aws:iam::{account}:role/{RoleName}"},
    "IAM::ManagedPolicy": {"Ref": "arn:aws:iam::{account}:policy/{ManagedPolicyName}"},
    "Lambda::Function": {
        "Ref": "{FunctionName}",
        "Arn": "arn:aws:lambda:{region}:{account}:function:{FunctionName}",
    },
    "Logs::LogGroup": {"Ref": "{LogGroupName}", "Arn": "arn:aws:logs:{region}:{account}:log-group:{LogGroupName}:*"},
    "CloudWatch::Alarm": {"Arn": "arn:aws:cloudwatch:{region}:{account}:alarm:{AlarmName}"},
    "EC2::SecurityGroup": {"Ref": "{id}", "GroupId": "{id}"},
    "EC2::Subnet": {"Ref": "{id}"},
    "RDS::DBCluster": {"Ref": "{DBClusterIdentifier}", "DBClusterResourceId": "cluster-ABC"},
    "StepFunctions::StateMachine": {"Arn": "arn:aws:states:{region}:{account}:stateMachine:{StateMachineName}"},
}
_OWN = {"Arn", "Ref"}
_IN_TEXT = re.compile(r"\$\{([^!}]+)\}")


class Template:
    """One region's template in one account."""

    def __init__(self, template: Mapping[str, Any], account: str, region: str) -> None:
        self.account, self.region = account, region
        self._resources: dict[str, dict[str, Any]] = template["Resources"]
        self._given = {
            "AWS::AccountId": account,
            "AWS::Partition": "aws",
            "AWS::Region": region,
            "AWS::URLSuffix": "amazonaws.com",
        }

    def types(self) -> set[str]:
        """The types of all resources, without `AWS::`."""
        return {each["Type"].removeprefix("AWS::") for each in self._resources.values()}

    def of(self, kind: str, *properties: str) -> list[dict[str, Any]]:
        """Those properties of all resources of a type, resolved; None is one that a resource lacks.

        `Arn` and `Ref` are what CloudFormation's functions of that name give.
        """
        return [
            {
                name: self._get(logical_id, name) if name in _OWN else self.resolve(each["Properties"].get(name))
                for name in properties
            }
            for logical_id, each in self._resources.items()
            if each["Type"] == f"AWS::{kind}"
        ]

    def resolve(self, value: Any) -> Any:
        """A value of the template without its functions.

        Raises:
            NotModelled: for functions, types and attributes that are not listed here.
        """
        if isinstance(value, list):
            return [self.resolve(item) for item in value]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            (function,) = value
            if function == "Ref" or function.startswith("Fn::"):
                return self._call(function, value[function])
        return {key: self.resolve(item) for key, item in value.items()}

    def _call(self, function: str, argument: Any) -> str:
        if function == "Ref":
            return self._named(argument)
        if function == "Fn::GetAtt":
            return self._get(*(argument if isinstance(argument, list) else argument.split(".", 1)))
        if function == "Fn::Join":
            return str(argument[0]).join(map(str, self.resolve(argument[1])))
        if function == "Fn::Sub" and isinstance(argument, str):
            return _IN_TEXT.sub(lambda found: self._named(found[1]), argument)
        raise NotModelled(f"{function} is not resolved by {__name__}.")

    def _named(self, name: str) -> str:
        """What `${name}` stands for in a text."""
        logical_id, _, attribute = name.partition(".")
        return self._given.get(name) or self._get(logical_id, attribute or "Ref")

    def _get(self, logical_id: str, attribute: str) -> str:
        if logical_id not in self._resources:
            raise NotModelled(f"{logical_id} is no resource of the template.")
        found = self._resources[logical_id]
        gives = _GIVES.get(found["Type"].removeprefix("AWS::"), {}).get(attribute)
        if gives is None:
            raise NotModelled(f"{__name__} does not say what {attribute} of {found['Type']} is.")
        names = {key: self.resolve(found["Properties"][key]) for key in re.findall(r"\{([A-Z]\w*)\}", gives)}
        return gives.format(id=logical_id, account=self.account, region=self.region, **names)
