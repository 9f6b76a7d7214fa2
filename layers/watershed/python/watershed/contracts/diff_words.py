"""What the parts of `diff` share: a change that was found, and plain comparisons."""

from __future__ import annotations

from typing import TYPE_CHECKING

from watershed.contracts.changes import ChangeKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from watershed.contracts.model import Table

Found = tuple[str, ChangeKind, str]  # path, kind, detail


def words(old: object, new: object) -> str:
    """From what to what, for people."""
    return f"{_word(old)} → {_word(new)}"


def difference(path: str, kind: ChangeKind, old: object, new: object, *, shown: bool = True) -> Iterator[Found]:
    """A change of `kind` if the values differ; with both, unless they are long."""
    if old != new:
        yield path, kind, words(old, new) if shown else ""


def set_change(path: str, old: Sequence[str], new: Sequence[str]) -> Iterator[Found]:
    """What a list of file names or regions takes more or less; its order says nothing."""
    if set(old) == set(new):
        yield from difference(path, ChangeKind.REWORDED, old, new)
    else:
        kind = ChangeKind.FILES_WIDENED if set(old) < set(new) else ChangeKind.FILES_NARROWED
        yield path, kind, words(old, new)


def renames(old: Table, new: Table) -> dict[str, str]:
    """The old table's columns that the new one calls otherwise, with their new names."""
    before = {column.name for column in old.columns}
    return {
        column.renamed_from: column.name
        for column in new.columns
        if column.renamed_from in before and column.name not in before and column.renamed_from is not None
    }


def _word(value: object) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(map(_word, value)) or "none"
    return "none" if value in {None, ""} else str(value)
