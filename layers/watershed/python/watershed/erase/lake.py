"""What an erasure needs from outside: one region, all of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from duckdb import DuckDBPyConnection

from watershed.athena import Athena
from watershed.clock import Clock
from watershed.contracts.model import Contract
from watershed.erase.find import Found, Search
from watershed.erase.gold import Models
from watershed.erase.plan import Receipts
from watershed.erase.raw import Raw
from watershed.erase.silver import Tables
from watershed.erase.store import Store
from watershed.names import GOLD_DB, SILVER_DB, is_rebuilt
from watershed.zones.publish import VIRTUAL

if TYPE_CHECKING:
    from collections.abc import Sequence

    from watershed.erase.subject import Subject


@dataclass(frozen=True)
class Lake:
    """One region.

    Args:
        contracts: The lake's, by dataset.
        athena: The region's.
        client: boto3's client of a service in the region.
        store: The region's buckets.
        tables: Its silver.
        models: Its gold.
        connection: From silver's `engine.connect`.
        clock: Tells the time.
        say: Told what is being done.
    """

    contracts: Mapping[str, Contract]
    athena: Athena
    client: Callable[[str], Any]
    store: Store
    tables: Tables
    models: Models
    connection: DuckDBPyConnection
    clock: Clock
    say: Callable[[str], None]

    @cached_property
    def receipts(self) -> Receipts:
        """What is written down about erasures."""
        return Receipts(self.store.s3, self.store.listing, self.store.settings)

    @property
    def raw(self) -> Raw:
        """The raw bucket."""
        return Raw(self.store, self.contracts)

    @property
    def search(self) -> Search:
        """Looks for people."""
        return Search(self.store, self.contracts, self.connection, self.say)

    def look(self, holders: Sequence[Contract], subject: Subject) -> tuple[Found, dict[str, int]]:
        """What there is of the person, and how many rows in each store."""
        found = self.search.run(holders, subject)
        counts = {
            "raw": sum(len(each.rows) for each in found.objects if each.place),
            "bronze": found.bronze,
            "quarantine": found.held,
        }
        for contract in holders:
            counts |= {f"{SILVER_DB}.{table}": rows for table, rows in self.tables.rows(contract, subject).items()}
        return found, counts

    def unknown_tables(self) -> list[str]:
        """Tables of silver and gold that no contract or model has any more: where one is taken out, they stay."""
        silver = {table.name for contract in self.contracts.values() for table in contract.tables}
        pages = self.client("glue").get_paginator("get_tables")
        return [
            f"{database}.{table['Name']}"
            for database, known in ((SILVER_DB, silver), (GOLD_DB, self.models.refresher.models.keys()))
            for page in pages.paginate(DatabaseName=database)
            for table in page["TableList"]
            if table["Name"] not in known
            and table.get("TableType") != VIRTUAL
            and not any(is_rebuilt(name, table["Name"]) for name in known)
        ]
