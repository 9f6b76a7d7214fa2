"""The catalog's side of a rebuild: readers see the old table, then, by one conditional change of Glue, the new one."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING, Any

from watershed import names
from watershed.contracts.model import Contract
from watershed.errors import CommitConflict, ConfigurationError
from watershed.silver.lakehouse import Lakehouse

if TYPE_CHECKING:
    from watershed.contracts.model import Table

# What UpdateTable takes of what GetTable gives.
_TABLE_INPUT = ("Description", "Owner", "Retention", "StorageDescriptor", "PartitionKeys", "TableType", "Parameters")
_ATTEMPTS = 10


class Progress(Enum):
    """How far a rebuild is, by its tables."""

    ABSENT = auto()  # nothing was taken in yet, or all is done and forgotten
    FILLING = auto()  # readers see the old tables
    SWITCHING = auto()  # readers see the dataset's own table as it was rebuilt: no way back


@dataclass(frozen=True)
class Switch:
    """The tables of one dataset, and those that a rebuild fills.

    The dataset's own table is switched first, its children after it, as silver commits them. In between, silver may
    merge into a child that is about to go; what it merged is brought back by `Intake.replay`. The other way round, it
    would judge elements by a parent that is about to go, and keep them in a child that stays.

    Args:
        glue: boto3's Glue client.
        lakehouse: The tables that readers see.
        contract: The dataset.
        rebuild: The rebuild's id.
    """

    glue: Any
    lakehouse: Lakehouse
    contract: Contract
    rebuild: str

    def progress(self) -> Progress:
        """How far the rebuild is. A table is known by Iceberg's UUID, which every commit keeps."""
        if self.lakehouse.beside(self.rebuild).find(self.contract.table) is None:
            return Progress.ABSENT
        return Progress.SWITCHING if self._is_switched(self.contract.table) else Progress.FILLING

    def version(self, table: Table) -> str:
        """Glue's version of the table that readers see: every commit makes another."""
        return str(self._get(table.name)["VersionId"])

    def switch_own(self, version: str) -> None:
        """Let readers see the dataset's own table as it was rebuilt.

        Args:
            version: What `version` said before it was looked up which parts there are.

        Raises:
            CommitConflict: if somebody committed to the table since.
        """
        self._switch(self.contract.table, version)

    def switch_children(self) -> None:
        """Let readers see the children as they were rebuilt: those that they do not see yet, whatever was committed.

        Raises:
            CommitConflict: if others were faster every time; a repeat goes on.
        """
        for child in self.contract.children:
            for attempt in range(1, _ATTEMPTS + 1):
                if self._is_switched(child):
                    break
                try:
                    self._switch(child, self.version(child))
                except CommitConflict:
                    if attempt == _ATTEMPTS:
                        raise

    def forget(self) -> None:
        """Remove the second names of the tables, the own table's last: it says that there is something left to do."""
        for table in reversed(self.contract.tables):
            try:
                self.glue.delete_table(DatabaseName=names.SILVER_DB, Name=names.rebuilt(table.name, self.rebuild))
            except self.glue.exceptions.EntityNotFoundException:
                continue

    def _is_switched(self, table: Table) -> bool:
        seen, made = self.lakehouse.find(table), self.lakehouse.beside(self.rebuild).find(table)
        if made is None:  # forgotten, which is done after the switch alone
            return True
        return seen is not None and seen.metadata.table_uuid == made.metadata.table_uuid

    def _switch(self, table: Table, version: str) -> None:
        seen, made = self._get(table.name), self._get(names.rebuilt(table.name, self.rebuild))
        made["Parameters"]["previous_metadata_location"] = seen["Parameters"]["metadata_location"]
        taken = {key: made[key] for key in _TABLE_INPUT if key in made}
        try:
            self.glue.update_table(
                DatabaseName=names.SILVER_DB,
                TableInput={"Name": table.name, **taken},
                VersionId=version,
                SkipArchive=True,
            )
        except self.glue.exceptions.ConcurrentModificationException as error:
            raise CommitConflict(
                f"Somebody committed to silver.{table.name} before it was switched.",
                remedy=f"Run the command again with `--resume {self.rebuild}`.",
            ) from error

    def _get(self, name: str) -> dict[str, Any]:
        try:
            found: dict[str, Any] = self.glue.get_table(DatabaseName=names.SILVER_DB, Name=name)["Table"]
        except self.glue.exceptions.EntityNotFoundException as error:
            raise ConfigurationError(
                f"There is no table silver.{name}.", remedy="Start another rebuild: this one's tables are gone."
            ) from error
        return found


def unreferenced(glue: Any, s3: Any, bucket: str, table: str) -> list[str]:
    """Prefixes of silver's bucket that hold what `table` was before rebuilds, and no table in the catalog shows."""
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=table, Delimiter="/")
    found = [each["Prefix"] for page in pages for each in page.get("CommonPrefixes", [])]
    own = [each for each in found if each == f"{table}/" or names.is_rebuilt(table, each.rstrip("/"))]
    tables = (
        each
        for page in glue.get_paginator("get_tables").paginate(DatabaseName=names.SILVER_DB)
        for each in page["TableList"]
    )
    shown = {each["StorageDescriptor"].get("Location", "").rstrip("/") for each in tables}
    return [f"s3://{bucket}/{each}" for each in own if f"s3://{bucket}/{each}".rstrip("/") not in shown]
