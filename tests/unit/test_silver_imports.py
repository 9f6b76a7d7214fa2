"""What silver may import: only what its layers hold."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
WORK = """
import sys

class Absent:
    names = {"numpy", "pandas", "polars", "awswrangler", "sqlglot", "yaml", "open_data_contract_standard"}

    def find_spec(self, name, path=None, target=None):
        if name in self.names:
            raise ModuleNotFoundError(name, name=name)

absent = Absent()
sys.meta_path.insert(0, absent)

import functions.silver.handler

absent.names -= {"yaml", "sqlglot"}  # what stands in for AWS needs them
from tests.unit.silver_lab import STORES, File, region

with region() as lake:
    lake.take(File("stores", [{"store_id": "a", "plans": '[{"price": 1}]'}]))
    lake.take(File("stores", [{"store_id": "a", "plans": '[{"price": "x"}, {"price": 2}]'}], version="v2"))
    print([str(row["price"]) for row in lake.rows("store_plans")])
"""


def test_silver_works_without_what_its_layers_lack() -> None:
    path = os.pathsep.join([str(ROOT), str(ROOT / "layers/watershed/python")])
    run = subprocess.run(  # noqa: S603  # our own interpreter and our own text
        [sys.executable, "-W", "error", "-c", WORK],
        env={**os.environ, "PYTHONPATH": path, "POWERTOOLS_LOG_LEVEL": "CRITICAL"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.stdout == "['2.00']\n", run.stderr
