"""The region's one key: rotated, kept, of this region only, and lent to three AWS services under conditions."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from watershed import names

from tests.infra.resources import flat

if TYPE_CHECKING:
    from tests.infra.resources import Resources


def test_there_is_one_key_and_it_is_kept(resources: Resources) -> None:
    ((logical, key),) = resources.of("KMS::Key").items()
    assert key["Properties"]["EnableKeyRotation"] is True
    assert "MultiRegion" not in key["Properties"]
    assert (key["DeletionPolicy"], key["UpdateReplacePolicy"]) == ("RetainExceptOnCreate", "Retain")
    (alias,) = resources.of("KMS::Alias").values()
    assert alias["Properties"] == {
        "AliasName": names.KEY_ALIAS,
        "TargetKeyId": {"Fn::GetAtt": [logical, "Arn"]},
    }


def test_services_use_it_for_this_account_only(resources: Resources) -> None:
    (key,) = resources.of("KMS::Key").values()
    statements = key["Properties"]["KeyPolicy"]["Statement"]
    root, *services = [each for each in statements if each["Effect"] == "Allow"]
    assert flat(root["Principal"]["AWS"]) == "arn:aws:iam::1234:root"
    assert {each["Principal"]["Service"] for each in services} == {
        "s3.amazonaws.com",
        "cloudwatch.amazonaws.com",
        "logs.eu-central-1.amazonaws.com",
    }
    for each in services:
        assert {"Ref": "AWS::AccountId"} in [*_values(each["Condition"])]


def test_logs_encrypt_for_the_lakes_own_groups_only(resources: Resources) -> None:
    (key,) = resources.of("KMS::Key").values()
    (logs,) = [each for each in key["Properties"]["KeyPolicy"]["Statement"] if each.get("Sid") == "LogsEncrypt"]
    named = [flat(arn) for arn in logs["Condition"]["ArnLike"]["kms:EncryptionContext:aws:logs:arn"]]
    groups = "arn:aws:logs:eu-central-1:1234:log-group:"
    assert named == [f"{groups}/aws/lambda/watershed-*", f"{groups}/aws/vendedlogs/watershed-door"]


def test_everything_that_can_be_encrypted_uses_it(resources: Resources) -> None:
    (logical,) = resources.of("KMS::Key")
    arn = json.dumps({"Fn::GetAtt": [logical, "Arn"]})
    for kind in (
        "S3::Bucket",
        "SQS::Queue",
        "SNS::Topic",
        "Logs::LogGroup",
        "Athena::WorkGroup",
        "SecretsManager::Secret",
    ):
        for each in resources.of(kind).values():
            assert arn in json.dumps(each), each


def _values(found: object) -> list[object]:
    """All objects inside a JSON value."""
    if isinstance(found, dict):
        return [found, *(inner for value in found.values() for inner in _values(value))]
    if isinstance(found, list):
        return [inner for value in found for inner in _values(value)]
    return [found]
