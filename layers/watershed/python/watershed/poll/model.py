"""How a source is asked, as data: the part `pull` of its connector."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from urllib.parse import urlsplit

ISO, EPOCH, EPOCH_MILLIS = "iso", "epoch", "epochMillis"  # formats of times that strftime has no word for


class AuthKind(StrEnum):
    """How a request proves who asks."""

    NONE = "none"
    HEADER = "header"
    BASIC = "basic"
    CLIENT_CREDENTIALS = "clientCredentials"


class Paging(StrEnum):
    """How the next page is asked for."""

    NONE = "none"  # there is one page
    LINK = "link"  # the answer's Link header, rel="next"
    CURSOR = "cursor"  # a value in the answer, or of its last record
    PAGE = "page"  # a page's number
    OFFSET = "offset"  # how many records to leave out


POSITIONAL = frozenset({Paging.PAGE, Paging.OFFSET})  # whose pages shift when a record comes or goes


class BodyFormat(StrEnum):
    """What an answer holds. The value is the raw object's ending."""

    JSON = "jsonl"  # records, which are kept one a line
    CSV = "csv"  # kept as it came
    TSV = "tsv"


@dataclass(frozen=True)
class Auth:
    """How requests are authorized.

    What it takes is in Secrets Manager, under `names.pull_secret`.

    Args:
        kind: The way.
        member: The member of the secret's JSON that holds the token; None: the secret is the token.
        header: `header`: the header that carries it.
        prefix: `header`: what stands before it, e.g. `Bearer `.
        token_url: `clientCredentials`: where a token is had.
        scope: `clientCredentials`: what the token is to be good for.
    """

    kind: AuthKind = AuthKind.NONE
    member: str | None = None
    header: str = "Authorization"
    prefix: str = ""
    token_url: str = ""
    scope: str = ""


@dataclass(frozen=True)
class Pages:
    """How one stream's pages follow each other.

    Args:
        kind: The way.
        parameter: `cursor`, `page`, `offset`: the query parameter that says which page.
        next: `cursor`: where in the answer the next page's cursor is, with dots.
        last_record: `cursor`: the field of the last record that is the next page's cursor, instead of `next`.
        more: Where the answer says whether there is more; None: it does not.
        first: `page`: the first page's number; `offset`: the first record's.
        size_parameter: The query parameter for records a page; None: the source decides.
        size: Records a page.
    """

    kind: Paging = Paging.NONE
    parameter: str = ""
    next: str | None = None
    last_record: str | None = None
    more: str | None = None
    first: int = 1
    size_parameter: str | None = None
    size: int | None = None


@dataclass(frozen=True)
class Incremental:
    """How one stream is asked for what changed within a time.

    Args:
        start: The first moment to ask for, ISO 8601 with its zone.
        since: The query parameter for the beginning of the time.
        until: The query parameter for its end; None: there is none, and everything since is given.
        format: `iso` (UTC with `Z`), `epoch`, `epochMillis`, or what strftime takes.
        time_zone: IANA name, of formats without an offset.
        overlap: Seconds of the time before that are asked for once more.
        window: The most seconds that are asked for at once; None: everything.
    """

    start: str
    since: str
    until: str | None = None
    format: str = ISO
    time_zone: str = "UTC"
    overlap: int = 0
    window: int | None = None

    @property
    def first(self) -> datetime:
        """`start`: UTC, with its zone."""
        return datetime.fromisoformat(self.start).astimezone(UTC)


@dataclass(frozen=True)
class Stream:
    """One kind of record of a source.

    Args:
        dataset: Whose contract reads it.
        path: Below the source's address.
        parameters: Query parameters of every request.
        format: What answers hold.
        records: Where in a JSON answer the array of records is, with dots; empty: the answer is the array.
        pages: How pages follow each other.
        incremental: How to ask for what changed; None: all of it, each time.
    """

    dataset: str
    path: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    format: BodyFormat = BodyFormat.JSON
    records: str = ""
    pages: Pages = Pages()
    incremental: Incremental | None = None


@dataclass(frozen=True)
class Pull:
    """How one source is asked.

    Args:
        address: `https://host/path`, without a slash at its end.
        every: Minutes between two polls.
        auth: How requests are authorized.
        streams: By name.
        requests_per_minute: At most.
        alarm_after: Hours of failing after which an alarm rings.
        paused: Whether the schedule is off.
    """

    address: str
    every: int
    auth: Auth
    streams: dict[str, Stream]
    requests_per_minute: int = 60
    alarm_after: int = 6
    paused: bool = False

    @property
    def host(self) -> str:
        """Where rows are asked for."""
        return urlsplit(self.address).hostname or ""

    @property
    def hosts(self) -> tuple[str, ...]:
        """Everything that polling this source may reach."""
        token = urlsplit(self.auth.token_url).hostname
        return tuple(dict.fromkeys([self.host, *([token] if token else [])]))

    @property
    def datasets(self) -> tuple[str, ...]:
        """Those that it fills."""
        return tuple(dict.fromkeys(stream.dataset for stream in self.streams.values()))
