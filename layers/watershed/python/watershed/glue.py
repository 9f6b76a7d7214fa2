"""Glue's tables, one at a time: looked at, made, or replaced if nobody else has replaced them since."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

HIVE_TYPES = {"varchar": "string", "integer": "int"}  # what Athena calls differently from Glue


@dataclass(frozen=True)
class Glue:
    """A region's Glue catalog.

    Args:
        client: boto3's `glue` client.
    """

    client: Any

    def get(self, database: str, name: str) -> dict[str, Any] | None:
        """Glue's description of a table or view, or None."""
        try:
            table: dict[str, Any] = self.client.get_table(DatabaseName=database, Name=name)["Table"]
        except self.client.exceptions.EntityNotFoundException:
            return None
        return {"Parameters": {}, **table}

    def put(self, database: str, current: dict[str, Any] | None, table: dict[str, Any]) -> bool:
        """Create the table, or replace exactly the version that was read; False if somebody was faster.

        Args:
            database: The table's.
            current: What `get` gave.
            table: Glue's `TableInput`.
        """
        errors = self.client.exceptions
        if current is None:
            try:
                self.client.create_table(DatabaseName=database, TableInput=table)
            except errors.AlreadyExistsException:
                return False
            return True
        version = current["VersionId"]
        try:
            self.client.update_table(DatabaseName=database, TableInput=table, VersionId=version, SkipArchive=True)
        except (errors.ConcurrentModificationException, errors.EntityNotFoundException):
            return False
        return True
