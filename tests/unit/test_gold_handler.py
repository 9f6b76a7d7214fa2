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

if TYPE_CHECKING:
    from collections.abc import Iterable


def records(*bodies: str) -> list[dict[str, Any]]:
    return [{"messageId": str(number), "body": body} for number, body in enumerate(bodies)]


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
        assert combine(records(*order)) == Batch(len(bodies), changed, as_of, ())


@pytest.mark.parametrize("body", ["", "{}", "[]", '{"tables": [], "reason": "manual", "as_of": "yesterday"}'])
def test_foreign_messages_are_refused_one_by_one(body: str) -> None:
    assert combine(records(body, message("silver.a"))) == Batch(1, ("silver.a",), None, ("0",))


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


def test_a_batch_is_one_refresh_as_of_today(refreshes: Refreshes) -> None:
    answer = gold.handler({"Records": records(message("silver.a"), message("silver.b"))}, None)
    assert answer == {"batchItemFailures": []}
    assert refreshes.asked == [(("silver.a", "silver.b"), date(2026, 3, 1))]


def test_a_message_may_name_the_as_of_day(refreshes: Refreshes) -> None:
    gold.handler({"Records": records(message(as_of="2025-01-01"))}, None)
    assert refreshes.asked == [((), date(2025, 1, 1))]


def test_a_foreign_message_fails_alone(refreshes: Refreshes) -> None:
    answer = gold.handler({"Records": records("x", message("silver.a"))}, None)
    assert answer == {"batchItemFailures": [{"itemIdentifier": "0"}]}
    assert len(refreshes.asked) == 1
    assert gold.handler({"Records": records("x")}, None) == answer  # and refreshes nothing
    assert len(refreshes.asked) == 1


def test_a_failed_refresh_fails_the_whole_batch(refreshes: Refreshes) -> None:
    refreshes.error = RefreshFailed("Gold models failed: a.", remedy="Mend it.")
    with pytest.raises(RefreshFailed):
        gold.handler({"Records": records("x", message("silver.a"))}, None)


def test_the_function_imports_only_what_its_layers_hold() -> None:
    import subprocess

    script = "import sys, functions.gold.handler; print(*sys.modules)"
    paths = ":".join(path for path in sys.path if path)
    done = subprocess.run(  # noqa: S603 - this interpreter and the script above
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, env={"PYTHONPATH": paths}
    )
    assert not {"pyarrow", "duckdb", "sqlglot", "yaml", "pandas", "pyiceberg"} & set(done.stdout.split())
