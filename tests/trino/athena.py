"""The local Athena, asked through its API, with its answers in the form in which Trino's are compared."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from tests.trino.answer import Answer, Refused

if TYPE_CHECKING:
    from collections.abc import Iterator

WORKGROUP, REGION, BUCKET = "judge", "eu-central-1", "judge-results"
_WITH_PARAMETERS = "decimal"


class Athena:
    """One workgroup of one region.

    Args:
        client: boto3's `athena` client.
        workgroup: its name; it says where results go.
    """

    def __init__(self, client: Any, workgroup: str) -> None:
        self._client, self._workgroup = client, workgroup

    def run(self, sql: str) -> Answer:
        """Run one statement to its end.

        Raises:
            Refused: with the code and the words of the state's reason.
        """
        query = self._client.start_query_execution(QueryString=sql, WorkGroup=self._workgroup)["QueryExecutionId"]
        status = self._finished(query)
        if status["State"] != "SUCCEEDED":
            code, _, message = status.get("StateChangeReason", "").partition(": ")
            raise Refused(code, message)
        columns: tuple[tuple[str, str], ...] = ()
        rows: list[tuple[str | None, ...]] = []
        for page in self._client.get_paginator("get_query_results").paginate(QueryExecutionId=query):
            columns = tuple((c["Name"], _type(c)) for c in page["ResultSet"]["ResultSetMetadata"]["ColumnInfo"])
            rows += [tuple(cell.get("VarCharValue") for cell in row["Data"]) for row in page["ResultSet"]["Rows"]]
        return Answer(columns, tuple(rows[1:]))  # the first row repeats the names

    def _finished(self, query: str) -> dict[str, Any]:
        while True:
            status: dict[str, Any] = self._client.get_query_execution(QueryExecutionId=query)["QueryExecution"][
                "Status"
            ]
            if status["State"] not in {"QUEUED", "RUNNING"}:
                return status
            time.sleep(0.005)


def _type(column: dict[str, Any]) -> str:
    kind = str(column["Type"])
    return f"{kind}({column['Precision']},{column['Scale']})" if kind == _WITH_PARAMETERS else kind


@contextmanager
def alone() -> Iterator[Athena]:
    """A local Athena with no tables, for as long as the context lasts."""
    import boto3
    from moto import mock_aws

    from local import athena

    with mock_aws():
        athena.install()
        try:
            session = boto3.Session("local", "local", region_name=REGION)
            session.client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
            client = session.client("athena")
            output = {"ResultConfiguration": {"OutputLocation": f"s3://{BUCKET}/"}}
            client.create_work_group(Name=WORKGROUP, Configuration=output)
            yield Athena(client, WORKGROUP)
        finally:
            athena.uninstall()
