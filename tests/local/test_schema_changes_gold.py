"""After a contract's change each gold model gives what it gave, or `watershed gold lint` fails first."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest
from watershed.contracts.odcs import read_contracts
from watershed.silver import schema
from watershed.silver.evolution import evolve

from local import athena as local_athena
from local.commands.gold import findings_in
from tests.local.athena_lab import BUCKET, Lab, lab
from tests.trino.answer import Refused

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from watershed.contracts.model import Table

CONTRACT = """\
apiVersion: v3.1.0
kind: DataContract
id: shop-orders
name: orders
version: 1.0.0
status: active
schema:
  - name: orders
    properties:
      - {name: order_id, logicalType: integer, primaryKey: true, primaryKeyPosition: 1}
      - name: shop
        logicalType: string
        required: true
      - name: amount
        logicalType: number
        physicalType: decimal(9,2)
      - {name: note, logicalType: string}
customProperties:
  - {property: residency, value: {column: null, reason: An order says nothing about a person.}}
  - {property: sources, value: [{name: any}]}
"""
SELECT = """\
SELECT
    shop,
    SUM(amount) AS revenue
FROM silver.orders
GROUP BY shop
"""
MODEL = f"""\
/*
description: Revenue of each shop.
grain: one row per shop
keys: [shop]
owner: sales
exportable: false
columns:
  shop: {{type: varchar, description: The shop}}
  revenue: {{type: 'decimal(38,2)', description: Sum of amount, format: '#,##0.00', unit: currency, aggregate: sum}}
*/
{SELECT}"""
RENAMED = "name: revenue\n        customProperties: [{property: renamedFrom, value: amount}]"


def lake(folder: Path, old: str = "", new: str = "") -> Table:
    """A lake of one dataset and one model, with one change to the contract; the contract's table."""
    for kind in ("contracts", "gold", "questions"):
        (folder / kind).mkdir(exist_ok=True)
    assert not old or CONTRACT.count(old) == 1
    (folder / "contracts" / "orders.yaml").write_text(CONTRACT.replace(old, new) if old else CONTRACT, encoding="utf-8")
    (folder / "gold" / "shop_revenue.sql").write_text(MODEL, encoding="utf-8")
    return read_contracts(folder / "contracts")["orders"].table


@pytest.fixture(scope="module")
def running() -> Iterator[Lab]:
    local_athena.install()
    with lab() as made:
        made.glue.create_database(DatabaseInput={"Name": "silver"})
        yield made


def silver(running: Lab, before: Table, after: Table) -> None:
    """The table with two rows from before the change."""
    for table in running.glue.get_tables(DatabaseName="silver")["TableList"]:
        running.glue.delete_table(DatabaseName="silver", Name=table["Name"])
    iceberg = running.catalog.create_table(
        ("silver", "orders"),
        schema.schema(before),
        location=f"s3://{BUCKET}/orders/{len(running.objects())}",
        properties=schema.properties(before),
    )
    arrow = iceberg.schema().as_arrow()
    rows = {"order_id": [1, 2], "shop": ["A", "A"], "amount": [Decimal("1.50"), Decimal("2.00")]}
    iceberg.append(pa.table([pa.array(rows.get(f.name, [None] * 2), f.type) for f in arrow], schema=arrow))
    evolve(iceberg, after)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("", ""),
        ("      - {name: note, logicalType: string}\n", ""),
        (
            "{name: note, logicalType: string}",
            "{name: note, logicalType: string}\n      - {name: x, logicalType: date}",
        ),
        ("        required: true\n", ""),
        ("decimal(9,2)", "decimal(20,2)"),
        ("name: note,", "name: remark, customProperties: [{property: renamedFrom, value: note}],"),
    ],
)
def test_a_change_that_lint_lets_pass_leaves_the_answer_as_it_was(
    tmp_path: Path, running: Lab, old: str, new: str
) -> None:
    before = lake(tmp_path)
    after = lake(tmp_path, old, new)
    assert findings_in(tmp_path) == []
    silver(running, before, after)
    assert running.rows(SELECT) == (("A", "3.50"),)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("name: amount", RENAMED),
        ("      - name: amount\n        logicalType: number\n        physicalType: decimal(9,2)\n", ""),
    ],
)
def test_a_change_that_breaks_a_model_is_found_by_lint_first(tmp_path: Path, running: Lab, old: str, new: str) -> None:
    before = lake(tmp_path)
    after = lake(tmp_path, old, new)
    assert any("amount" in str(finding) for finding in findings_in(tmp_path))
    silver(running, before, after)
    if "amount" not in {field.name for field in running.catalog.load_table(("silver", "orders")).schema().fields}:
        with pytest.raises(Refused, match="amount"):
            running.rows(SELECT)


def test_a_new_type_that_reaches_the_model_is_found_by_lint(tmp_path: Path) -> None:
    lake(tmp_path, "physicalType: decimal(9,2)", "physicalType: double")
    assert any("revenue" in str(finding) for finding in findings_in(tmp_path))
