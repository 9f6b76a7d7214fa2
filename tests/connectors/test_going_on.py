"""What every connector must stand, over real TLS: polls cut short, and two at once. A new YAML file inherits it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from watershed import names
from watershed.errors import Terminal, Transient
from watershed.poll.model import Paging

from local.shop.server import Row
from tests.connectors.cases import (
    FIRSTS,
    HOUR,
    MINUTE,
    PAGED,
    PLACED,
    PULLS,
    STREAMS,
    Made,
    after_token,
    cases,
    into_one_window,
    with_status,
)
from tests.connectors.rig import SETTINGS, Rig


@cases(STREAMS)
def test_what_there_is_no_time_for_is_read_by_later_polls(shop: Rig) -> None:
    shop.cost, shop.budget = 10, 95  # three readings of three pages, and less than all windows
    polls = 0
    while polls < 20 and not (shop.state.succeeded_at and shop.has_all()):
        shop.poll(after=HOUR)
        polls += 1
        assert shop.state.cause == ""
    assert shop.has_all()


@cases(PLACED)
def test_the_next_poll_goes_on_at_the_page_where_this_one_stopped(made: Made) -> None:
    with made(30, most=3) as shop:
        into_one_window(shop)
        shop.cost, shop.budget = 10, 45
        for _ in range(9):
            shop.poll(after=MINUTE)
            if shop.state.succeeded_at:
                break
        assert shop.has_all()
        asked = [url for url in shop.shop.urls if "token" not in url]
        assert len(asked) == len(set(asked)), "no page was asked for twice"


@cases(PLACED)
def test_a_place_that_the_source_has_forgotten_costs_a_window_and_no_record(shop: Rig) -> None:
    shop.cost, shop.budget = 10, 5
    while shop.state.token is None:
        shop.poll(after=MINUTE)
        assert shop.shop.requests.total() < 99
    shop.shop.faults = [after_token(with_status(410), shop)]
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


@cases(STREAMS)
def test_what_a_poll_wrote_before_it_died_does_not_outlast_what_it_replaced(shop: Rig) -> None:
    """Of rows without a version the one that came last stands, so one that is as before must come once more."""
    rows = shop.shop.rows[shop.name]

    def call_the_last(name: str) -> None:
        rows[-1] = Row(shop.now + MINUTE, {**rows[-1].record, "name": name})

    def refuse(key: str) -> None:
        if key.startswith(names.POLLS_PREFIX) and wrote():
            raise Transient("S3 did not answer.", remedy="")

    def wrote() -> bool:
        return shop.names_as_they_came(rows[-1].record["id"])[-1] == "dear"

    call_the_last("cheap")
    shop.poll(after=3 * HOUR)
    call_the_last("dear")
    shop.s3.refuse = refuse
    with pytest.raises(Transient):
        shop.poll(after=3 * HOUR)
    assert wrote()
    shop.s3.refuse = lambda _: None
    call_the_last("cheap")
    shop.poll(after=3 * HOUR)
    assert shop.names_as_they_came(rows[-1].record["id"])[-1] == "cheap"


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
