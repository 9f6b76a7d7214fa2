"""Several at once on the deployed lake: silver's writers, gold's refreshers, and readers that look on through Athena.

The laptop runs one function at a time, so these are the libraries behind the functions, in threads.
"""

from __future__ import annotations

import io
import json
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from pyarrow import parquet
from watershed import catalog
from watershed.errors import Transient
from watershed.names import Layer, Stage
from watershed.s3 import S3
from watershed.silver.accounts import Accounts
from watershed.silver.lakehouse import Lakehouse
from watershed.silver.service import Silver

from tests.faults.deliveries import LAKE
from tests.unit.silver_lab import SETTINGS, File

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Iterable, Sequence

    from watershed.messages import Refresh

    from tests.faults.rig import Rig

T = TypeVar("T")
CATALOG = catalog.build(LAKE)
ARRIVAL = datetime(2026, 3, 1, 12, tzinfo=UTC)  # of the first file; the others follow by the minute
_REDELIVERIES = 20


def together(jobs: Sequence[Callable[[], T]]) -> list[T]:
    """Run all jobs at once, each in a thread; none begins before all are there."""
    barrier = threading.Barrier(len(jobs))

    def run(job: Callable[[], T]) -> T:
        barrier.wait()
        return job()

    with ThreadPoolExecutor(len(jobs)) as pool:
        return [future.result() for future in [pool.submit(run, job) for job in jobs]]


def watched(jobs: Sequence[Callable[[], object]], look: Callable[[], T]) -> list[T]:
    """Run all jobs at once, and what `look` saw meanwhile, again and again until they are done and once more then."""
    done = threading.Event()
    seen: list[T] = []

    def looking() -> None:
        while not done.is_set():
            seen.append(look())
        seen.append(look())

    with ThreadPoolExecutor(1) as reader:
        watching = reader.submit(looking)
        try:
            together(jobs)
        finally:
            done.set()
        watching.result()
    return seen


def silver(rig: Rig) -> Silver:
    """A writer of its own, as a function's process is; its word to gold goes nowhere."""

    def nobody(_: Refresh) -> None: ...

    glue, client = rig.region.client("glue"), rig.region.client("s3")
    lakehouse = Lakehouse(glue, client, SETTINGS.bucket(Layer.SILVER))
    lakehouse.ensure(CATALOG.contracts.values())
    s3 = S3(client)
    return Silver(SETTINGS, CATALOG.contracts, s3, lakehouse, Accounts(s3, SETTINGS), nobody)


def put(rig: Rig, file: File) -> None:
    """Write the bronze part."""
    body = io.BytesIO()
    parquet.write_table(file.table, body)
    bucket = SETTINGS.bucket(Layer.BRONZE)
    rig.region.client("s3").put_object(Bucket=bucket, Key=file.message.bronze_key, Body=body.getvalue())


def take(writer: Silver, files: Iterable[File]) -> None:
    """Take one file after the other; the queue would deliver again what lost against other writers every time."""
    for file in files:
        for attempt in range(_REDELIVERIES):
            try:
                assert list(writer.take(file.dataset, [file.message])) == [file.message]
                break
            except Transient:
                assert attempt + 1 < _REDELIVERIES


def orders(number: int, rows: Iterable[dict[str, str]]) -> File:
    """A file of orders, the `number`th to arrive."""
    arrived = ARRIVAL + timedelta(minutes=number)
    return File("orders", list(rows), f"orders/{number}.csv", f"v{number}", arrived, source="standard")


def order(key: int, *, shop: str, amount: str, updated: int) -> dict[str, str]:
    """A row of `orders`; `updated` is its version, in minutes."""
    times = {
        "ordered_at": f"2024-0{1 + key % 2}-05 10:00:00",
        "updated_at": f"{ARRIVAL + timedelta(minutes=updated):%F %T}",
    }
    return {"order_id": str(key), "shop_id": shop, "amount": amount, "country": "DE", **times}


def overlapping_orders(count: int, dice: random.Random) -> list[File]:
    """Files that fight over few keys, with versions in no order, and a row that is refused in each."""
    return [
        orders(
            number,
            [
                *(
                    order(dice.randrange(8), shop=f"f{number}", amount=f"{number}.5", updated=dice.randrange(5))
                    for _ in range(4)
                ),
                order(100 + number, shop="own", amount="not a number", updated=0),
            ],
        )
        for number in range(count)
    ]


def overlapping_shops(count: int, dice: random.Random) -> list[File]:
    """Files that replace the same shops' plans; all plans of a file cost the file's number."""
    return [
        File(
            "shops",
            [
                {
                    "shop_id": key,
                    "updated_at": f"{ARRIVAL + timedelta(minutes=dice.randrange(5)):%F %T}",
                    "plans": json.dumps([{"price": number}] * (1 + number % 3)),
                }
                for key in dice.sample(["a", "b", "c", "d"], 2)
            ],
            f"shops/{number}.jsonl",
            f"v{number}",
            ARRIVAL + timedelta(minutes=number),
            source="standard",
        )
        for number in range(count)
    ]


def ledger(rig: Rig) -> list[dict[str, Any]]:
    """Silver's entries."""
    files = rig.outcome().files
    tables = [parquet.read_table(io.BytesIO(body)) for key, body in files.items() if key.startswith(f"{Layer.LEDGER}/")]
    return [row for table in tables for row in table.to_pylist() if row["stage"] == Stage.SILVER]
