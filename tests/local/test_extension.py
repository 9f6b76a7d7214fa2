"""Extension is data: a sixth dataset and a new metric are one YAML and one SQL file, with no Python touched."""

from __future__ import annotations

import shutil
from decimal import Decimal
from typing import TYPE_CHECKING

from local.aws import LocalAWS
from local.paths import LAKE
from local.region import Region
from local.synth import Synthesis

if TYPE_CHECKING:
    from pathlib import Path

REGION = "us-east-1"

CONTRACT = """
apiVersion: v3.1.0
kind: DataContract
id: example-returns
name: returns
version: 1.0.0
status: active
team:
  name: logistics
description:
  purpose: Every parcel that came back.
schema:
  - name: returns
    logicalType: object
    physicalType: table
    description: One row per returned parcel.
    customProperties:
      - {property: versionColumn, value: updated_at}
    properties:
      - name: return_id
        logicalType: string
        physicalType: string
        description: The parcel.
        required: true
        primaryKey: true
        primaryKeyPosition: 1
      - name: returned_at
        logicalType: timestamp
        physicalType: timestamp
        description: When it came back, UTC.
        required: true
      - name: refund
        logicalType: number
        physicalType: decimal(10,2)
        description: What was paid back.
        customProperties:
          - {property: money, value: true}
      - name: updated_at
        logicalType: timestamp
        physicalType: timestamp
        description: Last change, UTC.
customProperties:
  - property: files
    value: ["returns*.*"]
  - property: residency
    value: {column: null, reason: A parcel is not a person.}
  - property: sources
    value:
      - name: courier
        delimiter: "|"
        decimalMark: ","
        timestampFormats: ["%d/%m/%Y %H:%M"]
        timeZone: America/New_York
        columns:
          return_id: parcel
          returned_at: back
          updated_at: changed
"""

METRIC = """/*
description: What returns cost by day.
grain: one row per UTC day with returns
keys: [returned_day]
owner: logistics
exportable: false
columns:
  returned_day: {type: date, description: Day the parcels came back in UTC}
  parcels: {type: bigint, description: Parcels that came back}
  refunds: {type: 'decimal(38,2)', description: What was paid back, format: '#,##0.00', unit: currency, aggregate: sum}
*/
SELECT
    CAST(returned_at AS date) AS returned_day,
    COUNT(*) AS parcels,
    SUM(refund) AS refunds
FROM silver.returns
GROUP BY CAST(returned_at AS date)
"""

FILE = """parcel|back|refund|changed|note
A1|01/02/2026 23:30|10,50|01/02/2026 23:30|evening in New York is the next day in UTC
A2|02/02/2026 09:00|1,25|02/02/2026 09:00|
A1|01/02/2026 23:30|12,00|03/02/2026 08:00|corrected
A3|31/02/2026 09:00|5,00|03/02/2026 08:00|no such day
"""


def test_one_contract_and_one_model_make_a_dataset_and_a_metric(tmp_path: Path) -> None:
    lake = tmp_path / "lake"
    shutil.copytree(LAKE, lake)
    (lake / "contracts" / "returns.yaml").write_text(CONTRACT, encoding="utf-8")
    (lake / "gold" / "returns_by_day.sql").write_text(METRIC, encoding="utf-8")
    (tmp_path / "returns.csv").write_text(FILE, encoding="utf-8")
    assembly = Synthesis(tmp_path / "cdk.out", lake=lake).result()
    with LocalAWS() as aws:
        aws.deploy(assembly, [REGION])
        region = Region.on(aws, REGION)
        region.drop("returns/returns.csv", tmp_path / "returns.csv")
        aws.pump()
        athena = region.athena
        (row,) = athena.typed_rows("SELECT CAST(returned_day AS varchar), parcels, refunds FROM gold.returns_by_day")[1]
        assert row == ["2026-02-02", 2, Decimal("13.25")]
        held = athena.rows("SELECT reason, column_name, row_number FROM ops.quarantine WHERE dataset = 'returns'")[1]
        assert held == [["invalid_type", "returned_at", "4"]]
        assert athena.rows("SELECT count(*) FROM bronze.returns WHERE refund = '12,00'")[1] == [["1"]]
