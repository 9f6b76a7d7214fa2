"""A local Athena over one bucket and one database, for tests that look at more than a query's rows."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import boto3
from pyiceberg.catalog.glue import GlueCatalog
from watershed.silver import file_io

from tests.trino.answer import Refused
from tests.trino.athena import REGION, WORKGROUP, alone

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyiceberg.table import Table

BUCKET, DATABASE = "lab", "db"


class Lab:
    """Statements through Athena's API, and pyiceberg beside it."""

    def __init__(self) -> None:
        session = boto3.Session("local", "local", region_name=REGION)
        self.s3, self.glue, self.athena = (session.client(name) for name in ("s3", "glue", "athena"))
        self.s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
        self.glue.create_database(DatabaseInput={"Name": DATABASE})
        files = {"py-io-impl": file_io.IMPLEMENTATION, file_io.CLIENT: self.s3}
        self.catalog = GlueCatalog("lab", client=self.glue, **files)

    def table(self, name: str) -> Table:
        """The Iceberg table as it is now."""
        return self.catalog.load_table((DATABASE, name))

    def objects(self, prefix: str = "") -> set[str]:
        """The bucket's objects."""
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix=prefix)
        return {item["Key"] for page in pages for item in page.get("Contents", [])}

    def start(self, sql: str, *parameters: str) -> str:
        """Start a statement."""
        named = {"ExecutionParameters": list(parameters)} if parameters else {}
        return str(self.athena.start_query_execution(QueryString=sql, WorkGroup=WORKGROUP, **named)["QueryExecutionId"])

    def finished(self, query: str) -> dict[str, Any]:
        """What GetQueryExecution says at the end.

        Raises:
            Refused: with the code and the words of the state's reason.
        """
        while True:
            execution: dict[str, Any] = self.athena.get_query_execution(QueryExecutionId=query)["QueryExecution"]
            status = execution["Status"]
            if status["State"] == "SUCCEEDED":
                return execution
            if status["State"] not in {"QUEUED", "RUNNING"}:
                code, _, message = status.get("StateChangeReason", "").partition(": ")
                raise Refused(code, message)
            time.sleep(0.005)

    def change(self, sql: str, *parameters: str) -> int:
        """Run a statement and return its update count."""
        query = self.start(sql, *parameters)
        self.finished(query)
        return int(self.athena.get_query_results(QueryExecutionId=query)["UpdateCount"])

    def rows(self, sql: str) -> tuple[tuple[str | None, ...], ...]:
        """A query's rows as Athena prints them."""
        query = self.start(sql)
        self.finished(query)
        result = self.athena.get_query_results(QueryExecutionId=query)["ResultSet"]["Rows"]
        return tuple(tuple(cell.get("VarCharValue") for cell in row["Data"]) for row in result[1:])


@contextmanager
def lab() -> Iterator[Lab]:
    """A local Athena for as long as the context lasts."""
    with alone():
        yield Lab()
