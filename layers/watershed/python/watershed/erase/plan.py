"""What is to be erased and how far that is: written down before anything is changed, and in the end the receipt.

It names objects, row numbers and counts. Who the person is, it says only as a keyed hash; of rows, it holds no value.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from watershed import names
from watershed.listing import Listing
from watershed.names import Layer
from watershed.object_version import ObjectVersion
from watershed.s3 import S3
from watershed.settings import Settings

if TYPE_CHECKING:
    from watershed.erase.subject import Subject

PREFIX = "erasures/"  # of the ledger bucket
_KEY = "_erasures/key"  # of the bronze bucket: who reads that reads the rows themselves
_KEY_BYTES = 32


@dataclass
class Affected:
    """One raw object that held rows about the person.

    Attributes:
        dataset: Its contract's name.
        key: The object's key, as it came.
        version: The object's version, as it came.
        came: When it arrived: ISO 8601, UTC.
        place: Key and version in raw when this was planned; None if raw had let it go.
        rows: Numbers of the rows, good and bad.
        is_current: Whether nothing lay above it in raw: what does not is let go after a time.
        good: Part -> those of them that bronze holds.
    """

    dataset: str
    key: str
    version: str
    came: str
    place: tuple[str, str] | None
    rows: list[int]
    is_current: bool = True
    good: dict[int, list[int]] = field(default_factory=dict)

    def identity(self, bucket: str) -> ObjectVersion:
        """The object version, as it came."""
        return ObjectVersion(bucket, self.key, self.version, 0, datetime.fromisoformat(self.came))

    def batch(self, bucket: str) -> str:
        """Its batch id, given raw's bucket."""
        return names.batch_id(bucket, self.key, self.version)


@dataclass
class Receipt:
    """One erasure.

    Attributes:
        id: Unique, sorted by time.
        column: By which the person is known.
        fingerprint: `Subject.fingerprint`.
        started: ISO 8601, UTC.
        datasets: Those that held rows about the person.
        objects: Raw objects that did.
        not_searched: Raw objects, as `key (version)`, that bronze cannot read, and tables that no contract or model has
            any more: nobody knows what they hold.
        before: Store -> how many rows were there, before anything was changed.
        snapshots: Silver's table -> how many snapshots it knew; it forgets them all.
        ledger: Key -> entries, as they must be afterwards; emptied at the end.
        steps: What is done -> counts of what its last attempt did.
        after: As `before`, in the end.
        proof: Statements that count what is left, each with its result.
        ended: ISO 8601, UTC; empty: it did not end.
    """

    id: str
    column: str
    fingerprint: str
    started: str
    datasets: list[str]
    objects: list[Affected]
    not_searched: list[str]
    before: dict[str, int]
    snapshots: dict[str, int] = field(default_factory=dict)
    ledger: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    steps: dict[str, dict[str, int]] = field(default_factory=dict)
    after: dict[str, int] = field(default_factory=dict)
    proof: list[dict[str, Any]] = field(default_factory=list)
    ended: str = ""

    @property
    def object_key(self) -> str:
        """Where it lies in the ledger bucket."""
        return f"{PREFIX}{self.fingerprint}/{self.id}.json"

    def to_json(self) -> str:
        """The document."""
        return json.dumps(asdict(self), indent=1, sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> Receipt:
        """The inverse of `to_json`."""
        value = json.loads(text)
        objects = [
            Affected(**{
                **each,
                "place": tuple(each["place"]) if each["place"] else None,
                "good": {int(part): rows for part, rows in each["good"].items()},
            })
            for each in value.pop("objects")
        ]  # fmt: skip
        return cls(**value, objects=objects)


@dataclass(frozen=True)
class Receipts:
    """The receipts of one region, in its ledger bucket."""

    s3: S3
    listing: Listing
    settings: Settings

    def fingerprint(self, subject: Subject) -> str:
        """The hash that names the person, by a key that is made when it is first needed."""
        bucket = self.settings.bucket(Layer.BRONZE)
        self.s3.put_new(bucket, _KEY, secrets.token_bytes(_KEY_BYTES))
        with self.s3.open(bucket, _KEY) as stream:
            return subject.fingerprint(stream.read())

    def of(self, fingerprint: str) -> list[Receipt]:
        """What was written about the person, oldest first."""
        return self._under(f"{PREFIX}{fingerprint}/")

    def unfinished(self, but: str) -> list[Receipt]:
        """Erasures that did not end, of anybody but the person with this fingerprint."""
        return [each for each in self._under(PREFIX) if not each.ended and each.fingerprint != but]

    def _under(self, prefix: str) -> list[Receipt]:
        bucket = self.settings.bucket(Layer.LEDGER)
        found = []
        for key in sorted(self.listing.keys(bucket, prefix)):
            with self.s3.open(bucket, key) as stream:
                found.append(Receipt.from_json(stream.read().decode()))
        return found

    def save(self, receipt: Receipt) -> datetime:
        """Write it; when S3 says that it was written, UTC."""
        bucket = self.settings.bucket(Layer.LEDGER)
        self.s3.put(bucket, receipt.object_key, receipt.to_json().encode())
        with self.s3.open(bucket, receipt.object_key) as stream:
            return stream.version.last_modified
