"""A table's view in any time zone, as the catalog carries it: complete but for the zone and the as-of day."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from watershed import names

if TYPE_CHECKING:
    from datetime import date

AS_OF, TIME_ZONE = "{as_of}", "{time_zone}"  # what the SQL holds, inside quotes, where these go

_UTC = re.compile(r"\bUTC\b")


@dataclass(frozen=True)
class ViewColumn:
    """One column of a view, called as the table's."""

    name: str
    type: str  # Trino's name, e.g. timestamp(6)
    description: str


@dataclass(frozen=True)
class ZonedView:
    """What readers of a table see in a time zone instead: the same columns and keys.

    Attributes:
        database: Of the table, and of its views.
        table: The table's name.
        description: Of the table.
        owner: Who answers for it.
        columns: The table's, in its order.
        sql: One SELECT in Athena's dialect, with `{time_zone}` and `{as_of}` where a zone's name and an ISO date go.
    """

    database: str
    table: str
    description: str
    owner: str
    columns: tuple[ViewColumn, ...]
    sql: str

    def name(self, zone: str) -> str:
        """What the view is called in `zone`."""
        return names.zoned(self.table, zone)

    def within(self, zone: str, as_of: date) -> ZonedView:
        """The view in one time zone.

        Args:
            zone: Its IANA name, one that the app's configuration allows: such names hold no quote.
            as_of: The day that open periods run to.
        """
        return replace(
            self,
            description=f"{_UTC.sub(zone, self.description)} Days and times are those of {zone}.",
            columns=tuple(replace(column, description=_UTC.sub(zone, column.description)) for column in self.columns),
            sql=self.sql.replace(TIME_ZONE, zone).replace(AS_OF, as_of.isoformat()),
        )
