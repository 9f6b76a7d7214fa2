"""The SQL that a publication sends. Names are quoted by psycopg; values go beside the statement."""

from __future__ import annotations

from typing import TYPE_CHECKING

from psycopg.sql import SQL, Composed, Identifier, Literal

from watershed import names
from watershed.publish.columns import indexed, postgres_type

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from watershed.gold.model import GoldModel

STAGED = Identifier("pg_temp", "staged")
PUBLICATIONS = Identifier(names.PREFIX, "publications")

MAKE_PUBLICATIONS = SQL(
    """CREATE TABLE IF NOT EXISTS {table} (
        table_name text PRIMARY KEY,
        run text NOT NULL,
        started_at timestamp with time zone NOT NULL,
        published_at timestamp with time zone NOT NULL,
        rows bigint NOT NULL,
        inserted bigint NOT NULL,
        updated bigint NOT NULL,
        deleted bigint NOT NULL,
        texts_with_nul_replaced bigint NOT NULL,
        retired_at timestamp with time zone
    )"""
).format(table=PUBLICATIONS)
DESCRIBE_PUBLICATIONS = SQL("COMMENT ON TABLE {table} IS {text}").format(
    table=PUBLICATIONS,
    text=Literal("What each table of schema gold shows: which run, how old, and what the last publication changed."),
)
SHOW_PUBLICATIONS = SQL("GRANT SELECT ON {table} TO {readers}").format(
    table=PUBLICATIONS, readers=Identifier(names.DATABASE_READERS)
)
ANALYZE_STAGED = SQL("ANALYZE {staged}").format(staged=STAGED)
# How long a statement may take, in milliseconds; it goes with the transaction.
LIMIT = SQL("SELECT set_config('statement_timeout', %s, true)")
# One publication of a table at a time; the lock goes with the transaction.
LOCK = SQL("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))")
SHOWN = SQL("SELECT run, started_at FROM {table} WHERE table_name = %s").format(table=PUBLICATIONS)
NOTE = SQL(
    """INSERT INTO {table} AS noted
        (table_name, run, started_at, published_at, rows, inserted, updated, deleted, texts_with_nul_replaced)
    VALUES (%s, %s, %s, clock_timestamp(), %s, %s, %s, %s, %s)
    ON CONFLICT (table_name) DO UPDATE SET
        run = excluded.run,
        started_at = excluded.started_at,
        published_at = excluded.published_at,
        rows = excluded.rows,
        inserted = excluded.inserted,
        updated = excluded.updated,
        deleted = excluded.deleted,
        texts_with_nul_replaced = excluded.texts_with_nul_replaced,
        retired_at = NULL"""
).format(table=PUBLICATIONS)
RETIRE = SQL(
    """UPDATE {table} SET retired_at = clock_timestamp()
    WHERE retired_at IS NULL AND NOT table_name = ANY(%s)
    RETURNING table_name"""
).format(table=PUBLICATIONS)
# The columns of a table as PostgreSQL writes their types, and its primary key's columns.
COLUMNS = SQL(
    """SELECT attname, format_type(atttypid, atttypmod)
    FROM pg_attribute
    WHERE attrelid = to_regclass(%s) AND attnum > 0 AND NOT attisdropped
    ORDER BY attnum"""
)
KEYS = SQL(
    """SELECT attname
    FROM pg_index, unnest(indkey) WITH ORDINALITY AS parts (number, place)
    INNER JOIN pg_attribute ON attnum = number
    WHERE indrelid = to_regclass(%s) AND attrelid = indrelid AND indisprimary
    ORDER BY place"""
)

# The columns that have an index of their own.
INDEXED = SQL(
    """SELECT attname
    FROM pg_index INNER JOIN pg_attribute ON attrelid = indrelid AND attnum = indkey[0]
    WHERE indrelid = to_regclass(%s) AND indnatts = 1 AND NOT indisprimary"""
)

# Who else was given a table to read, `public` being everybody: a table that takes its place would shut them out.
GRANTED = SQL(
    """SELECT DISTINCT coalesce(rolname, 'public')
    FROM pg_class CROSS JOIN aclexplode(relacl) AS granted LEFT JOIN pg_roles ON pg_roles.oid = grantee
    WHERE pg_class.oid = to_regclass(%s) AND privilege_type = 'SELECT'"""
)


def table(model: GoldModel) -> Identifier:
    """Where people read it."""
    return Identifier(names.GOLD_DB, model.name)


def making(model: GoldModel) -> Identifier:
    """Where it is made when it cannot be changed in place: in capitals, as no model is called.

    In the schema where it stays, so that PostgreSQL finds names for its indexes which are free there: it cuts long ones
    off, and then two tables' may be alike.
    """
    return Identifier(names.GOLD_DB, model.name.upper())


def stage(model: GoldModel) -> Composed:
    """A table of this transaction alone, not logged: COPY fills it."""
    return SQL("CREATE TEMPORARY TABLE staged ({columns}) ON COMMIT DROP").format(columns=_columns(model))


def copy(model: GoldModel) -> Composed:
    """Fill it from CSV."""
    return SQL("COPY {staged} ({columns}) FROM STDIN WITH (FORMAT csv)").format(
        staged=STAGED, columns=_list(column.name for column in model.columns)
    )


def key_of(place: Identifier, model: GoldModel) -> Composed:
    """Its primary key: no row twice, no key without a value."""
    return SQL("ALTER TABLE {table} ADD PRIMARY KEY ({keys})").format(table=place, keys=_list(model.keys))


def index(place: Identifier, column: str) -> Composed:
    """An index on one column."""
    return SQL("CREATE INDEX ON {table} ({column})").format(table=place, column=Identifier(column))


def make(model: GoldModel, granted: Iterable[str]) -> list[Composed]:
    """The table anew, with rows, key, indexes and rights, beside the one that people read; then in its place.

    Args:
        model: Its model.
        granted: Who may read the one that people read, besides all readers.
    """
    new = making(model)
    readers = sorted({names.DATABASE_READERS, *granted})
    return [
        SQL("DROP TABLE IF EXISTS {new}").format(new=new),  # of nobody: whoever made it was undone
        SQL("CREATE TABLE {new} ({columns})").format(new=new, columns=_columns(model)),
        SQL("INSERT INTO {new} SELECT * FROM {staged}").format(new=new, staged=STAGED),
        key_of(new, model),
        *(index(new, column) for column in indexed(model)),
        SQL("GRANT SELECT ON {new} TO {readers}").format(new=new, readers=_list(tuple(readers))),
        SQL("ANALYZE {new}").format(new=new),
        SQL("DROP TABLE IF EXISTS {shown}").format(shown=table(model)),
        SQL("ALTER TABLE {new} RENAME TO {name}").format(new=new, name=Identifier(model.name)),
        *describe(model),
    ]


def describe(model: GoldModel) -> list[Composed]:
    """The header's words as the table's and its columns' comments."""
    said = [SQL("COMMENT ON TABLE {table} IS {text}").format(table=table(model), text=Literal(model.comment))]
    return said + [
        SQL("COMMENT ON COLUMN {column} IS {text}").format(
            column=Identifier(names.GOLD_DB, model.name, column.name), text=Literal(column.comment)
        )
        for column in model.columns
    ]


def delete(model: GoldModel) -> Composed:
    """The rows that are no more."""
    return SQL("DELETE FROM {shown} AS shown WHERE NOT EXISTS (SELECT FROM {staged} AS staged WHERE {same})").format(
        shown=table(model), staged=STAGED, same=_same(model)
    )


def update(model: GoldModel) -> Composed | None:
    """The rows that differ, and no others: one that stays as it is is not written. None if all columns are keys."""
    others = [column.name for column in model.columns if column.name not in model.keys]
    if not others:
        return None
    return SQL(
        """UPDATE {shown} AS shown SET {changes} FROM {staged} AS staged
        WHERE {same} AND ({old}) IS DISTINCT FROM ({new})"""
    ).format(
        shown=table(model),
        staged=STAGED,
        same=_same(model),
        changes=SQL(", ").join(SQL("{column} = staged.{column}").format(column=Identifier(name)) for name in others),
        old=_row("shown", others),
        new=_row("staged", others),
    )


def insert(model: GoldModel) -> Composed:
    """The rows that are new."""
    return SQL(
        """INSERT INTO {shown} SELECT staged.* FROM {staged} AS staged
        WHERE NOT EXISTS (SELECT FROM {shown} AS shown WHERE {same})"""
    ).format(shown=table(model), staged=STAGED, same=_same(model))


def retired(name: str, day: str) -> Composed:
    """What people read of a table whose model is no more."""
    text = f"No longer refreshed: since {day} the lake has no such model. These are its last rows."
    return SQL("COMMENT ON TABLE {table} IS {text}").format(table=Identifier(names.GOLD_DB, name), text=Literal(text))


def _columns(model: GoldModel) -> Composed:
    return SQL(", ").join(
        Identifier(column.name) + SQL(" ") + SQL(postgres_type(column))  # of a fixed list
        for column in model.columns
    )


def _list(columns: Iterator[str] | tuple[str, ...]) -> Composed:
    return SQL(", ").join(map(Identifier, columns))


def _row(alias: str, columns: list[str]) -> Composed:
    return SQL(", ").join(Identifier(alias, column) for column in columns)


def _same(model: GoldModel) -> Composed:
    return SQL(" AND ").join(Identifier("staged", key) + SQL(" = ") + Identifier("shown", key) for key in model.keys)
