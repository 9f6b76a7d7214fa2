"""The door for webhooks: an HTTP API, the function behind it, the sources' secrets, and the receipts it has given."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import aws_cdk as cdk
from aws_cdk import aws_apigatewayv2 as api
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct
from watershed import names
from watershed.door import seen
from watershed.names import Stage

from infra.functions import LakeFunction
from infra.log_groups import LOG_RETENTION
from infra.nag import accept
from infra.stages import RECEIVE_SIZING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from aws_cdk import aws_kms as kms
    from watershed.connectors.model import Connector

    from infra.alarms import AlarmTopic
    from infra.layers import Layers
    from infra.permissions import Permissions

STAGE = "$default"  # the API's only one, which adds nothing to paths
ANY_SOURCE = "POST /v1/{source}/{dataset}"  # those that are unknown here, or another region's
STRANGERS_RATE = 10  # requests a second that are told so; more are told to wait
_BURST = 2  # seconds' worth of a rate that may come at once
_SECRET_LENGTH = 43  # letters and digits: 256 bits
# What is noted of each request: nothing that the caller chose, and no address.
_NOTED = {
    "request": "$context.requestId",
    "route": "$context.routeKey",
    "status": "$context.status",
    "milliseconds": "$context.responseLatency",
}


class Door(Construct):
    """One region's door. Every source has a route of its own, so that one which sends too much slows only itself.

    Args:
        scope: The region's stack.
        construct_id: Its id.
        connectors: The region's; those of other regions have no secret and no route here.
        layers: What the function stands on.
        permissions: What it may do.
        alarms: Where it is heard that the door fails.
        environment: What the function is told besides.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        connectors: Iterable[Connector],
        layers: Layers,
        permissions: Permissions,
        alarms: AlarmTopic,
        environment: Mapping[str, str],
    ) -> None:
        super().__init__(scope, construct_id)
        here = [each for each in connectors if each.push]
        secrets = [self._secret(each.name, permissions.key) for each in here]
        collect = permissions.queues[Stage.COLLECT].queue
        self.receive = LakeFunction(
            self,
            "ReceiveFunction",
            name=names.RECEIVE,
            sizing=RECEIVE_SIZING,
            layers=layers,
            permissions=permissions,
            statements=permissions.door(secrets, self._receipts()),
            environment={**environment, f"WATERSHED_{Stage.COLLECT.upper()}_QUEUE_URL": collect.queue_url},
        )
        self.api = api.CfnApi(
            self, "Api", name=names.DOOR, protocol_type="HTTP", description="Webhooks in, by source and dataset"
        )
        integration = self._behind(self.receive.function)
        rates = {_route(each): each.push.rate for each in here if each.push} | {ANY_SOURCE: STRANGERS_RATE}
        routes = [self._route(route, integration) for route in rates]
        stage = self._stage(rates, permissions.key)
        for route in routes:
            stage.add_resource_dependency(route)  # a stage's settings may only name routes that are there
        alarms.on_door_errors(self, self.api.ref)

    def _secret(self, source: str, key: kms.IKey) -> secretsmanager.CfnSecret:
        """Its first value is nobody's: until a person puts or reads it, no delivery is taken."""
        secret = secretsmanager.CfnSecret(
            self,
            f"{source.title().replace('_', '')}Secret",
            name=names.push_secret(source),
            description=f"How {source} signs its webhooks: current, and previous while both are valid",
            kms_key_id=key.key_arn,
            generate_secret_string=secretsmanager.CfnSecret.GenerateSecretStringProperty(
                secret_string_template=json.dumps({"previous": None}),
                generate_string_key="current",
                exclude_punctuation=True,
                password_length=_SECRET_LENGTH,
            ),
        )
        secret.apply_removal_policy(cdk.RemovalPolicy.DESTROY)
        why = "The sender holds the other half: a rotation is agreed with it, and two secrets are valid meanwhile."
        accept(secret, {"AwsSolutions-SMG4": why})
        return secret

    def _receipts(self) -> dynamodb.CfnTable:
        """Digests and times: nothing that is read here says anything of a row."""
        table = dynamodb.CfnTable(
            self,
            "Receipts",
            table_name=names.RECEIPTS_TABLE,
            billing_mode="PAY_PER_REQUEST",
            attribute_definitions=[
                dynamodb.CfnTable.AttributeDefinitionProperty(attribute_name=seen.KEY, attribute_type="S")
            ],
            key_schema=[dynamodb.CfnTable.KeySchemaProperty(attribute_name=seen.KEY, key_type="HASH")],
            time_to_live_specification=dynamodb.CfnTable.TimeToLiveSpecificationProperty(
                attribute_name=seen.EXPIRES, enabled=True
            ),
        )
        table.apply_removal_policy(cdk.RemovalPolicy.DESTROY)
        accept(table, {"AwsSolutions-DDB3": "A lost receipt costs one repeated delivery, whose rows are found there."})
        return table

    def _behind(self, function: lambda_.Function) -> api.CfnIntegration:
        lambda_.CfnPermission(
            self,
            "Calls",
            action="lambda:InvokeFunction",
            function_name=function.function_name,
            principal="apigateway.amazonaws.com",
            source_account=cdk.Aws.ACCOUNT_ID,
            source_arn=cdk.Stack.of(self).format_arn(
                service="execute-api", resource=self.api.ref, resource_name="*/POST/v1/*"
            ),
        )
        return api.CfnIntegration(
            self,
            "Integration",
            api_id=self.api.ref,
            integration_type="AWS_PROXY",
            integration_uri=function.function_arn,
            payload_format_version="2.0",
            timeout_in_millis=RECEIVE_SIZING.timeout * 1000,
        )

    def _route(self, key: str, integration: api.CfnIntegration) -> api.CfnRoute:
        source = key.split("/")[2].strip("{}")
        route = api.CfnRoute(
            self,
            f"{source.title().replace('_', '')}{'Route' if key != ANY_SOURCE else 'Unknown'}",
            api_id=self.api.ref,
            route_key=key,
            target=f"integrations/{integration.ref}",
            authorization_type="NONE",
        )
        accept(route, {"AwsSolutions-APIG4": "The function verifies the source's signature over the body as it came."})
        return route

    def _stage(self, rates: Mapping[str, int], key: kms.IKey) -> api.CfnStage:
        group = logs.LogGroup(
            self,
            "Requests",
            log_group_name=names.DOOR_LOG,
            retention=LOG_RETENTION,
            encryption_key=key,
            removal_policy=cdk.RemovalPolicy.DESTROY,
        )
        return api.CfnStage(
            self,
            "Stage",
            api_id=self.api.ref,
            stage_name=STAGE,
            auto_deploy=True,
            access_log_settings=api.CfnStage.AccessLogSettingsProperty(
                destination_arn=group.log_group_arn, format=json.dumps(_NOTED)
            ),
            route_settings={
                route: {"ThrottlingRateLimit": rate, "ThrottlingBurstLimit": rate * _BURST}
                for route, rate in sorted(rates.items())
            },
        )


def _route(connector: Connector) -> str:
    return f"POST /v1/{connector.name}/{{dataset}}"
