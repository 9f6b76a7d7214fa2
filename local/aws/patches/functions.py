"""Patches of moto's Lambda."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from moto.awslambda import models

if TYPE_CHECKING:
    from local.aws.patches.patcher import Hooks, Patcher

_LOGGING = {"LogFormat": "Text"}


def run_in_process(patcher: Patcher, hooks: Hooks) -> None:
    """Moto runs functions in Docker, or without it never runs them and reports success."""

    def invoke(function: Any, event: Any = None) -> tuple[str, bool, str]:
        return hooks.invoke(function, event)

    patcher.replace(models.LambdaFunction, "_invoke_lambda", invoke)


def queue_asynchronous_invocations(patcher: Patcher, hooks: Hooks) -> None:
    """Moto runs asynchronous invocations at once, inside the call; in AWS they follow later, and are retried."""
    original = models.LambdaFunction.invoke

    def invoke(function: Any, body: str, request_headers: Any, response_headers: Any) -> Any:
        if request_headers.get("x-amz-invocation-type") != "Event":
            return original(function, body, request_headers, response_headers)
        hooks.invoke_later(function.function_arn, json.loads(body) if body else {})
        return ""

    patcher.replace(models.LambdaFunction, "invoke", invoke)


def keep_settings(patcher: Patcher, _hooks: Hooks) -> None:
    """Moto drops LoggingConfig, and on update also TracingConfig, EphemeralStorage and the KMS key."""
    create, describe = models.LambdaFunction.__init__, models.LambdaFunction.get_configuration
    update = models.LambdaFunction.update_configuration

    def __init__(function: Any, account_id: str, spec: dict[str, Any], region: str, version: Any = 1) -> None:  # noqa: N807 - replaces one
        function.logging_config = spec.get("LoggingConfig", _LOGGING)
        create(function, account_id, spec, region, version)

    def get_configuration(function: Any, *arguments: Any, **named: Any) -> dict[str, Any]:
        kept = {"LogGroup": function.logs_group_name, **function.logging_config}
        return {**describe(function, *arguments, **named), "LoggingConfig": kept}

    def update_configuration(function: Any, config_updates: dict[str, Any]) -> Any:
        function.logging_config = config_updates.get("LoggingConfig", function.logging_config)
        function.tracing_config = config_updates.get("TracingConfig", function.tracing_config)
        function.kms_key_arn = config_updates.get("KMSKeyArn", function.kms_key_arn)
        if "EphemeralStorage" in config_updates:
            function.ephemeral_storage = config_updates["EphemeralStorage"]["Size"]
        return update(function, config_updates)

    patcher.replace(models.LambdaFunction, "__init__", __init__)
    patcher.replace(models.LambdaFunction, "get_configuration", get_configuration)
    patcher.replace(models.LambdaFunction, "update_configuration", update_configuration)
