"""Functions: runtime, layers, environment, logs, and how their queues feed them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from watershed import names
from watershed.names import RECEIVE, Stage

from layers.manifest import FUNCTION_LAYERS, LAMBDA, LAYERS_LIMIT
from tests.infra.resources import STAGES, flat

if TYPE_CHECKING:
    from tests.infra.resources import Resources

QUEUE = "WATERSHED_{}_QUEUE_URL"


FUNCTIONS = (RECEIVE, *STAGES)


def function(resources: Resources, stage: str) -> dict[str, Any]:
    return resources.named("Lambda::Function", "FunctionName")[names.function(stage)]


def mapping(resources: Resources, stage: Stage) -> dict[str, Any]:
    (logical,) = [
        name
        for name, each in resources.of("Lambda::Function").items()
        if each["Properties"]["FunctionName"] == names.function(stage)
    ]
    found: dict[str, Any]
    (found,) = [
        each["Properties"]
        for each in resources.of("Lambda::EventSourceMapping").values()
        if each["Properties"]["FunctionName"] == {"Ref": logical}
    ]
    return found


def test_there_is_one_function_a_stage(resources: Resources) -> None:
    assert set(resources.named("Lambda::Function", "FunctionName")) == {names.function(name) for name in FUNCTIONS}


@pytest.mark.parametrize("stage", FUNCTIONS)
def test_functions_run_on_the_python_and_processor_that_layers_are_built_for(resources: Resources, stage: str) -> None:
    made = function(resources, stage)
    assert made["Runtime"] == "python{}.{}".format(*LAMBDA.python)
    assert made["Architectures"] == [LAMBDA.name]
    assert made["Handler"] == "handler.handler"
    assert made["MemorySize"] <= 3008, "new accounts may not use more"


@pytest.mark.parametrize("stage", FUNCTIONS)
def test_functions_carry_their_layers_in_order(resources: Resources, stage: str) -> None:
    versions = {
        logical: each["Properties"]["LayerName"] for logical, each in resources.of("Lambda::LayerVersion").items()
    }
    carried = [versions[layer["Ref"]] for layer in function(resources, stage)["Layers"]]
    assert carried == [f"watershed-{layer}" for layer in FUNCTION_LAYERS[stage]]
    assert len(carried) <= LAYERS_LIMIT


@pytest.mark.parametrize(
    ("stage", "sends_to"),
    [
        (Stage.COLLECT, None),
        (Stage.BRONZE, Stage.SILVER),
        (Stage.SILVER, Stage.GOLD),
        (Stage.GOLD, None),
        (Stage.MAINTENANCE, Stage.MAINTENANCE),
        (Stage.POLL, None),
    ],
)
def test_functions_know_where_they_are_and_whom_they_send_to(
    resources: Resources, stage: Stage, sends_to: Stage | None
) -> None:
    variables = dict(function(resources, stage)["Environment"]["Variables"])
    assert variables.pop("WATERSHED_ACCOUNT") == {"Ref": "AWS::AccountId"}
    assert variables.pop("WATERSHED_JURISDICTION") == "DE,FR"
    assert variables.pop("POWERTOOLS_SERVICE_NAME") == names.function(stage)
    assert variables.pop("POWERTOOLS_LOG_LEVEL") == "INFO"
    if sends_to:
        address = variables.pop(QUEUE.format(sends_to.upper()))["Ref"]
        queue = resources.arn_of("SQS::Queue", "QueueName", names.queue(sends_to))["Fn::GetAtt"][0]
        assert address == queue
    dead = variables.pop(f"WATERSHED_{stage.upper()}_DEAD_LETTER_URL")["Ref"]
    assert dead == resources.arn_of("SQS::Queue", "QueueName", names.dead_letter_queue(stage))["Fn::GetAtt"][0]
    zones = {"WATERSHED_TIME_ZONES": "Europe/Berlin"} if stage is Stage.GOLD else {}
    assert variables == {"WATERSHED_ATTEMPTS": "3", **zones}


@pytest.mark.parametrize("stage", STAGES)
def test_a_function_gives_up_at_the_attempt_after_which_sqs_does(resources: Resources, stage: Stage) -> None:
    queue = resources.named("SQS::Queue", "QueueName")[names.queue(stage)]
    variables = function(resources, stage)["Environment"]["Variables"]
    assert variables["WATERSHED_ATTEMPTS"] == str(queue["RedrivePolicy"]["maxReceiveCount"])


@pytest.mark.parametrize("stage", FUNCTIONS)
def test_logs_end_after_three_months(resources: Resources, stage: str) -> None:
    group = resources.named("Logs::LogGroup", "LogGroupName")[names.log_group(stage)]
    assert group["RetentionInDays"] == 90
    logical = function(resources, stage)["LoggingConfig"]["LogGroup"]["Ref"]
    assert resources.of("Logs::LogGroup")[logical]["Properties"] == group


@pytest.mark.parametrize("stage", FUNCTIONS)
def test_logs_do_not_show_what_a_person_could_be_known_by(resources: Resources, stage: str) -> None:
    policy = resources.named("Logs::LogGroup", "LogGroupName")[names.log_group(stage)]["DataProtectionPolicy"]
    operations = [statement["Operation"] for statement in policy["Statement"]]
    assert operations == [{"Audit": {"FindingsDestination": {}}}, {"Deidentify": {"MaskConfig": {}}}]
    for statement in policy["Statement"]:
        found = {flat(each).rpartition("/")[2] for each in statement["DataIdentifier"]}
        assert found == {"EmailAddress", "CreditCardNumber", "Address"}


@pytest.mark.parametrize(
    ("stage", "batch", "window", "concurrency"),
    [
        (Stage.COLLECT, 1000, 60, 2),
        (Stage.BRONZE, 1, None, 20),
        (Stage.SILVER, 10, None, 20),
        (Stage.GOLD, 50, 30, 2),
        (Stage.MAINTENANCE, 1, None, 2),
        (Stage.POLL, 1, None, 10),
    ],
)
def test_queues_feed_their_functions_message_by_message(
    resources: Resources, stage: Stage, batch: int, window: int | None, concurrency: int
) -> None:
    made = mapping(resources, stage)
    assert made["EventSourceArn"] == resources.arn_of("SQS::Queue", "QueueName", names.queue(stage))
    assert made["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert made["BatchSize"] == batch
    assert made.get("MaximumBatchingWindowInSeconds") == window
    assert made["ScalingConfig"] == {"MaximumConcurrency": concurrency}


@pytest.mark.parametrize("stage", FUNCTIONS)
def test_every_function_has_a_role_of_its_own(resources: Resources, stage: str) -> None:
    logical = flat(function(resources, stage)["Role"]).strip("<>")
    role = resources.of("IAM::Role")[logical]["Properties"]
    assert role["RoleName"] == names.role(stage, "eu-central-1")
    (trust,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"Service": "lambda.amazonaws.com"}


def test_only_the_poll_says_that_it_goes_outside(resources: Resources) -> None:
    key, value = names.GOES_OUTSIDE
    tagged = {
        name
        for name, made in resources.named("Lambda::Function", "FunctionName").items()
        if {"Key": key, "Value": value} in made.get("Tags", [])
    }
    assert tagged == {names.function(Stage.POLL)}
