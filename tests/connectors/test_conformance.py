"""What every connector must stand, over real TLS. A new YAML file inherits all of it."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from watershed import names
from watershed.alarms import Alarm
from watershed.errors import Terminal, Transient
from watershed.log import logger
from watershed.poll import windows
from watershed.poll.failure import Cause
from watershed.poll.model import POSITIONAL, AuthKind, BodyFormat, Paging

from local.shop.certificates import Authority
from local.shop.server import Handler, Reply, Row
from tests.connectors.rig import DAY, QUICK, SETTINGS, Rig, pulls, record, rig

if TYPE_CHECKING:
    from local.shop.internet import Internet

PULLS = pulls()
STREAMS = [(source, name) for source, pull in PULLS.items() for name in pull.streams]
PAGED = [(s, n) for s, n in STREAMS if PULLS[s].streams[n].pages.kind is not Paging.NONE]
TIMED = [(s, n) for s, n in STREAMS if PULLS[s].streams[n].incremental is not None]
JSON = [(s, n) for s, n in STREAMS if PULLS[s].streams[n].format is BodyFormat.JSON]
FIRSTS = [(source, next(iter(pull.streams))) for source, pull in PULLS.items()]
SECRET = [(s, n) for s, n in FIRSTS if PULLS[s].auth.kind is not AuthKind.NONE]
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)

Made = Callable[..., AbstractContextManager[Rig]]
Case = tuple[str, str]


def cases(chosen: list[Case]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("case", chosen, ids=[f"{source}-{name}" for source, name in chosen])


@pytest.fixture
def made(internet: Internet, case: Case) -> Made:
    source, name = case
    return partial(rig, internet, source, PULLS[source], name)


@pytest.fixture
def shop(made: Made) -> Iterator[Rig]:
    with made() as opened:
        yield opened


def test_there_is_something_to_test() -> None:
    kinds = {PULLS[source].streams[name].pages.kind for source, name in STREAMS}
    assert kinds == set(Paging)
    assert {pull.auth.kind for pull in PULLS.values()} == set(AuthKind)


# --- pages


@cases(STREAMS)
def test_everything_is_read(shop: Rig) -> None:
    shop.poll()
    assert shop.has_all()
    assert len(shop.read_rows()) == len(shop.shop.rows[shop.name])
    assert (shop.state.cause, shop.state.token, shop.state.succeeded_at) == ("", None, shop.state.polled_at)
    if shop.stream.incremental:
        end = windows.clear(shop.stream.incremental, shop.state.polled_at or shop.now)
        assert shop.state.cursor is not None
        assert shop.state.cursor >= end


@cases(STREAMS)
def test_keys_say_dataset_source_and_day(shop: Rig) -> None:
    shop.poll()
    assert shop.keys
    for key in shop.keys:
        dataset, source, *day, file = key.split("/")
        assert (dataset, source, len(day)) == (shop.stream.dataset, shop.source, 3)
        start, identity, ending = file.split(".")
        assert (start, len(identity), ending) == (shop.source, 32, shop.stream.format)


@cases(STREAMS)
@pytest.mark.parametrize("count", [0, 1, 3, 6])
def test_no_page_one_page_and_a_full_last_page(made: Made, count: int) -> None:
    with made(count) as shop:
        shop.poll()
        assert shop.has_all()
        assert shop.state.cause == ""
        assert shop.keys or not count
        if not count:
            assert shop.keys == []


@cases(PAGED)
def test_an_empty_page_before_the_last_does_not_end_it(made: Made) -> None:
    """A source that filters after it has counted gives pages without records. Only of counted pages is it the end."""
    with made() as shop:
        kind = shop.stream.pages
        if kind.kind in POSITIONAL or kind.last_record or shop.stream.format is not BodyFormat.JSON:
            return

        def emptied(_: Handler, reply: Reply) -> Reply:
            document = json.loads(reply.body)
            _put(document, shop.stream.records, [])
            return replace(reply, body=json.dumps(document).encode())

        shop.shop.faults = [emptied]
        shop.poll()
        assert shop.state.cause == ""
        assert shop.shop.rows[shop.name][-1].record["id"] in {row["id"] for row in shop.read_rows()}


@cases([case for case in PAGED if PULLS[case[0]].streams[case[1]].pages.more])
@pytest.mark.parametrize("words", [(0, 1), ("0", "1"), ("false", "true"), ("", "next"), (None, True)])
def test_sources_say_in_many_ways_that_there_is_no_more(shop: Rig, words: tuple[object, object]) -> None:
    more = shop.stream.pages.more
    assert more is not None

    def spelt(_: Handler, reply: Reply) -> Reply:
        document = json.loads(reply.body)
        _put(document, more, words[bool(_got(document, more))])
        return replace(reply, body=json.dumps(document).encode())

    shop.shop.faults = [_after_token(spelt, shop)] * 99
    shop.poll()
    assert shop.has_all()
    assert shop.state.cause == ""


@cases(PAGED)
def test_a_record_that_is_on_two_pages_is_there(shop: Rig) -> None:
    rows = shop.shop.rows[shop.name]
    rows.insert(3, rows[2])
    shop.poll()
    assert shop.has_all()
    assert shop.state.cause == ""


@cases(STREAMS)
@pytest.mark.parametrize("request_number", [2, 3])
def test_a_record_that_is_changed_while_pages_are_read_hides_no_other(shop: Rig, request_number: int) -> None:
    rows, tick = shop.shop.rows[shop.name], shop.shop.before

    def change(number: int) -> None:
        tick(number)
        if number == request_number:
            rows[0] = Row(shop.now + MINUTE, {**rows[0].record, "name": "changed"})
            if shop.stream.incremental is None and shop.stream.pages.kind in POSITIONAL:
                rows.append(rows.pop(0))  # the latest change last

    shop.shop.before = change
    shop.poll()
    assert {row["id"] for row in shop.read_rows()} >= {_spelt(shop, row.record["id"]) for row in rows[1:]}
    for _ in range(3):  # where there is one page, the change comes during a later poll
        shop.poll(after=HOUR)
    assert shop.has_all()


@cases(STREAMS)
@pytest.mark.parametrize("request_number", [2, 3])
def test_a_record_that_goes_while_pages_are_read_hides_no_other(shop: Rig, request_number: int) -> None:
    rows, tick = shop.shop.rows[shop.name], shop.shop.before

    def remove(number: int) -> None:
        tick(number)
        if number == request_number:
            del rows[0]

    shop.shop.before = remove
    shop.poll()
    assert shop.has_all()


def _spelt(shop: Rig, value: object) -> object:
    return value if shop.stream.format is BodyFormat.JSON else str(value)


@cases(PAGED)
def test_pages_that_lead_in_a_circle_end(shop: Rig) -> None:
    first: list[Reply] = []

    def again(_: Handler, reply: Reply) -> Reply:
        first.append(reply)
        return first[0]

    if shop.stream.pages.last_record:
        shop.shop.rows[shop.name] = shop.shop.rows[shop.name][:4]  # else the loop is longer
    shop.shop.faults = [_after_token(again, shop)] * 60
    shop.poll()
    assert shop.state.cause == Cause.REPEATED_PAGE
    assert len(shop.shop.urls) < 10


def _after_token(fault: Any, shop: Rig) -> Any:
    """The fault, but not for requests of a token."""

    def chosen(handler: Handler, reply: Reply) -> Reply | None:
        found: Reply | None = reply if handler.command == "POST" else fault(handler, reply)
        return found

    return chosen


# --- times


@cases(TIMED)
def test_what_came_since_is_read_and_no_more_than_the_overlap_again(shop: Rig) -> None:
    shop.poll()
    before = set(shop.keys)
    times = shop.stream.incremental
    assert times is not None
    shop.shop.rows[shop.name].append(Row(shop.now + MINUTE, record(shop.stream, 77)))
    shop.poll(after=3 * HOUR)
    assert shop.has_all()
    assert len(set(shop.keys) - before) == 1
    assert len(shop.read_rows()) == 8


@cases(TIMED)
def test_a_record_that_shows_late_is_found_by_the_overlap(shop: Rig) -> None:
    """Committed after the poll, with a time from before it."""
    times = shop.stream.incremental
    assert times is not None
    shop.poll()
    cursor = shop.state.cursor
    assert cursor is not None
    shop.shop.rows[shop.name].append(Row(cursor - timedelta(seconds=times.overlap), record(shop.stream, 77)))
    shop.poll(after=3 * HOUR)
    assert shop.has_all() or not times.overlap


@cases(TIMED)
def test_a_clock_that_goes_back_takes_no_cursor_with_it(shop: Rig) -> None:
    shop.poll()
    cursor = shop.state.cursor
    shop.shop.urls.clear()
    shop.poll(after=-5 * HOUR)
    assert shop.state.cursor == cursor
    shop.poll(after=8 * HOUR)
    assert shop.state.cursor is not None
    assert cursor is not None
    assert shop.state.cursor > cursor


@cases(STREAMS)
def test_nothing_new_writes_nothing(shop: Rig) -> None:
    shop.poll()
    before = shop.keys
    shop.poll(after=2 * DAY)
    assert shop.keys == before


@cases(STREAMS)
def test_what_is_again_as_it_was_before_is_kept_once_more(shop: Rig) -> None:
    """Of rows without a version the one that came last stands: it must come again, also on the same day."""
    rows = shop.shop.rows[shop.name]
    shop.poll()
    shop.poll(after=3 * HOUR)
    for name in ("dear", "cheap", "dear"):
        rows[-1] = Row(shop.now + MINUTE, {**rows[-1].record, "name": name})
        shop.poll(after=3 * HOUR)
    assert shop.state.cause == ""
    assert shop.names_as_they_came(rows[-1].record["id"])[-3:] == ["dear", "cheap", "dear"]


# --- the source's moods


@cases(STREAMS)
@pytest.mark.parametrize("status", [429, 502])
def test_a_burst_of_refusals_is_waited_for(shop: Rig, status: int) -> None:
    shop.shop.faults = [_status(status)] * 3
    shop.poll()
    assert shop.has_all()
    assert shop.state.cause == ""
    assert max(shop.waits) == 4


@cases(FIRSTS)
@pytest.mark.parametrize("said", ["7", "7.0", "date"])
def test_retry_after_is_kept_to(shop: Rig, said: str) -> None:
    when = (shop.now + timedelta(seconds=7)).strftime("%a, %d %b %Y %H:%M:%S GMT")
    shop.shop.faults = [_status(429, {"Retry-After": when if said == "date" else said})]
    shop.poll()
    assert shop.has_all()
    assert 6 <= max(shop.waits) <= 7


@cases(FIRSTS)
@pytest.mark.parametrize("said", ["Fri, 31 Dec 9999 23:59:59 GMT", "Fri, 31 Dec 9999 23:59:59 -2300", "1e300", "nan"])
def test_a_retry_after_that_no_source_can_mean_is_none(shop: Rig, said: str) -> None:
    shop.shop.faults = [_after_token(_status(429, {"Retry-After": said}), shop)] * 20
    shop.poll()
    assert (shop.state.cause, shop.state.not_before) == (Cause.THROTTLED, None)
    shop.shop.faults = []
    shop.poll(after=HOUR)
    assert shop.has_all()
    assert shop.state.cause == ""


@cases(FIRSTS)
def test_who_asks_for_an_hour_is_left_alone_for_an_hour(shop: Rig) -> None:
    shop.shop.faults = [_after_token(_status(429, {"Retry-After": "3600"}), shop)] * 2
    shop.poll()
    assert (shop.state.cause, shop.keys) == (Cause.THROTTLED, [])
    asked = len(shop.shop.urls)
    shop.poll(after=10 * MINUTE)
    assert len(shop.shop.urls) == asked
    shop.shop.faults = []
    shop.poll(after=HOUR)
    assert shop.has_all()
    assert (shop.state.cause, shop.state.not_before, shop.state.failing_since) == ("", None, None)


@cases([case for case in PAGED if PULLS[case[0]].streams[case[1]].pages.kind not in POSITIONAL])
def test_who_is_let_in_for_fewer_pages_than_a_window_has_goes_on_where_it_was(made: Made) -> None:
    with made(30, most=3) as shop:
        for number, row in enumerate(shop.shop.rows[shop.name]):
            row.at = shop.now - 9 * HOUR + number * MINUTE  # one window
        shop.now -= 8 * HOUR
        for _ in range(9):
            shop.shop.faults = [*[_as_it_is] * 4, *[_status(429, {"Retry-After": "3600"})] * 9]
            shop.poll(after=2 * HOUR)
            if shop.state.succeeded_at:
                break
        assert shop.has_all()
        assert (shop.state.cause, shop.state.token) == ("", None)


@cases(STREAMS)
def test_a_source_that_is_down_is_written_down_and_read_later(shop: Rig) -> None:
    shop.shop.faults = [_status(500)] * 100
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
    shop.shop.faults = [_after_token(_status(404), shop)] * 999
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
    shop.shop.faults = [_after_token(_status(status), shop)] * 5
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


# --- what comes


@cases([case for case in FIRSTS if case in JSON] + [case for case in STREAMS if case not in JSON][:1])
@pytest.mark.parametrize("page", ["html", "words", "cut json", "empty", "other", "deep", "latin", "twice"])
def test_a_page_that_is_none_is_refused_and_read_when_it_is_mended(shop: Rig, page: str) -> None:
    if shop.stream.format is not BodyFormat.JSON and page != "html":
        return
    bodies = {
        "html": b"<!doctype html><title>Maintenance</title>",
        "words": b"Jane Doe, please come back later",
        "cut json": b'{"data": [{"id": 1}, {"i',
        "empty": b"",
        "other": b'{"errors": ["Jane Doe"]}',
        "deep": b"[" * 300 + b"]" * 300,
        "latin": '[{"id": "é"}]'.encode("latin-1"),
        "twice": b'[{"id": 1, "id": 2}]',
    }
    shop.shop.faults = [_after_token(_body(bodies[page]), shop)] * 2
    shop.poll()
    assert shop.state.cause == Cause.MALFORMED_PAGE
    assert "Jane" not in shop.state.to_json()
    shop.shop.faults = []
    shop.poll(after=HOUR)
    assert shop.has_all()


@cases(JSON)
def test_records_are_kept_to_the_digit(shop: Rig) -> None:
    rows = shop.shop.rows[shop.name]
    rows[0].record["price"] = 0
    digits = "12345678901234567890.123456789012345678900"

    def exact(_: Handler, reply: Reply) -> Reply:
        return replace(reply, body=reply.body.replace(b'"price": 0', f'"price": {digits}'.encode()))

    shop.shop.faults = [exact] * 99
    shop.poll()
    assert any(digits.encode() in body for body, _ in shop.s3.objects.values())


@cases(FIRSTS)
def test_an_answer_that_is_too_large_is_cut_off(shop: Rig) -> None:
    shop.largest = 2000
    shop.shop.faults = [_after_token(_body(b" " * 3000), shop)] * 2
    shop.poll()
    assert shop.state.cause == Cause.TOO_LARGE


@cases(FIRSTS)
def test_an_answer_that_unpacks_to_too_much_is_cut_off(shop: Rig) -> None:
    shop.largest = 100_000
    bomb = gzip.compress(b" " * 50_000_000)
    assert len(bomb) < shop.largest
    shop.shop.faults = [_after_token(_body(bomb, {"Content-Encoding": "gzip"}), shop)] * 2
    shop.poll()
    assert shop.state.cause == Cause.TOO_LARGE


@cases(FIRSTS)
def test_packed_answers_are_unpacked(shop: Rig) -> None:
    def packed(_: Handler, reply: Reply) -> Reply:
        return replace(reply, body=gzip.compress(reply.body), headers={**reply.headers, "Content-Encoding": "gzip"})

    shop.shop.faults = [packed] * 99
    shop.poll()
    assert shop.has_all()
    shop.shop.faults = [_after_token(_body(b"not gzip", {"Content-Encoding": "gzip"}), shop)] * 2
    shop.poll(after=DAY)
    assert shop.state.cause == Cause.MALFORMED_PAGE


# --- the network


@cases(FIRSTS)
@pytest.mark.parametrize("how", ["cut", "silent", "trickling", "hung up"])
def test_one_answer_that_does_not_come_whole_is_asked_for_again(shop: Rig, how: str) -> None:
    shop.patience = QUICK
    shop.shop.faults = [_broken(how)]
    shop.poll()
    assert shop.has_all()
    assert shop.state.cause == ""


@cases(FIRSTS)
@pytest.mark.parametrize(("how", "cause"), [("cut", Cause.CUT_OFF), ("trickling", Cause.SLOW)])
def test_answers_that_never_come_whole_are_told(shop: Rig, how: str, cause: Cause) -> None:
    shop.patience = replace(QUICK, answer=0.3)
    shop.shop.faults = [_broken(how)] * 99
    shop.poll()
    assert (shop.state.cause, shop.keys) == (cause, [])


@cases(FIRSTS)
def test_an_unknown_authority_is_not_trusted(made: Made) -> None:
    with made(authority=Authority.made()) as shop:
        shop.poll()
        assert (shop.state.cause, shop.shop.urls) == (Cause.UNTRUSTED, [])


@cases(FIRSTS)
def test_another_hosts_certificate_is_not_trusted(made: Made) -> None:
    with made(certified=("other.example",)) as shop:
        shop.poll()
        assert (shop.state.cause, shop.shop.urls) == (Cause.UNTRUSTED, [])


@cases(FIRSTS)
@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "169.254.169.254", "fd00:ec2::254"],
)  # more of them in tests/unit/test_poll_address.py
def test_no_address_but_a_public_one_is_asked(shop: Rig, address: str) -> None:
    for host in shop.pull.hosts:
        shop.internet.names[host] = ["93.184.215.1", address]  # among others
    shop.poll()
    assert (shop.state.cause, shop.internet.connected, shop.shop.urls) == (Cause.FORBIDDEN_ADDRESS, [], [])


@cases(FIRSTS)
def test_a_name_is_looked_up_once_and_its_address_kept(shop: Rig) -> None:
    """Else a name could be public when it is checked, and something else when it is connected to."""
    shop.poll()
    assert sorted(shop.internet.asked) == sorted(shop.pull.hosts)
    known = {address for host in shop.pull.hosts for address in shop.internet.names[host]}
    assert set(shop.internet.connected) == known


@cases(FIRSTS)
def test_a_host_without_a_name_is_unreachable(shop: Rig) -> None:
    shop.internet.names.clear()
    shop.poll()
    assert (shop.state.cause, shop.shop.urls) == (Cause.UNREACHABLE, [])


@cases(FIRSTS)
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_nobody_is_sent_elsewhere(shop: Rig, status: int) -> None:
    shop.shop.faults = [_after_token(_status(status, {"Location": "https://169.254.169.254/latest"}), shop)] * 2
    shop.poll()
    assert shop.state.cause == Cause.REDIRECTED
    assert "169.254" not in shop.state.why
    assert set(shop.internet.asked) <= set(shop.pull.hosts)


@cases([case for case in PAGED if PULLS[case[0]].streams[case[1]].pages.kind is Paging.LINK])
@pytest.mark.parametrize(
    "target",
    [
        "https://other.example/x", "http://{host}/x", "https://{host}:8443/x", "https://u@{host}/x", "https://169.254.1.1/x",
        "https://{host}.other.example/x", "//other.example/x", "ftp://{host}/", "https://[::1]/", "https://{host}\\@x/",
        "https://{host}/a b", "https://[bad/",
    ],
)  # fmt: skip
def test_no_link_leads_elsewhere(shop: Rig, target: str) -> None:
    link = f'<{target.format(host=shop.pull.host)}>; rel="next"'

    def linked(_: Handler, reply: Reply) -> Reply:
        return replace(reply, headers={**reply.headers, "Link": link})

    shop.shop.faults = [linked] * 2
    shop.poll()
    assert shop.state.cause == Cause.REDIRECTED
    assert set(shop.internet.asked) <= set(shop.pull.hosts)
    assert len(shop.shop.urls) == 1


# --- time, and others


@cases(STREAMS)
def test_what_there_is_no_time_for_is_read_by_later_polls(shop: Rig) -> None:
    shop.cost, shop.budget = 10, 95  # three readings of three pages, and less than all windows
    polls = 0
    while polls < 20 and not (shop.state.succeeded_at and shop.has_all()):
        shop.poll(after=HOUR)
        polls += 1
        assert shop.state.cause == ""
    assert shop.has_all()


@cases([case for case in PAGED if PULLS[case[0]].streams[case[1]].pages.kind not in POSITIONAL])
def test_the_next_poll_goes_on_at_the_page_where_this_one_stopped(made: Made) -> None:
    with made(30, most=3) as shop:
        for number, row in enumerate(shop.shop.rows[shop.name]):
            row.at = shop.now - 9 * HOUR + number * MINUTE  # one window
        shop.now -= 8 * HOUR
        shop.cost, shop.budget = 10, 45
        for _ in range(9):
            shop.poll(after=MINUTE)
            if shop.state.succeeded_at:
                break
        assert shop.has_all()
        asked = [url for url in shop.shop.urls if "token" not in url]
        assert len(asked) == len(set(asked)), "no page was asked for twice"


@cases([case for case in PAGED if PULLS[case[0]].streams[case[1]].pages.kind not in POSITIONAL])
def test_a_place_that_the_source_has_forgotten_costs_a_window_and_no_record(shop: Rig) -> None:
    shop.cost, shop.budget = 10, 5
    while shop.state.token is None:
        shop.poll(after=MINUTE)
        assert shop.shop.requests.total() < 99
    shop.shop.faults = [_after_token(_status(410), shop)]
    shop.cost, shop.budget = 0, 600
    shop.poll(after=MINUTE)
    assert shop.has_all()
    assert shop.state.cause == ""


@cases([case for case in PAGED if PULLS[case[0]].streams[case[1]].pages.kind is Paging.LINK])
@pytest.mark.parametrize("place", ["https://the-shops-old-host.example/orders?page_info=7", "cursor7"])
def test_a_place_from_before_the_connector_was_changed_costs_a_window_and_no_record(shop: Rig, place: str) -> None:
    shop.cost, shop.budget = 10, 5
    while shop.state.token is None:
        shop.poll(after=MINUTE)
        assert shop.shop.requests.total() < 99
    key = (SETTINGS.bucket(names.Layer.LEDGER), names.poll_state_key(shop.source, shop.name))
    shop.s3.objects[key] = (replace(shop.state, token=place).to_json().encode(), shop.s3.objects[key][1])
    shop.cost, shop.budget = 0, 600
    shop.poll(after=MINUTE)
    assert shop.has_all()
    assert shop.state.cause == ""


@cases(STREAMS)
@pytest.mark.parametrize("write", range(3))
def test_two_polls_at_once_do_no_harm(shop: Rig, write: int) -> None:
    """A whole second poll comes before one of the first one's writes: of a raw object, or of its state."""
    writes, quicker = list[str](), replace(shop)

    def meanwhile(key: str) -> None:
        writes.append(key)
        if len(writes) == write + 1:
            shop.s3.refuse = lambda _: None
            quicker.poll()

    shop.s3.refuse = meanwhile
    shop.poll()
    assert shop.has_all()
    left = shop.state
    assert left == quicker.state
    shop.poll(after=HOUR)
    assert shop.state.cause == left.cause == ""
    assert shop.has_all()


@cases(STREAMS)
@pytest.mark.parametrize("write", range(3))
def test_a_poll_that_dies_at_a_write_loses_nothing_and_writes_the_same_again(made: Made, write: int) -> None:
    with made() as undisturbed:
        undisturbed.poll()
        wanted = undisturbed.keys
    with made() as shop:
        writes: list[str] = []

        def refuse(key: str) -> None:
            writes.append(key)
            if len(writes) == write + 1:
                raise Transient("S3 did not answer.", remedy="")

        shop.s3.refuse = refuse
        begun = shop.now
        try:
            shop.poll()
        except Transient:
            shop.now = begun
            shop.poll()
        assert shop.has_all()
        assert shop.keys == wanted
        assert shop.state.cause == ""


@cases(FIRSTS)
def test_a_state_that_cannot_be_read_stays_for_whoever_looks_at_it(shop: Rig) -> None:
    place = (SETTINGS.bucket(names.Layer.LEDGER), names.poll_state_key(shop.source, shop.name))
    shop.s3.objects[place] = (b'{"cursor": "yesterday"}', "tag")
    with pytest.raises(Terminal, match="state of a stream"):
        shop.poll()
    assert shop.s3.objects[place] == (b'{"cursor": "yesterday"}', "tag")
    assert shop.shop.urls == []


@cases(FIRSTS)
def test_a_message_that_waited_while_a_poll_began_asks_for_nothing(shop: Rig) -> None:
    begun = shop.now
    shop.poll()
    asked = len(shop.shop.urls)
    shop.poll(after=HOUR, asked=begun)
    assert len(shop.shop.urls) == asked


def _put(document: Any, path: str, value: Any) -> None:
    *folders, last = path.split(".")
    for name in folders:
        document = document[name]
    document[last] = value


def _as_it_is(_: Handler, reply: Reply) -> Reply:
    return reply


def _got(document: Any, path: str) -> Any:
    for name in path.split("."):
        document = document[name]
    return document


def _status(status: int, headers: dict[str, str] | None = None) -> Any:
    return lambda _handler, _reply: Reply(status, b'{"errors": "Jane Doe"}', headers or {})


def _body(body: bytes, headers: dict[str, str] | None = None) -> Any:
    kind = {"Content-Type": "text/html"} if body[:1] == b"<" else {}
    return lambda _handler, _reply: Reply(200, body, {**kind, **(headers or {})})


def _broken(how: str) -> Any:
    """An answer that does not come whole."""

    def broken(handler: Handler, reply: Reply) -> None:
        import time

        half = len(reply.body) // 2
        handler.close_connection = True
        if how == "hung up":
            return
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(reply.body)))
        handler.end_headers()
        if how == "trickling":
            for byte in reply.body:
                handler.wfile.write(bytes([byte]))
                time.sleep(0.05)
        else:
            handler.wfile.write(reply.body[:half])
        if how == "silent":
            time.sleep(0.5)

    return broken
