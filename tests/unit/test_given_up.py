"""Giving up: which failures end at once, what is told of them, and that nothing is lost when telling fails."""

from __future__ import annotations

import io
import json
import logging
from typing import TYPE_CHECKING

import pytest
from aws_lambda_powertools.logging.formatter import LambdaPowertoolsFormatter
from botocore.exceptions import ClientError, ConnectionClosedError
from watershed import causes
from watershed.errors import (
    CommitConflict,
    ConfigurationError,
    FileRejected,
    LedgerImbalance,
    QueryFailed,
    Terminal,
    Transient,
)
from watershed.given_up import DeadLetters
from watershed.log import log_failure, logger
from watershed.names import Stage
from watershed.reasons import Reason

from tests.unit.bronze_lake import refusal
from tests.unit.dead_letter_queue import ATTEMPTS, FakeQueue, record

if TYPE_CHECKING:
    from collections.abc import Iterator

TERMINAL = Terminal("s3://raw/a.csv is gone.", remedy="Put it again.")
TRANSIENT = Transient("S3 did not answer.", remedy="Wait.")


def raised_from(error: Exception, origin: Exception) -> Exception:
    error.__cause__ = origin
    return error


def caught(error: Exception) -> Exception:
    """The error with its traceback, as a handler gets it."""
    try:
        raise error
    except type(error) as same:
        return same


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        (FileRejected(Reason.UNREADABLE_FILE, "x", remedy=""), "unreadable_file"),
        (QueryFailed("quoting a value", remedy="", query="q", code="TABLE_NOT_FOUND"), "TABLE_NOT_FOUND"),
        (QueryFailed("x", remedy=""), "QueryFailed"),
        (ConfigurationError("x", remedy=""), "ConfigurationError"),
        (LedgerImbalance("x", remedy=""), "LedgerImbalance"),
        (TERMINAL, "Terminal"),
        (raised_from(Terminal("x", remedy=""), refusal("AccessDenied", 403)), "AccessDenied"),
        (raised_from(Transient("x", remedy=""), ConnectionClosedError(endpoint_url="e")), "ConnectionClosedError"),
        (raised_from(Terminal("x", remedy=""), KeyError("Records")), "Terminal"),
        (raised_from(CommitConflict("x", remedy=""), refusal("Conflict", 409)), "CommitConflict"),
        (refusal("NoSuchBucket", 404), "NoSuchBucket"),
        (ValueError("Erika Mustermann"), "ValueError"),
    ],
)
def test_a_cause_is_a_code_that_can_be_counted(error: Exception, cause: str) -> None:
    assert causes.cause(error) == cause


def test_our_own_errors_speak_for_themselves_and_others_only_say_what_and_where() -> None:
    assert causes.why(TERMINAL) == "s3://raw/a.csv is gone. Put it again."
    for foreign in (caught(ValueError("Erika Mustermann")), caught(refusal("AccessDenied", 403))):
        assert "Mustermann" not in causes.why(foreign)
        assert causes.cause(foreign) in causes.why(foreign)
        assert "test_given_up.py:" in causes.why(foreign)
    athena = QueryFailed("Cannot cast 'Mustermann'", remedy="", query="q-1", code="INVALID_CAST_ARGUMENT")
    assert causes.why(athena) == "Athena did not run query q-1 (INVALID_CAST_ARGUMENT)."


@pytest.mark.parametrize("attempt", [1, ATTEMPTS])
def test_a_terminal_failure_is_given_up_at_once(attempt: int) -> None:
    queue = FakeQueue()
    assert queue.letters().settle(record("m1", "body", attempt=attempt), TERMINAL)
    (sent,) = queue.sent
    assert (sent["QueueUrl"], sent["MessageBody"]) == ("https://dead", "body")
    assert queue.told == [{"cause": "Terminal", "why": str(TERMINAL), "message_id": "m1"}]
    assert "MessageGroupId" not in sent


@pytest.mark.parametrize(("error", "cause"), [(TRANSIENT, "Transient"), (ValueError("Mustermann"), "ValueError")])
def test_any_other_failure_is_given_up_at_the_last_attempt(error: Exception, cause: str) -> None:
    queue = FakeQueue()
    assert not queue.letters().settle(record("m1", "body", attempt=ATTEMPTS - 1), error)
    assert queue.sent == []
    assert queue.letters().settle(record("m1", "body", attempt=ATTEMPTS), error)
    assert queue.causes == {"m1": cause}
    assert "Mustermann" not in str(queue.sent)


def test_in_a_fifo_queue_it_keeps_its_group_and_is_known_by_its_id() -> None:
    queue = FakeQueue()
    for _ in range(2):
        queue.letters().settle(record("m1", "body", group="orders"), TERMINAL)
    assert [(each["MessageGroupId"], each["MessageDeduplicationId"]) for each in queue.sent] == [
        ("orders", "given-up-m1")
    ] * 2


@pytest.mark.parametrize("error", [refusal("AccessDenied", 403), ConnectionClosedError(endpoint_url="https://sqs")])
def test_if_the_queue_does_not_take_it_the_message_is_not_dealt_with(error: ClientError) -> None:
    assert not FakeQueue(error).letters().settle(record("m1", "body"), TERMINAL)


def test_what_sqs_would_refuse_of_a_file_name_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("watershed.given_up.log_failure", lambda *_: None)  # such text cannot even be reported
    queue = FakeQueue()
    error = Terminal("s3://raw/a\x00\x1b\ud800b€😀.csv is gone." + "x" * 5000, remedy="")
    assert queue.letters().settle(record("m1", "body"), error)
    why = queue.told[0]["why"]
    assert why.startswith("s3://raw/a\ufffd\ufffd\ufffdb€😀.csv is gone.")
    assert len(why) == 1000


def test_a_function_knows_its_queue_and_the_attempts_from_its_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "WATERSHED_ACCOUNT": "1",
        "AWS_REGION": "eu-central-1",
        "WATERSHED_JURISDICTION": "DE",
        "WATERSHED_GOLD_DEAD_LETTER_URL": "https://gold-dead",
        "WATERSHED_ATTEMPTS": "7",
    }.items():
        monkeypatch.setenv(name, value)
    queue = FakeQueue()
    assert DeadLetters.of(Stage.GOLD, queue) == DeadLetters(queue, "https://gold-dead", 7)
    with pytest.raises(ConfigurationError, match="WATERSHED_SILVER_DEAD_LETTER_URL"):
        DeadLetters.of(Stage.SILVER, queue)


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """What the logger writes, as CloudWatch gets it."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(LambdaPowertoolsFormatter())
    underlying = logging.getLogger(logger.service)
    underlying.addHandler(handler)
    yield written
    underlying.removeHandler(handler)


def test_only_an_imbalance_rings_in_the_log(lines: io.StringIO) -> None:
    log_failure(LedgerImbalance("Counts of part 1 do not balance.", remedy="Reconcile."), "m1")
    log_failure(TERMINAL, "m2")
    log_failure(caught(ValueError("Mustermann")), "m3")
    first, *others = [json.loads(line) for line in lines.getvalue().splitlines()]
    assert (first["alarm"], first["cause"], first["message_id"]) == ("ledger_imbalance", "LedgerImbalance", "m1")
    assert [each["message_id"] for each in others if "alarm" not in each] == ["m2", "m3"]
    assert "Mustermann" not in lines.getvalue()
