"""The connectors that ship and those of the tests, as cases; and what a source may do to an answer."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest
from watershed.poll.model import POSITIONAL, AuthKind, BodyFormat, Paging

from local.shop.server import Handler, Reply
from tests.connectors.rig import Rig, pulls

PULLS = pulls()
STREAMS = [(source, name) for source, pull in PULLS.items() for name in pull.streams]
PAGED = [(s, n) for s, n in STREAMS if PULLS[s].streams[n].pages.kind is not Paging.NONE]
PLACED = [(s, n) for s, n in PAGED if PULLS[s].streams[n].pages.kind not in POSITIONAL]  # a page names the next one
TIMED = [(s, n) for s, n in STREAMS if PULLS[s].streams[n].incremental is not None]
JSON = [(s, n) for s, n in STREAMS if PULLS[s].streams[n].format is BodyFormat.JSON]
FIRSTS = [(source, next(iter(pull.streams))) for source, pull in PULLS.items()]
SECRET = [(s, n) for s, n in FIRSTS if PULLS[s].auth.kind is not AuthKind.NONE]
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)

Made = Callable[..., AbstractContextManager[Rig]]
Case = tuple[str, str]


def cases(chosen: list[Case]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("case", chosen, ids=[f"{source}-{name}" for source, name in chosen])


def into_one_window(shop: Rig) -> None:
    """Let all records be of one window, and the clock stand soon after."""
    for number, row in enumerate(shop.shop.rows[shop.name]):
        row.at = shop.now - 9 * HOUR + number * MINUTE
    shop.now -= 8 * HOUR


def after_token(fault: Any, shop: Rig) -> Any:
    """The fault, but not for requests of a token."""

    def chosen(handler: Handler, reply: Reply) -> Reply | None:
        found: Reply | None = reply if handler.command == "POST" else fault(handler, reply)
        return found

    return chosen


def as_it_is(_: Handler, reply: Reply) -> Reply:
    return reply


def with_status(status: int, headers: dict[str, str] | None = None) -> Any:
    return lambda _handler, _reply: Reply(status, b'{"errors": "Jane Doe"}', headers or {})


def with_body(body: bytes, headers: dict[str, str] | None = None) -> Any:
    kind = {"Content-Type": "text/html"} if body[:1] == b"<" else {}
    return lambda _handler, _reply: Reply(200, body, {**kind, **(headers or {})})


def broken_off(how: str) -> Any:
    """An answer that does not come whole."""

    def broken(handler: Handler, reply: Reply) -> None:
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


def put_at(document: Any, path: str, value: Any) -> None:
    *folders, last = path.split(".")
    for name in folders:
        document = document[name]
    document[last] = value


def value_at(document: Any, path: str) -> Any:
    for name in path.split("."):
        document = document[name]
    return document


def spelt_as_sent(shop: Rig, value: object) -> object:
    return value if shop.stream.format is BodyFormat.JSON else str(value)
