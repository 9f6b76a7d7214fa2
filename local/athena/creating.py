"""CREATE TABLE … AS: what its properties ask for, and the Glue table and files that it leaves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import duckdb

from local.athena import hive_insert, iceberg_creating, writing
from local.athena.catalog import HiveTable
from local.athena.errors import StatementFailed, not_proven
from local.athena.failures import from_duckdb
from local.athena.writing import Columns, Options, TableOptions, Written, hive_name

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pyarrow as pa

    from local.athena.catalog import GlueCatalog
    from local.athena.engine import Engine
    from local.athena.objects import Objects
    from local.athena.outcome import Control, Request
    from local.athena.statements import CreateTableAs
    from local.athena.translate.translation import Translation

_HIVE = "org.apache.hadoop.hive.ql.io.parquet"
_ENFORCED = (
    "The Create Table As Select query failed because it was submitted with an 'external_location' property to an "
    "Athena Workgroup that enforces a centralized output location for all queries. Please remove the "
    "'external_location' property and resubmit the query."
)


def table_options(statement: CreateTableAs, request: Request) -> TableOptions:
    """The options of CTAS. Without a location the files of a Hive table go beside the query's results.

    Raises:
        StatementFailed: also if the workgroup alone decides where results go, and the statement names a location.
    """
    properties = dict(statement.properties)
    kind = str(properties.pop("table_type", "HIVE")).upper()
    if kind not in {"HIVE", "ICEBERG"}:
        raise StatementFailed("INVALID_TABLE_PROPERTY", f"Unsupported table type: {kind}")
    iceberg = kind == "ICEBERG"
    if bool(properties.pop("is_external", not iceberg)) == iceberg:
        raise not_proven(
            f"This is_external for a table of type {kind}", f"Say is_external = {str(not iceberg).lower()}."
        )
    location = properties.pop("location" if iceberg else "external_location", None)
    if location is not None and request.enforced and not iceberg:
        raise StatementFailed("INVALID_TABLE_PROPERTY", _ENFORCED)
    if location is None and iceberg:
        raise StatementFailed("INVALID_TABLE_PROPERTY", "An Iceberg table needs a location")
    partitions = properties.pop("partitioning" if iceberg else "partitioned_by", [])
    where = str(location) if location else f"{request.output}tables/{request.execution_id}"
    compressions = ("write_compression",) if iceberg else ("write_compression", "parquet_compression")
    compression = writing.read_compression(properties, compressions)
    named = tuple(str(item) for item in partitions) if isinstance(partitions, list) else ()
    return TableOptions(Options(writing.folder(where), compression), named, iceberg)


class Creation:
    """Runs one CTAS, in one account and region."""

    def __init__(self, engine: Engine, objects: Objects, catalog: GlueCatalog, control: Control) -> None:
        self._engine, self._objects, self._catalog, self._control = engine, objects, catalog, control

    def run(
        self, translation: Translation, target: tuple[str, str], options: TableOptions, request: Request
    ) -> tuple[Written, int]:
        """Write the rows, then put the table in the catalog.

        Returns:
            What was written, and the bytes that the query scanned.

        Raises:
            StatementFailed: with Athena's code and message; the table is not in the catalog then.
        """
        columns = writing.table_columns(translation.columns)
        if self._objects.list(options.files.location):
            message = f"Target directory already exists: {options.files.location}"
            raise StatementFailed("HIVE_PATH_ALREADY_EXISTS", message)
        if options.is_iceberg:
            schema = iceberg_creating.schema(columns)
            rows, scanned = self._rows(translation, columns, request)
            return iceberg_creating.create(target, schema, rows, options, self._catalog), scanned
        if options.partitions:
            return self._partitioned(translation, target, columns, options, request)
        wanted = writing.schema(columns)
        with self._engine.session() as session:
            self._control.interruptible(session.interrupt)
            scanned = session.prepare(translation, self._objects, request.now)
            self._control.scanning(scanned)
            written = writing.write(
                self._control.watched(session.batches(translation)), wanted, options.files, request, self._objects
            )
        self._catalog.create(*target, table_definition(target[1], columns, options))
        return written, scanned

    def _partitioned(
        self,
        translation: Translation,
        target: tuple[str, str],
        columns: Columns,
        options: TableOptions,
        request: Request,
    ) -> tuple[Written, int]:
        """A Hive table with partitions is filled as INSERT would fill it; if that fails, there is no table."""
        _check_partitions([name for name, _ in columns], options.partitions)
        writing.schema(columns)
        rows, scanned = self._rows(translation, columns, request)
        self._catalog.create(*target, table_definition(target[1], columns, options))
        made = self._catalog.find(*target)
        assert isinstance(made, HiveTable)  # noqa: S101 - as it was just created
        try:
            uris = hive_insert.insert(made, rows, request, self._objects, self._catalog)
        except StatementFailed:
            self._catalog.drop(*target)
            raise
        return Written(uris, rows.num_rows), scanned

    def _rows(self, translation: Translation, columns: Columns, request: Request) -> tuple[pa.Table, int]:
        """All rows under the table's column names, and the bytes that the query scanned."""
        with self._engine.session() as session:
            self._control.interruptible(session.interrupt)
            scanned = session.prepare(translation, self._objects, request.now)
            self._control.scanning(scanned)
            try:
                rows = session.batches(translation).read_all()
            except (duckdb.Error, OSError) as error:
                raise from_duckdb(error) from error
        return rows.rename_columns([name for name, _ in columns]), scanned


def _check_partitions(columns: list[str], keys: tuple[str, ...]) -> None:
    """Partition columns come last, in their order, and are not all there is."""
    missing = [key for key in keys if key not in columns]
    if missing:
        message = f"Partition columns {_listed(missing)} not present in schema"
        raise StatementFailed("INVALID_TABLE_PROPERTY", message)
    if len(keys) == len(columns):
        raise StatementFailed("INVALID_TABLE_PROPERTY", "Table contains only partition columns")
    if tuple(columns[-len(keys) :]) != keys:
        message = "Partition keys must be the last columns in the table and in the same order as the table properties"
        raise StatementFailed("HIVE_COLUMN_ORDER_MISMATCH", f"{message}: {_listed(keys)}")


def _listed(names: Iterable[str]) -> str:
    return f"[{', '.join(names)}]"


def table_definition(name: str, columns: Columns, options: TableOptions) -> dict[str, Any]:
    """Glue's description of the Hive table that CTAS makes."""
    described = [{"Name": column, "Type": hive_name(kind)} for column, kind in columns]
    plain = len(columns) - len(options.partitions)
    return {
        "Name": name,
        "TableType": "EXTERNAL_TABLE",
        "Parameters": {
            "EXTERNAL": "TRUE",
            "has_encrypted_data": "false",
            "parquet.compression": options.files.compression.upper(),
        },
        "PartitionKeys": described[plain:],
        "StorageDescriptor": {
            "Location": options.files.location,
            "Columns": described[:plain],
            "InputFormat": f"{_HIVE}.MapredParquetInputFormat",
            "OutputFormat": f"{_HIVE}.MapredParquetOutputFormat",
            "SerdeInfo": {
                "SerializationLibrary": f"{_HIVE}.serde.ParquetHiveSerDe",
                "Parameters": {"serialization.format": "1"},
            },
        },
    }
