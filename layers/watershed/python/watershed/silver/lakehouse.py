"""Silver's tables in the Glue catalog: made from the contract when absent, widened when the contract grew."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyiceberg.catalog.glue import GlueCatalog
from pyiceberg.exceptions import NoSuchTableError, TableAlreadyExistsError

from watershed import names
from watershed.errors import ConfigurationError
from watershed.silver import file_io, lineage, schema

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
            CommitFailedException: if another writer changed the table while columns were added.
        """
        try:
            iceberg = self._catalog.load_table(self._identifier(table))
        except NoSuchTableError:
            iceberg = self._create(table)
        self._evolve(iceberg, table)
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

    def _evolve(self, iceberg: IcebergTable, table: Table) -> None:
        """Add the contract's new columns, empty in the rows that are there, and what maintenance goes by."""
        present = {field.name: field.field_type for field in iceberg.schema().fields}
        for column in table.columns:
            if column.name in present and present[column.name] != schema.iceberg_type(column):
                raise _changed(table, f"column {column.name} is {present[column.name]}, not {column.athena_type}")
        if not _same_layout(iceberg, table):
            raise _changed(table, "it is partitioned otherwise")
        new = [column for column in table.columns if column.name not in present]
        lacking = {key: value for key, value in schema.MAINTENANCE.items() if iceberg.properties.get(key) != value}
        if lacking:
            with iceberg.transaction() as change:
                change.set_properties(lacking)
        if new:
            with iceberg.update_schema() as update:
                for column in new:
                    update.add_column(column.name, schema.iceberg_type(column), doc=column.description or None)
                    update.move_before(column.name, lineage.SOURCE_KEY)


def _same_layout(iceberg: IcebergTable, table: Table) -> bool:
    def layout(spec: Any, of: Any) -> list[tuple[str, str]]:
        return [(of.find_field(field.source_id).name, str(field.transform)) for field in spec.fields]

    return layout(iceberg.spec(), iceberg.schema()) == layout(schema.partition_spec(table), schema.schema(table))


def _changed(table: Table, how: str) -> ConfigurationError:
    return ConfigurationError(
        f"silver.{table.name} does not fit its contract any more: {how}.",
        remedy="Rebuild the table from bronze, or take the contract's change back.",
    )
