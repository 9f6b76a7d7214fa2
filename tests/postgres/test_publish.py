"""Publishing gold in a real PostgreSQL: what readers see, before, during and after, whatever happens."""

from __future__ import annotations

import contextlib
import itertools
import threading
from dataclasses import replace
from datetime import date, timedelta
from decimal import Context, Decimal
from typing import TYPE_CHECKING, Any, LiteralString

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from watershed.errors import Terminal, Transient
from watershed.gold.model import GoldColumn, GoldModel
from watershed.messages import GoldRun
from watershed.publish.run import Publication, State

from tests.postgres.lab import SALES

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.postgres.lab import Lab

FIRST, SECOND = date(2026, 3, 1), date(2026, 3, 2)
SECRET = "Secret" + "".join(map(chr, range(0x4E00, 0x4E00 + 9000)))  # longer than an index keeps, and hard to pack
ROWS = [(FIRST, "Downtown", Decimal("10.00"), 1), (FIRST, "Uptown", Decimal("20.50"), 2), (SECOND, "Uptown", None, 3)]
SAME_DATABASE = settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])


def test_a_table_is_made_with_its_rows(lab: Lab) -> None:
    assert lab.publish(lab.run(ROWS, files=2)) == [Publication(State.MADE, rows=3, inserted=3)]
    assert lab.shown() == ROWS


def test_only_rows_that_differ_are_written(lab: Lab) -> None:
    lab.publish(lab.run(ROWS))
    with lab.person() as connection:
        before: dict[str, str] = dict(connection.execute("SELECT branch || day, ctid FROM gold.sales").fetchall())
    changed = [ROWS[0], (FIRST, "Uptown", Decimal("21.00"), 2), (SECOND, "Downtown", Decimal(1), 4)]
    (done,) = lab.publish(lab.run(changed))
    assert done == Publication(State.CHANGED, rows=3, inserted=1, updated=1, deleted=1)
    assert lab.shown() == [changed[0], changed[1], changed[2]]
    with lab.person() as connection:
        after: dict[str, str] = dict(connection.execute("SELECT branch || day, ctid FROM gold.sales").fetchall())
    assert after["Downtown2026-03-01"] == before["Downtown2026-03-01"]
    assert after["Uptown2026-03-01"] != before["Uptown2026-03-01"]


_ROWS = st.dictionaries(
    st.tuples(st.dates(date(2026, 1, 1), date(2026, 1, 4)), st.sampled_from(["", "a", "ä", "NULL", '"', "\\N", ","])),
    st.tuples(st.none() | st.decimals(-100, 100, places=2), st.none() | st.integers(-(2**63), 2**63 - 1)),
    max_size=8,
)


@SAME_DATABASE
@given(versions=st.lists(_ROWS, min_size=1, max_size=4), data=st.data())
def test_whatever_was_shown_the_newest_run_is_shown_in_the_end(lab: Lab, versions: list[Any], data: Any) -> None:
    runs = [lab.run([(*key, *values) for key, values in rows.items()]) for rows in versions]
    arrivals = data.draw(st.permutations(runs * 2))
    lab.publish(*arrivals)
    assert lab.shown() == sorted((*key, *values) for key, values in versions[-1].items())


def test_a_run_that_is_shown_is_not_published_again(lab: Lab) -> None:
    run = lab.run(ROWS)
    lab.publish(run)
    assert lab.publish(run, run) == [Publication(State.SAME)] * 2


def test_an_older_run_does_not_replace_a_newer(lab: Lab) -> None:
    old, new = lab.run(ROWS[:1]), lab.run(ROWS)
    assert [done.state for done in lab.publish(new, old)] == [State.MADE, State.SUPERSEDED]
    assert lab.shown() == ROWS


def test_a_run_whose_files_are_gone_waits_for_the_newer_one(lab: Lab) -> None:
    gone = GoldRun("sales", "20260101T000000000000Z-00000000", "2026-01-01T00:00:00.000000+00:00")
    new = lab.run(ROWS)
    assert [done.state for done in lab.publish(gone, new)] == [State.SUPERSEDED, State.MADE]


def test_a_run_without_rows_empties_the_table(lab: Lab) -> None:
    lab.publish(lab.run(ROWS))
    assert lab.publish(lab.run([])) == [Publication(State.CHANGED, deleted=3)]
    assert lab.shown() == []


def test_readers_never_see_an_empty_or_a_half_table(lab: Lab) -> None:
    """Each run has one day's rows for a hundred branches: whoever reads sees a hundred rows of one day."""
    days = [FIRST + timedelta(days=n) for n in range(12)]
    runs = [lab.run([(day, f"branch {n}", Decimal(1), 1) for n in range(100)]) for day in days]
    lab.publish(runs[0])
    seen: list[tuple[Any, ...]] = []
    over = threading.Event()

    def read(level: psycopg.IsolationLevel) -> None:
        with lab.person() as connection:
            connection.autocommit = False
            connection.isolation_level = level
            while not over.is_set():
                with connection.transaction():
                    counted = "SELECT count(*), count(DISTINCT day), min(day) FROM gold.sales"
                    first, again = (connection.execute(counted).fetchone() for _ in range(2))
                    assert first
                    assert again
                    if level is psycopg.IsolationLevel.REPEATABLE_READ:
                        assert first == again
                    seen.extend([first, again])

    levels = (psycopg.IsolationLevel.READ_COMMITTED, psycopg.IsolationLevel.REPEATABLE_READ)
    threads = [threading.Thread(target=read, args=[level]) for level in levels]
    for thread in threads:
        thread.start()
    lab.publish(*runs[1:])
    over.set()
    for thread in threads:
        thread.join()
    assert {(rows, of) for rows, of, _ in seen} == {(100, 1)}
    assert len({day for _, _, day in seen}) > 1


def test_readers_never_see_an_empty_table_while_it_is_made_anew(lab: Lab) -> None:
    """Its columns change each time; whoever reads waits for the moment in which one takes the other's place."""
    rows = [(FIRST, f"branch {n}", Decimal(1), 1) for n in range(100)]
    shapes = [replace(SALES, columns=(*SALES.columns[:3], GoldColumn(f"sold_{n}", "bigint"))) for n in range(12)]
    lab.publish(lab.run(rows))
    seen: list[Any] = []
    over = threading.Event()

    def read() -> None:
        with lab.person() as connection:
            while not over.is_set():
                seen.append(connection.execute("SELECT count(*) FROM gold.sales").fetchone())

    thread = threading.Thread(target=read)
    thread.start()
    for shape in shapes:
        lab.models = {"sales": shape}
        assert lab.publish(lab.run(rows, shape))[0].state is State.MADE
    over.set()
    thread.join()
    assert set(seen) == {(100,)}


def test_a_transaction_that_began_before_goes_on_to_see_what_it_saw(lab: Lab) -> None:
    lab.publish(lab.run(ROWS))
    with lab.person() as connection:
        connection.autocommit = False
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.execute("SELECT 1")  # its snapshot is of now; it has not touched the table
        lab.publish(lab.run(ROWS[:1]))
        assert connection.execute("SELECT count(*) FROM gold.sales").fetchone() == (3,)


def test_a_reader_who_holds_the_table_does_not_stop_a_publication(lab: Lab) -> None:
    lab.publish(lab.run(ROWS))
    with lab.person() as connection:
        connection.autocommit = False
        connection.execute("SELECT * FROM gold.sales")
        (done,) = lab.publish(lab.run(ROWS[:1]), seconds=2)
    assert done.deleted == 2


EVERYTHING = GoldModel(
    "everything",
    "Every type.",
    "one row",
    ("id",),
    (
        GoldColumn("id", "bigint"),
        GoldColumn("small", "integer"),
        GoldColumn("measured", "double"),
        GoldColumn("yes", "boolean"),
        GoldColumn("day", "date"),
        GoldColumn("at", "timestamp"),
        GoldColumn("text", "varchar"),
        GoldColumn("money", "decimal(38,2)"),
        GoldColumn("share", "decimal(38,38)"),
        GoldColumn("select", "varchar"),  # a word that SQL reserves
    ),
    (),
    "",
)
_TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=20)
_EXACT = Context(prec=38)
_DIGITS = st.integers(-(10**38) + 1, 10**38 - 1)
_EVERY_ROW = st.tuples(
    st.none() | st.integers(-(2**31), 2**31 - 1),
    st.none() | st.floats(allow_nan=False),
    st.none() | st.booleans(),
    st.none() | st.dates(),
    st.none() | st.datetimes(),
    st.none() | _TEXT,
    st.none() | _DIGITS.map(lambda n: Decimal(n).scaleb(-2, _EXACT)),
    st.none() | _DIGITS.map(lambda n: Decimal(n).scaleb(-38, _EXACT)),
    st.none() | _TEXT,
)


@SAME_DATABASE
@given(rows=st.lists(_EVERY_ROW, min_size=1, max_size=6))
def test_every_value_comes_out_as_it_went_in(lab: Lab, rows: list[tuple[Any, ...]]) -> None:
    lab.models = {"everything": EVERYTHING}
    numbered = [(n, *row) for n, row in enumerate(rows)]
    lab.publish(lab.run(numbered, EVERYTHING))
    out = [(*row[:5], row[5] and row[5].replace(tzinfo=None), *row[6:]) for row in lab.shown(EVERYTHING)]
    assert out == numbered


@pytest.mark.parametrize("text", ["🛒 naïve ﷽", "x" * 1_000_000, "a\r\nb", '"quoted", and\\.', "\\."])
def test_texts_that_trip_others_are_kept(lab: Lab, text: str) -> None:
    row = (FIRST, "Uptown", Decimal("1.00"), 1)
    lab.models = {"sales": replace(SALES, columns=(*SALES.columns, GoldColumn("note", "varchar")))}
    lab.publish(lab.run([(*row, text)], lab.models["sales"]))
    assert lab.shown() == [(*row, text)]


def test_numbers_that_are_none_and_early_days_are_kept(lab: Lab) -> None:
    lab.models = {"everything": EVERYTHING}
    row = (1, None, float("nan"), None, date(1, 1, 1), None, None, None, None, None)
    lab.publish(lab.run([row, (2, None, float("-inf"), None, date(1899, 12, 29), *row[5:])], EVERYTHING))
    with lab.person() as connection:
        shown = connection.execute("SELECT measured::text, day::text FROM gold.everything ORDER BY id").fetchall()
    assert shown == [("NaN", "0001-01-01"), ("-Infinity", "1899-12-29")]
    assert lab.publish(lab.run([row], EVERYTHING))[0].updated == 0  # NaN is what it was


def test_a_nul_becomes_a_replacement_character_and_is_counted(lab: Lab) -> None:
    (done,) = lab.publish(lab.run([(FIRST, "Up\x00town\x00", Decimal("1.00"), 1), ROWS[0]]))
    assert done == Publication(State.MADE, rows=2, inserted=2, replaced=1)
    assert [branch for _, branch, _, _ in lab.shown()] == ["Downtown", "Up\ufffdtown\ufffd"]
    with lab.person() as connection:
        assert connection.execute("SELECT texts_with_nul_replaced FROM watershed.publications").fetchone() == (1,)


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ([ROWS[0], ROWS[0]], "gold.sales has two rows with the same key"),
        ([(None, "Uptown", None, 1)], "gold.sales has a row without"),
        ([(FIRST, SECRET, None, 1), ROWS[0]], "gold.sales has a value that PostgreSQL does not keep"),
    ],
)
@pytest.mark.parametrize("before", [False, True])
def test_rows_that_do_not_fit_leave_the_table_as_it_was(lab: Lab, rows: Any, told: str, before: bool) -> None:
    if before:
        lab.publish(lab.run(ROWS))
    with pytest.raises(Terminal, match=told) as refusal:
        lab.publish(lab.run(rows))
    assert "Secret" not in repr(refusal.value)
    assert refusal.value.__cause__ is None
    assert refusal.value.__suppress_context__
    if before:
        assert lab.shown() == ROWS
    else:
        with pytest.raises(psycopg.errors.UndefinedTable):
            lab.shown()
    assert lab.publish(lab.run(ROWS[:1]))[0].rows == 1


def test_the_next_table_of_a_batch_is_published_after_a_failure(lab: Lab) -> None:
    lab.models["other"] = replace(SALES, name="other")
    wrong, right = lab.run([ROWS[0], ROWS[0]]), lab.run(ROWS, lab.models["other"])
    publisher = lab.publisher
    with lab.database.connect() as connection:
        publisher.prepare(connection, 60)
        with pytest.raises(Terminal):
            publisher.publish(connection, wrong, 60)
        assert publisher.publish(connection, right, 60).rows == 3


def test_s3_that_fails_half_way_leaves_the_table_as_it_was(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    lab.publish(lab.run(ROWS))
    run = lab.run(ROWS[:2], files=2)
    monkeypatch.setattr("watershed.publish.rows.GoldRows.files", lambda *_: [f"sales/run={run.run}/part-0", "absent"])
    with pytest.raises(Transient, match="absent is gone"):
        lab.publish(run)
    assert lab.shown() == ROWS


@pytest.mark.parametrize("renamed", [False, True], ids=["changed in place", "made anew"])
def test_killed_before_any_statement_the_table_is_what_it_was_and_the_next_attempt_does_it_all(
    lab: Lab, renamed: bool
) -> None:
    model = replace(SALES, columns=(*SALES.columns[:3], replace(SALES.columns[3], name="pieces"))) if renamed else SALES
    lab.publish(lab.run(ROWS))
    lab.models = {"sales": model}
    run = lab.run(ROWS[:2], model)
    for statements in range(100):
        with lab.database.connect() as connection:
            killed = _killed_after(connection, statements)
            with contextlib.suppress(Transient):
                lab.publisher.publish(connection, run, 60)
            if not killed():
                break
        assert lab.shown() == ROWS
    assert statements > 5
    assert lab.shown() == ROWS[:2]


def _killed_after(connection: psycopg.Connection, statements: int) -> Callable[[], bool]:
    """Let the connection die, as that of a killed function does, before the statement after so many; did it?"""
    execute, count = connection.execute, itertools.count()
    died: list[bool] = []

    def dying(*arguments: Any) -> Any:
        if next(count) == statements:
            connection.pgconn.finish()
            died.append(True)
        return execute(*arguments)

    connection.execute = dying  # type: ignore[method-assign, assignment]
    return lambda: bool(died)


def test_a_file_of_another_shape_says_which_column_it_lacks(lab: Lab) -> None:
    run = lab.run(ROWS)
    lab.models = {"sales": replace(SALES, columns=(*SALES.columns, GoldColumn("profit", "bigint")))}
    with pytest.raises(Terminal, match="has no column profit"):
        lab.publish(run)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("a" * 63, "a" * 62 + "b"),  # as long as names get
        ("store_subscription_revenue_by_day", "store_subscription_revenue_by_month"),
        ("sales", "publications"),  # as our own table, in another schema
    ],
)
def test_tables_whose_names_postgresql_would_cut_off_or_confuse_are_made(lab: Lab, first: str, second: str) -> None:
    days = "first_day_of_the_subscription_that_is_meant"
    for name in (first, second):
        model = replace(SALES, name=name, keys=("branch", days), columns=(_renamed(days), *SALES.columns[1:]))
        lab.models[name] = model
        assert [each.state for each in lab.publish(lab.run(ROWS, model), lab.run(ROWS, model))] == [
            State.MADE,
            State.CHANGED,
        ]
        assert sorted(lab.shown(model), key=str) == sorted(ROWS, key=str)


def _renamed(name: str) -> GoldColumn:
    return replace(SALES.columns[0], name=name)


def test_a_renamed_column_makes_the_table_anew(lab: Lab) -> None:
    lab.publish(lab.run(ROWS))
    renamed = replace(SALES, columns=(*SALES.columns[:3], replace(SALES.columns[3], name="pieces")))
    lab.models = {"sales": renamed}
    assert lab.publish(lab.run(ROWS, renamed)) == [Publication(State.MADE, rows=3, inserted=3)]
    with lab.person() as connection:
        assert connection.execute("SELECT sum(pieces) FROM gold.sales").fetchone() == (6,)


@pytest.mark.parametrize("granted", ['"an auditor"', "PUBLIC"])
def test_whoever_was_given_one_table_to_read_reads_it_when_it_was_made_anew(lab: Lab, granted: LiteralString) -> None:
    lab.publish(lab.run([(FIRST, "Uptown", Decimal("1.00"), 1)]))
    with lab.administrator() as connection:
        connection.execute('DROP ROLE IF EXISTS "an auditor"')
        connection.execute('CREATE ROLE "an auditor"')
        connection.execute(f"GRANT USAGE ON SCHEMA gold TO {granted}")
        connection.execute(f"GRANT SELECT ON gold.sales TO {granted}")
        lab.models = {"sales": (renamed := replace(SALES, keys=("branch", "day")))}
        (made,) = lab.publish(lab.run([(FIRST, "Uptown", Decimal("2.00"), 1)], renamed))
        assert made.state is State.MADE
        connection.execute('SET ROLE "an auditor"')
        assert connection.execute("SELECT revenue FROM gold.sales").fetchall() == [(Decimal("2.00"),)]


def test_a_view_on_the_table_stays_while_its_columns_do_and_then_refuses_to_lose_it(lab: Lab) -> None:
    lab.publish(lab.run(ROWS))
    with lab.administrator() as connection:
        connection.execute("CREATE SCHEMA notes CREATE VIEW mine AS SELECT sold FROM gold.sales")
    lab.publish(lab.run(ROWS[:1]))
    with lab.administrator() as connection:
        assert connection.execute("SELECT sold FROM notes.mine").fetchall() == [(1,)]
    renamed = replace(SALES, columns=(*SALES.columns[:3], replace(SALES.columns[3], name="pieces")))
    lab.models = {"sales": renamed}
    with pytest.raises(Terminal, match=r"view notes\.mine depends on table gold\.sales"):
        lab.publish(lab.run(ROWS, renamed))
    assert lab.shown() == ROWS[:1]


def test_a_model_that_is_no_more_leaves_its_table_and_says_so(lab: Lab) -> None:
    lab.publish(lab.run(ROWS))
    lab.models = {}
    assert lab.publish(lab.run(ROWS)) == [Publication(State.UNKNOWN)]
    with lab.person() as connection:
        told = connection.execute("SELECT obj_description('gold.sales'::regclass)").fetchone()
        assert told == ("No longer refreshed: since 2026-03-01 the lake has no such model. These are its last rows.",)
        assert connection.execute("SELECT retired_at IS NOT NULL FROM watershed.publications").fetchone() == (True,)
    assert lab.shown() == ROWS
    lab.models = {"sales": SALES}
    lab.publish(lab.run(ROWS))
    with lab.person() as connection:
        assert connection.execute("SELECT retired_at FROM watershed.publications").fetchone() == (None,)
        assert connection.execute("SELECT obj_description('gold.sales'::regclass)").fetchone() == (SALES.comment,)


def test_a_table_that_somebody_dropped_is_made_again_though_it_was_published(lab: Lab) -> None:
    run = lab.run(ROWS)
    lab.publish(run)
    with lab.administrator() as connection:
        connection.execute("DROP TABLE gold.sales")
    assert lab.publish(run)[0].state is State.MADE
