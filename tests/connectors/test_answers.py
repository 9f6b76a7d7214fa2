"""What every connector must stand, over real TLS: what comes, and by which way. A new YAML file inherits it."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from watershed.poll.failure import Cause
from watershed.poll.model import BodyFormat, Paging

from local.shop.certificates import Authority
from tests.connectors.cases import (
    FIRSTS,
    HOUR,
    JSON,
    PAGED,
    PLACED,
    PULLS,
    STREAMS,
    Made,
    after_token,
    broken_off,
    cases,
    into_one_window,
    put_at,
    value_at,
    with_body,
    with_status,
)
from tests.connectors.rig import DAY, QUICK, Rig

if TYPE_CHECKING:
    from local.shop.server import Handler, Reply

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
    shop.shop.faults = [after_token(with_body(bodies[page]), shop)] * 2
    shop.poll()
    assert shop.state.cause == Cause.MALFORMED_PAGE
    assert "Jane" not in shop.state.to_json()
    shop.shop.faults = []
    shop.poll(after=HOUR)
    assert shop.has_all()


@cases([case for case in PLACED if PULLS[case[0]].streams[case[1]].pages.kind is Paging.CURSOR])
def test_a_cursor_that_no_address_can_hold_is_told_and_never_gone_on_from(made: Made) -> None:
    """Were it kept as the place to go on at, each poll would fail there, also once the source is mended."""
    with made(9, most=3) as shop:
        pages = shop.stream.pages

        def halved(_: Handler, reply: Reply) -> Reply:
            document = json.loads(reply.body)
            if pages.next:
                put_at(document, pages.next, "\ud800")
            else:
                for each in value_at(document, shop.stream.records):
                    each[str(pages.last_record)] = "\ud800"
            return replace(reply, body=json.dumps(document).encode())

        into_one_window(shop)
        shop.shop.faults, shop.cost = [after_token(halved, shop)] * 99, 700  # there is time for one page
        while not shop.state.cause and not shop.state.token:
            shop.poll(after=HOUR)
        assert (shop.state.cause, shop.state.token) == (Cause.MALFORMED_PAGE, None)
        shop.shop.faults, shop.cost = [], 0
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
    shop.shop.faults = [after_token(with_body(b" " * 3000), shop)] * 2
    shop.poll()
    assert shop.state.cause == Cause.TOO_LARGE


@cases(FIRSTS)
def test_an_answer_that_unpacks_to_too_much_is_cut_off(shop: Rig) -> None:
    shop.largest = 100_000
    bomb = gzip.compress(b" " * 50_000_000)
    assert len(bomb) < shop.largest
    shop.shop.faults = [after_token(with_body(bomb, {"Content-Encoding": "gzip"}), shop)] * 2
    shop.poll()
    assert shop.state.cause == Cause.TOO_LARGE


@cases(FIRSTS)
def test_packed_answers_are_unpacked(shop: Rig) -> None:
    def packed(_: Handler, reply: Reply) -> Reply:
        return replace(reply, body=gzip.compress(reply.body), headers={**reply.headers, "Content-Encoding": "gzip"})

    shop.shop.faults = [packed] * 99
    shop.poll()
    assert shop.has_all()
    shop.shop.faults = [after_token(with_body(b"not gzip", {"Content-Encoding": "gzip"}), shop)] * 2
    shop.poll(after=DAY)
    assert shop.state.cause == Cause.MALFORMED_PAGE


@cases(FIRSTS)
@pytest.mark.parametrize("line", ["Jane Doe", "Jane Doe: 1", ": 1"])
def test_an_answer_with_a_broken_header_is_refused_and_not_logged(
    shop: Rig, line: str, caplog: pytest.LogCaptureFixture
) -> None:
    """What stands behind such a line is lost, be it the link to the next page."""

    def broken(handler: Handler, reply: Reply) -> None:
        handler.send_response_only(200)
        handler.send_header("Connection", "close")
        handler.end_headers = lambda: None  # type: ignore[method-assign]
        handler.flush_headers()
        rest = "".join(f"{name}: {value}\r\n" for name, value in reply.headers.items())
        handler.wfile.write(f"{line}\r\n{rest}\r\n".encode() + reply.body)
        handler.close_connection = True

    shop.shop.faults = [after_token(broken, shop)] * 99
    shop.poll()
    assert (shop.state.cause, shop.keys) == (Cause.MALFORMED_PAGE, [])
    assert not [record for record in caplog.records if record.name.startswith("urllib3")]
    shop.shop.faults = []
    shop.poll(after=HOUR)
    assert shop.has_all()


# --- the network


@cases(FIRSTS)
@pytest.mark.parametrize("how", ["cut", "silent", "trickling", "hung up"])
def test_one_answer_that_does_not_come_whole_is_asked_for_again(shop: Rig, how: str) -> None:
    shop.patience = QUICK
    shop.shop.faults = [broken_off(how)]
    shop.poll()
    assert shop.has_all()
    assert shop.state.cause == ""


@cases(FIRSTS)
@pytest.mark.parametrize(("how", "cause"), [("cut", Cause.CUT_OFF), ("trickling", Cause.SLOW)])
def test_answers_that_never_come_whole_are_told(shop: Rig, how: str, cause: Cause) -> None:
    shop.patience = replace(QUICK, answer=0.3)
    shop.shop.faults = [broken_off(how)] * 99
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
    shop.shop.faults = [after_token(with_status(status, {"Location": "https://169.254.169.254/latest"}), shop)] * 2
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
