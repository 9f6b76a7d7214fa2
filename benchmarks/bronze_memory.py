"""How much memory and CPU bronze takes for files of growing size, beside DuckDB's bare COPY of the same file.

    python -m benchmarks.bronze_memory [--megabytes 200 800] [--folder /tmp]

Each measurement runs in a fresh process. Bronze runs as in AWS, from the object's stream to the put of each part, only
that the object is a local file and what is put is dropped.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ACCOUNT, REGION, DATASET = "123456789012", "eu-central-1", "lines"
MEGABYTE = 1_000_000
ROW_BYTES = 99  # on average, of the rows below
ROWS = """
    select
        i // 4 as order_id,
        hash(i) % 200000 as part_id,
        hash(i + 1) % 10000 as supplier_id,
        hash(i * 3) % 50 as quantity,
        round((hash(i * 5) % 10000000) / 100.0, 2) as price,
        (hash(i) % 10) / 100 as discount,
        ['A', 'N', 'R'][(hash(i) % 3)::int + 1] as flag,
        date '1992-01-01' + (hash(i * 7) % 2500)::int as shipped,
        date '1992-01-01' + (hash(i * 13) % 2500)::int as received,
        ['DELIVER IN PERSON', 'COLLECT COD', 'NONE', 'TAKE BACK RETURN'][(hash(i) % 4)::int + 1] as instruction,
        substr(md5(i::varchar) || md5((i + 1)::varchar), 1, (hash(i) % 33)::int + 10) as comment
    from range($rows) as rows (i)
"""


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--megabytes", type=int, nargs="+", default=[200, 800], help="sizes of the files")
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()), help="where the files are made")
    parser.add_argument("--measure", nargs=2, metavar=("WHAT", "FILE"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.measure:
        what, file = arguments.measure
        print(json.dumps({"bronze": bronze, "copy": copy}[what](Path(file))))
        return
    print(f"{'file':>8}  {'bronze':>24}  {'DuckDB COPY':>24}  {'ratio of CPU':>12}")
    with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
        for size in arguments.megabytes:
            file = write(Path(folder, "lines.csv"), size)
            ours, theirs = (measured(what, file) for what in ("bronze", "copy"))
            cells = [f"{each['cpu']:6.1f} s CPU, {each['peak']:5.0f} MB" for each in (ours, theirs)]
            actual = f"{file.stat().st_size / MEGABYTE:.0f} MB"
            print(f"{actual:>8}  {cells[0]:>24}  {cells[1]:>24}  {ours['cpu'] / theirs['cpu']:12.2f}")


def write(file: Path, megabytes: int) -> Path:
    """A CSV of about this size."""
    import duckdb

    duckdb.sql(ROWS, params={"rows": megabytes * MEGABYTE // ROW_BYTES}).write_csv(str(file))
    return file


def measured(what: str, file: Path) -> dict[str, float]:
    """Run one measurement in a fresh process."""
    command = [sys.executable, "-m", "benchmarks.bronze_memory", "--measure", what, str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    result: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return result


def bronze(file: Path) -> dict[str, float]:
    """Land the file."""
    from botocore.exceptions import ClientError
    from watershed.bronze.event import Arrival
    from watershed.bronze.land import Surroundings, land
    from watershed.contracts.model import Column, Contract, Kind, Residency, Source, Table
    from watershed.names import Layer
    from watershed.s3 import S3
    from watershed.settings import Settings

    class LocalS3:
        def get_object(self, **request: Any) -> dict[str, Any]:
            if request["Bucket"] != settings.bucket(Layer.RAW):  # the file is in no ledger yet
                metadata: Any = {"HTTPStatusCode": 404}
                raise ClientError({"Error": {"Code": "NoSuchKey"}, "ResponseMetadata": metadata}, "GetObject")
            body = file.open("rb")
            return {"ContentLength": file.stat().st_size, "LastModified": datetime.now(UTC), "Body": body}

        def head_object(self, **_: Any) -> dict[str, Any]:
            return {}

        def put_object(self, **_: Any) -> dict[str, Any]:
            return {}

        def delete_objects(self, **_: Any) -> dict[str, Any]:
            return {}

    table = Table(DATASET, (Column("order_id", Kind.INTEGER),), ("order_id",))
    contract = Contract(DATASET, "1.0.0", "", (table,), (Source("default"),), Residency(None))
    settings = Settings(ACCOUNT, REGION, ("DE",))
    around = Surroundings(settings, {DATASET: contract}, S3(LocalS3()), lambda _: None)
    land(Arrival(settings.bucket(Layer.RAW), f"{DATASET}/lines.csv", None, file.stat().st_size), around)
    return usage()


def copy(file: Path) -> dict[str, float]:
    """What a user would do by hand: the same file to Parquet, with types."""
    import duckdb

    duckdb.read_csv(str(file)).write_parquet(str(file.with_suffix(".parquet")))
    return usage()


def usage() -> dict[str, float]:
    """CPU seconds and peak memory in MB of this process since its start."""
    times = os.times()
    return {
        "cpu": times.user + times.system,
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / MEGABYTE,
    }


if __name__ == "__main__":
    main()
