"""Silver's tables in the Glue catalog: made from the contract when absent, changed as the contract changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyiceberg.catalog.glue import GlueCatalog
from pyiceberg.exceptions import NoSuchTableError, TableAlreadyExistsError

from watershed import names
from watershed.silver import file_io, schema
from watershed.silver.evolution import check, evolve

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pyiceberg.table import Table as IcebergTable

    from watershed.contracts.model import Contract, Table


class Lakehouse:
    """The Iceberg tables of one region's silver.

    Args:
        glue: boto3's Glue client.
        s3: boto3's S3 client.
        bucket: Silver's bucket.
        into: Suffix of the tables that a rebuild fills, beside those that readers see; empty: the tables themselves.
    """

    def __init__(self, glue: Any, s3: Any, bucket: str, into: str = "") -> None:
        self._glue, self._s3, self._bucket, self._into = glue, s3, bucket, into
        io = {"py-io-impl": file_io.IMPLEMENTATION, file_io.CLIENT: s3}
        self._catalog = GlueCatalog(names.PREFIX, client=glue, **io)

    def beside(self, into: str) -> Lakehouse:
        """The tables that a rebuild fills."""
        return Lakehouse(self._glue, self._s3, self._bucket, into)

    def ensure(self, contracts: Iterable[Contract]) -> None:
        """Make the tables that are absent, so that readers find every table from the first day. One call if none is."""
        present = {identifier[-1] for identifier in self._catalog.list_tables(names.SILVER_DB)}
        for contract in contracts:
            for table in contract.tables:
                if table.name not in present:
                    self._create(table)

    def find(self, table: Table) -> IcebergTable | None:
        """The table as it is now, whatever its contract says; None if there is none."""
        try:
            return self._catalog.load_table(self._identifier(table))
        except NoSuchTableError:
            return None

    def load(self, table: Table) -> IcebergTable:
        """The table as it is now, with every column of the contract.

        Raises:
            ConfigurationError: if the contract changed in a way that would need the table's rows rewritten.
            CommitFailedException: if another writer changed the table meanwhile.
        """
        try:
            iceberg = self._catalog.load_table(self._identifier(table))
        except NoSuchTableError:
            iceberg = self._create(table)
        evolve(iceberg, table)
        return iceberg

    def look(self, table: Table) -> IcebergTable | None:
        """The table as it is now, changed in nothing; None if it is not there.

        Raises:
            ConfigurationError: as `load`.
        """
        try:
            iceberg = self._catalog.load_table(self._identifier(table))
        except NoSuchTableError:
            return None
        check(iceberg, table)
        return iceberg

    def _identifier(self, table: Table) -> tuple[str, str]:
        return names.SILVER_DB, names.rebuilt(table.name, self._into) if self._into else table.name

    def _create(self, table: Table) -> IcebergTable:
        identifier = self._identifier(table)
        try:
            return self._catalog.create_table(
                identifier,
                schema.schema(table),
                location=f"s3://{self._bucket}/{names.silver_prefix(identifier[-1])}",
                partition_spec=schema.partition_spec(table),
                properties=schema.properties(table),
            )
        except TableAlreadyExistsError:  # another function's cold start was faster
            return self._catalog.load_table(identifier)
