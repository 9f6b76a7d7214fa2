"""The Glue tables of gold: whether a table exists, and the switch that makes readers see a new run, all or nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from watershed import names
from watershed.errors import CommitConflict
from watershed.glue import HIVE_TYPES, Glue

if TYPE_CHECKING:
    from watershed.gold.model import GoldModel

RUN, STARTED = "watershed_run", "watershed_run_started"  # table parameters
ATTEMPTS = 10

_LONGEST = 255  # Glue's limit for a column's comment, in characters; of the headers, lint sees to it
_PARQUET = "org.apache.hadoop.hive.ql.io.parquet"


@dataclass(frozen=True)
class Written:
    """Files of one model, waiting to become its table.

    Attributes:
        run: Id of the run that wrote them.
        started: When the statement that wrote them was sent. What it read is as new as this, at least; so a table
            is only ever replaced by files whose statement started later.
        location: Where they are: `s3://…/`.
    """

    run: str
    started: datetime
    location: str

    @property
    def started_text(self) -> str:
        """`started` as text that sorts by time."""
        return self.started.astimezone(UTC).isoformat(timespec="microseconds")


@dataclass(frozen=True)
class GoldTables:
    """A region's Glue catalog.

    Args:
        client: boto3's `glue` client.
    """

    client: Any

    @property
    def _glue(self) -> Glue:
        return Glue(self.client)

    def exists(self, table: str) -> bool:
        """Whether there is a table, given as `database.table`."""
        database, _, name = table.partition(".")
        return self._glue.get(database, name) is not None

    def switch(self, model: GoldModel, written: Written) -> tuple[bool, str | None]:
        """Make the model's table show what was written, creating it if need be.

        Returns:
            Whether the table now shows these files (not if what it shows was started later), and the id of the run
            that it showed before, None if there was none.

        Raises:
            CommitConflict: if others changed the table each time in between.
        """
        replaced: str | None = None
        for _ in range(ATTEMPTS):
            current = self._glue.get(names.GOLD_DB, model.name)
            shown = current["Parameters"].get(RUN) if current else None
            if shown == written.run:  # an earlier attempt went through, though its answer was lost
                return True, replaced
            if current and current["Parameters"].get(STARTED, "") > written.started_text:
                return False, shown
            replaced = shown
            if self._glue.put(names.GOLD_DB, current, _table_input(model, written)):
                return True, replaced
        raise CommitConflict(
            f"The table {names.GOLD_DB}.{model.name} was changed by others {ATTEMPTS} times in a row.",
            remedy="The queue repeats the message; find out who else writes the table.",
        )


def _table_input(model: GoldModel, written: Written) -> dict[str, Any]:
    """The Glue table of one model, with the comments its header gives."""
    return {
        "Name": model.name,
        "Description": model.comment,
        "Owner": model.owner or names.PREFIX,  # Glue takes no empty one, and a contract need not name a team
        "TableType": "EXTERNAL_TABLE",
        "Parameters": {
            "EXTERNAL": "TRUE",
            "classification": "parquet",
            "comment": model.comment,
            "parquet.compression": "SNAPPY",
            RUN: written.run,
            STARTED: written.started_text,
        },
        "StorageDescriptor": {
            "Columns": [
                {
                    "Name": column.name,
                    "Type": HIVE_TYPES.get(column.type, column.type),
                    "Comment": column.comment[:_LONGEST],
                }
                for column in model.columns
            ],
            "Location": written.location,
            "InputFormat": f"{_PARQUET}.MapredParquetInputFormat",
            "OutputFormat": f"{_PARQUET}.MapredParquetOutputFormat",
            "SerdeInfo": {
                "SerializationLibrary": f"{_PARQUET}.serde.ParquetHiveSerDe",
                "Parameters": {"serialization.format": "1"},
            },
        },
    }
