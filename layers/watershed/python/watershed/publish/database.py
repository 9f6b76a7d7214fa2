"""A connection to the region's database, and its errors as ours: what they say of the data stays in the database."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import as_file, files
from typing import TYPE_CHECKING

import psycopg
from psycopg import errors

from watershed import names
from watershed.errors import Terminal, Transient, WatershedError

if TYPE_CHECKING:
    from collections.abc import Iterator

PATIENCE = 60  # seconds for a connection: a database that sleeps takes some 15 to wake
LOCK_PATIENCE = 120  # seconds for readers to be done with a table whose columns change
_ABANDONED = 60  # seconds after which the database undoes what a function that died left open

_PLACE = re.compile(r"line (\d+)(?:, column (\w+))?")


@dataclass(frozen=True)
class Database:
    """Where gold is published.

    Attributes:
        host: Its name, or the folder of its Unix socket.
        port: TCP's, or part of the socket's name.
        password: Gives the password of the moment; on AWS a token that is valid for a quarter of an hour.
    """

    host: str
    port: int
    password: Callable[[], str]

    @contextmanager
    def connect(self) -> Iterator[psycopg.Connection]:
        """A connection as the publisher, closed at the end: a database that nobody is connected to can sleep.

        Raises:
            Transient: if the database does not let us in.
        """
        with as_file(files("watershed.publish") / "rds-ca.pem") as authorities:
            try:
                connection = psycopg.connect(
                    host=self.host,
                    port=self.port,
                    dbname=names.DATABASE,
                    user=names.DATABASE_PUBLISHER,
                    password=self.password(),
                    sslmode="verify-full",  # of no meaning to a Unix socket
                    sslrootcert=str(authorities),
                    connect_timeout=PATIENCE,
                    application_name="watershed-publish",
                    options=(
                        "-c timezone=UTC -c datestyle=ISO -c client_encoding=UTF8"
                        f" -c lock_timeout={LOCK_PATIENCE * 1000}"
                        f" -c idle_in_transaction_session_timeout={_ABANDONED * 1000}"
                    ),
                )
            except psycopg.Error as error:
                raise Transient(
                    f"The database does not let {names.DATABASE_PUBLISHER} in ({_code(error)}).",
                    remedy="The queue repeats the message. If this goes on: is the database there? Was roles.sql run "
                    "(docs/postgres.md)?",
                ) from None
        try:
            yield connection
        finally:
            connection.close()


@contextmanager
def told_as_ours(table: str) -> Iterator[None]:
    """Turn PostgreSQL's errors into ours, without what they quote of rows.

    Args:
        table: What is being published, e.g. `gold.sales`.

    Raises:
        Transient: if a later attempt may succeed.
        Terminal: if the rows or the table's users must change first.
    """
    try:
        yield
    except psycopg.Error as error:
        raise _ours(table, error) from None


@dataclass(frozen=True)
class _Fault:
    """What an error of PostgreSQL means here."""

    classes: tuple[type[Exception], ...]
    kind: type[WatershedError]  # whether another attempt may help
    message: str
    remedy: str


# The first that fits.
_FAULTS = (
    _Fault(
        (errors.UniqueViolation,),
        Terminal,
        "{table} has two rows with the same key.",
        "Correct `keys` in the model's header.",
    ),
    _Fault(
        (errors.NotNullViolation,),
        Terminal,
        "{table} has a row without {column}.",
        "A key is never NULL: correct the model, or `keys` in its header.",
    ),
    _Fault(
        (errors.DependentObjectsStillExist,),
        Terminal,
        "{table} has other columns by now, and is not made again while others are built on it: {built_on_it}.",
        "Drop those and have gold refreshed; then make them again.",
    ),
    _Fault(
        (errors.DataError, errors.ProgramLimitExceeded),
        Terminal,
        "{table} has a value that PostgreSQL does not keep{where} ({code}).",
        "Look at it in Athena, and have the model leave it out, shorten it or cast it.",
    ),
    _Fault(
        (errors.DiskFull,),
        Transient,
        "The database has no room for {table}.",
        "Give it room; the queue repeats the message.",
    ),
    _Fault(
        (errors.QueryCanceled, errors.LockNotAvailable),
        Transient,
        "{table} took the database too long ({code}).",
        "The queue repeats the message. If this goes on, pg_stat_activity shows who holds the table; or raise the "
        "cluster's largest capacity.",
    ),
    _Fault(
        (errors.InsufficientPrivilege, errors.UndefinedObject, errors.InvalidSchemaName),
        Terminal,
        "{publisher} may not publish {table} ({code}).",
        "Run roles.sql in the database: see docs/postgres.md.",
    ),
    _Fault(
        (psycopg.OperationalError, psycopg.InterfaceError),
        Transient,
        "The database went away while {table} was published ({code}).",
        "The queue repeats the message.",
    ),
    _Fault(
        (psycopg.Error,),
        Terminal,
        "PostgreSQL refused {table} ({code}).",
        "Appendix A of PostgreSQL's manual explains the code.",
    ),
)


def _ours(table: str, error: psycopg.Error) -> WatershedError:
    fault = next(fault for fault in _FAULTS if isinstance(error, fault.classes))
    about = {
        "table": table,
        "code": _code(error),
        "where": _where(error),
        "column": error.diag.column_name or "its key",
        "built_on_it": error.diag.message_detail or "see pg_depend",  # names of objects
        "publisher": names.DATABASE_PUBLISHER,
    }
    return fault.kind(f"{fault.message.format(**about)} The table shows what it showed before.", remedy=fault.remedy)


def _code(error: psycopg.Error) -> str:
    """SQLSTATE if the server said one, e.g. `22P05`, else what kind of error it is."""
    return error.sqlstate or type(error).__name__


def _where(error: psycopg.Error) -> str:
    """The place that COPY names: the row, counted over all files of the run, and the column."""
    found = _PLACE.search(error.diag.context or "")
    if found is None:
        return ""
    return f", row {found[1]}" + (f", column {found[2]}" if found[2] else "")
