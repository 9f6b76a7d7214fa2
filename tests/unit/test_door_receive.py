"""The door: what is taken, what is refused with which words, and that nothing accepted is ever lost."""

from __future__ import annotations

import contextlib
import gzip
import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from watershed import names
from watershed.door import lines
from watershed.door.batch import LARGEST, Batch
from watershed.door.receive import LARGEST_BODY
from watershed.door.seen import DAYS
from watershed.errors import ConfigurationError, Transient
from watershed.jsonvalue import decode

from tests.unit.door_lab import ELSEWHERE, NOW, SECRET, Door

if TYPE_CHECKING:
    from collections.abc import Callable

    from watershed.door.request import Answer


@pytest.fixture
def door() -> Door:
    return Door()


def is_refused(answer: Answer, status: int, message: str, door: Door) -> bool:
    return (answer.status, answer.document) == (status, {"message": message}) and not (door.sent or door.put)


def test_a_delivery_is_taken_with_a_receipt(door: Door) -> None:
    body = b'{"id": 17, "total_price": "409.940000000000000001",\n "weight": 1.50, "note": null}'
    answer = door.ask(body=body, x_at="2026-03-01T13:00:00+01:00")
    assert answer.status == 202
    assert set(answer.document) == {"receipt"}
    taken = Batch.from_body(door.sent[0])
    assert (taken.source, taken.dataset, taken.received_at) == ("shop", "orders", NOW)
    (row,) = door.rows()
    assert row["id"] == 17
    assert '"total_price":"409.940000000000000001","weight":1.50,"note":null' in door.sent[0], "every digit as it came"
    assert row["_receipt"] == answer.document["receipt"]
    assert row["_topic"] == "orders/create"
    assert row["_received_at"] == "2026-03-01T12:30:00+00:00"
    assert row["_occurred_at"] == "2026-03-01T12:00:00+00:00"
    assert "_deleted_at" not in row


def test_a_deletion_says_when(door: Door) -> None:
    assert door.ask(x_topic="orders/delete", x_at="2026-03-01T12:00:00Z").status == 202
    assert door.rows()[0]["_deleted_at"] == "2026-03-01T12:00:00+00:00"
    assert set(door.rows()[0]) == {"id", *names.DELIVERY_FIELDS}


@pytest.mark.parametrize(
    "said",
    [
        *("", "soon", "2026-03-01T12:00:00", "2099-01-01T00:00:00Z", "99999999999", "-5", "1e3"),
        *("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"),  # beyond the calendar in UTC
    ],
)
def test_a_time_that_cannot_be_or_is_to_come_is_that_of_arrival(door: Door, said: str) -> None:
    assert door.ask(x_at=said).status == 202
    assert door.rows()[0]["_occurred_at"] == NOW.isoformat()


@pytest.mark.parametrize("name", ["_deleted_at", "_Deleted_At"])
def test_a_record_that_says_nothing_of_its_deletion_is_deleted(door: Door, name: str) -> None:
    body = json.dumps({"id": 1, name: None, "note": None}).encode()
    assert door.ask(body=body, x_topic="orders/delete", x_at="2026-03-01T12:00:00Z").status == 202
    (row,) = door.rows()
    assert row["_deleted_at"] == row["_version_at"] == "2026-03-01T12:00:00+00:00"
    assert set(row) == {"id", "note", *names.DELIVERY_FIELDS}


def test_an_event_is_unwrapped_into_its_records(door: Door) -> None:
    event = {
        "id": "evt_1",
        "type": "made",
        "created": int(NOW.timestamp()) - 60,
        "data": {"objects": [{"a": 1}, {"a": 2}]},
    }
    assert door.ask("/v1/events/orders", json.dumps(event).encode()).status == 202
    rows = door.rows()
    assert [row["a"] for row in rows] == [1, 2]
    assert {row["_occurred_at"] for row in rows} == {(NOW - timedelta(minutes=1)).isoformat()}
    assert door.ask("/v1/events/orders", json.dumps({**event, "data": {"objects": []}}).encode()).status == 202
    assert len(door.sent) == 1, "no records, nothing to hand on"


def test_a_repeat_is_answered_as_the_first_was_and_handed_on_once(door: Door) -> None:
    first, again = door.ask(), door.ask()
    assert (first.document, first.reason, again.document, again.reason) == (
        again.document,
        "accepted",
        first.document,
        "repeated",
    )
    assert len(door.sent) == 1
    assert door.ask(body=b'{"id": 2}').document != first.document
    assert door.ask("/v1/shop/products").document != first.document, "another dataset is another delivery"
    assert len(door.sent) == 3


def test_other_headers_do_not_make_a_captured_body_new(door: Door) -> None:
    """Shopify signs no header: neither its ids nor its topic. A body counts once."""
    door.ask(x_shopify_webhook_id="1", x_topic="orders/create")
    assert door.ask(x_shopify_webhook_id="2", x_topic="orders/delete").reason == "repeated"
    assert len(door.sent) == 1


def test_two_bodies_of_one_id_are_two_deliveries(door: Door) -> None:
    for value in (1, 2):
        door.ask("/v1/events/any", json.dumps({"id": "evt_1", "v": value}).encode())
    assert len(door.sent) == 2


def test_the_record_outlives_the_senders_repeats(door: Door) -> None:
    door.ask()
    (item,) = door.aws.items.values()
    assert int(item["expires"]["N"]) == int(NOW.timestamp()) + DAYS * 86_400
    assert timedelta(days=DAYS) > timedelta(days=3)


def test_what_is_accepted_is_safe_before_it_is_noted(door: Door) -> None:
    """Whoever dies in between leaves a delivery that is taken again; never one that is noted and nowhere."""
    door.aws.broken = {"put_item"}
    assert door.ask().status == 202
    assert door.ask().status == 202
    assert len(door.sent) == 2
    door.aws.broken = {"get_item"}
    assert door.ask().status == 202
    broken = Door()
    broken.around.__dict__["send"] = lambda _: (_ for _ in ()).throw(Transient("no", remedy="again"))
    with pytest.raises(Transient):
        broken.ask()
    assert not broken.aws.items


class Killed(BaseException):
    """The function is gone, at this place."""


@given(st.lists(st.sampled_from(["secret", "get_item", "send", "sent", "put_item", ""]), min_size=1, max_size=6))
def test_wherever_it_is_killed_what_was_accepted_is_there(deaths: list[str]) -> None:
    """The sender repeats until it hears 202; each attempt dies at some call, or right behind it, or lives."""
    door, accepted = Door(), False
    send = door.sent.append

    def dying(name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def called(*arguments: Any, **named: Any) -> Any:
            if death == name:
                raise Killed
            found = call(*arguments, **named)
            if name == "send" and death == "sent":
                raise Killed
            return found

        return called

    for name, method in (("secret", "get_secret_value"), ("get_item", "get_item"), ("put_item", "put_item")):
        setattr(door.aws, method, dying(name, getattr(door.aws, method)))
    object.__setattr__(door.around, "send", dying("send", send))
    for death in [*deaths, ""]:  # noqa: B007  the calls above read it
        with contextlib.suppress(Killed):
            accepted |= door.ask().status == 202
            assert door.sent, "accepted, and so it is there"
        assert not door.aws.items or door.sent, "never noted and nowhere"
    assert accepted
    assert {row["id"] for row in door.rows()} == {1}


def test_what_is_too_big_for_a_message_goes_to_raw(door: Door) -> None:
    body = json.dumps({"id": 1, "note": "x" * LARGEST}).encode()
    answer = door.ask(body=body)
    assert answer.status == 202
    assert not door.sent
    (key,) = door.put
    assert key == f"orders/shop/2026/03/01/shop.{answer.document['receipt']}.jsonl"
    assert json.loads(door.put[key])["id"] == 1
    assert door.put[key].endswith(b"}\n")
    assert door.ask(body=body).reason == "repeated"


# --- refused


@pytest.mark.parametrize(
    "path",
    [
        "/v1/shop/nothing", "/v1/nobody/orders", "/v1/polled/orders", "/v1/shop", "/v1/shop/orders/", "/v1//orders",
        "/v1/shop/orders/1", "/v2/shop/orders", "/v1/Shop/orders", "/v1/shop/orders%00", "/v1/../shop/orders", "", "/",
        "/v1/shop/orders\n", f"/v1/{'a' * 64}/orders",
    ],
)  # fmt: skip
def test_whatever_is_unknown_is_unknown_alike(door: Door, path: str) -> None:
    assert is_refused(door.raw(path, b"{}", {}), 404, "Not Found", door)
    assert is_refused(door.ask(path), 404, "Not Found", door)
    assert door.aws.asked == 0


def test_a_wrong_signature_tells_nothing(door: Door) -> None:
    missing = door.raw("/v1/shop/orders", b"{}", {"content-type": "application/json"})
    for answer in (
        missing,
        door.ask(secret="another"),
        door.ask(signed=b'{"id": 2}'),
        door.ask(x_shopify_hmac_sha256="AAAA"),
        door.ask(body=b"not json", secret="another"),
        door.ask(x_topic="unknown", secret="another"),
    ):
        assert is_refused(answer, 401, "Unauthorized", door)
        assert answer.headers == missing.headers


def test_an_old_signature_is_a_wrong_one(door: Door) -> None:
    old = Door()
    old.now = NOW - timedelta(hours=1)
    body, captured = b'{"id": "evt"}', {}
    from watershed.door.signature import sign

    push = door.around.connectors["events"].push
    assert push
    captured = sign(push.signature, SECRET.encode(), body, int(old.now.timestamp()))
    headers = {"content-type": "application/json", **captured}
    assert old.raw("/v1/events/any", body, headers).status == 202
    assert is_refused(door.raw("/v1/events/any", body, headers), 401, "Unauthorized", door)


@pytest.mark.parametrize(
    ("media_type", "status"),
    [
        ("application/json", 202), ("application/json; charset=utf-8", 202),
        ('APPLICATION/JSON;charset="UTF-8"', 202), ("multipart/form-data; boundary=x", 415),
        ("application/vnd.shop+json", 202), ("text/plain", 415), ("", 415), ("application/json; charset=latin-1", 415),
        ("application/x-www-form-urlencoded", 415), ("application/jsonp", 415),
        ("application/json, text/html", 415),
    ],
)  # fmt: skip
def test_only_json_is_read(door: Door, media_type: str, status: int) -> None:
    assert door.ask(content_type=media_type).status == status


def test_nothing_is_unpacked(door: Door) -> None:
    bomb = gzip.compress(b"0" * 10_000_000)
    for encoding in ("gzip", "br", "deflate", "zstd", "identity, gzip", "GZIP"):
        assert door.ask(content_encoding=encoding).status == 415
    assert not door.sent
    assert door.ask(content_encoding="identity").status == 202
    assert door.ask(body=bomb[:1000].decode("latin-1").encode()).status == 400


def test_a_body_has_a_limit(door: Door) -> None:
    small, big = (b'{"a": "' + b"x" * (size - 9) + b'"}' for size in (LARGEST_BODY, LARGEST_BODY + 1))
    assert door.ask(body=big).status == 413
    assert not door.put
    assert door.ask(body=small).status == 202


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"nope", b'{"a": 1} x', b"\xff\xfe", b'{"a": "\xc3"}', b'{"a": 1, "a": 2}', b"[" * 100_000,
        b'{"a":' * 1000 + b"1" + b"}" * 1000, b"{" + b'"a":{' * 200_000,
    ],
)  # fmt: skip
def test_what_is_no_json_is_refused(door: Door, body: bytes) -> None:
    answer = door.ask(body=body)
    assert answer.status == 400
    assert not door.sent


@pytest.mark.parametrize("body", [b"1", b'"text"', b"null", b"[1]", b'[{"id": 1}, null]', b"[[]]"])
def test_records_are_objects(door: Door, body: bytes) -> None:
    assert is_refused(door.ask(body=body), 422, "The records are not where the connector says.", door)


def test_a_topic_that_is_not_listed_is_refused_aloud(door: Door) -> None:
    for topic in ("orders/forgotten", "", "orders/create,orders/delete"):
        assert is_refused(door.ask(x_topic=topic), 422, "The connector does not take this topic.", door)


def test_a_source_of_another_region_is_told_where_and_nothing_is_kept(door: Door) -> None:
    answer = door.ask("/v1/foreign/orders")
    assert (answer.status, answer.document["region"]) == (421, ELSEWHERE)
    assert not door.sent
    assert not door.put
    assert not door.aws.items
    assert door.aws.asked == 0, "its secret is not here"


def test_who_shows_no_signature_is_not_told_of_another_region(door: Door) -> None:
    answer = door.raw("/v1/foreign/orders", b"{}", {"content-type": "application/json"})
    assert is_refused(answer, 401, "Unauthorized", door)


# --- secrets


def test_a_rotation_is_seen_at_once_and_both_secrets_are_good(door: Door) -> None:
    assert door.ask().status == 202
    door.aws.secrets["watershed/shop/push"] = json.dumps({"current": "new", "previous": SECRET})
    door.seconds += 11
    assert door.ask(body=b'{"id": 2}', secret="new").status == 202
    assert door.ask(body=b'{"id": 3}').status == 202
    door.aws.secrets["watershed/shop/push"] = json.dumps({"current": "new", "previous": None})
    door.seconds += 301
    assert door.ask(body=b'{"id": 4}').status == 401
    assert door.ask(body=b'{"id": 5}', secret="new").status == 202


def test_wrong_signatures_do_not_make_the_door_ask_for_secrets(door: Door) -> None:
    for _ in range(50):
        door.ask(secret="wrong")
    assert door.aws.asked == 1
    door.seconds += 11
    for _ in range(50):
        door.ask(secret="wrong")
    assert door.aws.asked == 2


@pytest.mark.parametrize("text", ["", "plain", "[]", "{}", '{"current": ""}', '{"current": null}', "1"])
def test_a_secret_that_cannot_be_read_is_our_fault(door: Door, text: str) -> None:
    door.aws.secrets["watershed/shop/push"] = text
    with pytest.raises(ConfigurationError, match="watershed/shop/push") as error:
        door.ask()
    assert "plain" not in str(error.value)
    del door.aws.secrets["watershed/shop/push"]
    with pytest.raises(ConfigurationError):
        Door.ask(door)
    door.aws.broken = {"secret"}
    with pytest.raises(Transient):
        door.ask()


# --- lines

NESTED = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(st.text(max_size=8), NESTED, max_size=5))
def test_a_line_is_its_record_on_one_line_that_sqs_takes(record: dict[str, object]) -> None:
    body = json.dumps(record).encode()
    line = lines.line(lines.parse(body), {"_receipt": "r"})
    assert "\n" not in line
    line.encode()
    assert all(c in "\t\n\r" or " " <= c <= "\ud7ff" or "\ue000" <= c <= "\ufffd" or c >= "\U00010000" for c in line)
    assert json.loads(line) == {"_receipt": "r", **record}


@pytest.mark.parametrize(
    "number", ["1.10", "1e5", "0.1234567890123456789012345", "123456789012345678901234567890", "-0.0"]
)
def test_numbers_keep_every_digit(number: str) -> None:
    assert lines.line(decode(f'{{"n": {number}}}'), {}) == f'{{"n":{number}}}'


def test_halves_of_characters_stay_what_they_are() -> None:
    line = lines.line(lines.parse(rb'{"a": "\ud800x\uffff", "b": "\u0000"}'), {})
    assert line == r'{"a":"\ud800x\uffff","b":"\u0000"}'


def test_a_member_of_the_same_name_stays_the_sources() -> None:
    assert lines.line({"_topic": "mine"}, {"_topic": "ours"}) == '{"_topic":"mine"}'
    for alike in ("_Topic", " _topic "):  # one column in bronze, which would refuse the row for having it twice
        assert (
            lines.line({alike: "mine"}, {"_topic": "ours", "_receipt": "r"}) == f'{{"{alike}":"mine","_receipt":"r"}}'
        )


def test_a_key_is_the_day_of_utc() -> None:
    at = datetime.fromisoformat("2026-03-01T23:30:00-05:00")
    assert names.raw_key("orders", "shop", at, "x") == "orders/shop/2026/03/02/shop.x.jsonl"
    assert at.astimezone(UTC).day == 2
