"""SSM parameters and Secrets Manager secrets."""

from __future__ import annotations

import json
import secrets
import string
from typing import Any

from local.aws.cloudformation.resource import Made, Properties, Request, ResourceType


def _put_parameter(request: Request, made: Made | None = None) -> Made:
    parameters = {**request.properties, "Name": request.name, "Overwrite": made is not None}

    def read(_answer: Any) -> Properties:
        ssm = request.client("ssm")
        name = {"Key": "Name", "Option": "Equals", "Values": [request.name]}
        described = ssm.describe_parameters(ParameterFilters=[name])["Parameters"][0]
        value = ssm.get_parameter(Name=request.name)["Parameter"]["Value"]
        return {**described, "Value": value, "Overwrite": parameters["Overwrite"]}

    request.keep("ssm", "put_parameter", parameters, read)
    return Made(request.name, {"Type": request.properties["Type"], "Value": str(request.properties["Value"])})


def _delete_parameter(request: Request, made: Made) -> None:
    request.client("ssm").delete_parameter(Name=made.ref)


def _create_secret(request: Request) -> Made:
    parameters: Properties = {"Name": request.name}
    if {"SecretString", "GenerateSecretString"} & set(request.properties):  # else it has no value until one is put
        parameters["SecretString"] = _value(request)
    for key in ("Description", "KmsKeyId"):
        if key in request.properties:
            parameters[key] = request.properties[key]
    if tags := request.tags():
        parameters["Tags"] = [{"Key": key, "Value": value} for key, value in tags.items()]

    def read(answer: Any) -> Properties:
        found: Properties = request.client("secretsmanager").describe_secret(SecretId=answer["ARN"])
        return {**found, "SecretString": parameters.get("SecretString")}

    arn = request.keep("secretsmanager", "create_secret", parameters, read)["ARN"]
    return Made(arn, {"Id": arn})


def _value(request: Request) -> str:
    """The template's value, or one generated as the template says."""
    if "SecretString" in request.properties:
        return str(request.properties["SecretString"])
    rule = request.properties.get("GenerateSecretString", {})
    request.only(
        rule, "SecretStringTemplate GenerateStringKey PasswordLength ExcludePunctuation", "GenerateSecretString"
    )
    letters = string.ascii_letters + string.digits + ("" if rule.get("ExcludePunctuation") else "!#$%&*+-./:;<=>?@^_~")
    password = "".join(secrets.choice(letters) for _ in range(int(rule.get("PasswordLength", 32))))
    if "GenerateStringKey" not in rule:
        return password
    return json.dumps({**json.loads(rule["SecretStringTemplate"]), rule["GenerateStringKey"]: password})


def _delete_secret(request: Request, made: Made) -> None:
    request.client("secretsmanager").delete_secret(SecretId=made.ref)


TYPES = (
    ResourceType(
        "AWS::SSM::Parameter",
        "Name Type Value Description Tier AllowedPattern DataType",
        _put_parameter,
        _delete_parameter,
        _put_parameter,
        name_property="Name",
    ),
    ResourceType(
        "AWS::SecretsManager::Secret",
        "Name Description KmsKeyId SecretString GenerateSecretString Tags",
        _create_secret,
        _delete_secret,
        name_property="Name",
    ),
)
