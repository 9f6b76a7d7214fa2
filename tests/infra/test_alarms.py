"""Alarms on logs: what must be heard at once is counted, rings, and names the command."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from watershed import names
from watershed.alarms import Alarm
from watershed.names import Stage

from infra.functions import RINGS
from tests.infra.resources import flat

if TYPE_CHECKING:
    from tests.infra.resources import Resources

EXPECTED = [
    (Stage.BRONZE, "ledger_imbalance", "watershed reconcile eu-central-1 --aws"),
    (Stage.SILVER, "ledger_imbalance", "watershed reconcile eu-central-1 --aws"),
    (Stage.SILVER, "batch_stopped", "watershed quarantine list eu-central-1 --reason batch_stopped --aws"),
    (Stage.SILVER, "residency_violation", "watershed quarantine list eu-central-1 --reason residency_violation --aws"),
    (Stage.POLL, "source_failing", "watershed sources eu-central-1 --aws"),
]


def filters(resources: Resources) -> list[dict[str, Any]]:
    made = [each["Properties"] for each in resources.of("Logs::MetricFilter").values()]
    return [each for each in made if "$.alarm" in each["FilterPattern"]]


def test_these_ring_and_no_others(resources: Resources) -> None:
    assert [(stage, str(alarm)) for stage, alarms in RINGS.items() for alarm in alarms] == [
        (stage, value) for stage, value, _ in EXPECTED
    ]
    assert set(Alarm) == {value for _, value, _ in EXPECTED}
    assert len(filters(resources)) == len(EXPECTED)


@pytest.mark.parametrize(("stage", "value", "command"), EXPECTED)
def test_a_line_of_the_stages_log_rings_and_the_alarm_names_the_command(
    resources: Resources, stage: Stage, value: str, command: str
) -> None:
    group = {
        flat(each["Properties"]["LogGroupName"]): logical for logical, each in resources.of("Logs::LogGroup").items()
    }[names.log_group(stage)]
    (counted,) = [
        each for each in filters(resources) if each["LogGroupName"] == {"Ref": group} and value in each["FilterPattern"]
    ]
    assert counted["FilterPattern"] == f'{{ $.alarm = "{value}" }}'
    (metric,) = counted["MetricTransformations"]
    assert set(metric) == {"MetricName", "MetricNamespace", "MetricValue"}, "no dimension, so nobody's data"
    alarms = resources.named("CloudWatch::Alarm", "AlarmName")
    alarm = alarms[f"{names.function(stage)}-{value.replace('_', '-')}"]
    assert (alarm["Namespace"], alarm["MetricName"]) == (metric["MetricNamespace"], metric["MetricName"])
    assert "Dimensions" not in alarm
    assert (alarm["Statistic"], alarm["ComparisonOperator"], alarm["Threshold"]) == ("Sum", "GreaterThanThreshold", 0)
    assert (alarm["Period"], alarm["EvaluationPeriods"], alarm["TreatMissingData"]) == (60, 1, "notBreaching")
    (topic,) = resources.of("SNS::Topic")
    assert alarm["AlarmActions"] == [{"Ref": topic}]
    assert stage in alarm["AlarmDescription"]
    assert flat(alarm["AlarmDescription"]).endswith(f"Run: {command}")


def test_each_is_counted_apart(resources: Resources) -> None:
    every = resources.of("Logs::MetricFilter").values()
    counted = [each["Properties"]["MetricTransformations"][0]["MetricName"] for each in every]
    assert len(set(counted)) == len(counted)
