"""Bad rows on their way to `ops.quarantine`, each once however often a backfill is repeated."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp, select

from watershed import names, records
from watershed.backfill.bronze import BATCH_ID, INGESTED_AT, ROW_NUMBER, SOURCE_KEY, SOURCE_VERSION
from watershed.backfill.rows import FAILURE
from watershed.backfill.sql import both, column, sql, table, value
from watershed.reasons import Reason
from watershed.records import QuarantinedRow
from watershed.silver.plan import POSITION

if TYPE_CHECKING:
    from watershed.backfill.judged import Judged
    from watershed.contracts.model import Table

_FAILED = "f"  # alias of the list of what can be wrong: failure, reason, column_name, rule, remedy


def insert(judged: Judged, held: Table) -> exp.Insert:
    """Add the table's bad rows that are not in quarantine yet for the same fault, in the columns of `records`.

    `part` is NULL: a backfill reads a file whole. `raw` of an element is the parent's key and its whole array.
    """
    rows = column(FAILURE, "r").eq(column("failure", _FAILED))
    made = {name: _value(name, judged, held) for name, _ in _columns()}
    query = (
        select(*(exp.alias_(expression, name, quoted=True) for name, expression in made.items()))
        .from_(judged.rows(held).subquery("r"))
        .join(_faults(judged, held), on=rows)
    )
    new = select(*map(column, made)).from_(query.subquery("h")).where(exp.not_(_known(judged)))
    into = exp.Schema(
        this=table(names.OPS_DB, names.QUARANTINE_TABLE),
        expressions=[exp.to_identifier(name, quoted=True) for name in made],
    )
    return exp.Insert(this=into, expression=new)


def _columns() -> list[tuple[str, str]]:
    return [*records.glue_columns(QuarantinedRow), *records.PARTITION_COLUMNS]


def _value(name: str, judged: Judged, held: Table) -> exp.Expr:  # noqa: C901, PLR0911  # one case a column, nothing else
    """A column of `ops.quarantine`, of the row `r` with the fault `f`."""
    same = {
        "batch_id": BATCH_ID,
        "row_number": ROW_NUMBER,
        "source_key": SOURCE_KEY,
        "source_version": SOURCE_VERSION,
    }
    match name:
        case "part" | "line_number":
            return sql("CAST(NULL AS bigint)")
        case "stage":
            return value(names.Stage.SILVER.value)
        case "reason" | "column_name" | "remedy":
            return column(name, _FAILED)
        case "rule" if held.parent is None:
            return column(name, _FAILED)
        case "rule":
            place = sql("CAST(:position AS varchar)", position=column(POSITION, "r"))
            before, rule = f"{held.name} element ", column(name, _FAILED)
            return sql(":before || :place || ': ' || :rule", before=before, place=place, rule=rule)
        case "raw":
            # What is kept of a row of another jurisdiction goes after days, by a tag that Athena cannot give an object.
            # Here, its place in raw is enough to tell who sent it.
            elsewhere = sql("f.reason = :reason", reason=Reason.RESIDENCY_VIOLATION.value)
            return sql("CASE WHEN NOT :elsewhere THEN :raw END", elsewhere=elsewhere, raw=_raw(judged, held))
        case "replay":
            return value("")
        case "source_name":
            return value(judged.source.name)
        case "contract_version":
            return value(judged.contract.version)
        case "quarantined_at":
            return sql("CAST(:at AS timestamp(3))", at=column(INGESTED_AT, "r"))
        case "dataset":
            return value(judged.contract.name)
        case "ingest_date":
            return sql("CAST(:at AS date)", at=column(INGESTED_AT, "r"))
    return column(same[name], "r")


def _raw(judged: Judged, held: Table) -> exp.Expr:
    """The row as JSON: the source's columns, sorted by name as Athena sorts them."""
    texts = sorted(judged.texts(held).items())
    keys = exp.Array(expressions=[value(name) for name, _ in texts])
    items = exp.Array(expressions=[column(name, "r") for _, name in texts])
    return sql("json_format(CAST(map(:keys, :items) AS json))", keys=keys, items=items)


def _faults(judged: Judged, held: Table) -> exp.Expr:
    """What can be wrong with a row, as a table."""
    faults = [
        exp.Tuple(expressions=[*map(value, (index, f.reason.value, f.column or "", f.rule, f.reason.remedy))])
        for index, (_, f) in enumerate(judged.plan(held).tests)
    ]
    columns = [exp.to_identifier(name) for name in ("failure", "reason", "column_name", "rule", "remedy")]
    return exp.Values(expressions=faults, alias=exp.TableAlias(this=exp.to_identifier(_FAILED), columns=columns))


def _known(judged: Judged) -> exp.Expr:
    """Whether the row `h` is in quarantine for this fault."""
    same = [
        sql(":q = :h", q=column(name, "q"), h=column(name, "h"))
        for name in ("batch_id", "row_number", "reason", "column_name", "rule")
    ]
    dataset = sql("dataset = :name", name=judged.contract.name)
    there = (
        select("1")
        .from_(exp.alias_(table(names.OPS_DB, names.QUARANTINE_TABLE), "q", table=True))
        .where(both([*same, dataset, judged.window.condition()]))
    )
    return exp.Exists(this=there)
