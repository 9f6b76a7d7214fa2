"""The setting `quicksight` of a region in cdk.json: what is read, and what is said about what is not right."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from watershed.errors import ConfigurationError

from infra.config import regions
from infra.quicksight.setting import Identity, QuickSight
from tests.infra.test_config import GOOD

GROUP = "arn:aws:quicksight:eu-central-1:111122223333:group/default/analysts"
USER = "arn:aws:quicksight:us-east-1:111122223333:user/default/role-name/ana@shop.example"


def configured(value: Any, region: str = "eu-central-1") -> QuickSight | None:
    context = copy.deepcopy(GOOD)
    fields: dict[str, Any] = context["regions"].pop("eu-central-1")
    context["regions"][region] = {**fields, "quicksight": value}
    return next(each for each in regions(context) if each.region == region).quicksight


def test_it_is_off_unless_it_is_asked_for() -> None:
    assert [each.quicksight for each in regions(GOOD)] == [None, None]


def test_users_and_groups_are_kept_without_their_account() -> None:
    assert configured({"principals": [GROUP, USER], "authors": [USER], "spice": True}) == QuickSight(
        (
            Identity("eu-central-1", "group/default/analysts"),
            Identity("us-east-1", "user/default/role-name/ana@shop.example"),
        ),
        (Identity("us-east-1", "user/default/role-name/ana@shop.example"),),
        spice=True,
    )


def test_athena_is_asked_directly_and_nobody_is_an_author_unless_the_setting_says_so() -> None:
    setting = configured({"principals": [GROUP]})
    assert setting is not None
    assert (setting.authors, setting.spice, setting.namespace) == ((), False, "default")


def test_each_partition_has_its_own() -> None:
    china = GROUP.replace("arn:aws:", "arn:aws-cn:").replace("eu-central-1", "cn-north-1")
    assert configured({"principals": [china]}, "cn-north-1")


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (None, r"quicksight: this is not an object\. Write \{\"principals\""),
        ([], r"quicksight: this is not an object"),
        ({}, r"quicksight\.principals: this is not a list with at least one user or group"),
        ({"principals": []}, r"quicksight\.principals: this is not a list with at least one"),
        ({"principals": GROUP}, r"quicksight\.principals: this is not a list"),
        ({"principals": [GROUP], "authors": []}, r"quicksight\.authors: this is not a list with at least one"),
        ({"principals": [GROUP], "spice": "yes"}, r"quicksight\.spice: 'yes' is neither true nor false"),
        ({"principals": [GROUP], "spice": None}, r"quicksight\.spice: None is neither"),
        ({"principals": [GROUP], "readers": [GROUP]}, r"quicksight\.readers: there is no such setting"),
        ({"principals": ["analysts"]}, r"principals\[0\]: 'analysts' is not the ARN of a QuickSight user or group"),
        ({"principals": [3]}, r"principals\[0\]: 3 is not the ARN"),
        ({"principals": [GROUP, GROUP]}, r"principals\[1\]: .*analysts is listed twice"),
        ({"principals": [f"{GROUP}*"]}, r"principals\[0\]: .* is not the ARN"),
        ({"principals": ["arn:aws:quicksight:eu-central-1:111122223333:namespace/default"]}, r"is not the ARN"),
        ({"principals": ["arn:aws:quicksight::111122223333:group/default/analysts"]}, r"is not the ARN"),
        ({"principals": ["arn:aws:quicksight:eu-central-1:1111:group/default/analysts"]}, r"is not the ARN"),
        ({"principals": ["arn:aws:iam::111122223333:role/analysts"]}, r"is not the ARN"),
        (
            {"principals": [GROUP.replace("quicksight", "sso")]},
            r"principals\[0\]: .* belongs to sso\. Name a user or group of QuickSight",
        ),
        (
            {"principals": [GROUP.replace("arn:aws:", "arn:aws-cn:")]},
            r"principals\[0\]: .* is in aws-cn, and eu-central-1 in aws",
        ),
        (
            {"principals": [GROUP], "authors": [USER.replace("111122223333", "444455556666")]},
            r"quicksight: the users and groups are of more than one account: 111122223333, 444455556666",
        ),
        (
            {"principals": [GROUP, USER.replace("/default/", "/other/")]},
            r"quicksight: the users and groups are of more than one namespace: default, other",
        ),
        (
            {"principals": [f"{GROUP}{number}" for number in range(65)]},
            r"principals: QuickSight takes 64 users and groups, and these are 65",
        ),
    ],
)
def test_a_fault_is_named_with_its_path_and_remedy(value: Any, says: str) -> None:
    with pytest.raises(ConfigurationError, match=rf"context\.watershed\.regions\.eu-central-1\..*{says}|{says}"):
        configured(value)


def test_all_faults_are_named_at_once() -> None:
    with pytest.raises(ConfigurationError) as caught:
        configured({"principals": ["x", "y"], "authors": "z", "spice": 1, "color": "red"})
    assert len(str(caught.value).splitlines()) == 5
