"""The queue that feeds a stage, and the queue of what it gave up."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk as cdk
from aws_cdk import aws_sqs as sqs
from constructs import Construct
from watershed import names

from infra.denials import account_only
from infra.stages import ATTEMPTS, SIZING

if TYPE_CHECKING:
    from aws_cdk import aws_kms as kms

    from infra.alarms import AlarmTopic

RETENTION = cdk.Duration.days(14)  # SQS's longest; what a stage gives up itself starts anew


class StageQueue(Construct):
    """One stage's queue and dead-letter queue, both encrypted, for this account only, TLS only, each with an alarm."""

    def __init__(
        self, scope: Construct, construct_id: str, *, stage: names.Stage, key: kms.IKey, alarms: AlarmTopic
    ) -> None:
        super().__init__(scope, construct_id)
        fifo = stage.keeps_order
        source = cdk.Stack.of(self).format_arn(service="sqs", resource=names.queue(stage))
        self.dead_letters = sqs.Queue(
            self,
            "DeadLetters",
            queue_name=names.dead_letter_queue(stage),
            fifo=fifo or None,
            encryption=sqs.QueueEncryption.KMS,
            encryption_master_key=key,
            enforce_ssl=True,
            retention_period=RETENTION,
            # By its name: the queue refers to its dead-letter queue, so this cannot refer back.
            redrive_allow_policy=sqs.RedriveAllowPolicy(
                redrive_permission=sqs.RedrivePermission.BY_QUEUE,
                source_queues=[sqs.Queue.from_queue_arn(self, "Source", source)],
            ),
        )
        self.queue = sqs.Queue(
            self,
            "Queue",
            queue_name=names.queue(stage),
            fifo=fifo or None,
            # A schedule cannot say by what a message is known; each of them names its own time.
            content_based_deduplication=True if stage is names.Stage.POLL else None,
            # Each dataset, or source, is a group of its own: one waits without holding up the others.
            deduplication_scope=sqs.DeduplicationScope.MESSAGE_GROUP if fifo else None,
            fifo_throughput_limit=sqs.FifoThroughputLimit.PER_MESSAGE_GROUP_ID if fifo else None,
            encryption=sqs.QueueEncryption.KMS,
            encryption_master_key=key,
            enforce_ssl=True,
            retention_period=RETENTION,
            visibility_timeout=cdk.Duration.seconds(SIZING[stage].visibility),
            dead_letter_queue=sqs.DeadLetterQueue(queue=self.dead_letters, max_receive_count=ATTEMPTS),
        )
        for queue in (self.dead_letters, self.queue):
            for statement in account_only(["sqs:*"], [queue.queue_arn]):
                queue.add_to_resource_policy(statement)
        alarms.on_dead_letters(self, self.dead_letters, names.dead_letter_queue(stage))
        alarms.on_old_messages(self, self.queue, names.queue(stage))
