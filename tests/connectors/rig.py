"""Polls a connector's stream for real over TLS, from a shop on loopback that plays what the connector says."""

from __future__ import annotations

import csv
import io
import json
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError
from watershed import names
from watershed.connectors import pull as reader
from watershed.contracts.document import Report, load
from watershed.poll.client import Client
from watershed.poll.credentials import Credentials
from watershed.poll.message import Poll
from watershed.poll.model import BodyFormat, Pull, Stream
from watershed.poll.run import Poller
from watershed.poll.state import State
from watershed.poll.transport import LARGEST, Patience, Transport
from watershed.settings import Settings

from local.paths import LAKE, ROOT
from local.shop.internet import Internet
from local.shop.server import Open, Row, Shop

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


FOLDERS = (LAKE / "connectors", ROOT / "tests" / "connectors")
SETTINGS = Settings("123456789012", "eu-central-1", ("DE",))
QUICK = Patience(connect=2, silence=0.3, answer=0.8)
DAY = timedelta(days=1)
_ON_ONE_DAY = 5


def pulls() -> dict[str, Pull]:
    """The `pull` part of each connector there is, shipped or not, by the connector's name."""
    found = {}
    for file in sorted(path for folder in FOLDERS for path in folder.glob("*.yaml")):
        pull = read(file)
        if pull is not None:
            found[file.stem] = pull
    return found


def read(file: Path) -> Pull | None:
    report = Report(str(file))
    root = load(file, report, "connector", "source")
    assert root is not None
    assert root.mapping is not None
    part = root.mapping.get("pull")
    found = reader.read(part, report) if part is not None else None
    assert report.findings == []
    return found


class MemoryS3:
    """As `watershed.s3.S3`, in memory.

    Attributes:
        refuse: Called before each write with its key; may raise.
    """

    def __init__(self) -> None:
        self.objects: dict[tuple[str, str], tuple[bytes, str]] = {}
        self.written: list[str] = []
        self.refuse: Callable[[str], None] = lambda _: None

    def read(self, bucket: str, key: str) -> tuple[bytes, str] | None:
        return self.objects.get((bucket, key))

    def put_if(self, bucket: str, key: str, body: bytes, tag: str | None) -> str | None:
        self.refuse(key)
        there = self.objects.get((bucket, key))
        if (there[1] if there else None) != tag:
            return None
        return self._put(bucket, key, body)

    def put_new(self, bucket: str, key: str, body: bytes) -> bool:
        self.refuse(key)
        if (bucket, key) in self.objects:
            return False
        self._put(bucket, key, body)
        return True

    def _put(self, bucket: str, key: str, body: bytes) -> str:
        self.written.append(key)
        self.objects[bucket, key] = (body, f"tag{len(self.written)}")
        return f"tag{len(self.written)}"


@dataclass
class SecretsManager:
    """As boto3's client."""

    values: dict[str, str]
    asked: list[str] = field(default_factory=list)

    def get_secret_value(self, **request: Any) -> dict[str, Any]:
        self.asked.append(request["SecretId"])
        if request["SecretId"] not in self.values:
            raise ClientError({"Error": {"Code": "ResourceNotFoundException"}}, "GetSecretValue")
        return {"SecretString": self.values[request["SecretId"]]}


@dataclass
class Rig:
    """One stream of one connector, its shop, and the AWS that a poll needs."""

    source: str
    pull: Pull
    name: str
    internet: Internet
    shop: Shop
    now: datetime
    s3: MemoryS3 = field(default_factory=MemoryS3)
    waits: list[float] = field(default_factory=list)
    budget: float = 600  # seconds of one poll
    cost: float = 0  # seconds that a request takes, by the clock
    patience: Patience = field(default_factory=Patience)
    largest: int = LARGEST

    def __post_init__(self) -> None:
        self.secrets = SecretsManager({names.pull_secret(self.source): self.shop.secret})
        self.shop.before = lambda _: self._passes(self.cost)

    @property
    def stream(self) -> Stream:
        return self.pull.streams[self.name]

    @property
    def state(self) -> State:
        bucket, key = SETTINGS.bucket(names.Layer.LEDGER), names.poll_state_key(self.source, self.name)
        found = self.s3.read(bucket, key)
        return State.from_json(found[0]) if found else State()

    def poll(self, after: timedelta = timedelta(), asked: datetime | None = None) -> None:
        """Poll once, some time later, as was asked for then or at another time."""
        self.now += after
        begun = self.now
        transport = Transport(self.pull.hosts, self.patience, self.largest)

        def left() -> float:
            return self.budget - (self.now - begun).total_seconds()

        client = Client(
            transport=transport,
            credentials=Credentials(self.pull.auth, names.pull_secret(self.source), self.secrets),
            pause=60 / self.pull.requests_per_minute,
            clock=lambda: self.now,
            sleep=self._sleep,
            left=left,
            jitter=lambda: 1.0,
        )
        poller = Poller(
            source=self.source,
            pull=self.pull,
            settings=SETTINGS,
            s3=self.s3,  # type: ignore[arg-type]
            client=client,
            clock=lambda: self.now,
            has_time=lambda: left() > 0,
        )
        try:
            poller.poll(Poll(self.source, asked or begun))
        finally:
            transport.close()

    def _sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self._passes(seconds)

    def _passes(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    @property
    def keys(self) -> list[str]:
        """Of the raw objects."""
        return sorted(key for bucket, key in self.s3.objects if bucket == SETTINGS.bucket(names.Layer.RAW))

    def read_rows(self) -> list[dict[str, Any]]:
        """What raw holds, with repeats, as the shop's records, split as the connector says; CSV's values are text."""
        return [
            row for key in self.keys for row in self._rows(self.s3.objects[SETTINGS.bucket(names.Layer.RAW), key][0])
        ]

    def _rows(self, body: bytes) -> Iterator[dict[str, Any]]:
        if self.stream.format is BodyFormat.JSON:
            return (json.loads(line) for line in body.splitlines())
        delimiter = "\t" if self.stream.format is BodyFormat.TSV else ","
        return iter(csv.DictReader(io.StringIO(body.decode()), delimiter=delimiter))

    def names_as_they_came(self, number: int) -> list[str]:
        """What raw calls a record, in the order in which its objects were written."""
        raw = SETTINGS.bucket(names.Layer.RAW)
        written = [key for key in self.s3.written if (raw, key) in self.s3.objects]
        rows = [row for key in written for row in self._rows(self.s3.objects[raw, key][0])]
        return [str(row["name"]) for row in rows if str(row["id"]) == str(number)]

    def has_all(self) -> bool:
        """Whether every record as the shop has it now is in raw."""
        found = self.read_rows()
        return all(self.kept(row.record) in found for row in self.shop.rows[self.name])

    def kept(self, record: dict[str, Any]) -> dict[str, Any]:
        """A record as raw has it: in a table everything is text."""
        return record if self.stream.format is BodyFormat.JSON else {name: str(each) for name, each in record.items()}


def start_of(stream: Stream) -> datetime:
    return stream.incremental.first if stream.incremental else datetime(2026, 1, 1, tzinfo=UTC)


def rows(stream: Stream, count: int) -> list[Row]:
    """Rows as a connector's stream has them: some changed on the first day, the others on a day of their own."""
    return [Row(start_of(stream) + _age(number), record(stream, number)) for number in range(count)]


def _age(number: int) -> timedelta:
    return (number + 1) * timedelta(hours=1) if number < _ON_ONE_DAY else (number - 3) * DAY


def record(stream: Stream, number: int) -> dict[str, Any]:
    found: dict[str, Any] = {"id": 1000 + number, "name": f"n{number}"}
    if stream.pages.last_record:
        found[stream.pages.last_record] = 1000 + number
    return found


@contextmanager
def rig(
    internet: Internet, source: str, pull: Pull, name: str, count: int = 7, *, most: int = 3, **certified: Any
) -> Iterator[Rig]:
    """A rig whose shop is open, ten days after the stream's start.

    Args:
        internet: Where the shop is known.
        source: The connector's name.
        pull: Its part.
        name: Of the stream.
        count: How many records there are.
        most: How many the shop gives a page.
        certified: See `Open`.
    """
    alone = replace(pull, streams={name: pull.streams[name]})
    shop = Shop(alone, {name: rows(alone.streams[name], count)}, most)
    internet.names.clear()
    internet.routes.clear()
    internet.asked.clear()
    internet.connected.clear()
    with Open(shop, internet, **certified):
        yield Rig(source, alone, name, internet, shop, start_of(alone.streams[name]) + 10 * DAY)
