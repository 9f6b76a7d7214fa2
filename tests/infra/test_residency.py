"""The check that no data can leave its region: nothing in the good templates, and each way out is named."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

import pytest

from infra.residency.check import check
from infra.residency.rules import RULES
from infra.residency.stack import Stack
from tests.infra.mutations import DATABASES, HARMLESS, MUTATIONS, Mutation
from tests.infra.mutations.change import grant
from tests.infra.test_region_stack import VIRGINIA

if TYPE_CHECKING:
    from infra.residency.rule import Finding
    from tests.infra.conftest import Synthesize

REGION = "eu-central-1"


@pytest.fixture(scope="module")
def neighbour(synthesize: Synthesize) -> Stack:
    return Stack("Watershed-us-east-1", "us-east-1", synthesize(VIRGINIA))


@pytest.fixture
def stack(reporting: dict[str, Any]) -> Stack:
    """Frankfurt's, with all that a setting may add, to be changed."""
    return Stack(f"Watershed-{REGION}", REGION, copy.deepcopy(reporting))


def test_good_templates_have_no_way_out(stack: Stack, neighbour: Stack, template: dict[str, Any]) -> None:
    assert check([stack, neighbour]) == []
    assert check([Stack(stack.name, REGION, template), neighbour]) == []


def test_a_database_is_no_way_out(with_database: dict[str, Any]) -> None:
    assert [str(each) for each in check([Stack(f"Watershed-{REGION}", REGION, with_database)])] == []


@pytest.mark.parametrize("mutation", DATABASES, ids=lambda mutation: mutation.name)
def test_a_way_out_of_the_database_is_named(mutation: Mutation, with_database: dict[str, Any]) -> None:
    changed = Stack(f"Watershed-{REGION}", REGION, copy.deepcopy(with_database))
    mutation.change(changed.template)  # type: ignore[arg-type]
    found = check([changed])
    assert any(each.rule == mutation.rule and _says(each, mutation) for each in found), [str(each) for each in found]


@pytest.mark.parametrize(
    "mutation", [each for each in MUTATIONS if each not in DATABASES], ids=lambda mutation: mutation.name
)
def test_a_way_out_is_named_with_resource_path_and_remedy(mutation: Mutation, stack: Stack, neighbour: Stack) -> None:
    mutation.change(stack.template)  # type: ignore[arg-type]
    found = check([stack, neighbour] if mutation.rule == "shared-name" else [stack])
    named = [each for each in found if each.rule == mutation.rule and each.stack == stack.name]
    assert named, [str(each) for each in found]
    assert any(_says(each, mutation) for each in named), [str(each) for each in named]


def _says(finding: Finding, mutation: Mutation) -> bool:
    text = " -> ".join(finding.path)
    for end in mutation.path:  # one after the other
        if end not in text:
            return False
        text = text.partition(end)[2]
    return finding.resource.startswith(mutation.resource) and bool(finding.remedy)


def test_there_are_enough_violations_and_each_rule_has_one() -> None:
    assert len(MUTATIONS) >= 30
    assert len({mutation.name for mutation in MUTATIONS}) == len(MUTATIONS)
    assert {rule.id for rule in RULES} - {mutation.rule for mutation in MUTATIONS} == {"no-region"}


@pytest.mark.parametrize("name", HARMLESS)
def test_what_lets_nothing_out_is_not_refused(name: str, stack: Stack) -> None:
    HARMLESS[name](stack.template)  # type: ignore[arg-type]
    assert [str(each) for each in check([stack])] == []


def test_the_same_change_is_found_in_every_region(stack: Stack, neighbour: Stack) -> None:
    changed = Stack(neighbour.name, neighbour.region, copy.deepcopy(neighbour.template))
    grant(Resource="*")(changed.template)  # type: ignore[arg-type]
    found = check([stack, changed])
    # The condition that `grant` writes is Frankfurt's.
    assert {(each.stack, each.rule) for each in found} == {
        (neighbour.name, "unconfined-resource"),
        (neighbour.name, "unconfined-statement"),
    }


def test_a_stack_without_a_region_is_refused(stack: Stack) -> None:
    assert "no-region" in {each.rule for each in check([Stack("Watershed", "", stack.template)])}


def test_a_finding_says_whose_data_is_at_stake_by_any_number_of_steps(stack: Stack) -> None:
    grant(Resource="*")(stack.template)  # type: ignore[arg-type]
    (found,) = check([stack])
    raw, bronze = (f"bucket watershed-{layer}-${{AWS::AccountId}}-{REGION}" for layer in ("raw", "bronze"))
    assert found.at_stake[0] == raw  # which the role reads
    assert bronze in found.at_stake  # by silver's ledger, which the backfill reads before it calls bronze
    assert f"At stake: {raw}, " in str(found)


def test_an_account_that_the_app_names_is_its_own(stack: Stack) -> None:
    text = json.dumps(stack.template).replace('{"Ref": "AWS::AccountId"}', '"123456789012"')
    known = Stack(stack.name, REGION, json.loads(text), "123456789012")
    assert check([known]) == []
    assert {each.rule for each in check([Stack(stack.name, REGION, json.loads(text))])} >= {"foreign-account"}
