"""Each fault of a `pull` part is one change to a good one, found at its line and path; and the docs have every key."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from watershed.catalog import Catalog
from watershed.connectors import pull as reader
from watershed.connectors.files import examine
from watershed.contracts.model import Column, Contract, Kind, Residency, Source, Table
from watershed.poll.model import Auth, AuthKind, BodyFormat, Incremental, Pages, Paging, Pull, Stream

from local.paths import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from watershed.connectors.model import Connector
    from watershed.finding import Finding

GOOD = """\
description: A shop.
region: eu-central-1
pull:
  address: https://shop.example/api/
  every: 90m
  paused: true
  requestsPerMinute: 120
  alarmAfter: 1d
  auth: {kind: header, header: X-Token, prefix: "Token ", member: key}
  streams:
    orders:
      path: orders.json
      parameters: {status: any, deep: 2}
      records: data.orders
      pages: {kind: cursor, parameter: after, lastRecord: id, more: more, size: {parameter: limit, value: 50}}
      incremental:
        start: 2026-01-01T01:00:00+01:00
        since: from
        until: to
        format: "%Y-%m-%d %H:%M"
        timeZone: Europe/Berlin
        overlap: 5m
        window: 1d
    lists: {dataset: files, path: lists/all.csv, format: csv, pages: {kind: link}}
"""


def contract(name: str, *files: str) -> Contract:
    table = Table(name, (Column("id", Kind.STRING),), ("id",))
    return Contract(name, "1", "", (table,), (Source("s", files=files),), Residency(None, reason="none"))


def examined(folder: Path, text: str, source: str = "shop") -> tuple[dict[str, Connector], list[Finding]]:
    (folder / f"{source}.yaml").write_text(text, encoding="utf-8")
    contracts = {"orders": contract("orders", f"{source}.*.jsonl"), "files": contract("files", f"{source}.*.csv")}
    return examine(folder, contracts, ("eu-central-1", "us-east-1"))


@pytest.mark.parametrize("letters", [49, 50])
def test_a_sources_name_leaves_room_for_its_schedules(tmp_path: Path, letters: int) -> None:
    findings = examined(tmp_path, GOOD, "a" * letters)[1]
    assert [finding.remedy for finding in findings] == ["Name the file in at most 49 characters."] * (letters - 49)


def test_it_is_read_whole_and_survives_its_layer(tmp_path: Path) -> None:
    connectors, findings = examined(tmp_path, GOOD)
    assert findings == []
    times = Incremental("2026-01-01T00:00:00+00:00", "from", "to", "%Y-%m-%d %H:%M", "Europe/Berlin", 300, 86400)
    pages = Pages(Paging.CURSOR, "after", last_record="id", more="more", size_parameter="limit", size=50)
    assert connectors["shop"].pull == Pull(
        address="https://shop.example/api",
        every=90,
        auth=Auth(AuthKind.HEADER, "key", "X-Token", "Token "),
        streams={
            "orders": Stream(
                "orders", "orders.json", {"status": "any", "deep": "2"}, BodyFormat.JSON, "data.orders", pages, times
            ),
            "lists": Stream("files", "lists/all.csv", format=BodyFormat.CSV, pages=Pages(Paging.LINK)),
        },
        requests_per_minute=120,
        alarm_after=24,
        paused=True,
    )
    lake = Catalog({}, {}, {}, connectors)
    assert Catalog.from_json(lake.to_json()) == lake


def test_the_least_that_it_says(tmp_path: Path) -> None:
    text = "description: d\nregion: us-east-1\npull: {address: 'https://a.example', every: 1h, streams: {orders: {}}}\n"
    connectors, findings = examined(tmp_path, text)
    assert findings == []
    pull = connectors["shop"].pull
    assert pull is not None
    assert (pull.hosts, pull.auth.kind, pull.requests_per_minute, pull.alarm_after) == (
        ("a.example",), AuthKind.NONE, 60, 6,
    )  # fmt: skip
    assert pull.streams["orders"] == Stream("orders", "")


def test_tokens_may_come_from_another_host(tmp_path: Path) -> None:
    auth = "auth: {kind: clientCredentials, tokenUrl: https://login.example/t}"
    connectors, findings = examined(tmp_path, re.sub("auth: .*", auth, GOOD))
    assert findings == []
    pull = connectors["shop"].pull
    assert pull is not None
    assert pull.hosts == ("shop.example", "login.example")


ADDRESS = "not the HTTPS address of a host by its name"


@pytest.mark.parametrize(
    ("old", "new", "line", "path", "message"),
    [
        ("  address: https://shop.example/api/\n", "", 4, "pull", "`address` is missing"),
        ("https://shop.example/api/", "http://shop.example", 4, "pull.address", ADDRESS),
        ("https://shop.example/api/", "https://shop.example:8443/", 4, "pull.address", ADDRESS),
        ("https://shop.example/api/", "https://u:p@shop.example/", 4, "pull.address", ADDRESS),
        ("https://shop.example/api/", "https://127.0.0.1/", 4, "pull.address", ADDRESS),
        ("https://shop.example/api/", "https://[::1]/", 4, "pull.address", ADDRESS),
        ("https://shop.example/api/", "https://[bad/", 4, "pull.address", ADDRESS),
        ("https://shop.example/api/", "https://localhost/", 4, "pull.address", ADDRESS),
        ("https://shop.example/api/", "https://shop.example/?key=1", 4, "pull.address", ADDRESS),
        ("https://shop.example/api/", '"https://shop.example/a b"', 4, "pull.address", ADDRESS),
        ("every: 90m", "every: 90", 5, "pull.every", "not a span of time"),
        ("every: 90m", "every: 30s", 5, "pull.every", "not a span of time"),
        ("every: 90m", "every: 8d", 5, "pull.every", "not a span of time"),
        ("paused: true", "paused: maybe", 6, "pull.paused", "neither true nor false"),
        ("requestsPerMinute: 120", "requestsPerMinute: 6001", 7, "pull.requestsPerMinute", "too much"),
        ("alarmAfter: 1d", "alarmAfter: 5m", 8, "pull.alarmAfter", "not a span of time"),
        ("kind: header, ", "kind: headers, ", 9, "pull.auth.kind", "not allowed here"),
        ("header: X-Token", "header: Host", 9, "pull.auth.header", "cannot be set"),
        ("header: X-Token", 'header: "X Token"', 9, "pull.auth.header", "cannot be set"),
        ('"Token "', '"Tok\\nen "', 9, "pull.auth.prefix", "cannot stand in a header"),
        ("member: key", "scope: key", 9, "pull.auth.scope", "does not use `scope`"),
        ("kind: header, header: X-Token, ", "kind: header, ", 9, "pull.auth", "`header` is missing"),
        ("    orders:\n", "    Orders:\n", 12, "pull.streams.Orders", "cannot be a stream's name"),
        ("path: orders.json", "path: ../orders", 12, "pull.streams.orders.path", "not a path"),
        ("path: orders.json", "path: orders?a=b", 12, "pull.streams.orders.path", "not a path"),
        ("kind: cursor", "kind: cursors", 15, "pull.streams.orders.pages.kind", "not allowed here"),
        ("lastRecord: id", "lastRecord: id, next: n", 15, "pull.streams.orders.pages", "where the next cursor is"),
        ("lastRecord: id, ", "", 15, "pull.streams.orders.pages", "where the next cursor is"),
        ("parameter: after, ", "", 15, "pull.streams.orders.pages", "`parameter` is missing"),
        ("value: 50", "value: many", 15, "pull.streams.orders.pages.size.value", "not a whole number"),
        ("parameter: limit", "parameter: status", 12, "pull.streams.orders", "set twice"),
        ("since: from", "since: to", 12, "pull.streams.orders", "set twice"),
        ("start: 2026-01-01T01:00:00+01:00", "start: soon", 17, "pull.streams.orders.incremental.start", "not a time"),
        ("        since: from\n", "", 17, "pull.streams.orders.incremental", "`since` is missing"),
        ("        until: to\n", "", 22, "pull.streams.orders.incremental.window", "no end to a window"),
        ('"%Y-%m-%d %H:%M"', '"%d.%m %H"', 20, "pull.streams.orders.incremental.format", "does not tell a day"),
        ('"%Y-%m-%d %H:%M"', '"%Y-%m-%d %M"', 20, "pull.streams.orders.incremental.format", "does not tell a day"),
        ("Europe/Berlin", "Europe/Bonn", 21, "pull.streams.orders.incremental.timeZone", "not an IANA time zone"),
        ("dataset: files", "dataset: tables", 24, "pull.streams.lists", "There is no contract `tables`"),
        ("dataset: files", "dataset: orders", 24, "pull.streams.lists", "takes shop.0.csv in eu-central-1"),
        ("format: csv", "format: xml", 24, "pull.streams.lists.format", "not allowed here"),
        ("format: csv,", "format: csv, records: data,", 24, "pull.streams.lists.records", "no records of JSON"),
        ("pages: {kind: link}", "pages: {kind: page, parameter: p}", 24, "pull.streams.lists.pages", "nothing about"),
    ],
)
def test_a_fault_is_found_where_it_is(  # noqa: PLR0917  pytest gives them by name
    tmp_path: Path, old: str, new: str, line: int, path: str, message: str
) -> None:
    assert old in GOOD
    _, findings = examined(tmp_path, GOOD.replace(old, new))
    assert [(finding.line, finding.path) for finding in findings] == [(line, path)]
    assert message in findings[0].message
    assert findings[0].remedy


def test_the_docs_have_every_key() -> None:
    section = (ROOT / "docs" / "connectors.md").read_text(encoding="utf-8").split("\n## Pull\n", 1)[1]
    cells = " ".join(line.split("|")[1] for line in section.splitlines() if line.startswith("| `"))
    words = set(re.findall(r"[A-Za-z]+", cells + " " + " ".join(re.findall(r"`([^`]*)`", section))))
    keys = {*reader._KEYS, *reader._AUTH, *reader._STREAM, *reader._PAGES, *reader._TIMES}
    assert keys <= words
    kinds = {str(each) for each in (*AuthKind, *Paging)}
    assert kinds <= words
