"""Keys, order and content hashes of a dataset's rows, in a DuckDB file: what is compared need not fit into memory."""

from __future__ import annotations

from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa
from duckdb import Expression, col, fn, lit

from watershed.reconcile import money
from watershed.silver import lineage

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from duckdb import DuckDBPyConnection, DuckDBPyRelation

    from watershed.contracts.model import Contract
    from watershed.reconcile.money import Sums
    from watershed.reconcile.objects import Known

_MEMORY = "1GiB"  # of DuckDB's own; beyond it goes to the same directory
_ROWS_AT_ONCE = 500_000  # of money columns, in memory
_OBJECTS = {
    "arrival": pa.int64(),
    "source_key": pa.string(),
    "source_version": pa.string(),
    "batch_id": pa.string(),
    "state": pa.string(),
    "older": pa.bool_(),
}


class Store:
    """One dataset's rows: `recounted`, and `found` in silver, for each of the contract's tables by its place."""

    def __init__(self, connection: DuckDBPyConnection, contract: Contract, objects: Iterable[Known]) -> None:
        self._connection, self._contract = connection, contract
        rows = [
            {
                "arrival": arrival,
                "source_key": each.version.key,
                "source_version": each.version.version,
                "batch_id": each.batch_id,
                "state": each.state.value,
                "older": each.is_older(contract.name, contract.version),
            }
            for arrival, each in enumerate(objects)
        ]
        connection.from_arrow(pa.Table.from_pylist(rows, pa.schema(list(_OBJECTS.items())))).create("objects")
        for place, table in enumerate(contract.tables):
            columns = {column.name: pa.null() for column in table.columns} | lineage.TYPES
            none = pa.schema(list(columns.items())).empty_table()
            self._recounted(place, 0, none).create(f"recounted_{place}")
            self._found(place, none).create(f"found_{place}")
        self.hold([])

    @contextmanager
    def keeping(self) -> Iterator[Keeping]:
        """Rows of one object, which are kept when the `with` ends, unless `Keeping.forget` was called."""
        keeping = Keeping()
        self._connection.begin()
        try:
            yield keeping
        finally:
            if keeping.forgotten:
                self._connection.rollback()
            else:
                self._connection.commit()

    def keep(self, place: int, arrival: int, rows: pa.Table) -> None:
        """Recounted good rows of the contract's table number `place`, from the object number `arrival`."""
        self._recounted(place, arrival, rows).insert_into(f"recounted_{place}")

    def find(self, place: int, rows: pa.Table) -> None:
        """Silver's rows of the contract's table number `place`."""
        self._found(place, rows).insert_into(f"found_{place}")

    def hold(self, rows: Iterable[tuple[str, int]]) -> None:
        """Rows (batch id, row number) that quarantine holds."""
        schema = pa.schema([("batch_id", pa.string()), ("row_number", pa.int64())])
        named = pa.Table.from_pylist([dict(zip(schema.names, row, strict=True)) for row in rows], schema)
        held = self._connection.from_arrow(named).join(self._connection.table("objects"), "batch_id")
        self._connection.execute("DROP TABLE IF EXISTS held")
        held.select("arrival", "row_number").distinct().create("held")

    def run(self, place: int) -> None:
        """Run own.sql or elements.sql on the contract's table number `place`; the dataset's own comes first."""
        for name in ("recounted", "found"):
            self._connection.table(f"{name}_{place}").create_view(name, replace=True)
        script = "elements.sql" if place else "own.sql"
        self._connection.execute(files("watershed.reconcile").joinpath(script).read_text(encoding="utf-8"))

    def rows(self, sql: str) -> list[tuple[object, ...]]:
        """The rows of a query over the tables that `run` made."""
        found: list[tuple[object, ...]] = self._connection.sql(sql).fetchall()
        return found

    def sums(self, place: int, name: str, condition: str) -> Sums:
        """Exact sums of the money columns of those rows of the table `name` that `run` made."""
        table = self._contract.tables[place]
        if not money.columns(table):
            return {}
        reader = self._connection.table(name).filter(condition).select("money").to_arrow_reader(_ROWS_AT_ONCE)
        pieces = (pa.Table.from_batches([batch]).flatten() for batch in reader)
        plain = (piece.rename_columns(list(money.columns(table))) for piece in pieces)
        return money.total(table, (money.sums(table, piece) for piece in plain))

    def _recounted(self, place: int, arrival: int, rows: pa.Table) -> DuckDBPyRelation:
        return self._named(place, rows, lit(arrival).cast("bigint").alias("arrival"))

    def _found(self, place: int, rows: pa.Table) -> DuckDBPyRelation:
        origin = (col(lineage.SOURCE_KEY).alias("source_key"), col(lineage.SOURCE_VERSION).alias("source_version"))
        objects = self._connection.table("objects").select("source_key", "source_version", "arrival")
        return self._named(place, rows, *origin).join(objects, "source_key, source_version", how="left")

    def _named(self, place: int, rows: pa.Table, *origin: Expression) -> DuckDBPyRelation:
        table = self._contract.tables[place]
        types = {column.name: column.athena_type for column in table.columns}
        lacking = [name for name in types if name not in rows.column_names]
        for name in lacking:  # a column that the contract has got since silver's table was last written
            rows = rows.append_column(name, pa.nulls(rows.num_rows))
        values = {name: col(name).cast(kind) for name, kind in types.items()}
        version = values[table.version_column] if table.version_column else lit(None).cast("bigint")
        came = {name: col(name) for name in (lineage.INGESTED_AT, lineage.BATCH_ID)}
        owner = self._contract.table.primary_key
        cash = money.columns(table)
        return self._connection.from_arrow(rows).select(
            _struct({name: values[name] for name in owner}).alias("owner"),
            _struct({name: values[name] for name in table.primary_key}).alias("key"),
            version.alias("version"),
            col(lineage.ROW_NUMBER).alias("row_number"),
            fn("hash", _struct({**values, **came})).alias("content"),
            (_struct({name: values[name] for name in cash}) if cash else lit(None).cast("boolean")).alias("money"),
            *origin,
        )


class Keeping:
    """Rows that may turn out not to count."""

    forgotten = False

    def forget(self) -> None:
        """They do not count."""
        self.forgotten = True


@contextmanager
def opened(contract: Contract, objects: Iterable[Known]) -> Iterator[Store]:
    """A store in a directory that only this user can read, and that goes when the `with` ends."""
    with TemporaryDirectory(prefix="watershed-reconcile-") as folder:
        settings = {
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "memory_limit": _MEMORY,
            "temp_directory": folder,
        }
        with duckdb.connect(str(Path(folder) / "rows.duckdb"), config=settings) as connection:
            connection.execute("SET TimeZone = 'UTC'")
            yield Store(connection, contract, objects)


def _struct(values: dict[str, Expression]) -> Expression:
    return fn("struct_pack", **values)
