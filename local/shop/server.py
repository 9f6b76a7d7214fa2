"""A shop's API over HTTPS on loopback, played from what a connector says of it: pages, times, authorization."""

from __future__ import annotations

import base64
import csv
import io
import json
import threading
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, ClassVar, Self
from urllib.parse import parse_qsl, urlencode, urlsplit
from zoneinfo import ZoneInfo

from watershed.poll.model import EPOCH, EPOCH_MILLIS, ISO, AuthKind, BodyFormat, Paging

from local.shop.internet import LOOPBACK

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from watershed.poll.model import Incremental, Pull, Stream

    from local.shop.internet import Internet

TOKEN, USER, PASSWORD = "the-shop's-token", "reader", "a-password"
_PLACE = "page_info"  # the parameter of links
Record = dict[str, Any]


@dataclass
class Row:
    """A record, and when it was last changed."""

    at: datetime
    record: Record


@dataclass
class Reply:
    """What is sent back; a fault changes it, or sends something else itself."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)


Fault = "Callable[[Handler, Reply], Reply | None]"  # None: it has sent something itself


class Shop:
    """One source's API.

    Args:
        pull: What its connector says.
        rows: What it has, by stream, in the order in which it was made.
        most: Records a page, whatever is asked for.

    Attributes:
        requests: How often each path was asked for.
        urls: What was asked for, in order, without the host.
        faults: What happens to the next requests, one each; then all is well.
        before: Called with each request's number, from 1, before it is answered.
        token: The token that is good now.
    """

    def __init__(self, pull: Pull, rows: Mapping[str, list[Row]], most: int = 1000) -> None:
        self.pull, self.rows, self.most = pull, dict(rows), most
        self.urls: list[str] = []
        self.requests: Counter[str] = Counter()
        self.faults: list[Any] = []
        self.before: Callable[[int], None] = lambda _: None
        self.token = TOKEN

    @property
    def secret(self) -> str:
        """What Secrets Manager holds for it."""
        match self.pull.auth.kind:
            case AuthKind.BASIC:
                return json.dumps({"user": USER, "password": PASSWORD})
            case AuthKind.CLIENT_CREDENTIALS:
                return json.dumps({"client_id": USER, "client_secret": PASSWORD})
            case _:
                member = self.pull.auth.member
                return json.dumps({member: self.token}) if member else self.token

    def answer(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> Reply:
        """The answer to a request, when all is well."""
        parts = urlsplit(url)
        if self.pull.auth.token_url and method == "POST" and parts.path == urlsplit(self.pull.auth.token_url).path:
            return self._sold(body)
        if not self._knows(headers):
            return Reply(401, b'{"error": "who are you?"}')
        for name, stream in self.pull.streams.items():
            if parts.path == urlsplit(f"{self.pull.address}/{stream.path}".rstrip("/")).path:
                return self._page(name, stream, dict(parse_qsl(parts.query, keep_blank_values=True)), parts.path)
        return Reply(404, b'{"error": "no such page"}')

    def _sold(self, body: bytes) -> Reply:
        asked = dict(parse_qsl(body.decode()))
        if (asked.get("grant_type"), asked.get("client_id"), asked.get("client_secret")) != (
            "client_credentials", USER, PASSWORD,
        ):  # fmt: skip
            return Reply(401, b'{"error": "invalid_client"}')
        return _json({"access_token": self.token, "token_type": "Bearer", "expires_in": 60})

    def _knows(self, headers: Mapping[str, str]) -> bool:
        auth = self.pull.auth
        match auth.kind:
            case AuthKind.NONE:
                return True
            case AuthKind.HEADER:
                return headers.get(auth.header) == f"{auth.prefix}{self.token}"
            case AuthKind.BASIC:
                pair = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
                return headers.get("Authorization") == f"Basic {pair}"
            case AuthKind.CLIENT_CREDENTIALS:
                return headers.get("Authorization") == f"Bearer {self.token}"

    def _page(self, name: str, stream: Stream, query: dict[str, str], path: str) -> Reply:
        pages = stream.pages
        asked = _unpacked(query.pop(_PLACE)) if pages.kind is Paging.LINK and _PLACE in query else query
        rows = _within(stream.incremental, self.rows[name], asked)
        size = min(self.most, int(asked.get(pages.size_parameter or "", self.most)))
        if pages.kind is Paging.PAGE:
            first = (int(asked.get(pages.parameter, pages.first)) - pages.first) * size
        elif pages.kind is Paging.OFFSET:
            first = int(asked.get(pages.parameter, pages.first)) - pages.first
        else:
            first = _behind(stream, rows, asked)
        if pages.kind is Paging.NONE:
            size = len(rows)
        found = rows[first : first + size]
        more = first + size < len(rows)
        headers = {}
        if pages.kind is Paging.LINK and more:
            place = {_PLACE: _packed({**asked, "after": _name(stream, found[-1])})}
            headers["Link"] = f'<https://{self.pull.host}{path}?{urlencode(place)}>; rel="next"'
        if stream.format is not BodyFormat.JSON:
            return Reply(200, _table(stream, found), {**headers, "Content-Type": "text/csv"})
        document: Any = [row.record for row in found]
        if stream.records:
            document = _put({}, stream.records, document)
        if pages.more:
            _put(document, pages.more, more)
        if pages.next:
            _put(document, pages.next, _packed({"after": _name(stream, found[-1])}) if more and found else None)
        return _json(document, headers)


class Handler(BaseHTTPRequestHandler):
    """One connection to the shop."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else each answer waits for 40 ms between its headers and its body
    shop: ClassVar[Shop]
    lock: ClassVar[threading.Lock]

    def do_GET(self) -> None:
        """Answer."""
        self._answer()

    def do_POST(self) -> None:
        """Answer."""
        self._answer()

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        with self.lock:
            shop = self.shop
            shop.urls.append(self.path)
            shop.requests[urlsplit(self.path).path] += 1
            shop.before(len(shop.urls))
            reply = shop.answer(self.command, self.path, dict(self.headers.items()), body)
            fault = shop.faults.pop(0) if shop.faults else None
        changed = fault(self, reply) if fault is not None else reply
        if changed is not None:
            self.send(changed)

    def send(self, reply: Reply) -> None:
        """Send a whole answer."""
        self.send_response(reply.status)
        for name, value in {"Content-Length": str(len(reply.body)), **reply.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(reply.body)

    def log_message(self, *_: Any) -> None:
        """Nothing is logged."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: Any) -> None:
        """A client that goes away is none."""


class Open:
    """A context manager: the shop is open, and the internet knows its hosts.

    Args:
        shop: The shop.
        internet: Where it is known.
        certified: The hosts that its certificate names, if not its own.
        authority: Who signs that, if not the one that is trusted.
    """

    def __init__(self, shop: Shop, internet: Internet, certified: tuple[str, ...] = (), authority: Any = None) -> None:
        self._shop, self._internet = shop, internet
        self._certified = certified or shop.pull.hosts
        self._authority = authority or internet.authority

    def __enter__(self) -> Self:
        """Open."""
        handler = type("ShopHandler", (Handler,), {"shop": self._shop, "lock": threading.Lock()})
        self._server = _Server((LOOPBACK, 0), handler)
        context = self._authority.context(self._certified, self._internet.folder)
        # In the connection's own thread, so that one that says nothing keeps nobody waiting.
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)
        for host in self._shop.pull.hosts:
            self._internet.place(host, self._server.server_address[1])
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Close."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def _within(incremental: Incremental | None, rows: list[Row], asked: Mapping[str, str]) -> list[Row]:
    """The rows of the time that is asked for, oldest change first; all of them, as they were made, if there is none."""
    if incremental is None:
        return list(rows)
    since = _moment(incremental, asked[incremental.since])
    until = _moment(incremental, asked[incremental.until]) if incremental.until else datetime.max.replace(tzinfo=UTC)
    return sorted((row for row in rows if since <= row.at < until), key=lambda row: row.at)


def _moment(incremental: Incremental, text: str) -> datetime:
    match incremental.format:
        case str(form) if form == ISO:
            return datetime.fromisoformat(text)
        case str(form) if form in {EPOCH, EPOCH_MILLIS}:
            return datetime.fromtimestamp(int(text) / (1 if form == EPOCH else 1000), UTC)
        case form:
            read = datetime.strptime(text, form)  # noqa: DTZ007  the zone is the shop's
            return read if read.tzinfo else read.replace(tzinfo=ZoneInfo(incremental.time_zone))


def _behind(stream: Stream, rows: list[Row], asked: Mapping[str, str]) -> int:
    """Where the page behind a record begins: the record may have left meanwhile, but its time has not."""
    pages = stream.pages
    after = asked.get("after") if pages.kind is Paging.LINK else None
    if pages.kind is Paging.CURSOR and (token := asked.get(pages.parameter)):
        if pages.last_record:
            place = [number for number, row in enumerate(rows) if str(_get(row.record, pages.last_record)) == token]
            return place[0] + 1 if place else 0
        after = _unpacked(token)["after"]
    return sum(_name(stream, row) <= after for row in rows) if after else 0


def _name(stream: Stream, row: Row) -> str:
    """Sorts as rows are sorted."""
    return f"{row.at.isoformat()} {row.record.get('id', '')!s:>20}" if stream.incremental else f"{row.record['id']:>20}"


def _get(record: Any, path: str) -> Any:
    for name in path.split("."):
        record = record[name]
    return record


def _put(document: Any, path: str, value: Any) -> Any:
    *folders, last = path.split(".")
    place = document
    for name in folders:
        place = place.setdefault(name, {})
    place[last] = value
    return document


def _packed(place: Mapping[str, str]) -> str:
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode()


def _unpacked(token: str) -> dict[str, str]:
    found: dict[str, str] = json.loads(base64.urlsafe_b64decode(token))
    return found


def _table(stream: Stream, rows: list[Row]) -> bytes:
    text = io.StringIO()
    columns = list(dict.fromkeys(name for row in rows for name in row.record))
    writer = csv.DictWriter(text, columns, delimiter="\t" if stream.format is BodyFormat.TSV else ",")
    writer.writeheader()
    writer.writerows(row.record for row in rows)
    return text.getvalue().encode()


def _json(document: Any, headers: Mapping[str, str] | None = None) -> Reply:
    return Reply(200, json.dumps(document).encode(), {"Content-Type": "application/json", **(headers or {})})
