"""Step Functions state machines."""

from __future__ import annotations

import json
from typing import Any

from local.aws.cloudformation.resource import Made, Properties, Request, ResourceType


def _definition(request: Request) -> str:
    properties = request.properties
    text = str(properties.get("DefinitionString") or json.dumps(properties["Definition"]))
    for key, value in properties.get("DefinitionSubstitutions", {}).items():
        text = text.replace("${" + key + "}", str(value))
    return text


def _parameters(request: Request) -> Properties:
    """The API's names are CloudFormation's with a small first letter, down to the last level."""
    found: Properties = {"definition": _definition(request), "roleArn": request.properties["RoleArn"]}
    for name in ("LoggingConfiguration", "TracingConfiguration", "EncryptionConfiguration"):
        if name in request.properties:
            found[name[0].lower() + name[1:]] = _lower(request.properties[name])
    return found


def _lower(value: object) -> object:
    if isinstance(value, dict):
        return {key[0].lower() + key[1:]: _lower(item) for key, item in value.items()}
    return [_lower(item) for item in value] if isinstance(value, list) else value


def _create(request: Request) -> Made:
    states = request.client("stepfunctions")
    arn = f"arn:aws:states:{request.region}:{request.account}:stateMachine:{request.name}"
    parameters = {
        "name": request.name,
        "type": request.properties.get("StateMachineType", "STANDARD"),
        **_parameters(request),
    }
    if tags := request.tags():
        parameters["tags"] = [{"key": key, "value": value} for key, value in tags.items()]

    def read(_answer: Any) -> Properties:
        tags = states.list_tags_for_resource(resourceArn=arn)["tags"]
        return {**states.describe_state_machine(stateMachineArn=arn), "tags": tags}

    request.keep("stepfunctions", "create_state_machine", parameters, read)
    return Made(arn, {"Arn": arn, "Name": request.name})


def _update(request: Request, made: Made) -> Made:
    states = request.client("stepfunctions")
    parameters = {"stateMachineArn": made.ref, **_parameters(request)}

    def read(_answer: Any) -> Any:
        return states.describe_state_machine(stateMachineArn=made.ref)

    request.keep("stepfunctions", "update_state_machine", parameters, read)
    return made


def _delete(request: Request, made: Made) -> None:
    request.client("stepfunctions").delete_state_machine(stateMachineArn=made.ref)


TYPES = (
    ResourceType(
        "AWS::StepFunctions::StateMachine",
        "StateMachineName StateMachineType Definition DefinitionString DefinitionSubstitutions RoleArn"
        " LoggingConfiguration TracingConfiguration EncryptionConfiguration Tags",
        _create,
        _delete,
        _update,
        name_property="StateMachineName",
        fixed="StateMachineType Tags",
    ),
)
