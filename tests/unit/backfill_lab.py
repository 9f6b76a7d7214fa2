"""The conversions as Athena's SQL over texts written out: the same question for silver, the local Athena and Trino."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from sqlglot import exp, select
from watershed.backfill.rows import FAILURE, typed
from watershed.backfill.sql import DIALECT, column
from watershed.contracts.model import Column, Contract, Kind, Residency, Source, Table
from watershed.silver.plan import plan_table
from watershed.silver.render import typed as typed_by_silver
from watershed.silver.steps import Broken, Failure, Unexpected

from tests.unit import test_silver_conversions as conversions
from tests.unit import test_silver_time as time
from tests.unit.silver_lab import at, shared_engine

if TYPE_CHECKING:
    from collections.abc import Sequence

    from watershed.silver.steps import RowPlan

JURISDICTION = ("DE", "AT", "IS")
NOBODY_S = Residency(None)


@dataclass(frozen=True)
class Question:
    """What becomes of `texts` in `column`, written as `source` writes."""

    column: Column
    source: Source
    texts: tuple[str | None, ...]
    flags: tuple[tuple[Broken | Unexpected, Failure], ...] = ()
    residency: Residency = NOBODY_S

    @cached_property
    def _plan(self) -> RowPlan:
        contract = Contract("t", "1", "", (Table("t", (self.column,), ()),), (self.source,), self.residency)
        return plan_table(contract, self.source, JURISDICTION, {"x": "x"}, self.flags)

    @property
    def sql(self) -> str:
        """A query for the value as text and the failed test, in the order of the texts."""
        rows = [
            exp.Tuple(expressions=[exp.Literal.number(n), exp.cast(exp.convert(text), "varchar")])
            for n, text in enumerate(self.texts)
        ]
        names = exp.TableAlias(this=exp.to_identifier("t"), columns=[exp.to_identifier("n"), exp.to_identifier("x")])
        given = select("*").from_(exp.Values(expressions=rows, alias=names))
        found = typed(given, self._plan, ["n"])
        return select(column("x"), column(FAILURE)).from_(found.subquery("r")).order_by("n").sql(DIALECT)

    def by_silver(self) -> list[tuple[Any, int | None]]:
        """Silver's own answer: values in Python's types, and failed tests."""
        rows = typed_by_silver(shared_engine(), pa.table({"x": pa.array(self.texts, pa.string())}), self._plan, [])
        return [(None if row[FAILURE] is not None else row["x"], row[FAILURE]) for row in rows.to_pylist()]


def questions() -> list[Question]:
    """Every case of silver's own tests: conversions, checks, and local times around the changes of the clocks."""
    by_column: dict[tuple[str, str], tuple[Column, Source, list[str | None]]] = {}
    for x, source, text, _ in conversions.CASES:
        by_column.setdefault((x.athena_type, source.name), (x, source, []))[2].append(text)
    asked = [Question(x, source, tuple(texts)) for x, source, texts in by_column.values()]
    asked += [Question(x, conversions.PLAIN, (text,)) for x, text, _ in conversions.CHECKS]
    return asked + [_times(zone) for zone in time.ZONES]


def _times(zone: str) -> Question:
    """A time before, in and after each of the last changes of the clocks."""
    changes = time.CHANGES[zone][-6:] or [at("2024-06-01")]
    moments = [change + timedelta(minutes=minutes) for change in changes for minutes in range(-1440, 120, 90)]
    source = Source("s", time_zone=zone, timestamp_formats=("%Y-%m-%d %H:%M:%S.%f",))
    return Question(Column("x", Kind.TIMESTAMP), source, tuple(f"{m:%Y-%m-%d %H:%M:%S.%f}" for m in moments))


def agree(silver: Sequence[tuple[Any, int | None]], athena: Sequence[Sequence[str | None]]) -> bool:
    """Whether Athena's text says what silver's values are. Values of failed rows mean nothing."""
    if len(silver) != len(athena):
        return False
    return all(
        (None if failure is None else int(failure)) == failed and (failed is not None or _same(value, text))
        for (value, failed), (text, failure) in zip(silver, athena, strict=True)
    )


def _same(value: Any, text: str | None) -> bool:
    if value is None or text is None:
        return value is None and text is None
    if isinstance(value, bool):
        return text == str(value).lower()
    if isinstance(value, datetime):
        return datetime.fromisoformat(text) == value
    return type(value)(text) == value if isinstance(value, int | float | Decimal) else str(value) == text
