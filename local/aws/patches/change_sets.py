"""Patches of moto's change sets, by which the CDK command deploys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError
from moto.cloudformation import models, responses
from moto.cloudformation.exceptions import CloudFormationError
from moto.core.responses import ActionResult, EmptyResult
from watershed.errors import WatershedError

from local.aws.server import HOST

if TYPE_CHECKING:
    from local.aws.patches.patcher import Hooks, Patcher


def tell_stacks_apart(patcher: Patcher, _hooks: Hooks) -> None:
    """Moto looks a change set up by its name alone, and fails to delete one that is not there.

    The CDK command calls them all alike, and deletes the last one before it makes the next.
    """

    def describe(response: Any) -> Any:
        return ActionResult(_found(response))

    def delete(response: Any) -> Any:
        if found := _find(response):
            del response.cloudformation_backend.change_sets[found.change_set_id]
        return EmptyResult()

    patcher.replace(responses.CloudFormationResponse, "describe_change_set", describe)
    patcher.replace(responses.CloudFormationResponse, "delete_change_set", delete)


def execute_as_stacks_do(patcher: Patcher, _hooks: Hooks) -> None:
    """Moto executes a change set without its outputs, tags and parameters.

    What the laptop refuses fails the stack with the reason in its events, where the CDK command looks for it. As for
    any deployment here, there is no rollback.
    """

    def execute(response: Any) -> Any:
        change_set = _found(response)
        stack, creates = change_set.stack, change_set.change_set_type == "CREATE"
        try:
            if creates:
                _create(stack, change_set)
            else:
                stack.update(change_set.template, change_set.role_arn, change_set.parameters, change_set.tags)
        except (WatershedError, ClientError) as error:
            stack.status = "CREATE_FAILED" if creates else "UPDATE_FAILED"
            stack._add_stack_event(stack.status, resource_status_reason=str(error))  # noqa: SLF001 - moto's stack
        change_set.execution_status = "EXECUTE_COMPLETE"
        return EmptyResult()

    patcher.replace(responses.CloudFormationResponse, "execute_change_set", execute)


def parse_json_as_json(patcher: Patcher, _hooks: Hooks) -> None:
    """Moto parses a change set's template as slowly as a stack's: see `cloudformation.parse_json_as_json`."""

    def parse(change_set: Any) -> None:
        change_set.template_dict = models.Stack.parse_template(change_set.template)

    patcher.replace(models.ChangeSet, "_parse_template", parse)


def find_templates_by_address(patcher: Patcher, _hooks: Hooks) -> None:
    """Moto takes a template's URL on the laptop to be `localhost`; the laptop's AWS serves at the address itself."""

    def read(template_url: str, account_id: str, partition: str) -> Any:
        return original(template_url.replace(f"//{HOST}", "//localhost", 1), account_id, partition)

    original = patcher.replace(responses, "get_stack_from_s3_url", read)


def _create(stack: Any, change_set: Any) -> None:
    """Moto's stack that waits for its change set has an empty template: make it what `create_stack` would."""
    stack.template = change_set.template
    stack._parse_template()  # noqa: SLF001 - moto's stack
    stack.resource_map = stack._create_resource_map()  # noqa: SLF001 - moto's stack
    stack.output_map = stack._create_output_map()  # noqa: SLF001 - moto's stack
    stack._add_stack_event("CREATE_IN_PROGRESS", resource_status_reason="User Initiated")  # noqa: SLF001 - moto's stack
    stack.create_resources()


def _name(response: Any) -> str:
    return str(response._get_param("ChangeSetName"))  # noqa: SLF001 - moto's response


def _found(response: Any) -> Any:
    """As `_find`; the CDK command knows by the error's code that none is left.

    Raises:
        CloudFormationError: if there is none.
    """
    found = _find(response)
    if found is None:
        raise CloudFormationError("ChangeSetNotFound", f"ChangeSet [{_name(response)}] does not exist")
    return found


def _find(response: Any) -> Any:
    """The change set that a request means, by its ARN or by its name and stack; None if there is none."""
    name, stack = _name(response), response._get_param("StackName")  # noqa: SLF001 - moto's response
    for found in response.cloudformation_backend.change_sets.values():
        if name == found.change_set_id or (
            name == found.change_set_name and stack in {found.stack_name, found.stack_id}
        ):
            return found
    return None
