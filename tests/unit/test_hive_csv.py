"""CSV tables of the local Athena: one file is read by many queries at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TYPE_CHECKING

import pyarrow as pa
from pyarrow import parquet as pq

from local.athena import hive_csv
from local.athena.catalog import HiveTable
from local.athena.translate.statement import TableColumn

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

TABLE = HiveTable("ops", "keys", (TableColumn("key", None),), {}, (), ())


def test_queries_that_are_the_first_together_all_get_the_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    readers = 4
    path, together = tmp_path / "copy.bin", Barrier(readers)
    path.write_text("secret\n", encoding="utf-8")
    write = pq.write_table

    def slowly(table: pa.Table, where: Path) -> None:
        write(table, where)
        together.wait(timeout=10)  # all have written before any has moved its file

    monkeypatch.setattr(pq, "write_table", slowly)
    with ThreadPoolExecutor(readers) as pool:
        made = list(pool.map(lambda _: hive_csv.as_parquet(TABLE, path), range(readers)))
    assert len(set(made)) == 1
    assert pq.read_table(made[0]).to_pydict() == {"key": ["secret"]}
    assert not list(tmp_path.glob("*.partial"))
