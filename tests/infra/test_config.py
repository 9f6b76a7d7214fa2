"""The `watershed` context: what is accepted, and what is said about what is not."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from watershed.errors import ConfigurationError
from watershed.names import Stage

from infra.config import RegionConfig, regions
from layers.manifest import ROOT

GOOD = {
    "regions": {
        "eu-central-1": {"name": "Frankfurt", "jurisdiction": ["DE", "FR"], "time_zones": ["Europe/Berlin"]},
        "us-east-1": {"name": "N. Virginia", "jurisdiction": ["US"], "time_zones": ["America/New_York"]},
    }
}


def test_regions_are_read_in_order() -> None:
    assert regions(GOOD) == (
        RegionConfig("eu-central-1", "Frankfurt", ("DE", "FR"), ("Europe/Berlin",)),
        RegionConfig("us-east-1", "N. Virginia", ("US",), ("America/New_York",)),
    )


def test_organization_and_lock_are_read_if_they_are_there() -> None:
    context: dict[str, Any] = {**copy.deepcopy(GOOD), "organization": "o-a1b2c3d4e5"}
    context["regions"]["us-east-1"]["object_lock_days"] = 30
    frankfurt, virginia = regions(context)
    assert (frankfurt.organization, frankfurt.object_lock_days) == ("o-a1b2c3d4e5", None)
    assert (virginia.organization, virginia.object_lock_days) == ("o-a1b2c3d4e5", 30)


def test_a_database_is_off_unless_it_is_asked_for() -> None:
    context: dict[str, Any] = copy.deepcopy(GOOD)
    context["regions"]["us-east-1"]["postgres"] = True
    frankfurt, virginia = regions(context)
    assert (frankfurt.postgres, virginia.postgres) == (False, True)
    assert set(virginia.stages) - set(frankfurt.stages) == {Stage.PUBLISH}
    assert Stage.GOLD in frankfurt.stages


def test_a_database_needs_to_know_where_s3_is() -> None:
    context = {"regions": {"eu-south-2": {**GOOD["regions"]["us-east-1"], "postgres": True}}}
    with pytest.raises(ConfigurationError, match=r"eu-south-2\.postgres: .* Add what `aws ec2 describe-prefix-lists`"):
        regions(context)
    context["regions"]["eu-south-2"]["postgres"] = False
    assert not regions(context)[0].postgres


@pytest.mark.parametrize(
    "organization", ["", "a1b2c3d4e5", "o-A1B2C3D4E5", "o-a1b2", "o-a1b2c3d4e5*", None, ["o-a1b2c3d4e5"]]
)
def test_what_is_not_an_organization_is_refused(organization: Any) -> None:
    with pytest.raises(ConfigurationError, match=r"context\.watershed\.organization: .* is not the id of an AWS org"):
        regions({**GOOD, "organization": organization})


def test_a_setting_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ConfigurationError, match=r"context\.watershed\.organisation: there is no such setting"):
        regions({**GOOD, "organisation": "o-a1b2c3d4e5"})


def test_the_projects_own_context_is_good() -> None:
    context = json.loads((ROOT / "cdk.json").read_text(encoding="utf-8"))["context"]["watershed"]
    assert {"eu-central-1", "us-east-1", "ap-southeast-1"} <= {each.region for each in regions(context)}


@pytest.mark.parametrize("context", [None, {}, [], "eu-central-1", {"regions": {}}, {"regions": ["eu-central-1"]}])
def test_a_context_without_regions_is_refused(context: Any) -> None:
    with pytest.raises(ConfigurationError, match=r"context\.watershed\.regions names no region"):
        regions(context)


@pytest.mark.parametrize(
    ("path", "value", "says"),
    [
        (("name",), "", r"eu-central-1\.name: a name for people is missing"),
        (("name",), 3, r"eu-central-1\.name: a name for people is missing"),
        (("jurisdiction",), [], r"eu-central-1\.jurisdiction: this is not a list with at least one ISO 3166"),
        (("jurisdiction",), "DE", r"eu-central-1\.jurisdiction: this is not a list"),
        (("jurisdiction",), ["DE", "EU"], r"eu-central-1\.jurisdiction\[1\]: 'EU' is not an ISO 3166 alpha-2 code"),
        (("jurisdiction",), ["de"], r"'de' is not an ISO 3166"),
        (("jurisdiction",), ["UK"], r"'UK' is not an ISO 3166"),
        (("jurisdiction",), [["DE"]], r"jurisdiction\[0\]: \['DE'\] is not an ISO 3166"),
        (("jurisdiction",), ["DE", "FR", "DE"], r"jurisdiction\[2\]: DE is listed twice"),
        (("name",), "东" * 400, r"eu-central-1\.name: it is longer than 100 letters"),
        (("name",), "Frank\ud800furt", r"eu-central-1\.name: it is longer than 100 letters or has others than can be"),
        (("name",), "n.  VIRGINIA", r"us-east-1\.name: eu-central-1 is called 'N\. Virginia' already"),
        (("jurisdiction",), ["DE", "US"], r"us-east-1\.jurisdiction: US already belongs to eu-central-1"),
        (("time_zones",), ["Europe/Frankfurt"], r"time_zones\[0\]: 'Europe/Frankfurt' is not an IANA time zone"),
        (("time_zones",), ["../../etc/passwd"], r"is not an IANA time zone"),
        (("time_zones",), ["Etc/GMT+5"], r"'Etc/GMT\+5' is not an IANA time zone of a place"),
        (("time_zones",), None, r"time_zones: this is not a list"),
        (("object_lock_days",), 0, r"eu-central-1\.object_lock_days: 0 is not a whole number of days from 1 to 36500"),
        (("object_lock_days",), 36501, r"object_lock_days: 36501 is not"),
        (("object_lock_days",), True, r"object_lock_days: True is not"),
        (("object_lock_days",), 1.5, r"object_lock_days: 1\.5 is not"),
        (("object_lock_days",), "30", r"object_lock_days: '30' is not"),
        (("object_lock_days",), None, r"object_lock_days: None is not"),
        (("postgres",), "true", r"eu-central-1\.postgres: 'true' is neither true nor false"),
        (("postgres",), 1, r"postgres: 1 is neither"),
        (("postgres",), None, r"postgres: None is neither"),
        (("timezones",), ["Europe/Berlin"], r"eu-central-1\.timezones: there is no such setting"),
    ],
)
def test_a_fault_is_named_with_its_path(path: tuple[str, ...], value: Any, says: str) -> None:
    context = copy.deepcopy(GOOD)
    fields: dict[str, Any] = context["regions"]["eu-central-1"]
    fields[path[0]] = value
    with pytest.raises(ConfigurationError, match=says):
        regions(context)


@pytest.mark.parametrize("region", ["Frankfurt", "eu-central", "eu-central-1a", "EU-CENTRAL-1", ""])
def test_what_is_not_a_region_is_refused(region: str) -> None:
    with pytest.raises(ConfigurationError, match="this is not an AWS region's name"):
        regions({"regions": {region: GOOD["regions"]["us-east-1"]}})


def test_all_faults_are_reported_together() -> None:
    with pytest.raises(ConfigurationError) as caught:
        regions({"regions": {"eu-central-1": {"name": "", "jurisdiction": ["XX"]}, "us-east-1": 1}})
    assert len(str(caught.value).splitlines()) == 4
