"""Rules about sources: their habits must be readable one way only, and each must have files to take."""

from __future__ import annotations

import codecs
import functools
import re
import zoneinfo
from typing import TYPE_CHECKING

from watershed.contracts.document import did_you_mean
from watershed.contracts.globs import within
from watershed.contracts.rules.fault import Fault
from watershed.contracts.rules.formats import format_faults

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from watershed.contracts.model import Contract, Source

_REGION = re.compile(r"[a-z]{2,4}(-[a-z]+)+-\d")
_ELSEWHERE = "any other region"
_UTC = frozenset({"UTC", "Etc/UTC"})


def source_faults(contract: Contract, regions: Collection[str] = ()) -> Iterator[Fault]:
    """Faults of a contract's sources. `regions`: those that exist, if known."""
    for place, source in enumerate(contract.sources):
        path = f"customProperties.sources.value.{source.name}"
        earlier = contract.sources[:place]
        if any(other.name == source.name for other in earlier):
            yield Fault(f"{path}.name", f"There is another source `{source.name}`.", "Rename one.")
        elif _unreachable(source, earlier, _all_regions(contract)):
            message = "No file gets here: the sources above take them all."
            yield Fault(path, message, "Move it up, or make the patterns above narrower.")
        yield from _region_faults(source, path, regions)
        yield from _text_faults(source, path)
        yield from _zone_faults(source, path)
        yield from _mark_faults(source, path)
        yield from format_faults(source, path, is_utc=source.time_zone in _UTC)
        yield from _column_faults(contract, source, path)


def _all_regions(contract: Contract) -> frozenset[str]:
    return frozenset({_ELSEWHERE, *(region for source in contract.sources for region in source.regions)})


def _unreachable(source: Source, earlier: tuple[Source, ...], everywhere: frozenset[str]) -> bool:
    def covered(region: str) -> bool:
        return any(_covers(other, source) for other in earlier if not other.regions or region in other.regions)

    return all(covered(region) for region in source.regions or everywhere)


def _covers(other: Source, source: Source) -> bool:
    """Whether `other` takes every file name that `source` takes."""
    if not other.files:
        return True
    return bool(source.files) and all(any(within(mine, its) for its in other.files) for mine in source.files)


def _region_faults(source: Source, path: str, regions: Collection[str]) -> Iterator[Fault]:
    for region in source.regions:
        if not _REGION.fullmatch(region):
            yield Fault(f"{path}.regions", f"`{region}` is not an AWS region.", "Write e.g. `eu-central-1`.")
        elif regions and region not in regions:
            yield Fault(f"{path}.regions", f"There is no region `{region}`.", did_you_mean(region, regions))


def _text_faults(source: Source, path: str) -> Iterator[Fault]:
    if not re.fullmatch(r"[^\w\"\r\n]", source.delimiter, re.ASCII) or not source.delimiter.isascii():
        yield Fault(f"{path}.delimiter", "A delimiter is one character that no value needs.", 'Write e.g. ";".')
    if not _is_encoding(source.encoding):
        message = f"`{source.encoding}` is not a known text encoding."
        yield Fault(f"{path}.encoding", message, "Write e.g. `utf-8`, `latin-1` or `cp1252`.")


def _is_encoding(name: str) -> bool:
    """Whether Python reads text of it that may have broken bytes; of some, as `idna`, it does not."""
    try:
        "a".encode(name)
        codecs.getincrementaldecoder(name)("replace").decode(b"\xff", final=True)
    except (LookupError, ValueError):
        return False
    return True


def _zone_faults(source: Source, path: str) -> Iterator[Fault]:
    if source.time_zone not in _time_zones():
        message = f"`{source.time_zone}` is not a time zone."
        yield Fault(f"{path}.timeZone", message, did_you_mean(source.time_zone, ("UTC", "Europe/Berlin")))


@functools.cache
def _time_zones() -> frozenset[str]:
    return frozenset(zoneinfo.available_timezones()) - {"localtime"}  # the machine's own


def _mark_faults(source: Source, path: str) -> Iterator[Fault]:
    if source.decimal_mark not in {".", ","}:
        yield Fault(f"{path}.decimalMark", "A decimal mark is a point or a comma.", 'Write "." or ",".')
    if source.thousands_mark == source.decimal_mark:
        yield Fault(f"{path}.thousandsMark", "Both marks are the same.", "Tell them apart, or leave one out.")
    elif len(source.thousands_mark) > 1 or source.thousands_mark.isalnum() or source.thousands_mark in {"+", "-"}:
        yield Fault(f"{path}.thousandsMark", "A thousands mark is one sign.", 'Write e.g. "." or " ".')
    yes, no = ({value.casefold() for value in values} for values in (source.true_values, source.false_values))
    if not yes or not no:
        name = "falseValues" if yes else "trueValues"
        yield Fault(f"{path}.{name}", "Nothing is written for this.", "Write e.g. `[ja]`.")
    for value in sorted(yes & no):
        yield Fault(f"{path}.falseValues", f"`{value}` is both true and false.", "Remove it from one list.")
    for value in sorted((yes | no) & {value.casefold() for value in source.null_values}):
        yield Fault(f"{path}.nullValues", f"`{value}` is both a truth value and empty.", "Remove it from one list.")


def _column_faults(contract: Contract, source: Source, path: str) -> Iterator[Fault]:
    arrays = [child.explode for child in contract.children if child.explode]
    if len(arrays) < len(contract.children):
        return  # a child without `explode` is a fault already, and what may be mapped is not known
    columns = [*(column.name for column in contract.table.columns), *arrays]
    for column in source.columns:
        if column not in columns:
            message = f"The table `{contract.table.name}` has no column `{column}`."
            yield Fault(f"{path}.columns.{column}", message, did_you_mean(column, columns))
    readers: dict[str, str] = {}
    for column in columns:
        for name in source.names_of(column):
            if name in readers and readers[name] != column:
                message = f"`{column}` and `{readers[name]}` both read the file's `{name}`."
                yield Fault(f"{path}.columns.{column}", message, "Map one of them to another name.")
            readers.setdefault(name, column)
