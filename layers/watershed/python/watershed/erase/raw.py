"""Raw's side of an erasure: each object's remainder is put beside it, then the object goes for good."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from watershed import remainder
from watershed.bronze.route import route
from watershed.contracts.model import Contract
from watershed.erase.rewrite import rewritten
from watershed.erase.store import Store
from watershed.errors import ConfigurationError, Terminal
from watershed.names import Layer

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from watershed.erase.plan import Affected

_FEW = 5  # objects that an error names


@dataclass(frozen=True)
class Raw:
    """One region's raw bucket.

    Args:
        store: The region's buckets.
        contracts: All of the lake's, by dataset.
    """

    store: Store
    contracts: Mapping[str, Contract]

    @property
    def bucket(self) -> str:
        """Its name."""
        return self.store.settings.bucket(Layer.RAW)

    def require_deletable(self, objects: Iterable[Affected], now: datetime) -> None:
        """Check that no object is locked.

        Raises:
            ConfigurationError: naming those that are.
        """
        locked = [each for each in objects if each.place and self._is_locked(each.place, now)]
        if locked:
            named = ", ".join(f"{each.key} ({each.version})" for each in locked[:_FEW])
            raise ConfigurationError(
                f"Object Lock holds {len(locked)} raw objects that are to be erased: {named}. Nothing was changed.",
                remedy="Wait until their retention ends, or have whoever may do so lift it.",
            )

    def require_rewritable(self, objects: Iterable[Affected]) -> None:
        """Check that each object can be written without its rows.

        Raises:
            Terminal: about the first that cannot.
        """
        for each in objects:
            self._remainder(each)

    def is_current(self, place: tuple[str, str]) -> bool:
        """Whether nothing lies above the object version in raw."""
        return any(each["IsLatest"] for each in self.store.versions(self.bucket, place[0])
                   if each["VersionId"] == place[1])  # fmt: skip

    def erase(self, affected: Affected) -> None:
        """Put the remainder of an object, then delete what it was; nothing if that is done.

        What lay below a later version, and so was to be let go, lies below a delete marker afterwards.
        """
        body = self._remainder(affected)
        if affected.place is None or body is None:
            return
        of = affected.identity(self.bucket)
        key = remainder.key(of)
        made = self.store.s3.put(self.bucket, key, body, remainder.metadata(of))
        if not affected.is_current:
            self.store.s3.delete(self.bucket, [key])
        for each in list(self.store.versions(self.bucket, key)):  # of an attempt before, or of another person's erasure
            if each["VersionId"] != made and (each.get("Size") is not None or not each["IsLatest"]):
                self.store.s3.delete_version(self.bucket, key, each["VersionId"])
        self.store.s3.delete_version(self.bucket, *affected.place)

    def _remainder(self, affected: Affected) -> bytes | None:
        """The object without its rows; None if raw does not have it, or not any more."""
        if affected.place is None or self.store.s3.facts(self.bucket, *affected.place) is None:
            return None
        chosen = route(affected.key, self.store.settings.region, self.contracts)
        with self.store.s3.open(self.bucket, *affected.place) as stream:
            body = stream.read()
        try:
            return rewritten(body, chosen, affected.rows)
        except Terminal as error:
            raise Terminal(f"{affected.key} ({affected.version}): {error.message}", remedy=error.remedy) from error

    def _is_locked(self, place: tuple[str, str], now: datetime) -> bool:
        facts = self.store.s3.facts(self.bucket, *place) or {}
        until = facts.get("ObjectLockRetainUntilDate")
        return facts.get("ObjectLockLegalHoldStatus") == "ON" or (until is not None and until > now)
