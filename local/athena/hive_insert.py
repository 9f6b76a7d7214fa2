"""INSERT INTO Hive tables: Parquet files under the table's location, in a folder for each partition."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pyarrow.compute as pc
from moto.glue.models import glue_backends

from local.athena import parquet, projection, writing
from local.athena.errors import StatementFailed, not_proven
from local.athena.partitions import NULL_VALUE, registered, value_of

if TYPE_CHECKING:
    import pyarrow as pa

    from local.athena.catalog import GlueCatalog, HiveTable
    from local.athena.objects import Objects
    from local.athena.outcome import Request

MOST_PARTITIONS = 100  # that one statement may write
_PLAIN = re.compile(r"[\w.\-]+")  # Hive writes other characters as %XX
_TEMPLATE = "storage.location.template"


def insert(table: HiveTable, rows: pa.Table, request: Request, objects: Objects, catalog: GlueCatalog) -> list[str]:
    """Write the rows and register new partitions, unless the table projects them.

    Args:
        table: Where to.
        rows: A column for each of the table's, the partition keys among them.
        request: Of the statement.
        objects: Where to write.
        catalog: Where partitions are registered.

    Returns:
        The files' addresses.

    Raises:
        StatementFailed: for partition values and layouts that are not proven.
    """
    keys = [key.name for key in table.partition_keys]
    columns = [(column.name, column.type) for column in table.columns if column.name not in keys and column.type]
    schema = writing.schema(tuple(columns))
    compression = table.parameters.get("parquet.compression", parquet.DEFAULT_COMPRESSION).upper()
    if compression not in parquet.COMPRESSIONS:
        raise not_proven(f"Compression {compression}", f"Use {', '.join(parquet.COMPRESSIONS)}.")
    _check_layout(table, keys)
    projected = projection.is_projected(table)
    known = {} if projected else {partition.values: partition.location for partition in registered(table, ())}
    uris: list[str] = []
    for values, part in _parts(table, rows, keys):
        folder = f"{known.get(values, _folder(table.location, keys, values)).rstrip('/')}/"
        options = writing.Options(folder, parquet.COMPRESSIONS[compression])
        reader = part.drop_columns(keys).to_reader() if keys else part.to_reader()
        uris += writing.write(reader, schema, options, request, objects).uris
        if keys and not projected and values not in known:
            _register(table, values, folder, catalog)
    return uris


def _check_layout(table: HiveTable, keys: list[str]) -> None:
    """Athena writes Hive's folders, whatever a projection's template says."""
    if table.is_csv:
        raise not_proven("INSERT INTO a table over CSV", "Insert into a table stored as Parquet.")
    template = table.parameters.get(_TEMPLATE)
    usual = _folder(table.location, keys, tuple(f"${{{key}}}" for key in keys))
    if projection.is_projected(table) and template and template.rstrip("/") != usual.rstrip("/"):
        raise not_proven(f"INSERT INTO a table with a {_TEMPLATE} of its own", f"Let the template be {usual}.")


def _register(table: HiveTable, values: tuple[str, ...], folder: str, catalog: GlueCatalog) -> None:
    storage = {**(table.glue.get("StorageDescriptor") or {}), "Location": folder}
    definition = {"Values": list(values), "StorageDescriptor": storage}
    glue_backends[catalog.account][catalog.region].create_partition(table.database, table.name, definition)


def _folder(location: str, keys: list[str], values: tuple[str, ...]) -> str:
    return "/".join([location.rstrip("/"), *(f"{k}={v}" for k, v in zip(keys, values, strict=True)), ""])


def _parts(table: HiveTable, rows: pa.Table, keys: list[str]) -> list[tuple[tuple[str, ...], pa.Table]]:
    """The rows of each partition, with the partition's values as text."""
    if not keys:
        return [((), rows)]
    parts = []
    found = rows.select(keys).group_by(keys).aggregate([]).to_pylist()
    if len(found) > MOST_PARTITIONS:
        message = f"Exceeded limit of {MOST_PARTITIONS} open writers for partitions/buckets"
        raise StatementFailed("HIVE_TOO_MANY_OPEN_PARTITIONS", message)
    for each in sorted(found, key=lambda item: tuple(str(item[key]) for key in keys)):
        mask = None
        for key in keys:
            here = pc.is_null(rows[key]) if each[key] is None else pc.equal(rows[key], each[key])
            mask = here if mask is None else pc.and_(mask, here)
        texts = tuple(NULL_VALUE if each[key] is None else str(each[key]) for key in keys)
        for column, text in zip(table.partition_keys, texts, strict=True):
            if not _PLAIN.fullmatch(text) or value_of(column, text) != each[column.name]:
                raise not_proven(
                    f"This value of the partition column '{column.name}'", "Use letters, digits, . _ and -."
                )
        parts.append((texts, rows.filter(mask)))
    return parts
