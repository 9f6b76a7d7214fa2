"""A backfill's statements: which files they read, in which pieces, and that Athena takes them."""

from __future__ import annotations

import dataclasses
import re
from datetime import date
from decimal import Decimal
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, cast

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlglot import exp, select
from watershed import catalog
from watershed.backfill import bronze, elements, held, merge, slices, tally
from watershed.backfill.bronze import Window
from watershed.backfill.judged import Judged
from watershed.backfill.run import Backfill
from watershed.backfill.sql import DIALECT, column, sql
from watershed.contracts.model import Partition, SchemaChange
from watershed.errors import ConfigurationError

from local.config import regions
from local.paths import LAKE
from tests.trino import athena
from tests.unit.silver_lab import ORDERS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from watershed.athena import Athena

MOST_BYTES = 262_144  # of a statement, in Athena
WINDOW = Window(date(2026, 1, 1), date(2026, 3, 31))
PLACES = regions()


def judged() -> Iterator[Judged]:
    """A source of each contract, in the region with the most formats, so with the longest statements."""
    place = PLACES[-1]
    for contract in (each for each in catalog.build(LAKE).contracts.values() if each.comes_to(place.region)):
        *earlier, source = bronze.sources_in(contract, place.region)
        yield Judged(contract, source, tuple(earlier), place.jurisdiction, WINDOW)


@pytest.mark.slow  # `make drills`
@pytest.mark.parametrize("rows", list(judged()), ids=lambda rows: f"{rows.contract.name}-{rows.source.name}")
def test_every_statement_is_one_that_athena_takes(rows: Judged) -> None:
    made: list[exp.Expr] = [merge.own(rows, exp.true())]
    made += [merge.elements(rows, child) for child in rows.contract.children]
    made += [held.insert(rows, table) for table in rows.contract.tables]
    made += [tally.query(rows, table) for table in rows.contract.tables]
    for statement in made:
        text = statement.sql(DIALECT)
        assert len(text.encode()) < MOST_BYTES


@settings(max_examples=200)
@given(glob=st.text("ab.*?[!]_", min_size=1, max_size=8), name=st.text("ab.*?[!]_", min_size=1, max_size=8))
def test_a_file_name_s_pattern_means_the_same_as_when_files_are_routed(glob: str, name: str) -> None:
    try:
        found = re.fullmatch(bronze.as_expression(glob), name) is not None
    except re.error:  # a reversed range, which matches nothing
        found = False
    assert found == fnmatchcase(name, glob)


@given(days=st.sets(st.dates(date(2020, 1, 1), date(2024, 1, 1)), max_size=450).map(sorted))
def test_windows_take_each_day_once_and_never_too_many(days: list[date]) -> None:
    windows = list(slices.windows(days))
    taken = [[day for day in days if window.since <= day <= window.until] for window in windows]
    assert [day for some in taken for day in some] == days
    assert all(0 < len(some) <= slices.MOST_PARTITIONS for some in taken)


@settings(max_examples=25)
@given(months=st.sets(st.integers(0, 600), max_size=350), none=st.booleans())
def test_ranges_take_each_partition_once_and_never_too_many(months: set[int], none: bool) -> None:
    begins = [date(1990 + month // 12, month % 12 + 1, 1) for month in sorted(months)]
    known: list[str | None] = [each.isoformat() for each in begins]
    conditions = slices.ranges(ORDERS.table, known + [None] * none)
    rows = ", ".join(["(NULL::TIMESTAMP)"] * none + [f"(TIMESTAMP '{each} 13:00')" for each in begins]) or "(NULL)"
    taken = [
        duckdb.sql(f"SELECT ordered_at FROM (VALUES {rows}) t(ordered_at) WHERE {condition.sql('duckdb')}").fetchall()
        for condition in conditions
    ]
    assert all(len(each) <= slices.MOST_PARTITIONS for each in taken)
    count = len(begins) + none
    assert sum(map(len, taken)) == len({row for each in taken for row in each}) == count


def test_a_table_whose_partitions_are_buckets_is_never_cut() -> None:
    table = dataclasses.replace(ORDERS.table, partition=Partition("order_id", "bucket", 16))
    rows = Judged(ORDERS, ORDERS.sources[0], (), ("DE",), WINDOW)
    assert slices.partitions(rows, table) is None
    assert slices.ranges(table, [None]) == [exp.true()]


def test_values_inside_json_are_refused() -> None:
    source = dataclasses.replace(ORDERS.sources[0], columns={"amount": ("total.amount",)})
    rows = Judged(ORDERS, source, (), ("DE",), WINDOW)
    with pytest.raises(ConfigurationError, match=r"orders: `total.amount` reaches into JSON"):
        rows.rows(ORDERS.table)


def test_what_is_refused_is_refused_before_athena_is_asked_anything() -> None:
    """Also if it is the last of several sources."""
    inside = dataclasses.replace(ORDERS.sources[0], name="inside", columns={"amount": ("total.amount",)})
    contract = dataclasses.replace(ORDERS, sources=(*ORDERS.sources, inside))
    backfill = Backfill(cast("Athena", None), contract, "eu-central-1", ("DE",))
    for asked in (backfill.count, backfill.run):
        with pytest.raises(ConfigurationError, match="reaches into JSON"):
            list(asked(WINDOW))


def test_columns_that_athena_does_not_see_cannot_decide_about_rows() -> None:
    contract = dataclasses.replace(ORDERS, schema_change=SchemaChange.QUARANTINE)
    rows = Judged(contract, ORDERS.sources[0], (), ("DE",), WINDOW)
    with pytest.raises(ConfigurationError, match=r"orders: `schemaChange: quarantine` asks for columns"):
        rows.rows(ORDERS.table)


def test_a_dataset_that_no_source_delivers_here_is_refused() -> None:
    contract = dataclasses.replace(ORDERS, sources=(dataclasses.replace(ORDERS.sources[0], regions=("us-east-1",)),))
    with pytest.raises(ConfigurationError, match="No source of orders delivers in eu-central-1"):
        bronze.sources_in(contract, "eu-central-1")


def test_a_row_of_another_jurisdiction_is_held_without_what_it_says() -> None:
    """Athena cannot give an object the tag by which such rows go sooner."""
    rows = Judged(ORDERS, ORDERS.sources[0], (), ("DE",), WINDOW)
    made = {each.alias: each for each in held.insert(rows, ORDERS.table).find_all(exp.Alias)}["raw"].this
    reasons = exp.alias_(
        exp.Values(
            expressions=[
                exp.Tuple(expressions=[exp.Literal.string(reason)])
                for reason in ("residency_violation", "invalid_type")
            ]
        ),
        "f",
        table=["reason"],
    )
    # Whatever the row says: its texts are columns of the rows, which are not here.
    for each in list(made.find_all(exp.Column)):
        if each.table == "r":
            each.replace(exp.Literal.string("secret"))
    query = select(column("reason", "f"), exp.alias_(made, "raw")).from_(reasons)
    with athena.alone() as local:
        said = {str(reason): raw for reason, raw in local.run(query.sql(DIALECT)).rows}
    assert said["residency_violation"] is None
    assert "secret" in str(said["invalid_type"])


def test_a_json_number_is_written_out_with_every_digit() -> None:
    texts = ["1e2", "1.5E+3", "-2.50e-3", "0.1e1", "12345678901234567890.123456789e2", "1e-5", "7", "-0.5", "1E400"]
    rows = [exp.Tuple(expressions=[exp.Literal.string(text)]) for text in texts]
    names = exp.TableAlias(this=exp.to_identifier("t"), columns=[exp.to_identifier("x")])
    given_rows = exp.Values(expressions=rows, alias=names)
    query = select(column("x"), exp.alias_(elements.plain(sql("x")), "y")).from_(given_rows)
    with athena.alone() as local:
        found = {str(x): str(y) for x, y in local.run(query.sql(DIALECT)).rows}
    assert {text: Decimal(said) for text, said in found.items()} == {text: Decimal(text) for text in texts}
    assert not any("e" in said.lower() for said in found.values())
