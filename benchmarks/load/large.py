"""One large CSV through bronze and silver, each in a fresh process, with S3 as files and Glue from moto.

Every hundredth row repeats the key of the row before, some rows hold a word for a number, and the file ends in lines
that are no records: so what must become of every row is known before.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from watershed.errors import ConfigurationError

from benchmarks.bronze_memory import ACCOUNT, MEGABYTE, REGION, usage
from benchmarks.load.file_s3 import FileS3

if TYPE_CHECKING:
    from watershed.contracts.model import Contract

DATASET, FILE = "lines", "lines/lines.csv"
SPACE = 3  # the file, its bronze and its silver, as a multiple of the file's size
TORN = 1000  # lines that are no records
_ROW_BYTES = 88  # on average, a little less than there are, so that the file is not smaller than asked for
_REPEATED_EVERY, _WORD_EVERY = 100, 100_003
_PARTS_AT_ONCE = 10  # what silver's queue hands over together
ROWS = """
    select
        i - (i % $repeated == $repeated - 1)::int as line_id,
        hash(i) % 200000 as part_id,
        if(i % $word == 0, 'many', (hash(i * 3) % 50)::varchar) as quantity,
        round((hash(i * 5) % 10000000) / 100.0, 2)::decimal(18, 2) as price,
        ['A', 'N', 'R'][(hash(i) % 3)::int + 1] as flag,
        timestamp '2020-01-01' + to_seconds((i // 20)::bigint) as shipped_at,
        ['DELIVER IN PERSON', 'COLLECT COD', 'NONE', 'TAKE BACK RETURN'][(hash(i) % 4)::int + 1] as instruction,
        substr(md5(i::varchar) || md5((i + 1)::varchar), 1, (hash(i) % 33)::int + 10) as comment
    from range($rows) as rows (i)
"""


@dataclass(frozen=True)
class Outcome:
    """What a stage made of the file.

    Attributes:
        rows: By name, from the ledger's entries.
        peak: The most megabytes that the process held.
        cpu: Seconds.
        seconds: On this machine.
        parts: Of bronze.
    """

    rows: dict[str, int]
    peak: float
    cpu: float
    seconds: float
    parts: int


def contract() -> Contract:
    """The lines' contract."""
    from watershed.contracts.model import Column, Contract, Kind, Residency, Source, Table

    columns = (
        Column("line_id", Kind.INTEGER),
        Column("part_id", Kind.INTEGER),
        Column("quantity", Kind.INTEGER),
        Column("price", Kind.DECIMAL, precision=18, scale=2, money=True),
        Column("flag", Kind.STRING),
        Column("shipped_at", Kind.TIMESTAMP),
        Column("instruction", Kind.STRING),
        Column("comment", Kind.STRING),
    )
    source = Source("default", timestamp_formats=("%Y-%m-%d %H:%M:%S",))
    return Contract(DATASET, "1.0.0", "", (Table(DATASET, columns, ("line_id",)),), (source,), Residency(None))


def expected(rows: int) -> dict[str, int]:
    """What must become of the rows of a file made by `write`."""
    words = -(-rows // _WORD_EVERY)
    repeats = list(range(_REPEATED_EVERY - 1, rows, _REPEATED_EVERY))
    # A repeated key counts once, also where one of its two rows holds a word.
    lost = sum(
        1 for n in range(0, rows, _WORD_EVERY) if n % _REPEATED_EVERY not in (_REPEATED_EVERY - 2, _REPEATED_EVERY - 1)
    )
    return {
        "rows_read": rows + TORN,
        "rows_out": rows,
        "malformed": TORN,
        "rows_in": rows,
        "quarantined": words,
        "inserted": rows - len(repeats) - lost,
    }


def rows_of(megabytes: int) -> int:
    """How many rows make a file of about this size."""
    return megabytes * MEGABYTE // _ROW_BYTES


def write(folder: Path, megabytes: int) -> Path:
    """Write the CSV into a stand-in's raw bucket, in a stream.

    Raises:
        ConfigurationError: if the disk has no room for it, its bronze and its silver.
    """
    free = shutil.disk_usage(folder).free
    if free < SPACE * megabytes * MEGABYTE:
        raise ConfigurationError(
            f"{folder} has {free // MEGABYTE:,} MB free; a file of {megabytes:,} MB, its bronze and its silver need "
            f"{SPACE * megabytes:,} MB.",
            remedy="Choose another --folder, or fewer --megabytes.",
        )
    import duckdb

    path = FileS3(folder).path(_settings().bucket(_layer("RAW")), FILE)
    path.parent.mkdir(parents=True)
    values = {"rows": rows_of(megabytes), "repeated": _REPEATED_EVERY, "word": _WORD_EVERY}
    duckdb.sql(ROWS, params=values).write_csv(str(path))
    with path.open("a", encoding="utf-8") as file:
        file.writelines(f"{number},torn\n" for number in range(TORN))
    return path


def measured(stage: str, folder: Path) -> Outcome:
    """Run one stage in a fresh process.

    Args:
        stage: `bronze`, or `silver` after it.
        folder: Where the stand-in's objects are.
    """
    command = [sys.executable, "-m", "benchmarks.load.large", stage, str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr)
    return Outcome(**json.loads(done.stdout.splitlines()[-1]))


def bronze(folder: Path) -> Outcome:
    """Land the file; silver's messages are kept beside it."""
    from watershed.bronze.event import Arrival
    from watershed.bronze.land import Surroundings, land
    from watershed.messages import BronzePart
    from watershed.s3 import S3

    started, settings, s3 = time.monotonic(), _settings(), FileS3(folder)
    raw, messages = settings.bucket(_layer("RAW")), list[BronzePart]()
    around = Surroundings(settings, {DATASET: contract()}, S3(s3), messages.extend)
    landed = land(Arrival(raw, FILE, None, s3.path(raw, FILE).stat().st_size), around)
    (folder / "messages.jsonl").write_text("".join(f"{each.to_json()}\n" for each in messages))
    return _outcome(_ledger(folder, "bronze"), started, landed.parts)


def silver(folder: Path) -> Outcome:
    """Take the parts into an Iceberg table, ten messages at a time, as the queue hands them over."""
    import boto3
    from moto import mock_aws
    from watershed import names
    from watershed.messages import BronzePart
    from watershed.s3 import S3
    from watershed.silver.accounts import Accounts
    from watershed.silver.lakehouse import Lakehouse
    from watershed.silver.service import Silver

    started, settings, client = time.monotonic(), _settings(), FileS3(folder)
    messages = [BronzePart.from_json(line) for line in (folder / "messages.jsonl").read_text().splitlines()]
    with mock_aws():
        glue = boto3.Session("test", "test", region_name=REGION).client("glue")
        glue.create_database(DatabaseInput={"Name": names.SILVER_DB})
        lakehouse = Lakehouse(glue, client, settings.bucket(_layer("SILVER")))
        contracts, s3 = {DATASET: contract()}, S3(client)
        taking = Silver(settings, contracts, s3, lakehouse, Accounts(s3, settings), lambda _: None)
        for start in range(0, len(messages), _PARTS_AT_ONCE):
            for _ in taking.take(DATASET, messages[start : start + _PARTS_AT_ONCE]):
                pass
        result = _outcome(_ledger(folder, "silver"), started, len(messages))
        files = lakehouse.load(contract().table).scan().plan_files()
        paths = [task.file.file_path for task in files]
    (folder / "silver.json").write_text(json.dumps(paths))
    return result


def standing(folder: Path) -> tuple[int, int]:
    """Rows and distinct keys in silver's data files, read by DuckDB alone."""
    import duckdb

    s3 = FileS3(folder)
    addresses = (each.removeprefix("s3://").partition("/") for each in json.loads((folder / "silver.json").read_text()))
    paths = [str(s3.path(bucket, key)) for bucket, _, key in addresses]
    found = duckdb.sql("select count(*), count(distinct line_id) from read_parquet($paths)", params={"paths": paths})
    rows, keys = found.fetchall()[0]
    return rows, keys


def _ledger(folder: Path, stage: str) -> dict[str, int]:
    """The sums of the ledger's entries of a stage."""
    import pyarrow as pa
    from pyarrow import parquet

    found = sorted((folder / _settings().bucket(_layer("LEDGER"))).glob(f"*-{stage}.parquet"))
    entries = [row for path in found for row in parquet.ParquetFile(path).read().to_pylist()]
    counts = [field.name for field in parquet.read_schema(found[0]) if pa.types.is_integer(field.type)]
    return {name: sum(entry[name] for entry in entries) for name in counts if name != "part"}


def _outcome(rows: dict[str, int], started: float, parts: int) -> Outcome:
    used = usage()
    return Outcome(rows, used["peak"], used["cpu"], time.monotonic() - started, parts)


def _settings() -> Any:
    from watershed.settings import Settings

    return Settings(ACCOUNT, REGION, ("DE",))


def _layer(name: str) -> Any:
    from watershed.names import Layer

    return Layer[name]


def main() -> None:
    """Run one stage, and print its outcome as JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("stage", choices=("bronze", "silver"))
    parser.add_argument("folder", type=Path)
    given = parser.parse_args()
    print(json.dumps(asdict({"bronze": bronze, "silver": silver}[given.stage](given.folder))))


if __name__ == "__main__":
    main()
