"""What polling sources needs beside its stage: their secrets, one schedule each, and the word that it goes outside."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import aws_cdk as cdk
from aws_cdk import aws_scheduler as scheduler
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct
from watershed import names
from watershed.poll.model import AuthKind

from infra.nag import accept
from infra.roles import allow, role

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from aws_cdk import aws_kms as kms
    from aws_cdk import aws_lambda as lambda_
    from watershed.connectors.model import Connector
    from watershed.poll.model import Pull

    from infra.queues import StageQueue

_OURS = "The source gives it, and says when another one is valid: docs/connectors.md."


def polled(connectors: Iterable[Connector], region: str) -> dict[str, Pull]:
    """The region's sources that are polled, by name."""
    return {each.name: each.pull for each in connectors if each.region == region and each.pull}


class SourceSecrets(Construct):
    """A secret for each source that asks who polls it. Until somebody puts a value, no poll succeeds, and says so."""

    def __init__(self, scope: Construct, construct_id: str, *, pulls: Mapping[str, Pull], key: kms.IKey) -> None:
        super().__init__(scope, construct_id)
        self.arns = [self._secret(source, key) for source, pull in pulls.items() if pull.auth.kind is not AuthKind.NONE]

    def _secret(self, source: str, key: kms.IKey) -> str:
        secret = secretsmanager.CfnSecret(
            self,
            f"{source.title().replace('_', '')}Secret",
            name=names.pull_secret(source),
            description=f"What {source} is asked with",
            kms_key_id=key.key_arn,
        )
        accept(secret, {"AwsSolutions-SMG4": _OURS})
        return secret.ref


class Polls(Construct):
    """One schedule a source. Its message goes to the source's own group of the poll's queue.

    So each source is asked by one function at a time, and one that is slow keeps no other waiting. A message that
    cannot be sent is dropped: a schedule's dead-letter queue cannot be FIFO as the poll's is, and the next message
    asks for the same.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        pulls: Mapping[str, Pull],
        key: kms.IKey,
        poll: StageQueue,
        function: lambda_.Function,
    ) -> None:
        super().__init__(scope, construct_id)
        # The only function that is made to go outside. The check of residency holds it to reading no rows.
        cdk.Tags.of(function).add(*names.GOES_OUTSIDE)
        taken = role(
            self,
            names.role("poll-schedule", cdk.Stack.of(self).region),
            "scheduler.amazonaws.com",
            [
                allow(self, "SendMessage", ("sqs:SendMessage",), (poll.queue.queue_arn,)),
                allow(self, "UseKey", ("kms:Decrypt", "kms:GenerateDataKey"), (key.key_arn,)),
            ],
        )
        for source, pull in pulls.items():
            scheduler.CfnSchedule(
                self,
                f"{source.title().replace('_', '')}Schedule",
                name=names.poll_schedule(source),
                description=f"Has {source} polled",
                schedule_expression=f"rate({pull.every} minutes)",
                state="DISABLED" if pull.paused else "ENABLED",
                flexible_time_window=scheduler.CfnSchedule.FlexibleTimeWindowProperty(mode="OFF"),
                target=scheduler.CfnSchedule.TargetProperty(
                    arn=poll.queue.queue_arn,
                    role_arn=taken.role_arn,
                    # As `Poll` reads it; the time makes each message one of its own.
                    input=json.dumps({"asked_at": "<aws.scheduler.scheduled-time>", "source": source}),
                    sqs_parameters=scheduler.CfnSchedule.SqsParametersProperty(message_group_id=source),
                ),
            )
