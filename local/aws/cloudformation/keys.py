"""KMS keys and their aliases. Nothing is encrypted on the laptop; the settings are kept, so they can be looked at."""

from __future__ import annotations

import json

from local.aws.cloudformation.resource import Made, Properties, Request, ResourceType


def _create(request: Request) -> Made:
    properties = request.properties
    settings: Properties = {
        key: properties[key] for key in ("Description", "KeySpec", "KeyUsage", "MultiRegion") if key in properties
    }
    settings["Policy"] = json.dumps(properties["KeyPolicy"])  # moto fails to describe a key whose policy is not text
    tags = [{"TagKey": key, "TagValue": value} for key, value in request.tags().items()]
    kms = request.client("kms")
    key = kms.create_key(**settings, Tags=tags)["KeyMetadata"]
    if properties.get("EnableKeyRotation"):
        kms.enable_key_rotation(KeyId=key["KeyId"])
    if not properties.get("Enabled", True):
        kms.disable_key(KeyId=key["KeyId"])
    return Made(key["KeyId"], {"Arn": key["Arn"], "KeyId": key["KeyId"]})


def _update(request: Request, made: Made) -> Made:
    kms, properties = request.client("kms"), request.properties
    kms.put_key_policy(KeyId=made.ref, PolicyName="default", Policy=json.dumps(properties["KeyPolicy"]))
    kms.update_key_description(KeyId=made.ref, Description=properties.get("Description", ""))
    rotate = kms.enable_key_rotation if properties.get("EnableKeyRotation") else kms.disable_key_rotation
    rotate(KeyId=made.ref)
    return made


def _delete(request: Request, made: Made) -> None:
    days = int(request.properties.get("PendingWindowInDays", 30))
    request.client("kms").schedule_key_deletion(KeyId=made.ref, PendingWindowInDays=days)


def _create_alias(request: Request) -> Made:
    name = request.properties["AliasName"]
    request.client("kms").create_alias(AliasName=name, TargetKeyId=request.properties["TargetKeyId"])
    return Made(name)


def _update_alias(request: Request, made: Made) -> Made:
    request.client("kms").update_alias(AliasName=made.ref, TargetKeyId=request.properties["TargetKeyId"])
    return made


def _delete_alias(request: Request, made: Made) -> None:
    request.client("kms").delete_alias(AliasName=made.ref)


TYPES = (
    ResourceType(
        "AWS::KMS::Key",
        "Description EnableKeyRotation Enabled KeyPolicy KeySpec KeyUsage MultiRegion PendingWindowInDays Tags",
        _create,
        _delete,
        _update,
        fixed="KeySpec KeyUsage MultiRegion Enabled Tags",
    ),
    ResourceType(
        "AWS::KMS::Alias", "AliasName TargetKeyId", _create_alias, _delete_alias, _update_alias, fixed="AliasName"
    ),
)
