"""Container repositories: `cdk bootstrap` makes one. The laptop holds no images."""

from __future__ import annotations

import json
from typing import Any

from local.aws.cloudformation.resource import Made, Properties, Request, ResourceType


def _create(request: Request) -> Made:
    name = request.name.lower()
    parameters: Properties = {"repositoryName": name}
    if "ImageTagMutability" in request.properties:
        parameters["imageTagMutability"] = request.properties["ImageTagMutability"]

    def read(_answer: Any) -> Properties:
        found: Properties = request.client("ecr").describe_repositories(repositoryNames=[name])["repositories"][0]
        return found

    answer = request.keep("ecr", "create_repository", parameters, read)["repository"]
    made = Made(name, {"Arn": answer["repositoryArn"], "RepositoryUri": answer["repositoryUri"]})
    return _configure(request, made)


def _configure(request: Request, made: Made) -> Made:
    ecr, properties = request.client("ecr"), request.properties
    if policy := properties.get("RepositoryPolicyText"):
        ecr.set_repository_policy(repositoryName=made.ref, policyText=json.dumps(policy))
    if lifecycle := properties.get("LifecyclePolicy"):
        request.only(lifecycle, "LifecyclePolicyText", "LifecyclePolicy")
        ecr.put_lifecycle_policy(repositoryName=made.ref, lifecyclePolicyText=lifecycle["LifecyclePolicyText"])
    return made


def _delete(request: Request, made: Made) -> None:
    request.client("ecr").delete_repository(repositoryName=made.ref, force=True)


TYPES = (
    ResourceType(
        "AWS::ECR::Repository",
        "RepositoryName ImageTagMutability RepositoryPolicyText LifecyclePolicy",
        _create,
        _delete,
        _configure,
        name_property="RepositoryName",
        fixed="ImageTagMutability",
    ),
)
