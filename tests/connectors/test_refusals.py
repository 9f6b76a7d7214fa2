"""What every connector must stand, over real TLS: the source's moods, and who asks. A new YAML file inherits it."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from watershed.alarms import Alarm
from watershed.log import logger
from watershed.poll.failure import Cause
from watershed.poll.model import AuthKind

from tests.connectors.cases import (
    FIRSTS,
    HOUR,
    MINUTE,
    PLACED,
    SECRET,
    STREAMS,
    Made,
    after_token,
    as_it_is,
    cases,
    into_one_window,
    with_status,
)
from tests.connectors.rig import DAY, Rig

# --- the source's moods


@cases(STREAMS)
@pytest.mark.parametrize("status", [429, 502])
def test_a_burst_of_refusals_is_waited_for(shop: Rig, status: int) -> None:
    shop.shop.faults = [with_status(status)] * 3
    shop.poll()
    assert shop.has_all()
    assert shop.state.cause == ""
    assert max(shop.waits) == 4


@cases(FIRSTS)
@pytest.mark.parametrize("said", ["7", "7.0", "date"])
def test_retry_after_is_kept_to(shop: Rig, said: str) -> None:
    when = (shop.now + timedelta(seconds=7)).strftime("%a, %d %b %Y %H:%M:%S GMT")
    shop.shop.faults = [with_status(429, {"Retry-After": when if said == "date" else said})]
    shop.poll()
    assert shop.has_all()
    assert 6 <= max(shop.waits) <= 7


@cases(FIRSTS)
@pytest.mark.parametrize("said", ["Fri, 31 Dec 9999 23:59:59 GMT", "Fri, 31 Dec 9999 23:59:59 -2300", "1e300", "nan"])
def test_a_retry_after_that_no_source_can_mean_is_none(shop: Rig, said: str) -> None:
    shop.shop.faults = [after_token(with_status(429, {"Retry-After": said}), shop)] * 20
    shop.poll()
    assert (shop.state.cause, shop.state.not_before) == (Cause.THROTTLED, None)
    shop.shop.faults = []
    shop.poll(after=HOUR)
    assert shop.has_all()
    assert shop.state.cause == ""


@cases(FIRSTS)
def test_who_asks_for_an_hour_is_left_alone_for_an_hour(shop: Rig) -> None:
    shop.shop.faults = [after_token(with_status(429, {"Retry-After": "3600"}), shop)] * 2
    shop.poll()
    assert (shop.state.cause, shop.keys) == (Cause.THROTTLED, [])
    asked = len(shop.shop.urls)
    shop.poll(after=10 * MINUTE)
    assert len(shop.shop.urls) == asked
    shop.shop.faults = []
    shop.poll(after=HOUR)
    assert shop.has_all()
    assert (shop.state.cause, shop.state.not_before, shop.state.failing_since) == ("", None, None)


@cases(PLACED)
def test_who_is_let_in_for_fewer_pages_than_a_window_has_goes_on_where_it_was(made: Made) -> None:
    with made(30, most=3) as shop:
        into_one_window(shop)
        for _ in range(9):
            shop.shop.faults = [*[as_it_is] * 4, *[with_status(429, {"Retry-After": "3600"})] * 9]
            shop.poll(after=2 * HOUR)
            if shop.state.succeeded_at:
                break
        assert shop.has_all()
        assert (shop.state.cause, shop.state.token) == ("", None)


@cases(STREAMS)
def test_a_source_that_is_down_is_written_down_and_read_later(shop: Rig) -> None:
    shop.shop.faults = [with_status(500)] * 100
    began = shop.now
    shop.poll()
    shop.poll(after=HOUR)
    assert (shop.state.cause, shop.state.failing_since, shop.state.succeeded_at) == (Cause.SERVER_ERROR, began, None)
    shop.shop.faults = []
    shop.poll(after=HOUR)
    assert shop.has_all()
    assert (shop.state.cause, shop.state.failing_since) == ("", None)


@cases(FIRSTS)
def test_who_fails_for_long_rings_once_a_day(shop: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    rung: list[timedelta] = []

    def error(message: str, extra: dict[str, str]) -> None:
        assert "Jane" not in message
        assert extra["alarm"] == Alarm.SOURCE_FAILING
        assert {"source", "stream", "cause"} < set(extra)
        rung.append(shop.now - begun)

    monkeypatch.setattr(logger, "error", error)
    shop.shop.faults = [after_token(with_status(404), shop)] * 999
    begun = shop.now
    for _ in range(40):
        shop.poll()
        shop.now = begun + timedelta(hours=round((shop.now - begun) / HOUR) + 1)
    assert [round(each / HOUR) for each in rung] == [shop.pull.alarm_after, shop.pull.alarm_after + 24]


@cases(FIRSTS)
@pytest.mark.parametrize(
    ("status", "cause"), [(400, Cause.REFUSED), (403, Cause.UNAUTHORIZED), (404, Cause.REFUSED), (422, Cause.REFUSED)]
)
def test_a_refusal_is_not_repeated(shop: Rig, status: int, cause: Cause) -> None:
    shop.shop.faults = [after_token(with_status(status), shop)] * 5
    shop.poll()
    assert shop.state.cause == cause
    assert shop.waits == [] or max(shop.waits) < 1


@cases(FIRSTS)
def test_requests_keep_their_distance(shop: Rig) -> None:
    shop.poll()
    pause = 60 / shop.pull.requests_per_minute
    assert all(wait <= pause for wait in shop.waits)
    assert (len(shop.shop.urls) - 1) * pause == pytest.approx(sum(shop.waits), rel=0.01)


# --- who asks


@cases(SECRET)
def test_a_token_that_ends_between_pages_is_renewed(shop: Rig) -> None:
    tick = shop.shop.before

    def ends(number: int) -> None:
        tick(number)
        if number == 2:
            shop.shop.token = "the-next-token"
            shop.secrets.values = dict.fromkeys(shop.secrets.values, shop.shop.secret)

    shop.shop.before = ends
    shop.poll()
    shop.poll(after=DAY)
    assert shop.has_all()
    assert shop.state.cause == ""


@cases(SECRET)
def test_credentials_that_are_no_longer_good_are_tried_twice_and_told(shop: Rig) -> None:
    shop.secrets.values = {
        name: json.dumps(dict.fromkeys(json.loads(value), "old")) if value.startswith("{") else "old"
        for name, value in shop.secrets.values.items()
    }
    shop.poll()
    assert shop.state.cause == Cause.UNAUTHORIZED
    assert "old" not in shop.state.to_json()
    assert len(shop.shop.urls) <= 2


@cases(SECRET)
@pytest.mark.parametrize("value", [None, "", "two\nlines", "{", "[]", '{"token": 7}', "\u00e9"])
def test_a_secret_that_is_none_is_told(shop: Rig, value: str | None) -> None:
    shop.secrets.values = {} if value is None else dict.fromkeys(shop.secrets.values, value)
    shop.poll()
    plain = shop.pull.auth.kind is AuthKind.HEADER and shop.pull.auth.member is None
    wrong = plain and value in {"{", "[]", '{"token": 7}'}  # a line like any other
    assert shop.state.cause == (Cause.UNAUTHORIZED if wrong else Cause.NO_SECRET)
    assert shop.state.why
    assert value is None or not value or value not in shop.state.why
