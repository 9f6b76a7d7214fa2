"""The functions: each with its role and its logs, and, if it is a stage's, with what its queue hands over."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk as cdk
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct
from watershed import names
from watershed.alarms import Alarm
from watershed.names import Stage

from infra.layers import ARCHITECTURE, RUNTIME, Layers
from infra.log_groups import LOG_RETENTION, MASKED
from infra.permissions import NETWORK_WILDCARDS, WILDCARDS
from infra.roles import allow, role
from infra.stages import ATTEMPTS, SIZING, QueueSizing, Sizing
from layers.manifest import FUNCTION_LAYERS, ROOT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aws_cdk import aws_iam as iam
    from aws_cdk import aws_sqs as sqs

    from infra.alarms import AlarmTopic
    from infra.network import Network
    from infra.permissions import Permissions

RINGS = {  # what a stage's log may hold that must be heard at once
    Stage.BRONZE: (Alarm.LEDGER_IMBALANCE,),
    Stage.SILVER: (Alarm.LEDGER_IMBALANCE, Alarm.BATCH_STOPPED, Alarm.RESIDENCY_VIOLATION),
    Stage.POLL: (Alarm.SOURCE_FAILING,),
}


class LakeFunction(Construct):
    """A function with its role and its logs."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        name: str,
        sizing: Sizing,
        layers: Layers,
        permissions: Permissions,
        statements: Sequence[iam.PolicyStatement],
        environment: Mapping[str, str],
        wildcards: str = WILDCARDS,
    ) -> None:
        super().__init__(scope, construct_id)
        self.log_group = logs.LogGroup(
            self,
            "Logs",
            log_group_name=names.log_group(name),
            retention=LOG_RETENTION,
            encryption_key=permissions.key,
            data_protection_policy=MASKED,
            removal_policy=cdk.RemovalPolicy.DESTROY,
        )
        write_logs = allow(
            self, "WriteLogs", ("logs:CreateLogStream", "logs:PutLogEvents"), (self.log_group.log_group_arn,)
        )
        self.role = role(
            self,
            names.role(name, cdk.Stack.of(self).region),
            "lambda.amazonaws.com",
            [*statements, write_logs],
            wildcards=wildcards,
        )
        self.function = lambda_.Function(
            self,
            "Function",
            function_name=names.function(name),
            description=sizing.purpose,
            runtime=RUNTIME,
            architecture=ARCHITECTURE,
            handler="handler.handler",
            code=lambda_.Code.from_asset(str(ROOT / "functions" / name), exclude=["__pycache__", "*.pyc"]),
            layers=[layers.versions[layer] for layer in FUNCTION_LAYERS[name]],
            role=self.role,
            log_group=self.log_group,
            memory_size=sizing.memory,
            ephemeral_storage_size=cdk.Size.mebibytes(sizing.disk),
            timeout=cdk.Duration.seconds(sizing.timeout),
            environment={
                **environment,
                "WATERSHED_ACCOUNT": cdk.Aws.ACCOUNT_ID,
                "POWERTOOLS_SERVICE_NAME": names.function(name),
                "POWERTOOLS_LOG_LEVEL": "INFO",
            },
        )


class StageFunction(LakeFunction):
    """One stage's function, fed by its queue in batches of which each message succeeds or fails on its own."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        stage: Stage,
        layers: Layers,
        permissions: Permissions,
        alarms: AlarmTopic,
        environment: Mapping[str, str],
    ) -> None:
        queue, database = permissions.queues[stage], permissions.database if stage.needs_database else None
        dead_letters = {f"WATERSHED_{stage.upper()}_DEAD_LETTER_URL": queue.dead_letters.queue_url}
        super().__init__(
            scope,
            construct_id,
            name=stage,
            sizing=SIZING[stage],
            layers=layers,
            permissions=permissions,
            statements=permissions.of(stage),
            environment={
                **environment,
                # In the database's network there is no SQS: there, it is told of a failure, and gives up by itself.
                **(database.environment if database else dead_letters),
                "WATERSHED_ATTEMPTS": str(ATTEMPTS),
            },
            wildcards=NETWORK_WILDCARDS if database else WILDCARDS,
        )
        if database:
            self._join(database.network)
        for alarm in RINGS.get(stage, ()):
            alarms.on_log(self, self.log_group, stage, alarm)
        self._take_from(queue.queue, SIZING[stage])

    def _join(self, network: Network) -> None:
        """Run within a network. By the resource itself: the L2 way wants a network that it has made."""
        made = self.function.node.default_child
        if not isinstance(made, lambda_.CfnFunction):
            raise TypeError(f"The function's resource is a {type(made).__name__}.")
        made.vpc_config = lambda_.CfnFunction.VpcConfigProperty(
            subnet_ids=network.subnets, security_group_ids=[network.publisher]
        )

    def _take_from(self, queue: sqs.Queue, sizing: QueueSizing) -> None:
        lambda_.EventSourceMapping(
            self,
            "Messages",
            target=self.function,
            event_source_arn=queue.queue_arn,
            batch_size=sizing.batch,
            max_batching_window=cdk.Duration.seconds(sizing.window) if sizing.window else None,
            max_concurrency=sizing.concurrency,
            report_batch_item_failures=True,
        )
