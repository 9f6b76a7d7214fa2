"""Where a row comes from, in Arrow's types; and which of two rows came later."""

from __future__ import annotations

import pyarrow as pa

from watershed.records import LINEAGE_COLUMNS

SOURCE_KEY, SOURCE_VERSION, ROW_NUMBER, INGESTED_AT, BATCH_ID = COLUMNS = tuple(name for name, _ in LINEAGE_COLUMNS)
ORIGIN = (SOURCE_KEY, SOURCE_VERSION, ROW_NUMBER)  # these alone identify a source row
ARRIVAL = (INGESTED_AT, *ORIGIN)  # the order in which rows arrived; after the version column, it decides who stands

_ARROW = {"string": pa.string(), "bigint": pa.int64(), "timestamp": pa.timestamp("us")}
TYPES = {name: _ARROW[type_] for name, type_ in LINEAGE_COLUMNS}
