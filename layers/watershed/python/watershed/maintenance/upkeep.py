"""Carries out tasks one after the other, as long as there is time; one that fails does not stop those behind it."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from watershed import names
from watershed.athena import Athena
from watershed.errors import MaintenanceFailed, QueryFailed
from watershed.log import logger
from watershed.maintenance.message import Upkeep
from watershed.maintenance.tasks import all_tasks

if TYPE_CHECKING:
    from collections.abc import Iterator

# Athena did as much as one statement may, and there is more: the same statement goes on where this one ended.
_MORE = frozenset({"ICEBERG_OPTIMIZE_MORE_RUNS_NEEDED", "ICEBERG_VACUUM_MORE_RUNS_NEEDED"})


@dataclass(frozen=True)
class Maintainer:
    """Maintenance of one region.

    Args:
        athena: In the region's workgroup.
        glue: boto3's Glue client.
        tables: The tables of the contracts.
        send: Puts a message on maintenance's own queue.
    """

    athena: Athena
    glue: Any
    tables: Collection[str]
    send: Callable[[Upkeep], None]

    def work(self, asked: Upkeep, has_time: Callable[[], bool]) -> None:
        """Do what a message asks; what there is no time for goes into a new message.

        Args:
            asked: The message.
            has_time: Whether this function may go on waiting.

        Raises:
            MaintenanceFailed: if all is done and something failed, now or in the messages before: each task with
                Athena's code and query. A repeat does the last message's tasks again, which does no harm.
        """
        left = list(all_tasks(self._present()) if asked.tasks is None else asked.tasks)
        query, failed = asked.query, list(asked.failed)
        while left:
            if query is None and not has_time():
                break
            try:
                query = query or self.athena.start(left[0].statement)
                if not self.athena.ended(query, has_time):
                    break
                logger.info("maintained", extra={"task": str(left[0]), "query": query})
            except (QueryFailed, ClientError, BotoCoreError) as error:
                query = None
                if isinstance(error, QueryFailed) and error.code in _MORE:
                    continue
                logger.error("not maintained", extra={"task": str(left[0]), "cause": _cause(error)})
                failed.append(f"{left[0]} ({_cause(error)})")
            query = None
            del left[0]
        if left:
            self.send(Upkeep(tuple(left), query, tuple(failed)))
        elif failed:
            raise MaintenanceFailed(
                f"Silver's tables were not all maintained: {'; '.join(failed)}.",
                remedy="Mend the cause; the queue repeats the message.",
            )

    def _present(self) -> Iterator[str]:
        """The contracts' tables that silver has made so far."""
        for page in self.glue.get_paginator("get_tables").paginate(DatabaseName=names.SILVER_DB):
            yield from (table["Name"] for table in page["TableList"] if table["Name"] in self.tables)


def _cause(error: Exception) -> str:
    """Why a task failed, without what Athena quotes of the data: that is in its history, under the query's id."""
    if isinstance(error, QueryFailed):
        return f"{error.code}, Athena query {error.query}"
    if isinstance(error, ClientError):
        return f"{error.response['Error']['Code']} in {error.operation_name}"
    return type(error).__name__
