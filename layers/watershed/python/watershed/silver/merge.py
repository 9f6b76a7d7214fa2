"""Who stands for each key: incoming rows against each other and against the table. Pure: Arrow in, a decision out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from duckdb import col

from watershed.silver import lineage
from watershed.silver.decision import INDEX, PART, Decision, counted, indexed, place, struct, summed, taken
from watershed.silver.engine import statements

if TYPE_CHECKING:
    import pyarrow as pa
    from duckdb import DuckDBPyConnection

    from watershed.contracts.model import Table


def decide(connection: DuckDBPyConnection, table: Table, incoming: pa.Table, standing: pa.Table) -> Decision:
    """Merge incoming rows into those that stand.

    Args:
        connection: From `engine.connect`.
        table: The dataset's own table.
        incoming: Its columns, lineage, and `_part`.
        standing: Its columns and lineage: the table's rows with the keys of `incoming`, if not more.
    """
    key = struct(*table.primary_key).alias("key")
    decided_by = {*table.primary_key, table.version_column}
    content = struct(*(c.name for c in table.columns if c.name not in decided_by)).alias("content")
    when = place(table.version_column).alias("place")
    origin = struct(*lineage.ORIGIN).alias("origin")
    named = (col(INDEX).alias("index"), col(PART).alias("part"))
    with connection.cursor() as scratch:  # what is made here goes when it closes; a view keeps its rows in memory
        scratch.from_arrow(indexed(incoming)).select(*named, key, content, when, origin).create_view("incoming")
        scratch.from_arrow(standing).select(key, content, when, origin).create_view("standing")
        judged = scratch.sql(statements("merge.sql")).to_arrow_table()
    rows = incoming.drop_columns([PART])
    superseded = taken(rows, judged, "replaces").select(table.primary_key)
    return Decision(
        verdicts=counted(judged),
        sums=summed(judged, rows, table.money),
        rows=taken(rows, judged, "written"),
        superseded=superseded,
        going=superseded.num_rows,
    )
