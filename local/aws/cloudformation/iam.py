"""Roles and policies. Kept, not enforced: moto judges S3 calls only (see the docs)."""

from __future__ import annotations

import json
from typing import Any

from local.aws.cloudformation.resource import Made, Properties, Request, ResourceType
from local.aws.errors import DeploymentRejected

BOOTSTRAP = "CDKToolkit"  # the stack that `cdk bootstrap` makes


def _create_role(request: Request) -> Made:
    properties = request.properties
    same = ("Path", "Description", "MaxSessionDuration", "PermissionsBoundary")
    parameters = {key: properties[key] for key in same if key in properties}
    parameters["RoleName"] = request.name[:64]
    parameters["AssumeRolePolicyDocument"] = json.dumps(properties["AssumeRolePolicyDocument"])
    if tags := request.tags():
        parameters["Tags"] = [{"Key": key, "Value": value} for key, value in tags.items()]
    role = request.keep("iam", "create_role", parameters, lambda answer: _role(request, answer))["Role"]
    made = Made(role["RoleName"], {"Arn": role["Arn"], "RoleId": role["RoleId"]})
    return _put_role_policies(request, made)


def _role(request: Request, answer: Any) -> Properties:
    """A role as IAM describes it, with its boundary in the form of the request."""
    role: Properties = request.client("iam").get_role(RoleName=answer["Role"]["RoleName"])["Role"]
    return {**role, "PermissionsBoundary": role.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn")}


def _put_role_policies(request: Request, made: Made) -> Made:
    iam = request.client("iam")
    for policy in request.properties.get("Policies", []):
        document = json.dumps(policy["PolicyDocument"])
        iam.put_role_policy(RoleName=made.ref, PolicyName=policy["PolicyName"], PolicyDocument=document)
    for arn in request.properties.get("ManagedPolicyArns", []):
        if ":iam::aws:" in arn:
            if request.stack == BOOTSTRAP:
                continue  # CDK's own roles, of which nothing here asks what they may
            raise DeploymentRejected(
                f"{request.stack}/{request.logical_id} uses the policy {arn}, which AWS manages and may widen.",
                remedy="Write the statements that this role needs into the template.",
            )
        iam.attach_role_policy(RoleName=made.ref, PolicyArn=arn)
    return made


def _update_role(request: Request, made: Made) -> Made:
    document = json.dumps(request.properties["AssumeRolePolicyDocument"])
    request.client("iam").update_assume_role_policy(RoleName=made.ref, PolicyDocument=document)
    return _put_role_policies(request, made)


def _delete_role(request: Request, made: Made) -> None:
    iam = request.client("iam")
    for name in iam.list_role_policies(RoleName=made.ref)["PolicyNames"]:
        iam.delete_role_policy(RoleName=made.ref, PolicyName=name)
    for policy in iam.list_attached_role_policies(RoleName=made.ref)["AttachedPolicies"]:
        iam.detach_role_policy(RoleName=made.ref, PolicyArn=policy["PolicyArn"])
    iam.delete_role(RoleName=made.ref)


def _put_policy(request: Request, _made: Made | None = None) -> Made:
    name, document = request.properties["PolicyName"], json.dumps(request.properties["PolicyDocument"])
    for role in request.properties["Roles"]:
        request.client("iam").put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=document)
    return Made(name)


def _delete_policy(request: Request, made: Made) -> None:
    for role in request.properties["Roles"]:
        request.client("iam").delete_role_policy(RoleName=role, PolicyName=made.ref)


def _create_managed_policy(request: Request) -> Made:
    properties = request.properties
    document = json.dumps(properties["PolicyDocument"])
    policy: Properties = {"PolicyName": request.name, "PolicyDocument": document}
    policy |= {key: properties[key] for key in ("Path", "Description") if key in properties}

    def read(answer: Any) -> Properties:
        kept = request.client("iam").get_policy(PolicyArn=answer["Policy"]["Arn"])["Policy"]
        return {**kept, "PolicyDocument": document}

    arn = request.keep("iam", "create_policy", policy, read)["Policy"]["Arn"]
    for role in properties.get("Roles", []):
        request.client("iam").attach_role_policy(RoleName=role, PolicyArn=arn)
    return Made(arn, {"PolicyArn": arn})


def _update_managed_policy(request: Request, made: Made) -> Made:
    document, iam = json.dumps(request.properties["PolicyDocument"]), request.client("iam")
    for version in iam.list_policy_versions(PolicyArn=made.ref)["Versions"]:
        if not version["IsDefaultVersion"]:
            iam.delete_policy_version(PolicyArn=made.ref, VersionId=version["VersionId"])
    iam.create_policy_version(PolicyArn=made.ref, PolicyDocument=document, SetAsDefault=True)
    return made


def _delete_managed_policy(request: Request, made: Made) -> None:
    iam = request.client("iam")
    for role in iam.list_entities_for_policy(PolicyArn=made.ref)["PolicyRoles"]:
        iam.detach_role_policy(RoleName=role["RoleName"], PolicyArn=made.ref)
    iam.delete_policy(PolicyArn=made.ref)


TYPES = (
    ResourceType(
        "AWS::IAM::Role",
        "RoleName Path Description MaxSessionDuration PermissionsBoundary AssumeRolePolicyDocument Policies"
        " ManagedPolicyArns Tags",
        _create_role,
        _delete_role,
        _update_role,
        name_property="RoleName",
        fixed="Path Description MaxSessionDuration PermissionsBoundary Tags",
    ),
    ResourceType(
        "AWS::IAM::Policy",
        "PolicyName PolicyDocument Roles",
        _put_policy,
        _delete_policy,
        _put_policy,
        fixed="PolicyName Roles",
    ),
    ResourceType(
        "AWS::IAM::ManagedPolicy",
        "ManagedPolicyName Path Description PolicyDocument Roles",
        _create_managed_policy,
        _delete_managed_policy,
        _update_managed_policy,
        name_property="ManagedPolicyName",
        fixed="Path Description Roles",
    ),
)
