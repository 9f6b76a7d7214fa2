"""A real Trino, as any other engine on the same catalog, reads what the local Athena wrote: views, tables, Iceberg.

Skipped, with the reason, where Trino cannot be had.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from watershed import names
from watershed.zones.publish import Views
from watershed.zones.view import ViewColumn, ZonedView

from tests.clients.conftest import BUCKET, REGION, WORKGROUP
from tests.trino import catalogs, server
from tests.trino.athena import Athena
from tests.trino.distribution import TrinoMissing
from tests.trino.verdict import compare

if TYPE_CHECKING:
    from collections.abc import Iterator

    from local.aws import LocalAWS
    from tests.trino.client import Trino

ZONE, AT = "Australia/Adelaide", datetime(2026, 3, 1, tzinfo=UTC)
CATALOG = "awsdatacatalog"
COLUMNS = "id, amount, sold_at, branch, open, ARRAY[id] AS ids, ROW(id, branch) AS both"
HIVE = "partitioned_by = ARRAY['part']"
ICEBERG = f"table_type = 'ICEBERG', location = 's3://{BUCKET}/ice/', partitioning = ARRAY['day(at)', 'bucket(id, 4)']"
STATEMENTS = {
    "seen": f"CREATE VIEW shop.seen AS SELECT {COLUMNS} FROM shop.sales WHERE id < 20",
    "seen_again": "CREATE VIEW shop.seen_again AS SELECT upper(branch) AS b, ids[1] AS id FROM shop.seen",
    "zoned": "CREATE VIEW shop.zoned AS SELECT id, sold_at AT TIME ZONE 'UTC' AS at FROM shop.sales",
    "copied": f"CREATE TABLE shop.copied AS SELECT {COLUMNS} FROM shop.sales",
    "parted": f"CREATE TABLE shop.parted WITH ({HIVE}) AS SELECT id, id % 3 AS part FROM shop.sales",
    "ice": f"CREATE TABLE shop.ice WITH ({ICEBERG}) AS SELECT id, CAST(sold_at AS timestamp(6)) AS at FROM shop.sales",
}

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def athena(aws: LocalAWS) -> Athena:
    made = Athena(aws.client("athena", REGION), WORKGROUP)
    for statement in STATEMENTS.values():
        made.run(statement)
    local = "CAST(AT_TIMEZONE(WITH_TIMEZONE(sold_at, 'UTC'), '{time_zone}') AS timestamp(3))"
    columns = (ViewColumn("id", "bigint", "The sale"), ViewColumn("sold_at", "timestamp(3)", "When, UTC"))
    sql = f"SELECT id, {local} AS sold_at FROM shop.sales"
    view = ZonedView("shop", "sales", "What was sold, by UTC.", "sales", columns, sql)
    Views(aws.client("glue", REGION), {"shop.sales": view}, [ZONE]).put("shop.sales", AT.date(), AT)
    return made


@pytest.fixture(scope="module")
def trino(aws: LocalAWS) -> Iterator[Trino]:
    hive, iceberg = catalogs.of(REGION, aws.endpoint).items()
    try:
        with server.running({CATALOG: hive[1], iceberg[0]: iceberg[1]}) as running:
            while running.ask(f"SELECT 1 FROM {CATALOG}.shop.sales LIMIT 1") == "NO_NODES_AVAILABLE":
                time.sleep(0.5)  # it answers before it can run anything
            yield running
    except TrinoMissing as missing:
        pytest.skip(str(missing))


@pytest.mark.parametrize("name", [*STATEMENTS, names.zoned("sales", ZONE)])
def test_trino_reads_the_same(athena: Athena, trino: Trino, name: str) -> None:
    sql = f"SELECT * FROM shop.{name} ORDER BY id"
    assert compare(trino.run(sql, catalog=CATALOG), athena.run(sql)) == ""
