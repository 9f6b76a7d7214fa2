"""Which elements stand: the set of the parent row that stands replaces the set before it. Pure, like `merge`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from duckdb import col

from watershed.silver import lineage
from watershed.silver.decision import INDEX, PART, Decision, counted, indexed, struct, summed, taken
from watershed.silver.engine import statements
from watershed.silver.plan import POSITION

if TYPE_CHECKING:
    import pyarrow as pa
    from duckdb import DuckDBPyConnection

    from watershed.contracts.model import Table


def decide(
    connection: DuckDBPyConnection,
    parent: Table,
    child: Table,
    elements: pa.Table,
    *,
    owners: pa.Table,
    parents: pa.Table,
    existing: pa.Table,
) -> Decision:
    """Replace the sets of elements whose parent row stands and came in this batch.

    Args:
        connection: From `engine.connect`.
        parent: The dataset's own table.
        child: The child table.
        elements: The child's columns, lineage, and `_part`.
        owners: The batch's good parent rows: at least key and lineage.
        parents: The parent table's rows with those keys: at least key and lineage.
        existing: The child table's rows with those keys: its columns and lineage.
    """
    key, origin = struct(*parent.primary_key).alias("key"), struct(*lineage.ORIGIN).alias("origin")
    inherited = {*parent.primary_key, POSITION}
    content = struct(*(column.name for column in child.columns if column.name not in inherited)).alias("content")
    index, named = col(INDEX).alias("index"), (key, origin, col(POSITION).alias("position"), content)
    with connection.cursor() as scratch:  # what is made here goes when it closes; a view keeps its rows in memory
        scratch.from_arrow(indexed(elements)).select(index, col(PART).alias("part"), *named).create_view("elements")
        scratch.from_arrow(indexed(existing)).select(index, *named).create_view("existing")
        scratch.from_arrow(owners).select(key, origin).create_view("owners")
        scratch.from_arrow(parents).select(key, origin).create_view("parents")
        scratch.execute(statements("children.sql"))
        judged = scratch.table("judged").to_arrow_table()
        gone = scratch.table("gone").to_arrow_table()
    keys = taken(existing, gone, "replaced").select(parent.primary_key)
    return Decision(
        verdicts=counted(judged),
        sums=summed(judged, elements, child.money),
        rows=taken(elements.drop_columns([PART]), judged, "written"),
        superseded=connection.from_arrow(keys).distinct().to_arrow_table(),
        going=gone.num_rows,
    )
