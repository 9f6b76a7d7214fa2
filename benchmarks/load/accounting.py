"""Whether every row of an hour's files is accounted for: in the ledger, in silver, and in no dead-letter queue."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from watershed import names

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.load.hour import Hour, SmallFile
    from local.region import Region

LEDGER = """
SELECT source_key, stage, table_name, rows_read, rows_out, malformed, rows_in,
       inserted, updated, duplicate, stale, quarantined, rejected_file
FROM ops.ledger
"""
_OUTCOMES = ("inserted", "updated", "duplicate", "stale", "quarantined")
Entry = dict[str, Any]


@dataclass(frozen=True)
class Audit:
    """What was found.

    Attributes:
        totals: Rows by what became of them, from the ledger; of child tables, elements.
        missing: Each fault, naming an object or a table.
    """

    totals: Counter[str]
    missing: tuple[str, ...]


def audit(region: Region, hour: Hour) -> Audit:
    """Compare the lake with the hour's files."""
    columns, rows = region.athena.typed_rows(LEDGER)
    entries = [dict(zip(columns, row, strict=True)) for row in rows]
    totals: Counter[str] = Counter()
    for entry in entries:
        totals.update({name: entry[name] for name in ("rows_read", "malformed", "rows_in", *_OUTCOMES)})
    faults = (*ledger_faults(entries, hour), *silver_faults(region, hour), *queue_faults(region))
    return Audit(totals, faults)


def ledger_faults(entries: list[Entry], hour: Hour) -> Iterator[str]:
    """What the ledger says otherwise than the files, object by object, then for all together."""
    by_object: dict[str, dict[tuple[str, str], list[Entry]]] = defaultdict(lambda: defaultdict(list))
    inserted: Counter[str] = Counter()
    for entry in entries:
        by_object[entry["source_key"]][entry["stage"], entry["table_name"]].append(entry)
        inserted[entry["table_name"]] += entry["inserted"]
    for file in hour.files:
        yield from (f"{file.key}: {fault}" for fault in _object_faults(file, by_object.pop(file.key, {})))
    yield from (f"{key}: in the ledger, but never sent" for key in by_object)
    for table, standing in hour.standing.items():
        # A child's elements come and go with their parent's versions, so only a dataset's own table adds up to this.
        if table in _datasets(hour) and inserted[table] != len(standing):
            yield f"silver.{table}: {inserted[table]} rows inserted, {len(standing)} keys sent"


def _object_faults(file: SmallFile, entries: dict[tuple[str, str], list[Entry]]) -> Iterator[str]:
    twice = [f"{stage} {table}" for (stage, table), found in entries.items() if len(found) != 1]
    if twice:
        yield f"entered more than once: {', '.join(twice)}"
    bronze = entries.get((names.Stage.BRONZE, file.dataset))
    if not bronze:
        yield "no entry of bronze"
        return
    expected = (len(file.rows), len(file.rows) - file.malformed, file.malformed, file.rejected)
    found = tuple(bronze[0][name] for name in ("rows_read", "rows_out", "malformed", "rejected_file"))
    if found != expected:
        yield f"bronze read, wrote, held back, refused {found}, not {expected}"
    if file.rejected:
        return
    silver = entries.get((names.Stage.SILVER, file.dataset))
    if not silver:
        yield "no entry of silver"
        return
    taken = (silver[0]["rows_in"], silver[0]["quarantined"])
    if taken != (expected[1], file.quarantined):
        yield f"silver took and held back {taken}, not {(expected[1], file.quarantined)}"
    for (stage, table), (entry, *_) in entries.items():
        if stage == names.Stage.SILVER and entry["rows_in"] != sum(entry[name] for name in _OUTCOMES):
            yield f"silver.{table} does not add up"


def silver_faults(region: Region, hour: Hour) -> Iterator[str]:
    """Keys that silver lacks, has besides, or holds in another version than the newest."""
    for table, standing in hour.standing.items():
        is_child = table not in _datasets(hour)
        columns = "store_id, position" if is_child else f"{_key(table)}, updated_at"
        rows = region.athena.typed_rows(f"SELECT {columns} FROM {names.SILVER_DB}.{table}")[1]  # noqa: S608 - our own names
        found = dict.fromkeys((tuple(row) for row in rows), None) if is_child else {(key,): at for key, at in rows}
        if len(found) != len(rows):
            yield f"silver.{table}: {len(rows) - len(found)} keys more than once"
        if lacking := len(standing.keys() - found.keys()):
            yield f"silver.{table}: {lacking} keys are missing"
        if foreign := len(found.keys() - standing.keys()):
            yield f"silver.{table}: {foreign} keys that no file brought soundly"
        if other := sum(found[key] != standing[key] for key in found.keys() & standing.keys()):
            yield f"silver.{table}: {other} rows in another version than the newest"


def queue_faults(region: Region) -> Iterator[str]:
    """Messages that are still in a queue, or ended in a dead-letter queue."""
    sqs = region.client("sqs")
    for url in sqs.list_queues()["QueueUrls"]:
        counts = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        left = sum(int(counts[f"ApproximateNumberOfMessages{kind}"]) for kind in ("", "NotVisible", "Delayed"))
        if left:
            yield f"{url.rpartition('/')[2]}: {left} messages"


def _datasets(hour: Hour) -> set[str]:
    return {file.dataset for file in hour.files}


def _key(table: str) -> str:
    return f"{table.removesuffix('s')}_id"
