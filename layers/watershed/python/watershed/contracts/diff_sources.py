"""What changed in how a dataset arrives."""

from __future__ import annotations

from typing import TYPE_CHECKING

from watershed.contracts.changes import ChangeKind
from watershed.contracts.diff_words import difference, renames, set_change, words
from watershed.contracts.globs import overlap

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from watershed.contracts.diff_words import Found
    from watershed.contracts.model import Contract, Source

_PATH = "customProperties.sources"
_PLAIN = {"delimiter": "delimiter", "encoding": "encoding", "decimal_mark": "decimalMark", "time_zone": "timeZone"}
_FORMATS = {"date_formats": "dateFormats", "timestamp_formats": "timestampFormats"}
_WORDS = {"true_values": "trueValues", "false_values": "falseValues"}


def source_changes(old: Contract, new: Contract) -> Iterator[Found]:
    """The changes of sources, and of which takes a file."""
    before, after = ({source.name: source for source in each.sources} for each in (old, new))
    for name in before.keys() - after.keys():
        yield f"{_PATH}.{name}", ChangeKind.SOURCE_REMOVED, ""
    for name in after.keys() - before.keys():
        yield f"{_PATH}.{name}", ChangeKind.SOURCE_ADDED, ""
    kept = [[name for name in each if name in before and name in after] for each in (before, after)]
    yield from difference(_PATH, ChangeKind.REWORDED, *kept)
    for name in kept[1]:
        yield from _habit_changes(before[name], after[name])
        yield from _name_changes(old, new, before[name], after[name])
    yield from _taken_over(list(before.values()), list(after.values()))


def _habit_changes(old: Source, new: Source) -> Iterator[Found]:
    path = f"{_PATH}.{new.name}"
    yield from _region_changes(f"{path}.regions", old.regions, new.regions)
    yield from _region_changes(f"{path}.files", old.files, new.files)
    for attribute, key in _PLAIN.items():
        values = (getattr(each, attribute) for each in (old, new))
        yield from difference(f"{path}.{key}", ChangeKind.SOURCE_READS_OTHERWISE, *values)
    if old.thousands_mark != new.thousands_mark:
        kind = ChangeKind.SOURCE_READS_OTHERWISE if old.thousands_mark else ChangeKind.SOURCE_READS_MORE
        yield f"{path}.thousandsMark", kind, words(old.thousands_mark, new.thousands_mark)
    for attribute, key in _FORMATS.items():
        before, after = (getattr(each, attribute) for each in (old, new))
        if before != after:  # tried in order: one behind the others takes nothing from them
            more = after[: len(before)] == before
            kind = ChangeKind.SOURCE_READS_MORE if more else ChangeKind.SOURCE_READS_OTHERWISE
            yield f"{path}.{key}", kind, words(before, after)
    for attribute, key in _WORDS.items():
        before, after = (getattr(each, attribute) for each in (old, new))
        if before != after:
            yield f"{path}.{key}", _word_change(before, after), words(before, after)
    if old.null_values != new.null_values:  # a text that becomes empty, or no longer is, reads otherwise
        same = set(old.null_values) == set(new.null_values)
        kind = ChangeKind.REWORDED if same else ChangeKind.SOURCE_READS_OTHERWISE
        yield f"{path}.nullValues", kind, words(old.null_values, new.null_values)


def _region_changes(path: str, old: tuple[str, ...], new: tuple[str, ...]) -> Iterator[Found]:
    """As `set_change`, but an empty list takes all."""
    if bool(old) is bool(new):
        yield from set_change(path, old, new)
    else:
        yield path, ChangeKind.FILES_NARROWED if new else ChangeKind.FILES_WIDENED, words(old, new)


def _word_change(old: Sequence[str], new: Sequence[str]) -> ChangeKind:
    before, after = ({word.casefold() for word in each} for each in (old, new))
    if before == after:
        return ChangeKind.REWORDED
    return ChangeKind.SOURCE_READS_MORE if before < after else ChangeKind.SOURCE_READS_OTHERWISE


def _name_changes(old: Contract, new: Contract, before: Source, after: Source) -> Iterator[Found]:
    """Under which names a column is looked for, of the columns that both contracts read."""
    arrays = {child.name: child.explode for child in old.children}
    renamed = {name: name for name in (column.name for column in old.table.columns)}
    renamed |= renames(old.table, new.table)
    columns = {column.name for column in new.table.columns}
    pairs = [(was, now) for was, now in renamed.items() if now in columns]
    pairs += [(str(arrays[each.name]), str(each.explode)) for each in new.children if each.name in arrays]
    for was, now in pairs:
        names = before.names_of(was), after.names_of(now)
        follows = names[1] == ((now, *names[0]) if now in columns else (now,))
        if was != now and follows:
            continue  # what follows from a rename, or from another array, which are changes of their own
        if names[0] != names[1]:
            remaining = iter(names[1])
            more = all(name in remaining for name in names[0])  # in the order in which they were looked for
            kind = ChangeKind.SOURCE_READS_MORE if more else ChangeKind.SOURCE_READS_OTHERWISE
            yield f"{_PATH}.{after.name}.columns.{now}", kind, words(*names)


def _taken_over(old: list[Source], new: list[Source]) -> Iterator[Found]:
    """Sources that take files which one behind them took before."""
    places = {source.name: place for place, source in enumerate(old)}
    for place, later in enumerate(new):
        if later.name not in places:
            continue
        for earlier in new[:place]:
            was = places.get(earlier.name)
            unchanged = was is not None and was < places[later.name] and not _widened(old[was], earlier)
            if not unchanged and _meet(earlier, later):
                yield f"{_PATH}.{earlier.name}", ChangeKind.SOURCE_TAKES_OVER, later.name


def _widened(old: Source, new: Source) -> bool:
    """Whether the source may take more files than before."""
    lists = ((old.regions, new.regions), (old.files, new.files))
    return any(before and (not after or set(after) - set(before)) for before, after in lists)


def _meet(one: Source, other: Source) -> bool:
    """Whether some file in some region fits both."""
    regions = not one.regions or not other.regions or bool(set(one.regions) & set(other.regions))
    files = not one.files or not other.files or any(overlap(a, b) for a in one.files for b in other.files)
    return regions and files
