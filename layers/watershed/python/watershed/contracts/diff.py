"""What changed between two states of the contracts. Pure: `changes` says what follows from each."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from watershed.contracts.changes import Change, ChangeKind
from watershed.contracts.diff_columns import column_changes
from watershed.contracts.diff_sources import source_changes
from watershed.contracts.diff_words import difference, renames, set_change, words
from watershed.contracts.model import SchemaChange

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from watershed.contracts.diff_words import Found
    from watershed.contracts.model import BadRows, Contract, Partition, Table

_STRICTNESS = (SchemaChange.EVOLVE, SchemaChange.QUARANTINE, SchemaChange.FREEZE)


def diff(old: Mapping[str, Contract], new: Mapping[str, Contract]) -> list[Change]:
    """All changes from `old` to `new`, by dataset and path; none if both say the same."""
    changes = [Change(name, "", ChangeKind.DATASET_REMOVED) for name in old.keys() - new.keys()]
    changes += [Change(name, "", ChangeKind.DATASET_ADDED) for name in new.keys() - old.keys()]
    for name in old.keys() & new.keys():
        found = [Change(name, *each) for each in _contract_changes(old[name], new[name])]
        changes += found + [Change(name, *each) for each in _version_changes(old[name], new[name], found)]
    return sorted(changes)


def _version_changes(old: Contract, new: Contract, found: list[Change]) -> Iterator[Found]:
    if old.version != new.version:
        yield "version", ChangeKind.VERSION_CHANGED, words(old.version, new.version)
    elif any(change.rule.is_noticed for change in found):
        yield "version", ChangeKind.VERSION_KEPT, new.version


def _contract_changes(old: Contract, new: Contract) -> Iterator[Found]:
    yield from difference("description.purpose", ChangeKind.REWORDED, old.description, new.description, shown=False)
    yield from difference("team.name", ChangeKind.REWORDED, old.owner, new.owner)
    yield from difference(
        "slaProperties.freshness.value", ChangeKind.FRESHNESS_CHANGED, old.freshness_hours, new.freshness_hours
    )
    yield from set_change("customProperties.files", old.files, new.files)
    yield from _tolerance_changes(old, new)
    yield from _residency_changes(old, new)
    subject = old.subject and renames(old.table, new.table).get(old.subject, old.subject)
    yield from difference("customProperties.subject", ChangeKind.SUBJECT_CHANGED, subject, new.subject)
    yield from _tables_changes(old, new)
    yield from source_changes(old, new)


def _tolerance_changes(old: Contract, new: Contract) -> Iterator[Found]:
    before, after = (_STRICTNESS.index(each.schema_change) for each in (old, new))
    if before != after:
        kind = ChangeKind.LESS_TOLERANT if after > before else ChangeKind.MORE_TOLERANT
        yield "customProperties.schemaChange", kind, words(old.schema_change, new.schema_change)
    if old.bad_rows != new.bad_rows:
        detail = words(*(each and f"{each.share} of {each.at_least} rows" for each in (old.bad_rows, new.bad_rows)))
        yield "customProperties.badRows", _bad_rows_change(old.bad_rows, new.bad_rows), detail


def _bad_rows_change(old: BadRows | None, new: BadRows | None) -> ChangeKind:
    if old is None or new is None:
        return ChangeKind.LESS_TOLERANT if old is None else ChangeKind.MORE_TOLERANT
    pairs = ((old.limit, new.limit), (old.at_least, new.at_least))
    if any(after < before for before, after in pairs):
        return ChangeKind.LESS_TOLERANT
    return ChangeKind.MORE_TOLERANT if any(after > before for before, after in pairs) else ChangeKind.REWORDED


def _residency_changes(old: Contract, new: Contract) -> Iterator[Found]:
    path = "customProperties.residency"
    renamed = renames(old.table, new.table)
    column = old.residency.column and renamed.get(old.residency.column, old.residency.column)
    yield from difference(f"{path}.column", ChangeKind.RESIDENCY_CHANGED, column, new.residency.column)
    yield from difference(f"{path}.missing", ChangeKind.RESIDENCY_CHANGED, old.residency.missing, new.residency.missing)
    yield from difference(
        f"{path}.reason", ChangeKind.REWORDED, old.residency.reason, new.residency.reason, shown=False
    )


def _tables_changes(old: Contract, new: Contract) -> Iterator[Found]:
    before, after = ({table.name: table for table in each.tables} for each in (old, new))
    for name in before.keys() - after.keys():
        yield f"schema.{name}", ChangeKind.TABLE_REMOVED, ""
    for name in after.keys() - before.keys():
        yield f"schema.{name}", ChangeKind.TABLE_ADDED, ""
    kept = [[name for name in each if name in before and name in after] for each in (before, after)]
    yield from difference("schema", ChangeKind.REWORDED, *kept)
    for name in kept[1]:
        yield from _table_changes(before[name], after[name])


def _table_changes(old: Table, new: Table) -> Iterator[Found]:
    path, renamed = f"schema.{new.name}", renames(old, new)

    def now(name: str | None) -> str | None:
        return name and renamed.get(name, name)

    yield from difference(f"{path}.description", ChangeKind.REWORDED, old.description, new.description, shown=False)
    yield from difference(
        f"{path}.properties", ChangeKind.KEY_CHANGED, [now(each) for each in old.primary_key], list(new.primary_key)
    )
    yield from difference(
        f"{path}.customProperties.versionColumn",
        ChangeKind.VERSION_COLUMN_CHANGED,
        now(old.version_column),
        new.version_column,
    )
    before = old.partition and replace(old.partition, column=str(now(old.partition.column)))
    yield from difference(
        f"{path}.properties.partitionTransform", ChangeKind.PARTITION_CHANGED, _layout(before), _layout(new.partition)
    )
    yield from difference(f"{path}.customProperties.parent", ChangeKind.PARENT_CHANGED, old.parent, new.parent)
    yield from difference(f"{path}.customProperties.explode", ChangeKind.EXPLODE_CHANGED, old.explode, new.explode)
    yield from column_changes(old, new, renamed)


def _layout(partition: Partition | None) -> str:
    if partition is None:
        return ""
    buckets = f"({partition.buckets})" if partition.buckets else ""
    return f"{partition.transform}{buckets} of {partition.column}"
