"""The workgroups: no client can send results elsewhere, leave them in the clear, or scan without bound."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from watershed import names
from watershed.names import Layer

from tests.infra.conftest import MOST_ORDERS
from tests.infra.resources import flat

if TYPE_CHECKING:
    from tests.infra.resources import Resources


@pytest.mark.parametrize(
    ("name", "folder"), [(names.WORKGROUP, ""), (names.ANALYSTS_WORKGROUP, names.ANALYSTS_RESULTS)]
)
def test_the_workgroups_enforce_their_settings(resources: Resources, name: str, folder: str) -> None:
    every = {each["Properties"]["Name"]: each["Properties"] for each in resources.of("Athena::WorkGroup").values()}
    assert set(every) == {names.WORKGROUP, names.ANALYSTS_WORKGROUP}
    (key,) = resources.of("KMS::Key")
    (results,) = [
        logical
        for logical, each in resources.of("S3::Bucket").items()
        if flat(each["Properties"]["BucketName"]) == names.bucket(Layer.RESULTS, "1234", "eu-central-1")
    ]
    settings = every[name]["WorkGroupConfiguration"]
    assert settings["EnforceWorkGroupConfiguration"] is True
    assert settings["EngineVersion"] == {"SelectedEngineVersion": "Athena engine version 3"}
    assert settings["BytesScannedCutoffPerQuery"] == 100 * 1024**3
    where = settings["ResultConfiguration"]
    assert flat(where["OutputLocation"]) == f"s3://<{results}>/{folder}"
    assert where["ExpectedBucketOwner"] == {"Ref": "AWS::AccountId"}
    assert where["EncryptionConfiguration"] == {"EncryptionOption": "SSE_KMS", "KmsKey": {"Fn::GetAtt": [key, "Arn"]}}


def test_each_question_is_a_saved_query_of_the_workgroup(resources: Resources) -> None:
    ((logical, saved),) = resources.of("Athena::NamedQuery").items()
    assert saved["Properties"] == {
        "Name": "01_most_orders",
        "Description": MOST_ORDERS.question,
        "Database": names.GOLD_DB,
        "QueryString": MOST_ORDERS.sql,
        "WorkGroup": names.ANALYSTS_WORKGROUP,
    }
    groups = resources.of("Athena::WorkGroup").items()
    (analysts,) = [logical for logical, each in groups if each["Properties"]["Name"] == names.ANALYSTS_WORKGROUP]
    assert analysts in saved["DependsOn"]
    assert logical.startswith("Questions01MostOrders")
