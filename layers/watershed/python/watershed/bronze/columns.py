"""A file's header: its names made uniform, and checked against what the contract cannot do without."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from watershed.bronze.batch import MAX_COLUMNS
from watershed.contracts.model import SchemaChange
from watershed.errors import FileRejected
from watershed.names import column_places, source_column
from watershed.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from watershed.contracts.model import Contract, Source

_DELIMITERS = {",": "a comma", ";": "a semicolon", "\t": "a tab", "|": "a bar", ":": "a colon"}


def header(names: Sequence[str]) -> list[str]:
    """The columns' names, normalised; a nameless column is called by its position, e.g. `column_3`.

    Raises:
        FileRejected: if two are the same, or there are too many.
    """
    if len(names) > MAX_COLUMNS:
        raise FileRejected(
            Reason.UNREADABLE_FILE,
            f"The header has {len(names)} columns, more than {MAX_COLUMNS}.",
            remedy="Send fewer columns; or check the delimiter and the line endings.",
        )
    found = [source_column(name) or f"column_{position}" for position, name in enumerate(names, start=1)]
    for name, count in Counter(found).most_common(1):
        if count == 1:
            break
        # Where it is, and not what it is: of a file without a header this is a value, and the message is logged.
        first = found.index(name)
        second = found.index(name, first + 1)
        raise FileRejected(
            Reason.DUPLICATE_COLUMN,
            f"The name of column {first + 1} appears {count} times in the header, once case and outer spaces are "
            f"ignored: column {second + 1} is the next.",
            remedy="Rename all but one.",
            column=name,
        )
    return found


def require(found: Sequence[str], contract: Contract, source: Source, delimiter: str | None) -> None:
    """Check that each key and required column of the contract is in the file, and none that it may not have.

    `delimiter` is what the header was split by, if it was.

    Raises:
        FileRejected: naming the columns that are not, and the likely delimiter if that is why.
    """
    present = set(found)
    missing = [
        (column.name, source.names_of(column.name))
        for column in contract.table.columns
        if (column.required or column.name in contract.table.primary_key)
        and not any(place in present for name in source.names_of(column.name) for place, _ in column_places(name))
    ]
    if missing:
        wanted = "; ".join(f"{column} (as {' or '.join(names)})" for column, names in missing)
        raise FileRejected(
            Reason.MISSING_COLUMN,
            f"The file lacks required columns: {wanted}.",
            remedy=_remedy(found, source, delimiter),
            column=missing[0][0],
        )
    refuse_unexpected(found, contract, source)


def refuse_unexpected(found: Iterable[str], contract: Contract, source: Source) -> None:
    """Check that a frozen contract names each of these columns of the file.

    Raises:
        FileRejected: naming those that it does not.
    """
    if contract.schema_change is not SchemaChange.FREEZE:
        return
    unexpected = contract.unexpected(source, found)
    if unexpected:
        raise FileRejected(
            Reason.UNEXPECTED_COLUMN,
            f"The contract {contract.name} is frozen and does not name the columns: {', '.join(unexpected)}.",
            remedy=f"Send the file without them, or name them in the contract's source {source.name}.",
            column=unexpected[0],
        )


def _remedy(found: Sequence[str], source: Source, delimiter: str | None) -> str:
    """What to do about missing columns: a header in one piece was most likely split by the wrong delimiter."""
    if len(found) == 1 and delimiter is not None:
        counts = Counter({mark: found[0].count(mark) for mark in _DELIMITERS if mark != delimiter})
        mark, count = counts.most_common(1)[0]
        if count:
            looks_like = (
                f"The delimiter looks like {_DELIMITERS[mark]} ({mark!r}), not {_DELIMITERS.get(delimiter, delimiter)}"
            )
            return f"{looks_like}: send the other, or set it in the contract's source {source.name}."
    return f"Send them, or name them in the contract's source {source.name}."
