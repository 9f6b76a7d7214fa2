"""Each resource fits the schema of its type, as CloudFormation sees it: with its references filled in."""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING

import pytest
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER
from jsonschema import Draft7Validator

from infra.quicksight.setting import QuickSight
from infra.residency.resolve import Resolver
from infra.residency.stack import ACCOUNT, Stack
from tests.infra.conftest import FRANKFURT, READERS, REPORTING

if TYPE_CHECKING:
    from infra.config import RegionConfig
    from tests.infra.conftest import Synthesize

REGION = FRANKFURT.region
SETTINGS = {
    "none": FRANKFURT,
    "all": dataclasses.replace(REPORTING, postgres=True, object_lock_days=30, organization="o-a1b2c3d4e5"),
    "direct": dataclasses.replace(FRANKFURT, quicksight=QuickSight((READERS,))),
}
MADE_UP = ("${", ":layer:")  # what AWS makes up: ids, and a layer's version; the template does not tell them


@pytest.mark.parametrize("config", SETTINGS.values(), ids=SETTINGS)
def test_every_property_is_as_cloudformation_has_it(config: RegionConfig, synthesize: Synthesize) -> None:
    """cfn-lint alone does not see a value that a reference gives."""
    template = synthesize(config)
    resolver = Resolver(Stack(f"Watershed-{REGION}", REGION, template))
    for logical, resource in template["Resources"].items():
        text = json.dumps(resolver.value(resource["Properties"], "")).replace(ACCOUNT, "111122223333")
        schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema(REGION, resource["Type"]).schema
        faults = [
            f"{logical}: {error.json_path}: {error.message}"
            for error in Draft7Validator(schema).iter_errors(json.loads(text))
            if not any(part in str(error.instance) for part in MADE_UP)
        ]
        assert faults == []


def test_a_schema_does_refuse() -> None:
    schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema(REGION, "AWS::QuickSight::DataSet").schema
    wrong = {"PhysicalTableMap": {"a": {"RelationalTable": {"Name": "a", "InputColumns": [{"Type": "NUMBER"}]}}}}
    assert list(Draft7Validator(schema).iter_errors(wrong))
