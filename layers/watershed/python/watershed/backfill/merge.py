"""The statements that bring judged rows into silver: who stands for each key is decided as in `silver.merge`."""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING

from sqlglot import exp, select

from watershed import names
from watershed.backfill.bronze import INGESTED_AT, LINEAGE, ROW_NUMBER, SOURCE_KEY, SOURCE_VERSION
from watershed.backfill.conversions import trino_type
from watershed.backfill.sql import both, column, either, sql, table
from watershed.records import LINEAGE_COLUMNS
from watershed.silver.plan import POSITION

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from watershed.backfill.judged import Judged
    from watershed.contracts.model import Table

RANK = "_rank"  # 1: the row that stands for its key among those of the backfill
_ORIGIN = (SOURCE_KEY, SOURCE_VERSION, ROW_NUMBER)  # these alone identify a source row
_ARRIVAL = (INGESTED_AT, *_ORIGIN)  # after the version column, it decides who stands
_GONE = "_gone"  # of an element: the set that it belongs to is replaced, and nothing takes its place


def own(judged: Judged, within: exp.Expr) -> exp.Merge:
    """Merge the dataset's own rows: the later row stands, and the same row read anew replaces itself.

    Args:
        judged: The rows.
        within: A condition on the rows that are to be merged; see `slices`.
    """
    held = judged.contract.table
    columns = [*(each.name for each in held.columns), *LINEAGE]
    latest = select(*map(column, columns)).from_(ranked(judged.good(held), held).subquery("r"))
    return _merge(
        held,
        latest.where(both([sql(f'"{RANK}" = 1'), within])),
        [
            exp.When(matched=True, condition=written(held), then=_update(columns)),
            exp.When(matched=False, then=_insert(columns)),
        ],
    )


def elements(judged: Judged, child: Table) -> exp.Merge:
    """Replace the sets of elements whose parent row stands and is one of the backfill's. To be run after `own`."""
    parent = judged.contract.table
    columns = [*(each.name for each in child.columns), *LINEAGE]
    keys = parent.primary_key
    parents = exp.alias_(table(names.SILVER_DB, parent.name), "p", table=True)
    set_of = [*keys, *_ORIGIN]
    coming = (
        select(*(column(name, "e") for name in columns), exp.alias_(exp.false(), _GONE, quoted=True))
        .from_(exp.to_table("elements").as_("e"))
        .join(parents.copy(), on=same(set_of, "e", "p"))
    )
    types = {each.name: each.athena_type for each in child.columns} | dict(LINEAGE_COLUMNS)
    nothing = [sql(f"CAST(NULL AS {trino_type(types[name])})") for name in columns if name not in {*keys, POSITION}]
    going = (
        select(*(column(name, "x") for name in (*keys, POSITION)), *nothing, exp.true())
        .from_(exp.alias_(table(names.SILVER_DB, child.name), "x", table=True))
        .join(parents, on=same(keys, "x", "p"))
        .join("ours AS o", on=same(set_of, "o", "p"))
        .join("elements AS e", on=both([same(set_of, "e", "p"), same((POSITION,), "e", "x")]), join_type="left")
        .where(sql(":position IS NULL", position=column(POSITION, "e")))
    )
    # The backfill's rows themselves, not their elements: a set may have become empty.
    ours = select(*map(column, set_of)).distinct().from_(judged.good(parent).subquery("g"))
    rows = exp.union(coming, going, distinct=False).with_("elements", as_=judged.good(child)).with_("ours", as_=ours)
    gone = column(_GONE, "s")
    return _merge(
        child,
        rows,
        [
            exp.When(matched=True, condition=gone, then=exp.var("DELETE")),
            exp.When(matched=True, condition=differs(columns), then=_update(columns)),
            exp.When(matched=False, condition=exp.not_(gone.copy()), then=_insert(columns)),
        ],
    )


def ranked(rows: exp.Query, held: Table, *within: exp.Expr) -> exp.Select:
    """The rows with `_rank` among those of their key: version first, then arrival, the latest before the others.

    Args:
        rows: The table's columns and lineage.
        held: The table.
        within: What else rows must have in common to be ranked together.
    """
    order = [*([held.version_column] if held.version_column else []), *_ARRIVAL]
    window = exp.Window(
        this=exp.RowNumber(),
        partition_by=[*map(column, held.primary_key), *within],
        order=exp.Order(expressions=[exp.Ordered(this=column(name), desc=True, nulls_first=False) for name in order]),
    )
    return select("*", exp.alias_(window, RANK, quoted=True)).from_(rows.subquery("good"))


def written(held: Table) -> exp.Expr:
    """Whether the row `s` replaces `t`: it is later, or it is the same source row read by another contract."""
    anew = both([same(_ORIGIN, "s", "t"), differs(each.name for each in held.columns)])
    return either([_later(held), anew])


def _later(held: Table) -> exp.Expr:
    """Whether the row `s` stands before `t`: by version, none being the least, then by arrival."""
    steps = [(_greater(name), same((name,), "s", "t")) for name in _ARRIVAL]
    if held.version_column:
        s, t = (column(held.version_column, alias) for alias in "st")
        greater = sql(":s > :t OR :s IS NOT NULL AND :t IS NULL", s=s, t=t)
        steps.insert(0, (greater, sql(":s IS NOT DISTINCT FROM :t", s=s, t=t)))
    (last, _), *before = reversed(steps)
    return reduce(lambda rest, step: either([step[0], both([step[1], rest])]), before, last)


def differs(columns: Iterable[str]) -> exp.Expr:
    """Whether `s` and `t` differ in any of the columns."""
    return either([sql(":s IS DISTINCT FROM :t", s=column(name, "s"), t=column(name, "t")) for name in columns])


def same(columns: Sequence[str], left: str, right: str) -> exp.Expr:
    """Whether two rows agree in columns that are never NULL."""
    return both([column(name, left).eq(column(name, right)) for name in columns])


def _greater(name: str) -> exp.Expr:
    return sql(":s > :t", s=column(name, "s"), t=column(name, "t"))


def _update(columns: Sequence[str]) -> exp.Update:
    return exp.Update(expressions=[column(name).eq(column(name, "s")) for name in columns])


def _insert(columns: Sequence[str]) -> exp.Insert:
    return exp.Insert(
        this=exp.Tuple(expressions=[column(name) for name in columns]),
        expression=exp.Tuple(expressions=[column(name, "s") for name in columns]),
    )


def _merge(held: Table, rows: exp.Query, whens: list[exp.When]) -> exp.Merge:
    return exp.Merge(
        this=exp.alias_(table(names.SILVER_DB, held.name), "t", table=True),
        using=rows.subquery("s"),
        on=same(held.primary_key, "s", "t"),
        whens=exp.Whens(expressions=whens),
    )
