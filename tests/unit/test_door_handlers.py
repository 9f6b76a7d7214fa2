"""The door's two functions around their logic: what is answered when AWS is not, what is logged, what is written."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from watershed import dead_letters
from watershed.door.batch import LARGEST, Batch
from watershed.door.collect import gather
from watershed.errors import Terminal, Transient
from watershed.given_up import DeadLetters
from watershed.names import Stage
from watershed.s3 import S3

from functions.collect import handler as collect
from functions.receive import handler as receive
from tests.unit.bronze_lake import refusal
from tests.unit.dead_letter_queue import ATTEMPTS, FakeQueue, record
from tests.unit.door_lab import NOW, SECRET, SHOP, Door

if TYPE_CHECKING:
    from collections.abc import Callable


def event(door: Door, path: str = "/v1/shop/orders", **headers: str) -> dict[str, Any]:
    from watershed.door.signature import sign

    assert SHOP.push
    body = '{"id": 1, "email": "ann@example.com"}'
    signed = sign(SHOP.push.signature, SECRET.encode(), body.encode(), int(NOW.timestamp()))
    given = {"content-type": "application/json", "x-topic": "orders/create", **signed, **headers}
    return {"rawPath": path, "headers": given, "body": body, "isBase64Encoded": False}


@pytest.fixture
def door(monkeypatch: pytest.MonkeyPatch) -> Door:
    made = Door()
    monkeypatch.setattr(receive, "_surroundings", lambda: made.around)
    return made


def test_an_answer_is_json_that_nobody_keeps(door: Door) -> None:
    answer = receive.handler(event(door), None)
    assert answer["statusCode"] == 202
    assert answer["headers"] == {"content-type": "application/json", "cache-control": "no-store"}
    assert set(json.loads(answer["body"])) == {"receipt"}


@pytest.mark.parametrize(
    "error", [Transient("The queue is away.", remedy=""), Terminal("no", remedy=""), ValueError("ann@example.com")]
)
def test_whatever_fails_the_sender_is_asked_to_repeat_and_told_nothing(
    door: Door, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture, error: Exception
) -> None:
    def fail(_: str) -> None:
        raise error

    object.__setattr__(door.around, "send", fail)
    answer = receive.handler(event(door), None)
    assert (answer["statusCode"], answer["headers"]["retry-after"]) == (503, "60")
    assert json.loads(answer["body"]) == {"message": "Service Unavailable"}
    assert not door.aws.items, "nothing is noted that is not safe"
    assert "ann@example.com" not in capsys.readouterr().out + caplog.text


@pytest.mark.parametrize(
    "broken", [{}, {"rawPath": None}, {"rawPath": "/v1/shop/orders", "body": "%%", "isBase64Encoded": True}]
)
def test_an_event_that_is_none_is_answered(door: Door, broken: dict[str, Any]) -> None:
    assert receive.handler(broken, None)["statusCode"] in {404, 415, 503}


def test_only_known_names_are_logged(door: Door, caplog: pytest.LogCaptureFixture) -> None:
    receive.handler(event(door), None)
    receive.handler(event(door, "/v1/shop/private"), None)
    receive.handler(event(door, "/v1/private/orders"), None)
    logged = [vars(each) for each in caplog.records if each.message == "delivery"]
    assert [each.get("source") for each in logged] == ["shop", None, None]
    assert [each["reason"] for each in logged] == ["accepted", "unknown", "unknown"]
    assert "private" not in str(logged)


# --- collect


def body(number: int, dataset: str = "orders", source: str = "shop") -> str:
    return Batch(source, dataset, NOW + timedelta(seconds=number), (f'{{"id":{number}}}', '{"id":0}')).to_body()


class Store:
    """S3's PutObject; keys in `broken` are refused."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.broken = ""

    def put_object(self, **request: Any) -> dict[str, Any]:
        if self.broken and self.broken in request["Key"]:
            raise refusal("SlowDown", 503)
        if request["IfNoneMatch"] == "*" and request["Key"] in self.objects:
            raise refusal("PreconditionFailed", 412)
        self.objects[request["Key"]] = request["Body"]
        return {}


@pytest.fixture
def collecting(monkeypatch: pytest.MonkeyPatch) -> tuple[Store, FakeQueue]:
    store, dead = Store(), FakeQueue()
    monkeypatch.setenv("WATERSHED_ACCOUNT", "123456789012")
    monkeypatch.setenv("AWS_REGION", "eu-central-1")
    monkeypatch.setenv("WATERSHED_JURISDICTION", "DE")
    client: Any = store
    monkeypatch.setattr(collect, "_s3", lambda: S3(client))
    monkeypatch.setattr(collect, "_dead_letters", lambda: DeadLetters(dead, "dead", ATTEMPTS))
    return store, dead


def run(*records: dict[str, Any]) -> list[str]:
    return [each["itemIdentifier"] for each in collect.handler({"Records": list(records)}, None)["batchItemFailures"]]


def test_a_batch_is_one_object_for_each_dataset_and_source(collecting: tuple[Store, FakeQueue]) -> None:
    store, _ = collecting
    several = [
        record("b", body(2)),
        record("a", body(1)),
        record("c", body(3, "products")),
        record("d", body(4, source="x")),
    ]
    assert run(*several) == []
    orders, other, products = (store.objects[key] for key in sorted(store.objects))
    assert orders == b'{"id":1}\n{"id":0}\n{"id":2}\n{"id":0}\n', "in the order of arrival"
    assert {key.rpartition("/")[0] for key in store.objects} == {
        "orders/shop/2026/03/01", "orders/x/2026/03/01", "products/shop/2026/03/01"
    }  # fmt: skip
    assert (other, products) == (b'{"id":4}\n{"id":0}\n', b'{"id":3}\n{"id":0}\n')


def test_a_batch_that_comes_again_finds_itself_written(collecting: tuple[Store, FakeQueue]) -> None:
    store, _ = collecting
    run(record("a", body(1)), record("b", body(2)))
    before = dict(store.objects)
    assert run(record("b", body(2), attempt=2), record("a", body(1), attempt=2)) == []
    assert store.objects == before


def test_what_cannot_be_written_comes_again_and_the_rest_is_done(collecting: tuple[Store, FakeQueue]) -> None:
    store, dead = collecting
    store.broken = "products/"
    assert run(record("a", body(1)), record("b", body(2, "products"))) == ["b"]
    assert len(store.objects) == 1
    assert run(record("b", body(2, "products"), attempt=ATTEMPTS)) == []
    assert dead.causes == {"b": "SlowDown"}
    assert [each["MessageBody"] for each in dead.sent] == [body(2, "products")], "whole, so that it can come back"


@pytest.mark.parametrize(
    "poison", ["", "poison", "{}", '{"source": "shop"}\n{}', '{"source": "a", "dataset": "b", "received_at": "c"}\n{}',
               '{"source": "../x", "dataset": "orders", "received_at": "2026-03-01T00:00:00+00:00"}\n{}',
               '{"source": "a", "dataset": "b", "received_at": "2026-03-01T00:00:00"}\n{}', "[" * 5000],
)  # fmt: skip
def test_a_message_that_is_none_is_given_up_alone(collecting: tuple[Store, FakeQueue], poison: str) -> None:
    store, dead = collecting
    assert run(record("p", poison), record("a", body(1))) == []
    assert (len(store.objects), dead.causes) == (1, {"p": "Terminal"})
    assert dead_letters.subject(Stage.COLLECT, poison) == dead_letters.UNKNOWN


def test_a_message_says_what_it_is_about() -> None:
    assert dead_letters.subject(Stage.COLLECT, body(1, "products")) == "products"


def test_a_message_comes_back_as_it_was_sent() -> None:
    batch = Batch.from_body(body(1))
    assert batch.to_body() == body(1)
    assert len(batch.to_body().encode()) < LARGEST < 256 * 1024


def test_keys_differ_by_their_messages(collecting: Callable[..., Any]) -> None:
    taken = [(record(name, body(1)), Batch.from_body(body(1))) for name in "ab"]
    keys = {gather(taken[:1])[0].key, gather(taken[1:])[0].key, gather(taken)[0].key}
    assert len(keys) == 3
