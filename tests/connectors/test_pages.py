"""What every connector must stand, over real TLS: pages and times. A new YAML file inherits it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from watershed.poll import windows
from watershed.poll.failure import Cause
from watershed.poll.model import POSITIONAL, AuthKind, BodyFormat, Paging

from local.shop.server import Handler, Reply, Row
from tests.connectors.cases import (
    HOUR,
    MINUTE,
    PAGED,
    PULLS,
    STREAMS,
    TIMED,
    Made,
    after_token,
    cases,
    put_at,
    spelt_as_sent,
    value_at,
)
from tests.connectors.rig import DAY, Rig, record


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
            put_at(document, shop.stream.records, [])
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
        put_at(document, more, words[bool(value_at(document, more))])
        return replace(reply, body=json.dumps(document).encode())

    shop.shop.faults = [after_token(spelt, shop)] * 99
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
    assert {row["id"] for row in shop.read_rows()} >= {spelt_as_sent(shop, row.record["id"]) for row in rows[1:]}
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


@cases(PAGED)
def test_pages_that_lead_in_a_circle_end(shop: Rig) -> None:
    first: list[Reply] = []

    def again(_: Handler, reply: Reply) -> Reply:
        first.append(reply)
        return first[0]

    if shop.stream.pages.last_record:
        shop.shop.rows[shop.name] = shop.shop.rows[shop.name][:4]  # else the loop is longer
    shop.shop.faults = [after_token(again, shop)] * 60
    shop.poll()
    assert shop.state.cause == Cause.REPEATED_PAGE
    assert len(shop.shop.urls) < 10


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
