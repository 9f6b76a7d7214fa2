"""The door: how long it takes to start, how long a delivery takes, and what a million cost.

    python -m benchmarks.door [--deliveries 2000] [--starts 5]

Starts are fresh processes that import a handler and nothing else; `receive` and the data functions take turns, and the
least CPU time of each counts. A delivery is the real handler, from API Gateway's event to its answer, with a fake for
AWS that answers at once: there is no network in it. Prices are list prices of us-east-1, kept below; where two ways are
compared, both are computed from them for the same traffic.
"""

from __future__ import annotations

import argparse
import gc
import json
import logging
import os
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
STAGES = ("receive", "collect", "bronze", "silver")
SECRET = "a-secret-of-forty-three-letters-and-digits-x"  # noqa: S105
START = "import sys, time; sys.path.insert(0, sys.argv[1]); import handler; print(time.process_time())"

# US dollars; per million unless it says otherwise.
API_REQUEST, LAMBDA_REQUEST, GIGABYTE_SECOND = 1.00, 0.20, 0.0000133334  # the last: one, on arm64
SQS_REQUEST, SQS_PER_MESSAGE = 0.40, 1.2  # a send, and a tenth each of a receive and a delete
TABLE_WRITE, TABLE_READ = 0.625, 0.0625  # DynamoDB on demand; a read that need not be consistent
S3_PUT, S3_GET = 5.00, 0.40
FIREHOSE_GIGABYTE, FIREHOSE_LEAST = 0.029, 5 * 1024  # each record counts as a multiple of 5 KiB
RECEIVE_GIGABYTES, COLLECT_GIGABYTES = 1.0, 0.5
DOWNSTREAM = 2.0 * 1.5 + 3.0 * 3.0  # gigabyte-seconds of bronze and silver for one raw object of few rows
NETWORK = 0.012  # seconds that a receipt read, a send and a receipt write take besides; assumed


def main() -> None:
    """Print the three tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--deliveries", type=int, default=2000, help="of each size (default 2000)")
    parser.add_argument("--starts", type=int, default=5, help="fresh processes of each function (default 5)")
    arguments = parser.parse_args()
    starts = least_starts(arguments.starts)
    print("start: least CPU seconds of a fresh process that imports the handler")
    for stage, seconds in starts.items():
        print(f"  {stage:<8} {seconds:6.3f}   receive is {starts['receive'] / seconds:.2f} of it")
    print("delivery: CPU time of the whole handler, AWS answering at once")
    taken = 0.0
    for size in (2_000, 20_000, 200_000):
        times = deliver(size, arguments.deliveries)
        taken = taken or sum(times) / len(times)
        rate, half, worst = len(times) / sum(times), times[len(times) // 2], times[int(len(times) * 0.99)]
        print(f"  {size:>7,} bytes  {rate:7.0f}/s a core  p50 {half * 1e3:6.2f} ms  p99 {worst * 1e3:6.2f} ms")
    print(
        f"price of a million deliveries of 2 kB, one a second, each {taken * 1e3:.1f} ms, "
        f"and {NETWORK * 1e3:.0f} ms for the network (assumed)"
    )
    for name, dollars in prices(taken).items():
        print(f"  {name:<62} {dollars:9.2f}")


def least_starts(times: int) -> dict[str, float]:
    """CPU seconds, by function."""
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT / "layers" / "watershed" / "python"),
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    found: dict[str, float] = {}
    for _ in range(times + 1):  # the first round fills the disk's cache, and byte code
        for stage in STAGES:
            command = [sys.executable, "-c", START, str(ROOT / "functions" / stage)]
            done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
            found[stage] = min(found.get(stage, 1e9), float(done.stdout))
    return found


class Aws:
    """Answers at once, and forgets."""

    def get_secret_value(self, **_: Any) -> dict[str, Any]:
        """The one secret."""
        return {"SecretString": json.dumps({"current": SECRET})}

    def get_item(self, **_: Any) -> dict[str, Any]:
        """Nothing was seen before."""
        return {}

    def put_item(self, **_: Any) -> None:
        """Taken."""


def deliver(size: int, count: int) -> list[float]:
    """CPU seconds of each delivery of an order of about `size` bytes, the shortest first."""
    from watershed import catalog
    from watershed.door.receive import Surroundings
    from watershed.door.secrets import Secrets
    from watershed.door.seen import Seen
    from watershed.door.signature import sign

    from functions.receive import handler as door

    logging.getLogger().setLevel(logging.CRITICAL)
    logging.getLogger("watershed").setLevel(logging.CRITICAL)
    shop, aws = catalog.build(ROOT / "layers" / "lake").connectors["shopify"], Aws()
    around = Surroundings(
        region=shop.region,
        connectors={shop.name: shop},
        secrets=Secrets(aws, time.monotonic),
        seen=Seen(aws, "receipts"),
        send=lambda _: None,
        put=lambda _key, _body: None,
        clock=lambda: datetime.now(UTC),
    )
    door._surroundings = lambda: around  # type: ignore[assignment]  # noqa: SLF001
    assert shop.push  # noqa: S101
    events = []
    line = {"id": 1, "product_id": 2, "title": "A thing that is sold", "price": "19.90", "quantity": 1, "taxable": True}
    for number in range(count):
        body = json.dumps({"id": number, "total_price": "19.90", "line_items": [line] * max(1, size // 110)})
        headers = sign(shop.push.signature, SECRET.encode(), body.encode(), 0)
        headers |= {"content-type": "application/json", "x-shopify-topic": "orders/create"}
        events.append({"rawPath": "/v1/shopify/orders", "headers": headers, "body": body, "isBase64Encoded": False})
    times = []
    gc.collect()
    for event in events:
        started = time.process_time()
        answer = door.handler(event, None)
        times.append(time.process_time() - started)
        if answer["statusCode"] != 202:  # noqa: PLR2004
            raise SystemExit(f"The door refused: {answer}")
    return sorted(times)


def prices(seconds: float) -> dict[str, float]:
    """Dollars for a million deliveries, one a second, by way."""
    function = LAMBDA_REQUEST + 1e6 * (seconds + NETWORK) * RECEIVE_GIGABYTES * GIGABYTE_SECOND
    receipts = TABLE_WRITE + TABLE_READ
    objects = 1e6 / 60  # one a minute
    landing = objects * DOWNSTREAM * GIGABYTE_SECOND
    few = objects / 1e6 * S3_PUT + objects * 0.3 * COLLECT_GIGABYTES * GIGABYTE_SECOND
    queue = SQS_REQUEST * SQS_PER_MESSAGE + few
    firehose = FIREHOSE_LEAST * 1e6 / 1e9 * FIREHOSE_GIGABYTE + objects / 1e6 * S3_PUT
    each = S3_PUT + 1e6 * DOWNSTREAM * GIGABYTE_SECOND
    return {
        "API Gateway": API_REQUEST,
        "receive": function,
        "receipts in DynamoDB": receipts,
        "  instead, in S3 by conditional put": S3_PUT + S3_GET,
        "queue and collect, one object a minute": queue,
        "  instead, Firehose": firehose,
        "bronze and silver of those objects (gigabyte-seconds assumed)": landing,
        "  instead, one object for each delivery, put and landed": each,
        "all, as built": API_REQUEST + function + receipts + queue + landing,
    }


if __name__ == "__main__":
    main()
