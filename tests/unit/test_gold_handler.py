"""The gold function: a batch of messages becomes one refresh, or comes again."""

from __future__ import annotations

import sys
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import pytest
from watershed.errors import RefreshFailed
from watershed.gold.batch import Batch, combine
from watershed.messages import Refresh

from functions.gold import handler as gold
from tests.unit.dead_letter_queue import FakeQueue, record

if TYPE_CHECKING:
    from collections.abc import Iterable


def records(*bodies: str, attempt: int = 1) -> list[dict[str, Any]]:
    return [record(str(number), body, attempt=attempt) for number, body in enumerate(bodies)]


def message(*tables: str, as_of: str | None = None) -> str:
    return Refresh(tables, "silver-commit", as_of).to_json()


@pytest.mark.parametrize(
    ("bodies", "changed", "as_of"),
    [
        ([message("silver.b", "silver.a"), message("silver.a")], ("silver.a", "silver.b"), None),
        ([message("silver.a"), message()], (), None),
        ([message("silver.a", as_of="2025-01-01"), message("silver.a")], ("silver.a",), date(2025, 1, 1)),
        ([message(as_of="2025-01-01"), message(as_of="2024-01-01")], (), date(2025, 1, 1)),
    ],
)
def test_messages_combine_in_any_order(bodies: list[str], changed: tuple[str, ...], as_of: date | None) -> None:
    for order in (bodies, bodies[::-1]):
        assert combine(records(*order)) == Batch(tuple(records(*order)), changed, as_of, ())


@pytest.mark.parametrize("body", ["", "{}", "[]", '{"tables": [], "reason": "manual", "as_of": "yesterday"}'])
def test_foreign_messages_are_refused_one_by_one(body: str) -> None:
    foreign, good = records(body, message("silver.a"))
    batch = combine([foreign, good])
    assert (batch.records, batch.changed, batch.as_of) == ((good,), ("silver.a",), None)
    assert [refused for refused, _ in batch.refused] == [foreign]


class Refreshes:
    """Stands in for the refresher: remembers what was asked of it."""

    def __init__(self, error: Exception | None = None) -> None:
        self.asked: list[tuple[tuple[str, ...], date]] = []
        self.error = error

    def clock(self) -> datetime:
        return datetime(2026, 3, 1, 23, 59, tzinfo=UTC)

    def refresh(self, changed: Iterable[str], as_of: date) -> None:
        self.asked.append((tuple(changed), as_of))
        if self.error:
            raise self.error


@pytest.fixture
def refreshes(monkeypatch: pytest.MonkeyPatch) -> Refreshes:
    refreshes = Refreshes()
    monkeypatch.setattr(gold, "_refresher", lambda: refreshes)
    return refreshes


@pytest.fixture
def dead(monkeypatch: pytest.MonkeyPatch) -> FakeQueue:
    queue = FakeQueue()
    monkeypatch.setattr(gold, "_dead_letters", queue.letters)
    return queue


def test_a_batch_is_one_refresh_as_of_today(refreshes: Refreshes) -> None:
    answer = gold.handler({"Records": records(message("silver.a"), message("silver.b"))}, None)
    assert answer == {"batchItemFailures": []}
    assert refreshes.asked == [(("silver.a", "silver.b"), date(2026, 3, 1))]


def test_a_message_may_name_the_as_of_day(refreshes: Refreshes) -> None:
    gold.handler({"Records": records(message(as_of="2025-01-01"))}, None)
    assert refreshes.asked == [((), date(2025, 1, 1))]


def test_a_foreign_message_is_given_up_alone_and_at_once(refreshes: Refreshes, dead: FakeQueue) -> None:
    answer = gold.handler({"Records": records("x", message("silver.a"))}, None)
    assert answer == {"batchItemFailures": []}
    assert dead.causes == {"0": "Terminal"}
    assert len(refreshes.asked) == 1
    assert gold.handler({"Records": records("x")}, None) == answer  # and refreshes nothing
    assert len(refreshes.asked) == 1


def test_a_failed_refresh_brings_the_batch_again_until_its_last_attempt(refreshes: Refreshes, dead: FakeQueue) -> None:
    refreshes.error = RefreshFailed("Gold models failed: a.", remedy="Mend it.")
    first, last = record("first", message("silver.a")), record("last", message("silver.a"), attempt=3)
    answer = gold.handler({"Records": [first, last, record("foreign", "x")]}, None)
    assert answer == {"batchItemFailures": [{"itemIdentifier": "first"}]}
    assert dead.causes == {"last": "RefreshFailed", "foreign": "Terminal"}
    assert "Gold models failed: a." in dead.told[1]["why"]


def test_the_function_imports_only_what_its_layers_hold() -> None:
    import subprocess

    script = "import sys, functions.gold.handler; print(*sys.modules)"
    paths = ":".join(path for path in sys.path if path)
    done = subprocess.run(  # noqa: S603 - this interpreter and the script above
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, env={"PYTHONPATH": paths}
    )
    assert not {"pyarrow", "duckdb", "sqlglot", "yaml", "pandas", "pyiceberg"} & set(done.stdout.split())
