"""The promised freshness rings: what is counted is the line that bronze writes of a new file, and of no other."""

from __future__ import annotations

import dataclasses
import importlib.util
import io
import json
from typing import TYPE_CHECKING, Any

import pytest
from watershed import names
from watershed.bronze.event import Arrival, again
from watershed.contracts.model import Source
from watershed.errors import ConfigurationError
from watershed.log import logger
from watershed.names import Layer, Stage

from infra.freshness import LONGEST_PROMISE, MOST_PROMISES
from layers.manifest import ROOT
from tests.infra.conftest import ORDERS
from tests.infra.log_patterns import matches
from tests.infra.resources import Resources, flat
from tests.unit.bronze_lake import SETTINGS, BronzeLake, notification
from tests.unit.dead_letter_queue import record

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.infra.conftest import Synthesize

RAW = SETTINGS.bucket(Layer.RAW)
CSV = b"id,name\n1,a\n"


def promised(resources: Resources) -> dict[str, dict[str, Any]]:
    """The alarms of late datasets."""
    alarms = resources.named("CloudWatch::Alarm", "AlarmName")
    return {name: each for name, each in alarms.items() if name.endswith("-late")}


def counted(resources: Resources) -> dict[str, Any]:
    """The filter of the dataset `orders`."""
    return resources.named("Logs::MetricFilter", "FilterName")["watershed-orders-landed"]


def test_an_alarm_rings_when_nothing_was_counted_in_the_promised_time(resources: Resources) -> None:
    (metric,) = counted(resources)["MetricTransformations"]
    assert metric == {
        "MetricName": "watershed-orders-landed",
        "MetricNamespace": "Watershed",
        "MetricValue": "1",
    }, "no dimension and nothing of the line, so nobody's data"
    alarm = promised(resources)["watershed-orders-late"]
    assert (alarm["Namespace"], alarm["MetricName"]) == (metric["MetricNamespace"], metric["MetricName"])
    assert "Dimensions" not in alarm
    assert "DatapointsToAlarm" not in alarm, "none of the hours may have had a file"
    assert (alarm["Statistic"], alarm["ComparisonOperator"], alarm["Threshold"]) == ("Sum", "LessThanThreshold", 1)
    assert (alarm["Period"], alarm["EvaluationPeriods"], alarm["TreatMissingData"]) == (3600, 24, "breaching")
    (topic,) = resources.of("SNS::Topic")
    assert alarm["AlarmActions"] == [{"Ref": topic}]


def test_the_alarm_tells_the_promise_and_the_command(resources: Resources) -> None:
    said = flat(promised(resources)["watershed-orders-late"]["AlarmDescription"])
    assert "a file of orders every 24 h" in said
    assert said.endswith("Run: watershed status eu-central-1 --aws")


@pytest.mark.parametrize(
    ("change", "hours"),
    [
        ({"freshness_hours": None}, None),
        ({"freshness_hours": 1}, 1),
        ({"freshness_hours": LONGEST_PROMISE}, 168),
        ({"freshness_hours": LONGEST_PROMISE + 1}, None),
        ({"sources": (Source("elsewhere", regions=("us-east-1",)),)}, None),
        ({"sources": (Source("elsewhere", regions=("us-east-1",)), Source("anywhere"))}, 24),
        ({"sources": (Source("here", regions=("us-east-1", "eu-central-1")),)}, 24),
    ],
)
def test_only_what_comes_to_the_region_and_is_promised_for_a_week_at_most_rings(
    synthesize: Synthesize, change: dict[str, Any], hours: int | None
) -> None:
    made = Resources(synthesize(connectors=(), contracts=(dataclasses.replace(ORDERS, **change),)))
    assert {name: each["EvaluationPeriods"] for name, each in promised(made).items()} == (
        {} if hours is None else {"watershed-orders-late": hours}
    )
    assert ("watershed-orders-landed" in made.named("Logs::MetricFilter", "FilterName")) == (hours is not None)


def test_cloudwatch_can_look_back_as_far_as_the_longest_promise(synthesize: Synthesize) -> None:
    contract = dataclasses.replace(ORDERS, freshness_hours=LONGEST_PROMISE)
    alarm = promised(Resources(synthesize(connectors=(), contracts=(contract,))))["watershed-orders-late"]
    assert alarm["Period"] * alarm["EvaluationPeriods"] == 604_800  # seconds: the most that PutMetricAlarm takes


def test_no_more_is_promised_than_a_log_group_has_filters_for(synthesize: Synthesize) -> None:
    many = tuple(dataclasses.replace(ORDERS, name=f"orders_{n}") for n in range(MOST_PROMISES + 1))
    made = Resources(synthesize(connectors=(), contracts=many[1:]))
    filters = [flat(each["Properties"]["LogGroupName"]) for each in made.of("Logs::MetricFilter").values()]
    assert max(filters.count(group) for group in filters) == 100
    with pytest.raises(ConfigurationError, match=r"^100 datasets promise their freshness in eu-central-1; .* 99\."):
        synthesize(connectors=(), contracts=many)


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[dict[str, Any]]]:
    """Lets bronze's function take messages about a lake's files; what it logs, as CloudWatch gets it."""
    spec = importlib.util.spec_from_file_location("bronze_handler", ROOT / "functions" / "bronze" / "handler.py")
    assert spec is not None
    assert spec.loader is not None
    function = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(function)

    def take(lake: BronzeLake, *bodies: str) -> list[dict[str, Any]]:
        written = io.StringIO()
        monkeypatch.setattr(function, "_surroundings", lambda: lake.around)
        monkeypatch.setattr(logger.registered_handler, "stream", written)
        answer = function.handler({"Records": [record(f"m{n}", body) for n, body in enumerate(bodies)]}, None)
        assert answer == {"batchItemFailures": []}
        return [json.loads(line) for line in written.getvalue().splitlines()]

    return take


def put(key: str, body: bytes, lake: BronzeLake) -> Arrival:
    """A raw object, not yet landed."""
    lake.s3.put_object(Bucket=RAW, Key=key, Body=body)
    return Arrival(RAW, key, "v1", len(body))


def test_the_line_of_a_new_file_is_counted(resources: Resources, lines: Callable[..., list[dict[str, Any]]]) -> None:
    lake = BronzeLake()
    put("orders/a.csv", CSV, lake)
    found = [line for line in lines(lake, notification("orders/a.csv")) if matches(pattern(resources), line)]
    assert [(line["dataset"], line["rows_out"], line["again"]) for line in found] == [("orders", 1, False)]


def test_a_file_of_another_dataset_is_not(resources: Resources, lines: Callable[..., list[dict[str, Any]]]) -> None:
    other = dataclasses.replace(next(iter(BronzeLake().around.contracts.values())), name="orders_2")
    lake = BronzeLake(other)
    put("orders_2/a.csv", CSV, lake)
    (line,) = lines(lake, notification("orders_2/a.csv"))
    assert (line["message"], line["dataset"]) == ("landed", "orders_2")
    assert not matches(pattern(resources), line)


def test_what_is_landed_again_is_not(resources: Resources, lines: Callable[..., list[dict[str, Any]]]) -> None:
    """A replay, a backfill: both ask with an id."""
    lake = BronzeLake()
    arrival = put("orders/a.csv", CSV, lake)
    (line,) = lines(lake, again(dataclasses.replace(arrival, replay="20260301t123000000000_9f86d081")))
    assert (line["message"], line["dataset"], line["again"]) == ("landed", "orders", True)
    assert not matches(pattern(resources), line)


@pytest.mark.parametrize(("key", "body"), [("orders/a.csv", b"id,other\n1,a\n"), ("orders/a.pdf", CSV), ("x/a", CSV)])
def test_a_refused_file_is_not(
    resources: Resources, lines: Callable[..., list[dict[str, Any]]], key: str, body: bytes
) -> None:
    lake = BronzeLake()
    put(key, body, lake)
    (line,) = lines(lake, notification(key))
    assert "reason" in line
    assert not matches(pattern(resources), line)


def pattern(resources: Resources) -> str:
    """What the filter of `orders` looks for in bronze's log."""
    group = {
        flat(each["Properties"]["LogGroupName"]): logical for logical, each in resources.of("Logs::LogGroup").items()
    }[names.log_group(Stage.BRONZE)]
    found = counted(resources)
    assert found["LogGroupName"] == {"Ref": group}
    return str(found["FilterPattern"])
