"""One HTTPS request to one host: to the address that was checked, without redirects, bounded in size and time."""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import urllib3
from urllib3 import exceptions
from urllib3.connection import HTTPSConnection

from watershed.poll.address import PORT, resolve
from watershed.poll.failure import Cause, PollFailed

LARGEST = 64 * 1024**2  # bytes of an answer, unpacked
_CHUNK = 64 * 1024
_REDIRECTS = range(300, 400)


@dataclass(frozen=True)
class Patience:
    """How long a source may take, in seconds."""

    connect: float = 10
    silence: float = 30  # between two pieces of an answer
    answer: float = 120  # for all of it, however steadily it trickles


@dataclass(frozen=True)
class Answer:
    """What a source said."""

    status: int
    headers: Mapping[str, str]  # upper and lower case are one
    body: bytes

    @property
    def ends_itself(self) -> bool:
        """Whether HTTP told where the body ends, so that one that was cut off could not look whole."""
        return "content-length" in self.headers or "chunked" in self.headers.get("transfer-encoding", "").lower()


class Transport:
    """Connections to the hosts of one source. Each name is looked up once, and its address kept: use it for one poll.

    Args:
        hosts: The only ones that are ever reached.
        patience: How long they may take.
        largest: The most bytes of an answer.
        lookup: The address of a host.
    """

    def __init__(
        self,
        hosts: Collection[str],
        patience: Patience = Patience(),
        largest: int = LARGEST,
        lookup: Callable[[str], str] = resolve,
    ) -> None:
        self._hosts = frozenset(hosts)
        self._patience = patience
        self._largest = largest
        self._lookup = lookup
        self._pools: dict[str, urllib3.HTTPSConnectionPool] = {}

    def request(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None = None) -> Answer:
        """Ask once.

        Raises:
            PollFailed: if the address is none of the source's, or no whole answer comes.
        """
        host, target = self._parsed(url)
        pool = self._pools.get(host) or self._pool(host)
        sent = {"Accept-Encoding": "gzip", "User-Agent": "watershed", **headers, "Host": host}
        with _Watch(self._patience.answer) as watch:
            try:
                answer = self._exchange(pool, method, target, sent, body)
            except PollFailed:
                raise
            except Exception as error:
                cause, what = (Cause.SLOW, "did not end an answer in time") if watch.cut else _why(error)
                if cause is Cause.UNFORESEEN:
                    raise
                # Not from the error: its text quotes addresses, queries and headers.
                raise PollFailed(cause, f"{host} {what}.") from None
        if answer.status in _REDIRECTS:
            raise PollFailed(Cause.REDIRECTED, f"{host} answered {answer.status}: ask elsewhere. That is not followed.")
        return answer

    def close(self) -> None:
        """End all connections."""
        for pool in self._pools.values():
            pool.close()
        self._pools.clear()

    def _parsed(self, url: str) -> tuple[str, str]:
        """The host, and what is asked of it."""
        try:
            parts = urlsplit(url)
            host, port = parts.hostname or "", parts.port
        except ValueError:
            parts, host, port = urlsplit(""), "", None
        own = parts.scheme == "https" and host in self._hosts and port in {None, PORT} and "@" not in parts.netloc
        if not own or not url.isascii() or any(sign.isspace() for sign in url):
            raise PollFailed(Cause.REDIRECTED, "The source names an address that is not its connector's.")
        return host, f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}"

    def _pool(self, host: str) -> urllib3.HTTPSConnectionPool:
        pool = urllib3.HTTPSConnectionPool(
            self._lookup(host),
            PORT,
            timeout=urllib3.Timeout(connect=self._patience.connect, read=self._patience.silence),
            maxsize=1,
            ssl_context=ssl.create_default_context(),
            server_hostname=host,
            assert_hostname=host,
        )
        pool.ConnectionCls = _WatchedConnection
        self._pools[host] = pool
        return pool

    def _exchange(
        self,
        pool: urllib3.HTTPSConnectionPool,
        method: str,
        target: str,
        headers: Mapping[str, str],
        body: bytes | None,
    ) -> Answer:
        answer = pool.urlopen(
            method,
            target,
            body=body,
            headers=headers,
            retries=False,
            redirect=False,
            preload_content=False,
            assert_same_host=False,  # the pool's host is the address
        )
        try:
            read = self._bounded(answer.stream(_CHUNK, decode_content=True))
        except BaseException:
            answer.close()  # what is left of it must not be taken for the next one
            raise
        answer.release_conn()
        return Answer(answer.status, answer.headers, read)

    def _bounded(self, pieces: Iterable[bytes]) -> bytes:
        read = bytearray()
        for piece in pieces:
            read += piece
            if len(read) > self._largest:
                raise PollFailed(Cause.TOO_LARGE, f"An answer is larger than {self._largest} bytes.")
        return bytes(read)


_watched = threading.local()  # the watch over this thread's request


class _WholeHeader(http.client.HTTPResponse):
    """An answer whose every header line was understood.

    Behind one that is none, Python leaves all others out: the link to the next page, or the length. urllib3 would go
    on, and quote the lines and the query in a log.
    """

    def begin(self) -> None:
        super().begin()
        if getattr(self.msg, "defects", ()):
            raise PollFailed(Cause.MALFORMED_PAGE, "An answer has a header line that is none.")


class _WatchedConnection(HTTPSConnection):
    """A connection that tells the watch of its socket."""

    response_class = _WholeHeader

    def connect(self) -> None:
        super().connect()
        self._tell()

    def request(self, *arguments: Any, **named: Any) -> None:
        self._tell()  # one that was kept open has its socket already
        super().request(*arguments, **named)

    def _tell(self) -> None:
        watch = getattr(_watched, "watch", None)
        if watch is not None and self.sock is not None:
            watch.socket = self.sock


class _Watch:
    """Cuts a connection after some time: a socket's own time-out begins again with every byte that trickles in."""

    def __init__(self, seconds: float) -> None:
        self.socket: socket.socket | None = None
        self.cut = False
        self._timer = threading.Timer(seconds, self._cut)
        self._timer.daemon = True

    def __enter__(self) -> _Watch:
        _watched.watch = self
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        _watched.watch = None

    def _cut(self) -> None:
        self.cut = True
        if self.socket is not None:
            try:
                # Past TLS, which would answer that another thread is reading.
                socket.socket.shutdown(self.socket, socket.SHUT_RDWR)
            except OSError:
                return


def _why(error: BaseException) -> tuple[Cause, str]:
    """What an error of urllib3 or of the network means; whatever it wraps says more than it does itself."""
    chain = [error]
    while wrapped := getattr(chain[-1], "reason", None) or chain[-1].__cause__ or chain[-1].__context__:
        if not isinstance(wrapped, BaseException) or wrapped in chain:
            break
        chain.append(wrapped)
    for kinds, cause, what in _KINDS:
        if any(isinstance(each, kinds) for each in chain):
            return cause, what
    return Cause.UNFORESEEN, ""


_CUT = (Cause.CUT_OFF, "broke off an answer")
_KINDS: tuple[tuple[tuple[type[BaseException], ...], Cause, str], ...] = (
    ((ssl.SSLCertVerificationError,), Cause.UNTRUSTED, "could not prove by TLS that it is itself"),
    ((ssl.SSLEOFError, ssl.SSLZeroReturnError), *_CUT),
    ((exceptions.SSLError, ssl.SSLError), Cause.UNTRUSTED, "does not speak TLS as it must"),
    ((exceptions.NewConnectionError, exceptions.ConnectTimeoutError), Cause.UNREACHABLE, "takes no connection"),
    ((exceptions.TimeoutError, TimeoutError), Cause.SLOW, "fell silent"),
    ((exceptions.DecodeError,), Cause.MALFORMED_PAGE, "sent an answer that cannot be unpacked"),
    ((exceptions.HTTPError, http.client.HTTPException, OSError), *_CUT),
)
