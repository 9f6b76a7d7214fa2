"""The database itself: who may do what in it, what its tables carry, and what its failures are called."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from psycopg import errors
from watershed.errors import Terminal, Transient
from watershed.gold.model import Export
from watershed.publish.database import Database, told_as_ours
from watershed.publish.run import State

from tests.postgres.lab import ROLES, SALES
from tests.postgres.test_publish import ROWS

if TYPE_CHECKING:
    from pathlib import Path

    from tests.postgres.lab import Lab


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO gold.sales SELECT * FROM gold.sales",
        "UPDATE gold.sales SET sold = 0",
        "DELETE FROM gold.sales",
        "TRUNCATE gold.sales",
        "DROP TABLE gold.sales",
        "ALTER TABLE gold.sales ADD COLUMN x int",
        "UPDATE watershed.publications SET rows = 0",
        "CREATE TABLE gold.mine (x int)",
        "CREATE TABLE public.mine (x int)",
        "CREATE TEMPORARY TABLE mine (x int)",
        "CREATE SCHEMA mine",
        "SET ROLE watershed_publisher",
    ],
)
def test_who_reads_can_do_nothing_else(lab: Lab, statement: str) -> None:
    lab.publish(lab.run(ROWS))
    with lab.person() as connection, pytest.raises(errors.InsufficientPrivilege):
        connection.execute(statement)
    assert lab.shown() == ROWS


def test_somebody_else_cannot_even_connect(lab: Lab) -> None:
    with lab.administrator() as connection:
        connection.execute("DROP ROLE IF EXISTS stranger; CREATE ROLE stranger LOGIN")
    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        psycopg.connect(**lab.server, dbname="watershed", user="stranger")


def test_the_publisher_owns_its_tables_and_no_more(lab: Lab) -> None:
    lab.publish(lab.run(ROWS))
    with lab.database.connect() as connection:
        role = connection.execute(
            "SELECT rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls "
            "FROM pg_roles WHERE rolname = user"
        )
        assert role.fetchone() == (False,) * 5
        with pytest.raises(errors.InsufficientPrivilege):
            connection.execute("CREATE TABLE public.mine (x int)")


def test_the_roles_can_be_made_again_at_any_time(lab: Lab) -> None:
    lab.publish(lab.run(ROWS))
    with lab.administrator() as connection:
        connection.execute(ROLES)
    assert lab.shown() == ROWS


def test_without_the_roles_the_error_says_to_run_them(lab: Lab) -> None:
    with lab.administrator() as connection:
        connection.execute("DROP SCHEMA watershed")
    with pytest.raises(Terminal, match=r"may not publish .*roles\.sql"):
        lab.publish(lab.run(ROWS))


def test_the_header_gives_keys_indexes_and_comments(lab: Lab) -> None:
    lab.publish(lab.run(ROWS))
    with lab.person() as connection:
        indexes = connection.execute(
            "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'sales' ORDER BY indexname"
        ).fetchall()
        columns = connection.execute(
            "SELECT column_name, col_description('gold.sales'::regclass, ordinal_position) "
            "FROM information_schema.columns WHERE table_name = 'sales' ORDER BY ordinal_position"
        ).fetchall()
        told = connection.execute("SELECT obj_description('gold.sales'::regclass)").fetchone()
    assert indexes == [
        ("SALES_branch_idx", 'CREATE INDEX "SALES_branch_idx" ON gold.sales USING btree (branch)'),
        ("SALES_pkey", 'CREATE UNIQUE INDEX "SALES_pkey" ON gold.sales USING btree (day, branch)'),
    ]
    assert columns == [(column.name, column.comment) for column in SALES.columns]
    assert told == (SALES.comment,)


def test_a_column_that_becomes_a_dimension_gets_its_index_with_the_next_run(lab: Lab) -> None:
    lab.publish(lab.run(ROWS))
    columns = [replace(each, export=Export.DIMENSION) if each.name == "sold" else each for each in SALES.columns]
    lab.models["sales"] = replace(SALES, columns=tuple(columns))
    assert [each.state for each in lab.publish(lab.run(ROWS), lab.run(ROWS))] == [State.CHANGED] * 2
    with lab.person() as connection:
        found = connection.execute("SELECT indexdef FROM pg_indexes WHERE tablename = 'sales'").fetchall()
    assert sum("(sold)" in definition for (definition,) in found) == 1
    assert len(found) == 3


def test_what_is_published_says_since_when_and_what_changed(lab: Lab) -> None:
    lab.publish(lab.run(ROWS))
    run = lab.run(ROWS[1:])
    lab.publish(run)
    with lab.person() as connection:
        noted = connection.execute(
            "SELECT table_name, run, started_at, rows, inserted, updated, deleted FROM watershed.publications"
        ).fetchall()
    ((table, shown, started, *counts),) = noted
    assert (table, shown, started.isoformat(timespec="microseconds"), counts) == (
        "sales",
        run.run,
        run.started,
        [2, 0, 0, 1],
    )


def test_a_database_that_is_down_is_a_reason_to_try_again(tmp_path: Path) -> None:
    nowhere = Database(str(tmp_path), 5432, password=lambda: "a token")
    with pytest.raises(Transient, match="does not let watershed_publisher in"), nowhere.connect():
        pass


def test_a_database_that_goes_away_is_a_reason_to_try_again(lab: Lab) -> None:
    lab.publish(lab.run(ROWS))
    publisher, run = lab.publisher, lab.run(ROWS[:1])
    with lab.database.connect() as connection:
        publisher.prepare(connection, 60)
        with lab.administrator() as other:
            other.execute("SELECT pg_terminate_backend(%s)", [connection.info.backend_pid])
        for _ in range(2):  # and so it stays for what comes after
            with pytest.raises(Transient, match=r"went away while gold\.sales was published"):
                publisher.publish(connection, run, 60)
    assert lab.shown() == ROWS
    assert lab.publish(run)[0].deleted == 2


def test_a_database_that_is_slow_is_left_and_tried_again(lab: Lab) -> None:
    lab.publish(lab.run(ROWS))
    run = lab.run(ROWS[:1])
    with lab.administrator() as other, other.transaction():
        other.execute("LOCK TABLE gold.sales IN EXCLUSIVE MODE")
        with pytest.raises(Transient, match=r"took the database too long \(57014\)"):
            lab.publish(run, seconds=0.2)
    assert lab.shown() == ROWS
    assert lab.publish(run)[0].deleted == 2


def test_two_publications_of_one_table_come_one_after_the_other(lab: Lab) -> None:
    run = lab.run(ROWS)
    with lab.database.connect() as first, lab.database.connect() as second:
        lab.publisher.prepare(first, 60)
        with first.transaction():
            lab.publisher.publish(first, run, 60)
            with pytest.raises(Transient, match="took the database too long"):
                lab.publisher.publish(second, run, 0.2)
    assert lab.shown() == ROWS


def test_many_functions_begin_at_once_in_a_new_database(lab: Lab) -> None:
    def begin(_: int) -> None:
        with lab.database.connect() as connection:
            lab.publisher.prepare(connection, 60)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(begin, range(16)))


@pytest.mark.parametrize(
    ("error", "kind", "told"),
    [
        (errors.DiskFull, Transient, "The database has no room for gold.sales"),
        (errors.AdminShutdown, Transient, "The database went away"),
        (errors.TooManyConnections, Transient, "The database went away"),
        (errors.ReadOnlySqlTransaction, Terminal, r"PostgreSQL refused gold.sales \(25006\)"),
        (errors.LockNotAvailable, Transient, "took the database too long"),
        (errors.InvalidDatetimeFormat, Terminal, "a value that PostgreSQL does not keep"),
    ],
)
def test_what_an_error_means(error: type[psycopg.Error], kind: type[Exception], told: str) -> None:
    with pytest.raises(kind, match=told) as refusal, told_as_ours("gold.sales"):
        raise error("Erika Mustermann")
    assert "Erika" not in str(refusal.value)


def test_copy_says_the_row_and_the_column_and_not_the_value(lab: Lab) -> None:
    def copy(connection: psycopg.Connection) -> None:
        with told_as_ours("gold.x"), connection.cursor() as cursor, cursor.copy("COPY x FROM STDIN (FORMAT csv)") as to:
            to.write(b"2026-01-01\n-0044-03-15\n")

    with lab.database.connect() as connection:
        connection.execute("CREATE TEMPORARY TABLE x (a date)")
        with pytest.raises(Terminal) as refusal:
            copy(connection)
    assert "row 2, column a (22009)" in str(refusal.value)
    assert "0044" not in str(refusal.value)


def test_the_authorities_of_rds_are_all_read(tmp_path: Path) -> None:
    """A certificate that cannot be read would be told only when it is needed."""
    import ssl
    from importlib.resources import files

    text = (files("watershed.publish") / "rds-ca.pem").read_text(encoding="utf-8")
    context = ssl.create_default_context(cadata=text)
    subjects: list[Any] = [each["subject"] for each in context.get_ca_certs()]
    named = {value for subject in subjects for ((name, value),) in subject if name == "commonName"}
    assert {
        f"Amazon RDS {region} Root CA RSA2048 G1" for region in ("eu-central-1", "us-east-1", "ap-southeast-1")
    } <= named
