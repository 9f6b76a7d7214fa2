"""Rules about date and timestamp formats, beyond what makes one readable at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from watershed.contracts.rules.fault import Fault
from watershed.errors import ConfigurationError
from watershed.silver.formats import parse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from watershed.contracts.model import Source

_NEEDS = {"M": "HI", "S": "M", "f": "S", "z": "HI"}  # directive -> at least one of these


def format_faults(source: Source, path: str, *, is_utc: bool) -> Iterator[Fault]:
    """Faults of a source's `dateFormats` and `timestampFormats`. `is_utc`: its naive timestamps are UTC."""
    for key, formats in (("dateFormats", source.date_formats), ("timestampFormats", source.timestamp_formats)):
        if not formats:
            yield Fault(f"{path}.{key}", "There is no format.", "Write at least one, or leave the key out.")
        for text in formats:
            fault = _fault(text, f"{path}.{key}", dates_only=key == "dateFormats")
            if fault:
                yield fault
        yield from _ambiguities(formats, f"{path}.{key}")
    for text in source.timestamp_formats:
        if text.endswith("Z") and not is_utc:
            message = f"The Z of `{text}` means UTC, but naive timestamps here are {source.time_zone}."
            yield Fault(f"{path}.timestampFormats", message, "Write `%z`, which reads a Z too.")


def _fault(text: str, path: str, *, dates_only: bool) -> Fault | None:
    try:
        directives = parse(text).directives
    except ConfigurationError as error:
        return Fault(path, error.message, error.remedy)
    for directive, needed in _NEEDS.items():
        if directive in directives and not set(needed) & set(directives):
            message = f"The format `{text}` has %{directive} without %{' or %'.join(needed)}."
            return Fault(path, message, "Give the time from the hour on.")
    if dates_only and {"H", "I"} & set(directives):
        return Fault(path, f"The format `{text}` has a time, but is for dates.", "Move it to `timestampFormats`.")
    return None


def _ambiguities(formats: tuple[str, ...], path: str) -> Iterator[Fault]:
    """Two formats that differ only in the order of day and month read most dates either way."""
    seen: dict[str, str] = {}
    for text in formats:
        other = seen.setdefault(text.replace("%d", "%m"), text)
        if other != text:
            message = f"`{other}` and `{text}` read the same text as different days."
            yield Fault(path, message, "Keep one, or give the files a source each.")
