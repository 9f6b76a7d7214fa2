"""A stage's function: its role, its logs, and what its queue hands over."""

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
from infra.permissions import WILDCARDS
from infra.roles import allow, role
from infra.stages import ATTEMPTS, SIZING
from layers.manifest import FUNCTION_LAYERS, ROOT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aws_cdk import aws_sqs as sqs

    from infra.alarms import AlarmTopic
    from infra.permissions import Permissions

LOG_RETENTION = logs.RetentionDays.THREE_MONTHS
# No line is meant to hold any of these; should one, it is shown without, and there is no report to send anywhere.
MASKED = logs.DataProtectionPolicy(
    name="masked",
    description="What a person could be known by is not shown",
    identifiers=[logs.DataIdentifier.EMAILADDRESS, logs.DataIdentifier.CREDITCARDNUMBER, logs.DataIdentifier.ADDRESS],
)
RINGS = {  # what a stage's log may hold that must be heard at once
    Stage.BRONZE: (Alarm.LEDGER_IMBALANCE,),
    Stage.SILVER: (Alarm.LEDGER_IMBALANCE, Alarm.BATCH_STOPPED, Alarm.RESIDENCY_VIOLATION),
}


class StageFunction(Construct):
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
        super().__init__(scope, construct_id)
        sizing, name = SIZING[stage], names.function(stage)
        self.log_group = logs.LogGroup(
            self,
            "Logs",
            log_group_name=names.log_group(stage),
            retention=LOG_RETENTION,
            encryption_key=permissions.key,
            data_protection_policy=MASKED,
            removal_policy=cdk.RemovalPolicy.DESTROY,
        )
        for alarm in RINGS.get(stage, ()):
            alarms.on_log(self, self.log_group, stage, alarm)
        write_logs = allow(
            self, "WriteLogs", ("logs:CreateLogStream", "logs:PutLogEvents"), (self.log_group.log_group_arn,)
        )
        self.role = role(
            self,
            names.role(stage, cdk.Stack.of(self).region),
            "lambda.amazonaws.com",
            [*permissions.of(stage), write_logs],
            wildcards=WILDCARDS,
        )
        self.function = lambda_.Function(
            self,
            "Function",
            function_name=name,
            description=sizing.purpose,
            runtime=RUNTIME,
            architecture=ARCHITECTURE,
            handler="handler.handler",
            code=lambda_.Code.from_asset(str(ROOT / "functions" / stage), exclude=["__pycache__", "*.pyc"]),
            layers=[layers.versions[layer] for layer in FUNCTION_LAYERS[stage]],
            role=self.role,
            log_group=self.log_group,
            memory_size=sizing.memory,
            ephemeral_storage_size=cdk.Size.mebibytes(sizing.disk),
            timeout=cdk.Duration.seconds(sizing.timeout),
            environment={
                **environment,
                "WATERSHED_ACCOUNT": cdk.Aws.ACCOUNT_ID,
                f"WATERSHED_{stage.upper()}_DEAD_LETTER_URL": permissions.queues[stage].dead_letters.queue_url,
                "WATERSHED_ATTEMPTS": str(ATTEMPTS),
                "POWERTOOLS_SERVICE_NAME": name,
                "POWERTOOLS_LOG_LEVEL": "INFO",
            },
        )
        self._take_from(permissions.queues[stage].queue, stage)

    def _take_from(self, queue: sqs.Queue, stage: Stage) -> None:
        sizing = SIZING[stage]
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
