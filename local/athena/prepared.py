"""Prepared statements, kept in moto's own dictionary, so that they go when moto is reset."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from local.athena.errors import StatementFailed

if TYPE_CHECKING:
    from moto.athena.models import AthenaBackend
    from watershed.clock import Clock


@dataclass(frozen=True)
class Prepared:
    """One prepared statement."""

    name: str
    workgroup: str
    sql: str
    description: str
    modified: datetime


class MotoPreparedStatements:
    """The prepared statements of one account and region; each workgroup has names of its own."""

    def __init__(self, backend: AthenaBackend, clock: Clock) -> None:
        self._kept: dict[tuple[str, str], Prepared] = backend.prepared_statements
        self._clock = clock

    def names(self, workgroup: str) -> list[str]:
        """The names in a workgroup."""
        return sorted(name for group, name in list(self._kept) if group == workgroup)

    def put(self, workgroup: str, name: str, sql: str) -> None:
        """Keep one.

        Raises:
            StatementFailed: `ALREADY_EXISTS`.
        """
        if (workgroup, name) in self._kept:
            raise StatementFailed("ALREADY_EXISTS", f"Prepared statement already exists: {name}")
        self.replace(workgroup, name, sql, "")

    def replace(self, workgroup: str, name: str, sql: str, description: str) -> None:
        """Keep one, whether or not there was one."""
        self._kept[workgroup, name] = Prepared(name, workgroup, sql, description, self._clock())

    def find(self, workgroup: str, name: str) -> Prepared | None:
        """One with all that is known of it, or None."""
        return self._kept.get((workgroup, name))

    def get(self, workgroup: str, name: str) -> str | None:
        """Its text, or None."""
        kept = self.find(workgroup, name)
        return kept.sql if kept else None

    def remove(self, workgroup: str, name: str) -> bool:
        """Forget it; False if there was none."""
        return self._kept.pop((workgroup, name), None) is not None
