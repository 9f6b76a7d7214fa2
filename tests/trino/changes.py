"""Statements that change a table, with what a real Trino made of it, in `tests/local/dml/*.yaml`.

`make trino-check` asks a real Trino for each again.

Each begins with the same tables, `db.t` to change and `db.s` to take from. A case says how many rows the statement
changed and the rows of `db.t` afterwards, or the code of its failure.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import yaml

from local.aws import LocalAWS
from local.paths import ROOT
from tests.trino import catalogs
from tests.trino.answer import Refused, Row

if TYPE_CHECKING:
    from tests.trino.client import Trino

REGION, BUCKET = "eu-central-1", "changes"
FOLDER = ROOT / "tests" / "local" / "dml"
ALL = "SELECT * FROM db.t ORDER BY id, name"
COLUMNS = {
    "t": "id bigint NOT NULL, name varchar, amount decimal(10,2), n integer, at timestamp(6), day date",
    "s": "id bigint, name varchar",
}
ROWS = {
    "t": "(1, 'a', 1.50, 1, TIMESTAMP '2024-01-01 00:00:00.123456', DATE '2024-01-01'), "
    "(2, 'b', 2.50, 2, NULL, NULL), (3, NULL, NULL, NULL, NULL, NULL)",
    "s": "(1, 'A'), (4, 'D'), (NULL, 'N')",
}


@dataclass(frozen=True)
class Done:
    """The statement succeeded."""

    changed: int
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Change:
    """One statement, and its answer or the code of its failure."""

    title: str
    sql: str
    answer: Done | str


def read_all() -> list[Change]:
    """All of them."""
    return [
        Change(
            f"{path.stem}: {item['name']}",
            item["sql"],
            item.get("error") or Done(item["changed"], tuple(tuple(row) for row in item["rows"])),
        )
        for path in sorted(FOLDER.glob("*.yaml"))
        for item in yaml.safe_load(path.read_text(encoding="utf-8"))
    ]


def ask(trino: Trino, catalog: str, change: Change, location: str) -> Done | str:
    """What Trino makes of it.

    Args:
        trino: The server.
        catalog: From `catalogs.of`; it has an empty database `db`.
        change: The statement.
        location: An empty folder of S3.
    """
    for name, columns in COLUMNS.items():
        trino.run(f"DROP TABLE IF EXISTS {catalog}_iceberg.db.{name}")
        trino.run(f"CREATE TABLE {catalog}_iceberg.db.{name} ({columns}) WITH (location = '{location}/{name}')")
        trino.run(f"INSERT INTO {catalog}_iceberg.db.{name} VALUES {ROWS[name]}")
    try:
        changed = int(trino.run(change.sql, catalog=catalog).rows[0][0] or 0)
    except Refused as refused:
        return refused.code
    return Done(changed, trino.run(ALL, catalog=catalog).rows)


def check(trino: Trino, port: int) -> list[str]:
    """Ask for all of them; gives a line for each whose answer is another one.

    Args:
        trino: With the catalogs of `REGION` on the local AWS at `port`.
        port: Where to serve that.
    """
    with LocalAWS(port=port) as aws:
        where = {"LocationConstraint": REGION}
        aws.client("s3", REGION).create_bucket(Bucket=BUCKET, CreateBucketConfiguration=where)
        aws.client("glue", REGION).create_database(DatabaseInput={"Name": "db"})
        answers = {
            change: ask(trino, catalogs.name(REGION), change, f"s3://{BUCKET}/{number}")
            for number, change in enumerate(read_all())
        }
    return [
        f"not as recorded: {change.title}\n  {change.sql}\n  {answer}"
        for change, answer in answers.items()
        if answer != change.answer
    ]
