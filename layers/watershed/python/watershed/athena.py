"""Athena: run a statement, wait for it, read its rows."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from watershed.errors import QueryFailed

FIRST_WAIT, LONGEST_WAIT, GROWTH = 0.05, 2.0, 1.5  # seconds between two looks at a running statement

_CODE = re.compile(r"[A-Z][A-Z0-9_]{2,}(?=:)")
_REMEDIES = {  # by Athena's code, where more can be said than of any failure
    "TABLE_NOT_FOUND": "Correct its name, or send files: a table is there once what it is made of has come.",
}
_PARSERS: dict[str, Callable[[str], Any]] = {
    "tinyint": int,
    "smallint": int,
    "integer": int,
    "bigint": int,
    "double": float,
    "float": float,
    "decimal": Decimal,
    "boolean": lambda text: text == "true",
    "date": date.fromisoformat,
    "timestamp": datetime.fromisoformat,
}


@dataclass(frozen=True)
class Athena:
    """One region's Athena, in one workgroup, which says where results go.

    Args:
        client: boto3's `athena` client, or any object with the same methods.
        workgroup: The workgroup's name.
        sleep: Waits the given seconds; tests pass their own.
    """

    client: Any
    workgroup: str
    sleep: Callable[[float], None] = time.sleep

    def run(self, sql: str, *, database: str | None = None, parameters: Sequence[str] = ()) -> str:
        """Run one statement to its end and return its query execution id.

        Args:
            sql: One statement in Athena's dialect.
            database: The database of names that carry none.
            parameters: What its question marks stand for: literals of SQL, in order.

        Raises:
            QueryFailed: if Athena refused, failed or cancelled it; the message ends with Athena's own reason.
        """
        query = self.start(sql, database=database, parameters=parameters)
        self.ended(query)
        return query

    def start(self, sql: str, *, database: str | None = None, parameters: Sequence[str] = ()) -> str:
        """Start one statement and return its query execution id."""
        request: dict[str, Any] = {"QueryString": sql, "WorkGroup": self.workgroup}
        if database is not None:
            request["QueryExecutionContext"] = {"Database": database}
        if parameters:
            request["ExecutionParameters"] = list(parameters)
        return str(self.client.start_query_execution(**request)["QueryExecutionId"])

    def ended(self, query: str, patient: Callable[[], bool] = lambda: True) -> bool:
        """Wait for a statement that was started; False if it still runs when patience ends.

        Args:
            query: From `start`.
            patient: Asked again and again whether to go on waiting.

        Raises:
            QueryFailed: as `run`.
        """
        wait = FIRST_WAIT
        while True:
            status = self.client.get_query_execution(QueryExecutionId=query)["QueryExecution"]["Status"]
            if status["State"] == "SUCCEEDED":
                return True
            if status["State"] in {"FAILED", "CANCELLED"}:
                raise _failure(query, status)
            if not patient():
                return False
            self.sleep(wait)
            wait = min(wait * GROWTH, LONGEST_WAIT)

    def rows(
        self, sql: str, *, database: str | None = None, parameters: Sequence[str] = ()
    ) -> tuple[list[str], list[list[str | None]]]:
        """Run a query and return its column names and all its rows as Athena's text; None is NULL.

        Raises:
            QueryFailed: as `run`.
        """
        columns, rows = self._read(self.run(sql, database=database, parameters=parameters))
        return [name for name, _ in columns], rows

    def typed_rows(self, sql: str, *, database: str | None = None) -> tuple[list[str], list[list[Any]]]:
        """As `rows`, with each value in Python's type: int, float, Decimal, bool, date, naive datetime, else str.

        Raises:
            QueryFailed: as `run`.
        """
        columns, rows = self._read(self.run(sql, database=database))
        parsers = [_PARSERS.get(kind, str) for _, kind in columns]
        typed = [
            [None if value is None else parse(value) for parse, value in zip(parsers, row, strict=True)] for row in rows
        ]
        return [name for name, _ in columns], typed

    def _read(self, query: str) -> tuple[list[tuple[str, str]], list[list[str | None]]]:
        """All pages of a finished statement's result: (name, type) of each column, and the rows."""
        columns: list[tuple[str, str]] = []
        rows: list[list[str | None]] = []
        for page in self._pages(query):
            columns = columns or [
                (column["Name"], column["Type"].partition("(")[0]) for column in page["ResultSetMetadata"]["ColumnInfo"]
            ]
            rows.extend([cell.get("VarCharValue") for cell in row.get("Data", [])] for row in page["Rows"])
        # A SELECT's first row repeats the column names; SHOW, DESCRIBE and EXPLAIN have no such row.
        if rows and rows[0] == [name for name, _ in columns]:
            del rows[0]
        return columns, rows

    def _pages(self, query: str) -> Iterator[dict[str, Any]]:
        token: dict[str, str] = {}
        while True:
            page = self.client.get_query_results(QueryExecutionId=query, **token)
            yield page["ResultSet"]
            if not page.get("NextToken"):
                return
            token = {"NextToken": page["NextToken"]}


def _failure(query: str, status: dict[str, Any]) -> QueryFailed:
    reason = str(status.get("StateChangeReason") or "Athena gave no reason.")
    found = _CODE.search(reason)
    code = found[0] if found else str(status["State"])
    return QueryFailed(
        f"Athena query {query} ended {status['State']}: {reason}",
        remedy=_REMEDIES.get(code, "Correct the statement, or look the query up in Athena's history."),
        query=query,
        code=code,
    )
