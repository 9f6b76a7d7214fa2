"""The backfill's state machine: bounded, without tolerance, and judging bronze's answer."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from watershed import names
from watershed.names import Layer, Stage

from infra.backfill import AT_ONCE, definition
from infra.stages import SIZING
from tests.infra.resources import flat

if TYPE_CHECKING:
    from tests.infra.resources import Resources


def machine(resources: Resources) -> dict[str, Any]:
    (found,) = resources.of("StepFunctions::StateMachine").values()
    properties: dict[str, Any] = found["Properties"]
    return properties


def items() -> dict[str, Any]:
    found: dict[str, Any] = definition()["States"]["LandEach"]
    return found


def test_there_is_one_and_its_names_are_filled_in(resources: Resources) -> None:
    made = machine(resources)
    assert made["StateMachineName"] == names.BACKFILL
    assert made["StateMachineType"] == "STANDARD"
    assert json.loads(made["DefinitionString"]) == definition()
    filled = made["DefinitionSubstitutions"]
    assert set(re.findall(r"\$\{(\w+)\}", made["DefinitionString"])) == set(filled)
    assert filled["bronze"] == resources.arn_of("Lambda::Function", "FunctionName", names.function(Stage.BRONZE))
    bucket = resources.of("S3::Bucket")[filled["ledger"]["Ref"]]["Properties"]
    assert flat(bucket["BucketName"]) == names.bucket(Layer.LEDGER, "1234", "eu-central-1")


def test_few_at_once_and_none_may_fail() -> None:
    assert SIZING[Stage.BRONZE].concurrency >= AT_ONCE
    assert items()["MaxConcurrency"] == AT_ONCE
    assert not [name for name in items() if name.startswith("Tolerated")]  # AWS tolerates none then


def test_an_item_may_take_as_long_as_bronze() -> None:
    child = items()["ItemProcessor"]
    assert child["ProcessorConfig"] == {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}
    assert child["States"]["Land"]["TimeoutSeconds"] > SIZING[Stage.BRONZE].timeout


def test_what_bronze_lists_as_failed_fails_the_item() -> None:
    states = items()["ItemProcessor"]["States"]
    assert states["Land"]["Next"] == "Judge"
    (failed,) = states["Judge"]["Choices"]
    assert failed == {"Variable": "$.batchItemFailures[0]", "IsPresent": True, "Next": "NotLanded"}
    assert states["NotLanded"]["Type"] == "Fail"


def test_all_answers_together_fit_one_state() -> None:
    from watershed.backfill.replay import MOST

    answers = json.dumps([items()["ItemProcessor"]["States"]["Landed"]["Result"]] * MOST)
    assert len(answers) < 256 * 1024
