"""What changed in a table's columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from watershed.contracts.changes import ChangeKind
from watershed.contracts.diff_words import difference, words
from watershed.contracts.model import Kind
from watershed.contracts.rules.values import parsed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from watershed.contracts.diff_words import Found
    from watershed.contracts.model import Column, Table


def column_changes(old: Table, new: Table, renamed: Mapping[str, str]) -> Iterator[Found]:
    """The changes of columns. `renamed`: those of the old table that are called otherwise now, with their new names."""
    path = f"schema.{new.name}.properties"
    before = {renamed.get(column.name, column.name): column for column in old.columns}
    after = {column.name: column for column in new.columns}
    for name in before.keys() - after.keys():
        yield f"{path}.{name}", ChangeKind.COLUMN_REMOVED, ""
    for name in after.keys() - before.keys():
        demanded = after[name].required or name in new.primary_key
        yield f"{path}.{name}", ChangeKind.REQUIRED_COLUMN_ADDED if demanded else ChangeKind.COLUMN_ADDED, ""
    kept = [[name for name in each if name in before and name in after] for each in (before, after)]
    yield from difference(path, ChangeKind.COLUMNS_REORDERED, *kept)
    for name in kept[1]:
        yield from _rename_changes(f"{path}.{name}", old, before[name], after[name])
        yield from _column_changes(f"{path}.{name}", before[name], after[name])


def _rename_changes(path: str, table: Table, old: Column, new: Column) -> Iterator[Found]:
    place = f"{path}.customProperties.renamedFrom"
    if old.name != new.name:
        yield place, ChangeKind.COLUMN_RENAMED, words(old.name, new.name)
    elif new.renamed_from in {column.name for column in table.columns}:
        yield place, ChangeKind.COLUMNS_JOINED, words(new.renamed_from, new.name)
    elif new.renamed_from is not None and old.renamed_from is None:
        yield place, ChangeKind.RENAME_NOTED, new.renamed_from
    if old.renamed_from not in {None, new.renamed_from}:
        yield place, ChangeKind.RENAME_FORGOTTEN, str(old.renamed_from)


def _column_changes(path: str, old: Column, new: Column) -> Iterator[Found]:
    yield from difference(f"{path}.description", ChangeKind.REWORDED, old.description, new.description, shown=False)
    yield from _type_changes(path, old, new)
    if old.required != new.required:
        kind = ChangeKind.REQUIRED_ADDED if new.required else ChangeKind.REQUIRED_DROPPED
        yield f"{path}.required", kind, ""
    if old.pii != new.pii:
        yield f"{path}.classification", ChangeKind.PERSONAL_ADDED if new.pii else ChangeKind.PERSONAL_DROPPED, ""
    yield from difference(f"{path}.customProperties.money", ChangeKind.MONEY_CHANGED, old.money, new.money)
    yield from difference(f"{path}.customProperties.jsonPath", ChangeKind.FIELD_CHANGED, old.json_path, new.json_path)
    yield from _check_changes(path, old, new)


def _type_changes(path: str, old: Column, new: Column) -> Iterator[Found]:
    if old.athena_type == new.athena_type:
        return
    kind = ChangeKind.TYPE_CHANGED
    if old.kind is new.kind is Kind.DECIMAL:
        integers = [each.precision - each.scale for each in (old, new)]
        if old.scale == new.scale and old.precision < new.precision:
            kind = ChangeKind.TYPE_WIDENED
        elif integers[1] <= integers[0] and new.scale <= old.scale:
            kind = ChangeKind.TYPE_NARROWED
    yield f"{path}.physicalType", kind, words(old.athena_type, new.athena_type)


def _check_changes(path: str, old: Column, new: Column) -> Iterator[Found]:
    options = f"{path}.logicalTypeOptions"
    if old.valid_values != new.valid_values:
        kind = _list_change(old.valid_values, new.valid_values)
        yield f"{path}.quality", kind, words(old.valid_values, new.valid_values)
    if old.pattern != new.pattern:
        kind = ChangeKind.CHECK_TIGHTENED if new.pattern else ChangeKind.CHECK_LOOSENED
        yield f"{options}.pattern", kind, words(old.pattern, new.pattern)
    limits = {"minimum": (old.minimum, new.minimum), "maximum": (old.maximum, new.maximum)}
    for name, (before, after) in limits.items():
        if before != after:
            values = [text and parsed(new, text) for text in (before, after)]
            kind = _limit_change(before, after, *values, upper=name == "maximum")
            yield f"{options}.{name}", kind, words(before, after)
    lengths = (old.max_length, new.max_length)
    if old.max_length != new.max_length:
        yield f"{options}.maxLength", _limit_change(*lengths, *lengths, upper=True), words(*lengths)


def _list_change(old: tuple[str, ...], new: tuple[str, ...]) -> ChangeKind:
    """No list lets every value pass."""
    if set(old) == set(new):
        return ChangeKind.REWORDED
    loosened = not new or (bool(old) and set(old) < set(new))
    return ChangeKind.CHECK_LOOSENED if loosened else ChangeKind.CHECK_TIGHTENED


def _limit_change(old: object, new: object, before: Any, after: Any, *, upper: bool) -> ChangeKind:
    """No limit lets every value pass; one that is of no meaning for the column's new type, none.

    `before` and `after` are the limits as values of that type; `upper`: whether they are limits from above.
    """
    if new is None:
        return ChangeKind.CHECK_LOOSENED
    if old is None or before is None or after is None:
        return ChangeKind.CHECK_TIGHTENED
    if before == after:
        return ChangeKind.REWORDED
    return ChangeKind.CHECK_LOOSENED if (after > before) is upper else ChangeKind.CHECK_TIGHTENED
