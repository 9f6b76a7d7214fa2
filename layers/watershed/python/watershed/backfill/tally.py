"""What a backfill will do to silver, counted beforehand: to be judged, and to skip where there is nothing."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlglot import exp, select

from watershed import names
from watershed.backfill import merge
from watershed.backfill.rows import FAILURE
from watershed.backfill.sql import both, column, sql, table
from watershed.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from watershed.backfill.judged import Judged
    from watershed.contracts.model import Table

_VERDICT = "verdict"
QUARANTINED = "quarantined"


@dataclass
class Tally:
    """Rows of one source for one table.

    Attributes:
        rows: All rows, or elements, read.
        verdicts: `inserted`, `updated`, `duplicate` and `stale` as in the ledger; `superseded`: a later row of the
            backfill itself has the same key; `quarantined`. For elements, whose sets are replaced whole: `kept`.
        reasons: Of the quarantined ones.
    """

    rows: int = 0
    verdicts: Counter[str] = field(default_factory=Counter)
    reasons: Counter[Reason] = field(default_factory=Counter)


def query(judged: Judged, held: Table) -> exp.Select:
    """Rows by `_failure` and `verdict`."""
    rows = _own(judged, held) if held.parent is None else _elements(judged, held)
    return (
        select(column(FAILURE), column(_VERDICT), exp.alias_(exp.Count(this=exp.Star()), "rows_in", quoted=True))
        .from_(rows.subquery("judged"))
        .group_by(column(FAILURE), column(_VERDICT))
    )


def read(judged: Judged, held: Table, answer: Iterable[Sequence[int | str | None]]) -> Tally:
    """The answer to `query`."""
    tests, tally = judged.plan(held).tests, Tally()
    for failure, verdict, count in answer:
        tally.rows += int(str(count))
        tally.verdicts[str(verdict)] += int(str(count))
        if failure is not None:
            tally.reasons[tests[int(failure)][1].reason] += int(str(count))
    return tally


def _own(judged: Judged, held: Table) -> exp.Select:
    decided_by = {*held.primary_key, held.version_column}
    content = merge.differs([each.name for each in held.columns if each.name not in decided_by] or held.primary_key)
    verdict = sql(
        "CASE WHEN :failure IS NOT NULL THEN 'quarantined' WHEN :rank > 1 THEN 'superseded'"
        " WHEN :key IS NULL THEN 'inserted' WHEN NOT :content THEN 'duplicate'"
        " WHEN :written THEN 'updated' ELSE 'stale' END",
        failure=column(FAILURE, "s"),
        rank=column(merge.RANK, "s"),
        key=column(held.primary_key[0], "t"),
        content=content,
        written=merge.written(held),
    )
    good_first = merge.ranked(judged.rows(held), held, column(FAILURE).is_(exp.null()))
    stands = both([sql(f's."{FAILURE}" IS NULL'), merge.same(held.primary_key, "s", "t")])
    return (
        select(column(FAILURE, "s"), exp.alias_(verdict, _VERDICT, quoted=True))
        .from_(good_first.subquery("s"))
        .join(exp.alias_(table(names.SILVER_DB, held.name), "t", table=True), on=stands, join_type="left")
    )


def _elements(judged: Judged, held: Table) -> exp.Select:
    verdict = sql(f"CASE WHEN \"{FAILURE}\" IS NULL THEN 'kept' ELSE 'quarantined' END")
    rows = judged.rows(held).subquery("judged")
    return select(column(FAILURE), exp.alias_(verdict, _VERDICT, quoted=True)).from_(rows)
