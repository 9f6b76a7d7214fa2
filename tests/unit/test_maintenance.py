"""Maintenance: which statements, in which order, what happens when one fails or time runs out."""

from __future__ import annotations

import json
from collections import deque
from typing import Any

import pytest
from watershed.athena import Athena
from watershed.errors import MaintenanceFailed, Terminal
from watershed.maintenance.message import Upkeep
from watershed.maintenance.tasks import Task, Verb, all_tasks
from watershed.maintenance.upkeep import Maintainer

from functions.maintenance import handler as maintenance
from tests.unit.dead_letter_queue import FakeQueue, record

OPTIMIZE_A, VACUUM_A = Task("a", Verb.OPTIMIZE), Task("a", Verb.VACUUM)
OPTIMIZE_B, VACUUM_B = Task("b", Verb.OPTIMIZE), Task("b", Verb.VACUUM)
MORE_FILES = "ICEBERG_VACUUM_MORE_RUNS_NEEDED: Removed 20000 files in this round of vacuum, but there are more."


class FakeAthena:
    """Answers each statement with its next answer, or with success: a reason to fail, or how long it runs."""

    def __init__(self, **answers: list[str | int]) -> None:
        self.answers = {key.replace("_", " "): deque(values) for key, values in answers.items()}
        self.started: list[str] = []
        self.running: dict[str, int] = {}
        self.failing: dict[str, str] = {}

    def start_query_execution(self, *, QueryString: str, WorkGroup: str) -> dict[str, Any]:  # noqa: N803 - boto3's
        assert WorkGroup == "watershed"
        self.started.append(QueryString)
        query = f"query-{len(self.started)}"
        words = QueryString.replace('"', "").replace("`", "").replace("silver.", "").lower().split()
        answers = self.answers.get(" ".join(words[:2]))
        answer = answers.popleft() if answers else 0
        if isinstance(answer, str):
            self.failing[query] = answer
        else:
            self.running[query] = answer
        return {"QueryExecutionId": query}

    def get_query_execution(self, *, QueryExecutionId: str) -> dict[str, Any]:  # noqa: N803 - boto3's
        if QueryExecutionId in self.failing:
            status = {"State": "FAILED", "StateChangeReason": self.failing[QueryExecutionId]}
        else:
            self.running[QueryExecutionId] -= 1
            status = {"State": "RUNNING" if self.running[QueryExecutionId] >= 0 else "SUCCEEDED"}
        return {"QueryExecution": {"Status": status}}


class FakeGlue:
    def get_paginator(self, operation: str) -> FakeGlue:
        assert operation == "get_tables"
        return self

    def paginate(self, *, DatabaseName: str) -> list[dict[str, Any]]:  # noqa: N803 - boto3's
        assert DatabaseName == "silver"
        return [{"TableList": [{"Name": "b"}]}, {"TableList": [{"Name": "a"}, {"Name": "left_over"}]}]


def maintainer(athena: FakeAthena, sent: list[Upkeep] | None = None) -> Maintainer:
    tables = {"a", "b", "not_made_yet"}
    return Maintainer(
        Athena(athena, "watershed", lambda _: None), FakeGlue(), tables, (sent if sent is not None else []).append
    )


def always() -> bool:
    return True


def never() -> bool:
    return False


def test_each_table_is_optimized_then_vacuumed() -> None:
    athena = FakeAthena()
    maintainer(athena).work(Upkeep(), always)
    assert athena.started == [
        'OPTIMIZE silver."a" REWRITE DATA USING BIN_PACK',
        "VACUUM silver.`a`",
        'OPTIMIZE silver."b" REWRITE DATA USING BIN_PACK',
        "VACUUM silver.`b`",
    ]


def test_one_failure_stops_nothing_and_is_named_at_the_end() -> None:
    athena = FakeAthena(optimize_a=["ICEBERG_COMMIT_ERROR: Failed to commit"], vacuum_b=["ACCESS_DENIED: no"])
    with pytest.raises(MaintenanceFailed) as failed:
        maintainer(athena).work(Upkeep(), always)
    assert len(athena.started) == 4
    assert failed.value.message == (
        "Silver's tables were not all maintained: optimize a (ICEBERG_COMMIT_ERROR, Athena query query-1); "
        "vacuum b (ACCESS_DENIED, Athena query query-4)."
    ), "codes and ids, and not what Athena may quote of a row"


def test_a_statement_that_left_more_to_do_is_run_again() -> None:
    athena = FakeAthena(vacuum_a=[MORE_FILES, MORE_FILES])
    maintainer(athena).work(Upkeep((VACUUM_A,)), always)
    assert len(athena.started) == 3


def test_without_time_the_rest_is_put_back_with_the_running_query() -> None:
    athena, sent = FakeAthena(vacuum_a=[3], optimize_a=["X_ERROR: broken"]), list[Upkeep]()
    time = iter([True, True, True, False])
    maintainer(athena, sent).work(Upkeep(), lambda: next(time))
    (rest,) = sent
    assert rest.tasks == (VACUUM_A, OPTIMIZE_B, VACUUM_B)
    assert rest.query == "query-2"
    assert rest.failed == ("optimize a (X_ERROR, Athena query query-1)",)


def test_the_next_function_waits_for_the_running_query_and_goes_on() -> None:
    athena, sent = FakeAthena(optimize_a=[2]), list[Upkeep]()
    maintainer(athena, sent).work(Upkeep((OPTIMIZE_A, VACUUM_A)), iter([True, False]).__next__)
    maintainer(athena, sent).work(Upkeep.from_json(sent.pop().to_json()), always)
    assert athena.started == [OPTIMIZE_A.statement, VACUUM_A.statement]
    assert sent == []


def test_nothing_is_started_without_time() -> None:
    athena, sent = FakeAthena(), list[Upkeep]()
    maintainer(athena, sent).work(Upkeep((VACUUM_A,)), never)
    assert athena.started == []
    assert sent == [Upkeep((VACUUM_A,))]


def test_failures_of_the_functions_before_are_not_forgotten() -> None:
    athena = FakeAthena()
    with pytest.raises(MaintenanceFailed, match="optimize a \\(broken\\)"):
        maintainer(athena).work(Upkeep((VACUUM_B,), failed=("optimize a (broken)",)), always)
    assert athena.started == [VACUUM_B.statement]


@pytest.mark.parametrize(
    "message", [Upkeep(), Upkeep(()), Upkeep((OPTIMIZE_A, VACUUM_B), "query-7", ("optimize c (broken)",))]
)
def test_messages_survive_the_queue(message: Upkeep) -> None:
    assert Upkeep.from_json(message.to_json()) == message


@pytest.mark.parametrize(
    "body",
    [
        "",
        "[]",
        "{}",
        '{"tasks": 1}',
        '{"tasks": ["drop a"]}',
        '{"tasks": ["optimize a b"]}',
        '{"tasks": ["vacuum A;"]}',
    ],
)
def test_foreign_messages_are_refused(body: str) -> None:
    with pytest.raises(Terminal):
        Upkeep.from_json(body)


def test_tasks_are_in_order_of_their_tables() -> None:
    assert all_tasks(["b", "a"]) == (OPTIMIZE_A, VACUUM_A, OPTIMIZE_B, VACUUM_B)


class Asked:
    """Stands in for the maintainer: remembers what it was asked, and whether there was time."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error
        self.messages: list[tuple[Upkeep, bool]] = []

    def work(self, message: Upkeep, has_time: Any) -> None:
        self.messages.append((message, has_time()))
        if self.error:
            raise self.error


class Context:
    def __init__(self, milliseconds: int) -> None:
        self._left = milliseconds

    def get_remaining_time_in_millis(self) -> int:
        return self._left


@pytest.mark.parametrize(("left", "has_time"), [(900_000, True), (59_000, False)])
def test_the_handler_stops_a_minute_before_its_time_out(
    left: int, has_time: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, dead = Asked(), FakeQueue()
    monkeypatch.setattr(maintenance, "_maintainer", lambda: asked)
    monkeypatch.setattr(maintenance, "_dead_letters", dead.letters)
    records = [record("1", "x"), record("2", json.dumps({"tasks": ["vacuum a"]}))]
    answer = maintenance.handler({"Records": records}, Context(left))
    assert answer == {"batchItemFailures": []}
    assert asked.messages == [(Upkeep((VACUUM_A,)), has_time)]
    assert dead.causes == {"1": "Terminal"}


def test_what_failed_comes_again_until_its_last_attempt(monkeypatch: pytest.MonkeyPatch) -> None:
    asked, dead = Asked(MaintenanceFailed("Not maintained: vacuum a (BROKEN).", remedy="Mend it.")), FakeQueue()
    monkeypatch.setattr(maintenance, "_maintainer", lambda: asked)
    monkeypatch.setattr(maintenance, "_dead_letters", dead.letters)
    body = json.dumps({"tasks": ["vacuum a"]})
    answer = maintenance.handler({"Records": [record("1", body), record("2", body, attempt=3)]}, Context(900_000))
    assert answer == {"batchItemFailures": [{"itemIdentifier": "1"}]}
    assert dead.causes == {"2": "MaintenanceFailed"}
