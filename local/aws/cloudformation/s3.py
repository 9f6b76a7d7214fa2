"""Buckets and their policies."""

from __future__ import annotations

import json
from typing import Any

from local.aws.cloudformation.resource import Made, Properties, Request, ResourceType
from local.aws.errors import DeploymentRejected

_NOTIFICATIONS = (
    ("QueueConfigurations", "QueueConfigurations", "Queue", "QueueArn"),
    ("TopicConfigurations", "TopicConfigurations", "Topic", "TopicArn"),
    ("LambdaConfigurations", "LambdaFunctionConfigurations", "Function", "LambdaFunctionArn"),
)


def _create(request: Request) -> Made:
    name = request.name.lower()
    if request.properties.get("AccessControl", "Private") != "Private":
        request.refuse("the laptop opens no bucket by an access control list")
    place: Properties = {}
    if request.region != "us-east-1":
        place = {"CreateBucketConfiguration": {"LocationConstraint": request.region}}
    lock = {"ObjectLockEnabledForBucket": True} if request.properties.get("ObjectLockEnabled") else {}
    request.call("s3", "create_bucket", {"Bucket": name, **place, **lock})
    return _configure(
        request,
        Made(
            name,
            {
                "Arn": f"arn:aws:s3:::{name}",
                "DomainName": f"{name}.s3.amazonaws.com",
                "RegionalDomainName": f"{name}.s3.{request.region}.amazonaws.com",
                "DualStackDomainName": f"{name}.s3.dualstack.{request.region}.amazonaws.com",
            },
        ),
    )


def _configure(request: Request, made: Made) -> Made:
    """Apply every property; also what an update does, as all calls replace."""
    properties, s3 = request.properties, request.client("s3")

    def put(setting: str, parameter: str, value: Any, answer: str | None = None) -> None:
        """Put one of the bucket's settings, and see that it is read back the same."""

        def read(_answer: Any) -> Any:
            found = getattr(s3, f"get_{setting}")(Bucket=made.ref)
            return {"Bucket": made.ref, parameter: found if answer is None else found.get(answer)}

        request.keep("s3", f"put_{setting}", {"Bucket": made.ref, parameter: value}, read)

    if versioning := properties.get("VersioningConfiguration"):
        put("bucket_versioning", "VersioningConfiguration", versioning)
    if encryption := properties.get("BucketEncryption"):
        name = "ServerSideEncryptionConfiguration"
        put("bucket_encryption", name, {"Rules": [_encryption(request, rule) for rule in encryption[name]]}, name)
    if block := properties.get("PublicAccessBlockConfiguration"):
        put("public_access_block", "PublicAccessBlockConfiguration", block, "PublicAccessBlockConfiguration")
    if ownership := properties.get("OwnershipControls"):
        put("bucket_ownership_controls", "OwnershipControls", ownership, "OwnershipControls")
    if lock := properties.get("ObjectLockConfiguration"):
        put("object_lock_configuration", "ObjectLockConfiguration", lock, "ObjectLockConfiguration")
    if lifecycle := properties.get("LifecycleConfiguration"):
        request.only(lifecycle, "Rules", "LifecycleConfiguration")
        rules = [_lifecycle_rule(request, rule, number) for number, rule in enumerate(lifecycle["Rules"])]
        put("bucket_lifecycle_configuration", "LifecycleConfiguration", {"Rules": rules})
    if logging := properties.get("LoggingConfiguration"):
        request.only(logging, "DestinationBucketName LogFilePrefix", "LoggingConfiguration")
        target = {"TargetBucket": logging["DestinationBucketName"], "TargetPrefix": logging.get("LogFilePrefix", "")}
        put("bucket_logging", "BucketLoggingStatus", {"LoggingEnabled": target})
    if tags := request.tags():
        tag_set = [{"Key": key, "Value": value} for key, value in tags.items()]
        put("bucket_tagging", "Tagging", {"TagSet": tag_set})
    if notifications := properties.get("NotificationConfiguration"):
        put("bucket_notification_configuration", "NotificationConfiguration", _notifications(request, notifications))
    return made


def _encryption(request: Request, rule: Properties) -> Properties:
    request.only(rule, "ServerSideEncryptionByDefault BucketKeyEnabled", "BucketEncryption")
    return {
        "ApplyServerSideEncryptionByDefault": rule["ServerSideEncryptionByDefault"],
        "BucketKeyEnabled": rule.get("BucketKeyEnabled", False),
    }


def _lifecycle_rule(request: Request, rule: Properties, number: int) -> Properties:
    """CloudFormation's flat rule as the API's nested one."""
    path = f"LifecycleConfiguration.Rules[{number}]"
    same = ("Status", "AbortIncompleteMultipartUpload", "NoncurrentVersionExpiration")
    request.only(
        rule,
        "Id Status Prefix TagFilters AbortIncompleteMultipartUpload NoncurrentVersionExpiration ExpirationInDays"
        " ExpiredObjectDeleteMarker Transitions NoncurrentVersionTransitions",
        path,
    )
    prefix, tags = rule.get("Prefix", ""), rule.get("TagFilters", [])
    found: Properties = {key: rule[key] for key in same if key in rule}
    found["ID"] = rule.get("Id", f"rule-{number}")
    found["Filter"] = {"And": {"Prefix": prefix, "Tags": tags}} if tags else {"Prefix": prefix}
    if "ExpirationInDays" in rule:
        found["Expiration"] = {"Days": rule["ExpirationInDays"]}
    if "ExpiredObjectDeleteMarker" in rule:
        found["Expiration"] = {"ExpiredObjectDeleteMarker": rule["ExpiredObjectDeleteMarker"]}
    for transition in rule.get("Transitions", []):
        request.only(transition, "StorageClass TransitionInDays", f"{path}.Transitions")
        days = {"Days": transition["TransitionInDays"], "StorageClass": transition["StorageClass"]}
        found.setdefault("Transitions", []).append(days)
    for transition in rule.get("NoncurrentVersionTransitions", []):
        request.only(transition, "StorageClass TransitionInDays", f"{path}.NoncurrentVersionTransitions")
        days = {"NoncurrentDays": transition["TransitionInDays"], "StorageClass": transition["StorageClass"]}
        found.setdefault("NoncurrentVersionTransitions", []).append(days)
    return found


def _notifications(request: Request, value: Properties) -> Properties:
    known = " ".join(["EventBridgeConfiguration", *(row[0] for row in _NOTIFICATIONS)])
    request.only(value, known, "NotificationConfiguration")
    found: Properties = {}
    if value.get("EventBridgeConfiguration", {}).get("EventBridgeEnabled", "EventBridgeConfiguration" in value):
        found["EventBridgeConfiguration"] = {}
    for name, api_name, target, api_target in _NOTIFICATIONS:
        for entry in value.get(name, []):
            request.only(entry, f"{target} Event Filter", f"NotificationConfiguration.{name}")
            if not entry["Event"].startswith("s3:ObjectCreated:"):
                request.refuse(f"the laptop sends no {entry['Event']} events, only s3:ObjectCreated:*")
            if target == "Queue":
                _require_queue_policy(request, entry[target])
            item: Properties = {api_target: entry[target], "Events": [entry["Event"]]}
            if "Filter" in entry:
                item["Filter"] = {"Key": {"FilterRules": entry["Filter"]["S3Key"]["Rules"]}}
            found.setdefault(api_name, []).append(item)
    return found


def _require_queue_policy(request: Request, queue_arn: str) -> None:
    """S3 checks, when notifications are set, that it may send to the queue; moto does not.

    Raises:
        DeploymentRejected: if the queue has no such policy yet.
    """
    sqs = request.client("sqs")
    url = sqs.get_queue_url(QueueName=queue_arn.rsplit(":", 1)[-1])["QueueUrl"]
    found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"]).get("Attributes", {}).get("Policy")
    statements = json.loads(found)["Statement"] if found else []
    for statement in statements:
        principal = statement["Principal"]
        services = principal.get("Service", []) if isinstance(principal, dict) else principal
        services = [services] if isinstance(services, str) else services
        if statement["Effect"] == "Allow" and {"s3.amazonaws.com", "*"} & set(services):
            return
    raise DeploymentRejected(
        f"{request.stack}/{request.logical_id}: unable to validate the notification's destination {queue_arn}.",
        remedy="Let the bucket depend on a queue policy that allows s3.amazonaws.com to send messages.",
    )


def _delete(request: Request, made: Made) -> None:
    request.client("s3").delete_bucket(Bucket=made.ref)


def _put_policy(request: Request, _made: Made | None = None) -> Made:
    bucket, policy = request.properties["Bucket"], request.properties["PolicyDocument"]
    s3 = request.client("s3")
    parameters = {"Bucket": bucket, "Policy": json.dumps(policy)}
    request.keep(
        "s3", "put_bucket_policy", parameters, lambda _: {"Bucket": bucket, **s3.get_bucket_policy(Bucket=bucket)}
    )
    return Made(bucket)


def _delete_policy(request: Request, made: Made) -> None:
    request.client("s3").delete_bucket_policy(Bucket=made.ref)


TYPES = (
    ResourceType(
        "AWS::S3::Bucket",
        "BucketName BucketEncryption VersioningConfiguration PublicAccessBlockConfiguration OwnershipControls"
        " ObjectLockEnabled ObjectLockConfiguration LifecycleConfiguration LoggingConfiguration Tags"
        " NotificationConfiguration AccessControl",
        _create,
        _delete,
        _configure,
        name_property="BucketName",
        fixed="ObjectLockEnabled AccessControl",
    ),
    ResourceType(
        "AWS::S3::BucketPolicy", "Bucket PolicyDocument", _put_policy, _delete_policy, _put_policy, fixed="Bucket"
    ),
)
