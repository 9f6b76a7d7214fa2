"""Puts views in the Glue catalog, in the shape that Athena gives those that CREATE VIEW makes."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from watershed import names
from watershed.errors import CommitConflict, Terminal
from watershed.glue import HIVE_TYPES, Glue
from watershed.zones.view import ZonedView

STARTED, DESCRIPTION = "watershed_view_started", "watershed_description"  # table parameters
VIRTUAL = "VIRTUAL_VIEW"
ATTEMPTS = 10

_LONGEST_COMMENT = 255  # Glue's limit, in characters
_DIGITS = re.compile(r"^timestamp\(\d\)$")


@dataclass(frozen=True)
class Views:
    """A region's views.

    Args:
        client: boto3's `glue` client.
        views: What there is to show, by the table as `database.table`.
        zones: The region's time zones, by IANA name.
    """

    client: Any
    views: Mapping[str, ZonedView]
    zones: Sequence[str]

    @property
    def _glue(self) -> Glue:
        return Glue(self.client)

    def put(self, table: str, as_of: date, started: datetime) -> None:
        """Make or replace the views of a table, one a zone; none if it has neither days nor times.

        A view that was put by what started later stays. So does one of a silver table that lacks a column yet: the next
        commit brings the column, and readers keep what they have until then.

        Args:
            table: As `database.table`; it is there.
            as_of: The day that open periods run to.
            started: When the refresh or statement began that this belongs to.

        Raises:
            CommitConflict: if others changed a view each time in between.
            Terminal: if a table has the view's name.
        """
        view = self.views.get(table)
        if view is None or not self.zones or not self._has_columns(view):
            return
        for zone in self.zones:
            self._put(view.database, view.name(zone), view.within(zone, as_of), started)

    def of_silver(self, changed: Collection[str]) -> list[str]:
        """Which of silver's tables among `changed` have views, as `silver.<table>`; all that have if none is named."""
        silver = [table for table, view in self.views.items() if view.database == names.SILVER_DB]
        return [table for table in silver if not changed or table in changed]

    def _has_columns(self, view: ZonedView) -> bool:
        if view.database != names.SILVER_DB:
            return True
        table = self._glue.get(view.database, view.table)
        return table is not None and {column.name for column in view.columns} <= _present(table)

    def _put(self, database: str, name: str, view: ZonedView, started: datetime) -> None:
        text = started.astimezone(UTC).isoformat(timespec="microseconds")
        for _ in range(ATTEMPTS):
            current = self._glue.get(database, name)
            if current and current.get("TableType") != VIRTUAL:
                raise Terminal(
                    f"{database}.{name} is a table, and the view of {database}.{view.table} is called so.",
                    remedy="Call the table otherwise.",
                )
            if current and current["Parameters"].get(STARTED, "") > text:
                return
            if self._glue.put(database, current, table_input(name, view, {STARTED: text})):
                return
        raise CommitConflict(
            f"The view {database}.{name} was changed by others {ATTEMPTS} times in a row.",
            remedy="The queue repeats the message; find out who else writes the view.",
        )


def table_input(name: str, view: ZonedView, parameters: Mapping[str, str]) -> dict[str, Any]:
    """Glue's `TableInput` of a view that is complete, called `name`."""
    value = {
        "originalSql": view.sql,
        "catalog": "awsdatacatalog",
        "schema": view.database,
        "columns": [{"name": column.name, "type": column.type} for column in view.columns],
    }
    return {
        "Name": name,
        "Owner": view.owner or names.PREFIX,  # Trino runs no view of nobody's
        "TableType": VIRTUAL,
        # No `Description`: Trino takes it for the comment, and by this comment alone knows a view of its own.
        "Parameters": {"presto_view": "true", "comment": "Presto View", DESCRIPTION: view.description, **parameters},
        "PartitionKeys": [],
        "ViewOriginalText": f"/* Presto View: {base64.b64encode(json.dumps(value).encode()).decode()} */",
        "ViewExpandedText": "/* Presto View */",
        "StorageDescriptor": {
            "Columns": [
                {
                    "Name": column.name,
                    "Type": _glue_type(column.type),
                    "Comment": column.description[:_LONGEST_COMMENT],
                }
                for column in view.columns
            ],
            "SerdeInfo": {},
        },
    }


def _present(table: dict[str, Any]) -> set[str]:
    """The columns that a silver table has; Glue lists those that it had before as well."""
    columns = (table.get("StorageDescriptor") or {}).get("Columns") or []
    return {
        column["Name"] for column in columns if (column.get("Parameters") or {}).get("iceberg.field.current") != "false"
    }


def _glue_type(kind: str) -> str:
    return "timestamp" if _DIGITS.match(kind) else HIVE_TYPES.get(kind, kind)
