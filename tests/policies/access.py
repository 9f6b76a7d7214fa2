"""All that a region's template says about access: roles, the policies of resources, and what each key encrypts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from tests.policies.iam.errors import NotModelled
from tests.policies.iam.evaluate import Decision, Policies, decide
from tests.policies.iam.policy import Policy, Request
from tests.policies.template import Template

_POLICIES = {"IAM::Role", "IAM::ManagedPolicy", "S3::BucketPolicy", "SQS::QueuePolicy", "SNS::TopicPolicy", "KMS::Key"}
_WITHOUT = {  # types whose resources say nothing about access
    "ApiGatewayV2::Api",
    "ApiGatewayV2::Integration",
    "ApiGatewayV2::Route",
    "ApiGatewayV2::Stage",
    "Athena::NamedQuery",
    "Athena::WorkGroup",
    "CloudWatch::Alarm",
    "DynamoDB::Table",
    "EC2::FlowLog",
    "EC2::RouteTable",
    "EC2::SecurityGroup",
    "EC2::SecurityGroupIngress",
    "EC2::Subnet",
    "EC2::SubnetRouteTableAssociation",
    "EC2::VPC",
    "EC2::VPCEndpoint",  # its policy bounds what the network reaches: the residency check judges it
    "Glue::Database",
    "Glue::Table",
    "KMS::Alias",
    "Lambda::EventSourceMapping",
    "Lambda::Function",
    "Lambda::LayerVersion",
    "Lambda::Permission",  # for API Gateway, to call the function behind the door: the residency check judges it
    "Logs::LogGroup",
    "Logs::MetricFilter",
    "RDS::DBCluster",
    "RDS::DBClusterParameterGroup",
    "RDS::DBInstance",
    "RDS::DBSubnetGroup",
    "S3::Bucket",
    "SNS::Topic",
    "SQS::Queue",
    "Scheduler::Schedule",
    "SecretsManager::Secret",
    "StepFunctions::StateMachine",
}


@dataclass(frozen=True)
class Role:
    """A role.

    Args:
        user: Who it is for: its name without `watershed-` and the region.
        own: What it may do.
        limits: Its permissions boundary, if it has one.
        trust: Who may take it.
    """

    user: str
    arn: str
    own: Policy
    limits: Sequence[Policy]
    trust: Policy


@dataclass(frozen=True)
class Access:
    """A region's roles, policies and keys.

    Args:
        roles: By ARN.
        resources: The policies of buckets, queues, topics and keys, by ARN.
        keys: The key of each encrypted bucket, queue, topic and secret, by ARN.
        functions: The role of each function, by the function's name.
    """

    template: Template
    roles: Mapping[str, Role]
    resources: Mapping[str, Policy]
    keys: Mapping[str, str]
    functions: Mapping[str, Role]

    def role(self, user: str) -> Role:
        """The role of a function, schedule or state machine."""
        (found,) = [each for each in self.roles.values() if each.user == user]
        return found

    def decide(self, request: Request, extra: Sequence[Policy] = ()) -> Decision:
        """Judge a request by all policies that it meets.

        Args:
            request: The question.
            extra: Policies of a role that is not the template's.
        """
        role = self.roles.get(request.principal.arn)
        own = (*extra, *([role.own] if role else []))
        return decide(request, Policies(own, role.limits if role else (), self._of_resource(request)))

    def _of_resource(self, request: Request) -> list[Policy]:
        """The resource's policy. What is not in the template protects no row.

        What belongs to another account lets everybody in, and the rest of this account leaves all to its own policies.
        """
        if request.account != self.template.account:
            return [_open("*")]
        if request.resource in self.roles:
            return [self.roles[request.resource].trust]
        return [self.resources.get(container(request.resource)) or _open({"AWS": request.account})]

    def without_conditions(self, user: str) -> Access:
        """The same, had somebody forgotten the conditions of a role and of its boundary."""
        role = self.role(user)
        bare = replace(role, own=_bare(role.own), limits=[_bare(limit) for limit in role.limits])
        return replace(self, roles={**self.roles, role.arn: bare})

    def granted(self) -> Iterator[tuple[str, str, str, str]]:
        """Everything that a statement allows: its policy, its id, an action and a resource."""
        for policy in [*(role.own for role in self.roles.values()), *self.resources.values()]:
            for each in policy.statements:
                if each.effect == "Allow":
                    yield from ((policy.name, each.sid, action, it) for action in each.actions for it in each.resources)


def _bare(policy: Policy) -> Policy:
    return replace(policy, statements=tuple(replace(each, condition={}) for each in policy.statements))


def administrator(name: str) -> Policy:
    """A policy, of a role of that name, that allows everything."""
    return Policy.parse(name, {"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})


def _open(principal: Any) -> Policy:
    allow = {"Effect": "Allow", "Principal": principal, "Action": "*", "Resource": "*"}
    return Policy.parse("a resource elsewhere", {"Statement": [allow]})


def container(arn: str) -> str:
    """The ARN of the bucket that an object is in; any other ARN as it is."""
    return arn.partition("/")[0] if arn.startswith("arn:aws:s3:::") else arn


def read(template: Template) -> Access:
    """What a template says.

    Raises:
        NotModelled: if it has a type of resource of which nobody has said yet whether it says anything about access.
    """
    if unknown := template.types() - _POLICIES - _WITHOUT:
        raise NotModelled(f"Say in {__name__} whether {', '.join(sorted(unknown))} says anything about access.")
    roles = {role.arn: role for role in _roles(template)}
    functions = {each["FunctionName"]: roles[each["Role"]] for each in template.of("Lambda::Function", *_FUNCTION)}
    resources = {arn: Policy.parse(arn.rpartition(":")[2], document) for arn, document in _resource_policies(template)}
    return Access(template, roles, resources, dict(_keys(template)), functions)


_FUNCTION = ("FunctionName", "Role")
_ROLE = ("RoleName", "Arn", "Policies", "ManagedPolicyArns", "PermissionsBoundary", "AssumeRolePolicyDocument")


def _roles(template: Template) -> Iterator[Role]:
    managed = {
        each["Ref"]: each["PolicyDocument"] for each in template.of("IAM::ManagedPolicy", "Ref", "PolicyDocument")
    }
    for each in template.of("IAM::Role", *_ROLE):
        user = each["RoleName"].removeprefix("watershed-").removesuffix(f"-{template.region}")
        if each["ManagedPolicyArns"]:
            raise NotModelled(f"The role {user} has managed policies.")
        statements = [one for policy in each["Policies"] for one in policy["PolicyDocument"]["Statement"]]
        limits = [each["PermissionsBoundary"]] if each["PermissionsBoundary"] else []
        yield Role(
            user=user,
            arn=each["Arn"],
            own=Policy.parse(user, {"Statement": statements}),
            limits=[Policy.parse(f"boundary of {user}", managed[arn]) for arn in limits],
            trust=Policy.parse(f"trust of {user}", each["AssumeRolePolicyDocument"]),
        )


def _resource_policies(template: Template) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for each in template.of("S3::BucketPolicy", "Bucket", "PolicyDocument"):
        yield f"arn:aws:s3:::{each['Bucket']}", each["PolicyDocument"]
    for each in template.of("SQS::QueuePolicy", "Queues", "PolicyDocument"):
        yield from ((queue_arn(url), each["PolicyDocument"]) for url in each["Queues"])
    for each in template.of("SNS::TopicPolicy", "Topics", "PolicyDocument"):
        yield from ((arn, each["PolicyDocument"]) for arn in each["Topics"])
    for each in template.of("KMS::Key", "Arn", "KeyPolicy"):
        yield each["Arn"], each["KeyPolicy"]


def queue_arn(url: str) -> str:
    """The ARN of the queue at `https://sqs.REGION.amazonaws.com/ACCOUNT/NAME`."""
    host, account, name = url.removeprefix("https://").split("/")
    return f"arn:aws:sqs:{host.split('.')[1]}:{account}:{name}"


def _keys(template: Template) -> Iterator[tuple[str, str]]:
    for each in template.of("S3::Bucket", "Arn", "BucketEncryption"):
        (rule,) = each["BucketEncryption"]["ServerSideEncryptionConfiguration"]
        yield each["Arn"], rule["ServerSideEncryptionByDefault"]["KMSMasterKeyID"]
    for each in template.of("SQS::Queue", "Arn", "KmsMasterKeyId"):
        yield each["Arn"], each["KmsMasterKeyId"]
    for each in template.of("SNS::Topic", "Arn", "KmsMasterKeyId"):
        yield each["Arn"], each["KmsMasterKeyId"]
    for each in template.of("SecretsManager::Secret", "Ref", "KmsKeyId"):
        yield each["Ref"], each["KmsKeyId"]
