"""The workgroup: no client can send results elsewhere, leave them in the clear, or scan without bound."""

from __future__ import annotations

from typing import TYPE_CHECKING

from watershed import names
from watershed.names import Layer

from tests.infra.resources import flat

if TYPE_CHECKING:
    from tests.infra.resources import Resources


def test_the_workgroup_enforces_its_settings(resources: Resources) -> None:
    (made,) = resources.of("Athena::WorkGroup").values()
    (key,) = resources.of("KMS::Key")
    (results,) = [
        logical
        for logical, each in resources.of("S3::Bucket").items()
        if flat(each["Properties"]["BucketName"]) == names.bucket(Layer.RESULTS, "1234", "eu-central-1")
    ]
    assert made["Properties"]["Name"] == names.WORKGROUP
    settings = made["Properties"]["WorkGroupConfiguration"]
    assert settings["EnforceWorkGroupConfiguration"] is True
    assert settings["EngineVersion"] == {"SelectedEngineVersion": "Athena engine version 3"}
    assert settings["BytesScannedCutoffPerQuery"] == 100 * 1024**3
    where = settings["ResultConfiguration"]
    assert flat(where["OutputLocation"]) == f"s3://<{results}>/"
    assert where["ExpectedBucketOwner"] == {"Ref": "AWS::AccountId"}
    assert where["EncryptionConfiguration"] == {"EncryptionOption": "SSE_KMS", "KmsKey": {"Fn::GetAtt": [key, "Arn"]}}
