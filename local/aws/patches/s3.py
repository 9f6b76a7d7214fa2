"""Patches of moto's S3."""

from __future__ import annotations

import itertools
import json
import time
import uuid
from typing import TYPE_CHECKING, Any
from urllib.parse import quote_plus

from moto.s3 import models, notifications

if TYPE_CHECKING:
    from local.aws.patches.patcher import Hooks, Patcher

_REASONS = {
    "Put": "PutObject",
    "Post": "POST Object",
    "Copy": "CopyObject",
    "CompleteMultipartUpload": "CompleteMultipartUpload",
}


def skip_conditional_statements(patcher: Patcher, _hooks: Hooks) -> None:
    """Moto ignores the conditions of bucket policies: denying requests without TLS denies every request.

    Statements with a condition are left out, so they are not enforced here.
    """
    original = models.FakeBucket.get_permission

    def get_permission(bucket: Any, action: str, resource: str) -> Any:
        policy = bucket.policy
        if policy is None:
            return original(bucket, action, resource)
        document = json.loads(policy.decode())
        unconditional = [statement for statement in document["Statement"] if "Condition" not in statement]
        bucket.policy = json.dumps({**document, "Statement": unconditional}).encode()
        try:
            return original(bucket, action, resource)
        finally:
            bucket.policy = policy

    patcher.replace(models.FakeBucket, "get_permission", get_permission)


def complete_notifications(patcher: Patcher, _hooks: Hooks) -> None:
    """Moto's S3 events lack the object's version and the sequencer, and encode slashes; a failed delivery is hidden."""
    sequence = itertools.count(time.time_ns())

    def event(event_name: str, bucket: Any, key: Any, notification_id: str) -> dict[str, Any]:
        described = {
            "key": quote_plus(key.name, safe="/"),
            "size": key.size,
            "eTag": key.etag.strip('"'),
            "sequencer": f"{next(sequence):018X}",
        }
        if bucket.is_versioned:
            described["versionId"] = key.version_id
        record = {
            "eventVersion": "2.1",
            "eventSource": "aws:s3",
            "awsRegion": bucket.region_name,
            "eventTime": f"{key.last_modified:%Y-%m-%dT%H:%M:%S}.{key.last_modified.microsecond // 1000:03d}Z",
            "eventName": event_name.removeprefix("s3:"),
            "userIdentity": {"principalId": "AWS:local"},
            "requestParameters": {"sourceIPAddress": "127.0.0.1"},
            "responseElements": {"x-amz-request-id": uuid.uuid4().hex[:16].upper()},
            "s3": {
                "s3SchemaVersion": "1.0",
                "configurationId": notification_id,
                "bucket": {"name": bucket.name, "ownerIdentity": {"principalId": "local"}, "arn": bucket.arn},
                "object": described,
            },
        }
        return {"Records": [record]}

    def send(account_id: str, body: Any, queue_name: str, region_name: str) -> None:
        from moto.sqs.models import sqs_backends

        sqs_backends[account_id][region_name].send_message(queue_name=queue_name, message_body=json.dumps(body))

    patcher.replace(notifications, "_get_s3_event", event)
    patcher.replace(notifications, "_send_sqs_message", send)


def announce_uploads_once(patcher: Patcher, _hooks: Hooks) -> None:
    """Moto announces an upload in parts twice: as a put, and as a completed upload."""
    original = models.S3Backend.put_object

    def put_object(backend: Any, *arguments: Any, **named: Any) -> Any:
        if named.get("multipart") is not None:
            named["disable_notification"] = True
        return original(backend, *arguments, **named)

    patcher.replace(models.S3Backend, "put_object", put_object)


def correct_event_bridge_events(patcher: Patcher, _hooks: Hooks) -> None:
    """Moto's S3 events for EventBridge all share one id and sequencer, name no API, and claim tags on every put.

    Only events about created and deleted objects are sent.
    """
    sequence = itertools.count(time.time_ns())

    def send(account_id: str, bucket: Any, event_name: str, key: Any) -> None:
        from moto.events.models import events_backends

        _, kind, operation = str(getattr(event_name, "value", event_name)).split(":")
        if kind not in ("ObjectCreated", "ObjectRemoved"):
            return
        described = {
            "key": key.name,
            "size": key.size,
            "etag": key.etag.strip('"'),
            "sequencer": f"{next(sequence):018X}",
        }
        if bucket.is_versioned:
            described["version-id"] = key.version_id
        event = {
            "version": "0",
            "id": str(uuid.uuid4()),
            "detail-type": "Object Created" if kind == "ObjectCreated" else "Object Deleted",
            "source": "aws.s3",
            "account": account_id,
            "time": f"{key.last_modified:%Y-%m-%dT%H:%M:%SZ}",
            "region": bucket.region_name,
            "resources": [bucket.arn],
            "detail": {
                "version": "0",
                "bucket": {"name": bucket.name},
                "object": described,
                "request-id": uuid.uuid4().hex[:16].upper(),
                "requester": account_id,
                "source-ip-address": "127.0.0.1",
                "reason": _REASONS[operation] if kind == "ObjectCreated" else "DeleteObject",
            },
        }
        for rule in events_backends[account_id][bucket.region_name].event_buses["default"].rules.values():
            rule.send_to_targets(event)

    patcher.replace(notifications, "_send_event_bridge_message", send)
