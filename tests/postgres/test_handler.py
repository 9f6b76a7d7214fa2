"""The function against a real PostgreSQL and moto's S3: which messages come again, and what is never said."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from watershed.errors import Terminal
from watershed.gold.runs import new_run
from watershed.messages import GoldRun, Refreshed
from watershed.publish.batch import combine
from watershed.publish.rows import GoldRows

from functions.publish import handler as publish
from tests.postgres import lab as lab_module
from tests.postgres.lab import SALES, START
from tests.postgres.test_publish import ROWS

if TYPE_CHECKING:
    from tests.postgres.lab import Lab


class Context:
    """Lambda's."""

    aws_request_id = "request"

    @staticmethod
    def get_remaining_time_in_millis() -> int:
        return 90_000


class Lake:
    """What the lake layer holds: no model with personal data is among these."""

    shown_models = {"sales": SALES, "other": replace(SALES, name="other")}  # noqa: RUF012  never changed


@pytest.fixture
def aws(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> Lab:
    """The lab, known to the function by its environment."""
    for name, value in {
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_REGION": "us-east-1",
        "WATERSHED_ACCOUNT": "123456789012",
        "WATERSHED_JURISDICTION": "US",
        "WATERSHED_DATABASE_HOST": lab.server["host"],
        "WATERSHED_DATABASE_PORT": str(lab.server["port"]),
    }.items():
        monkeypatch.setenv(name, value)
    bucket = "watershed-gold-123456789012-us-east-1"
    monkeypatch.setattr(lab_module, "BUCKET", bucket)
    lab.s3.create_bucket(Bucket=bucket)
    monkeypatch.setattr("watershed.catalog.load", Lake)
    publish._publisher.cache_clear()
    publish._database.cache_clear()
    return lab


def _call(*bodies: str) -> list[str]:
    records = [{"messageId": str(n), "body": body} for n, body in enumerate(bodies)]
    answer = publish.handler({"Records": records}, Context())
    return [item["itemIdentifier"] for item in answer["batchItemFailures"]]


def _told(*runs: GoldRun) -> str:
    return Refreshed(runs).to_json()


def test_a_batch_publishes_what_it_tells_of(aws: Lab) -> None:
    other = aws.run(ROWS[:1], Lake.shown_models["other"])
    assert _call(_told(aws.run(ROWS[:2]), other), _told(aws.run(ROWS))) == []
    assert aws.shown() == ROWS
    assert aws.shown(Lake.shown_models["other"]) == ROWS[:1]


def test_only_messages_whose_tables_failed_come_again(aws: Lab, caplog: pytest.LogCaptureFixture) -> None:
    wrong = aws.run([(ROWS[0][0], "Erika", None, 1)] * 2)
    right = aws.run(ROWS, Lake.shown_models["other"])
    assert _call(_told(wrong, right), _told(right), "no message") == ["0", "2"]
    assert aws.shown(Lake.shown_models["other"]) == ROWS
    assert "two rows with the same key" in caplog.text
    assert "Erika" not in str([vars(record) for record in caplog.records])


def test_a_database_that_is_down_brings_every_message_back(aws: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WATERSHED_DATABASE_PORT", "1")
    assert _call(_told(aws.run(ROWS)), _told()) == ["0"]


def test_what_nobody_foresaw_of_one_table_stops_no_other(aws: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = aws.run(ROWS, Lake.shown_models["other"]), aws.run(ROWS)
    files = GoldRows.files

    def unforeseen(rows: Any, run: GoldRun) -> Any:
        if run.model == "other":
            raise RuntimeError("Erika")
        return files(rows, run)

    monkeypatch.setattr("watershed.publish.rows.GoldRows.files", unforeseen)
    assert _call(_told(first), _told(second)) == ["0"]
    assert aws.shown() == ROWS


def test_each_table_has_the_time_that_is_left(aws: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two tables, of which the first takes nearly all the time: the second is cancelled before Lambda ends it all."""
    left = iter([90_000, 90_000, 30_001])
    monkeypatch.setattr(Context, "get_remaining_time_in_millis", lambda _: next(left))
    first, second = aws.run(ROWS, Lake.shown_models["other"]), aws.run(ROWS)
    with aws.administrator() as busy, busy.transaction():
        busy.execute("CREATE TABLE IF NOT EXISTS gold.sales (day date)")
        busy.execute("LOCK TABLE gold.sales IN ACCESS EXCLUSIVE MODE")
        assert _call(_told(first), _told(second)) == ["1"]
    assert aws.shown(Lake.shown_models["other"]) == ROWS


def test_the_password_is_a_token_signed_for_this_database_alone(aws: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WATERSHED_DATABASE_HOST", "lake.cluster-x.us-east-1.rds.amazonaws.com")
    publish._database.cache_clear()
    token = publish._database().password()
    assert token.startswith(f"lake.cluster-x.us-east-1.rds.amazonaws.com:{aws.server['port']}/?Action=connect")
    assert "DBUser=watershed_publisher" in token
    assert "X-Amz-Expires=900" in token


def test_nothing_to_publish_wakes_no_database(aws: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WATERSHED_DATABASE_PORT", "1")
    assert _call(_told(), "x") == ["1"]


_RUNS = st.lists(
    st.builds(
        lambda model, second: GoldRun(model, f"run-{second}", f"2026-03-01T12:00:{second:02}.000000+00:00"),
        st.sampled_from(["sales", "other", "third"]),
        st.integers(0, 59),
    ),
    max_size=4,
)


@given(messages=st.lists(_RUNS, max_size=5), data=st.data())
def test_in_any_order_the_newest_run_of_each_table_is_taken(messages: list[list[GoldRun]], data: Any) -> None:
    records = [{"messageId": str(n), "body": _told(*runs)} for n, runs in enumerate(messages)]
    batch = combine(data.draw(st.permutations(records + records[:1])))
    every = [run for runs in messages for run in runs]
    newest = {run.model: max((r for r in every if r.model == run.model), key=lambda r: r.started) for run in every}
    assert batch.runs == tuple(newest[model] for model in sorted(newest))
    for model in newest:
        telling = {str(n) for n, runs in enumerate(messages) if model in {run.model for run in runs}}
        assert set(batch.messages(model)) == telling


def test_a_message_survives_its_way() -> None:
    told = Refreshed((GoldRun("sales", new_run(START), START.isoformat()),))
    assert Refreshed.from_json(told.to_json()) == told


@pytest.mark.parametrize(
    "run",
    [
        {"model": "../raw", "run": "r", "started": "2026-03-01T12:00:00+00:00"},
        {"model": "sales", "run": "r/../..", "started": "2026-03-01T12:00:00+00:00"},
        {"model": "sales", "run": "", "started": "2026-03-01T12:00:00+00:00"},
        {"model": "sales", "run": "r", "started": "yesterday"},
        {"model": "sales", "run": "r", "started": "2026-03-01T12:00:00"},
        {"model": "sales", "run": "r"},
        {"model": 1, "run": "r", "started": "2026-03-01T12:00:00+00:00"},
        "sales",
    ],
)
def test_a_message_that_is_none_of_ours_is_refused(run: Any) -> None:
    with pytest.raises(Terminal, match=r"(?s)gold table"):
        Refreshed.from_json(json.dumps({"runs": [run]}))
