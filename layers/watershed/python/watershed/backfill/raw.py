"""The raw objects that a backfill reads again, found in the bucket, and the manifest that lists them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from watershed import names, remainder
from watershed.bronze.event import Arrival, again
from watershed.bronze.route import route
from watershed.contracts.model import Contract
from watershed.errors import FileRejected
from watershed.listing import Listing
from watershed.object_version import ObjectVersion

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from watershed.backfill.bronze import Window


@dataclass(frozen=True, order=True)
class RawObject:
    """One version of a raw object; they sort by when they came."""

    came: datetime  # LastModified: UTC, with its zone
    bucket: str
    key: str
    version: str
    size: int  # bytes
    place: tuple[str, str] | None = None  # as ObjectVersion.place

    @property
    def batch_id(self) -> str:
        """Identity of the object version, as bronze gives it."""
        return names.batch_id(self.bucket, self.key, self.version)


@dataclass(frozen=True)
class RawBucket:
    """A region's raw bucket.

    Args:
        client: boto3's `s3` client.
        name: The bucket.
        region: The AWS region.
        contracts: All of the lake's, by dataset.
    """

    client: Any
    name: str
    region: str
    contracts: Mapping[str, Contract]

    def objects(self, dataset: str, window: Window) -> list[RawObject]:
        """The versions that belong to the dataset and came in the window, oldest first.

        A file that was overwritten counts with each of its versions; one that was deleted is not read again.
        """
        found = [each for each in self._standing(dataset) if window.since <= each.came.date() <= window.until]
        return sorted(each for each in found if self._dataset(each.key) == dataset)

    def _standing(self, dataset: str) -> Iterator[RawObject]:
        """All versions that nobody deleted, in the places where the dataset's files may be."""
        versions: list[dict[str, Any]] = []
        deleted: dict[str, datetime] = {}
        pages = self.client.get_paginator("list_object_versions")
        # Its folder; files that a name alone assigns; what is left of files from which rows were erased.
        for place in ({"Prefix": f"{dataset}/"}, {"Delimiter": "/"}, {"Prefix": remainder.PREFIX}):
            for page in pages.paginate(Bucket=self.name, **place):
                versions += page.get("Versions", [])
                for marker in page.get("DeleteMarkers", []):
                    deleted[marker["Key"]] = max(marker["LastModified"], deleted.get(marker["Key"], _EVER))
        listing = Listing(self.client)
        for each in versions:
            found = ObjectVersion(self.name, each["Key"], each["VersionId"], each["Size"], each["LastModified"])
            of = listing.resolved(found)
            came = of.last_modified.astimezone(UTC)
            if (each["IsLatest"] and of.place is None) or came > deleted.get(of.key, _EVER):
                yield RawObject(came, self.name, of.key, of.version, of.size, of.place)

    def _dataset(self, key: str) -> str | None:
        try:
            return route(key, self.region, self.contracts).contract.name
        except FileRejected:
            return None


def manifest(objects: Iterable[RawObject], replay: str) -> str:
    """A JSON array with an item an object: its batch id, and the message by which bronze lands it again."""
    return json.dumps([{"id": each.batch_id, "body": again(_arrival(each, replay))} for each in objects])


def by_day(objects: Iterable[RawObject]) -> dict[date, tuple[int, int]]:
    """How many objects came each day, UTC, and their bytes."""
    objects = list(objects)
    counts, sizes = Counter(each.came.date() for each in objects), Counter[Any]()
    for each in objects:
        sizes[each.came.date()] += each.size
    return {day: (counts[day], sizes[day]) for day in sorted(counts)}


def _arrival(each: RawObject, replay: str) -> Arrival:
    key, version = each.place or (each.key, each.version)
    return Arrival(each.bucket, key, version, each.size, replay)


_EVER = datetime.min.replace(tzinfo=UTC)
