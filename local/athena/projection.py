"""Partition projection: which partitions a table has, computed from its properties instead of read from Glue.

https://docs.aws.amazon.com/athena/latest/ug/partition-projection-setting-up.html
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from local.athena.errors import StatementFailed, not_proven
from local.athena.partitions import Partition, may_match
from local.athena.translate.statement import TableColumn

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from local.athena.catalog import HiveTable
    from local.athena.translate.statement import Predicate

MOST_PARTITIONS = 1_000_000
_NOW = re.compile(r"NOW\s*(?:([+-])\s*(\d+)\s*(\w+?)S?)?", re.IGNORECASE)
_UNITS = {
    "YEAR": "years",
    "MONTH": "months",
    "WEEK": "weeks",
    "DAY": "days",
    "HOUR": "hours",
    "MINUTE": "minutes",
    "SECOND": "seconds",
}
# Java's letters -> strftime's.
_JAVA = (("yyyy", "%Y"), ("MM", "%m"), ("dd", "%d"), ("HH", "%H"), ("mm", "%M"), ("ss", "%S"))
_PLACEHOLDER = re.compile(r"\$\{(\w+)\}")


@dataclass(frozen=True)
class _Rules:
    """The `projection.<column>.…` properties of one column."""

    column: TableColumn
    properties: dict[str, str]

    def get(self, name: str) -> str:
        value = self.properties.get(f"projection.{self.column.name}.{name}")
        if value is None:
            message = f"Table properties for partition projection lack 'projection.{self.column.name}.{name}'"
            raise StatementFailed("INVALID_TABLE_PROPERTY", message)
        return value

    def optional(self, name: str, default: str) -> str:
        return self.properties.get(f"projection.{self.column.name}.{name}", default)


def is_projected(table: HiveTable) -> bool:
    """Whether the table's partitions are projected."""
    return table.parameters.get("projection.enabled", "").lower() == "true"


def project(table: HiveTable, predicates: Sequence[Predicate], now: datetime) -> list[Partition]:
    """The partitions that may hold rows meeting all predicates. Those without files are among them.

    Raises:
        StatementFailed: for properties that are missing or wrong, and for an injected column that is not fixed.
    """
    lower = {key.lower(): value for key, value in table.parameters.items()}
    columns = []
    for key in table.partition_keys:
        values = [
            value
            for value in _values(_Rules(key, lower), predicates, now)
            if may_match(key, value, [p for p in predicates if p.column == key.name])
        ]
        columns.append(values)
    count = 1
    for values in columns:
        count *= len(values)
    if count > MOST_PARTITIONS:
        raise StatementFailed(
            "GENERIC_USER_ERROR",
            f"Partition projection gives {count} partitions. Add conditions on the partition columns.",
        )
    names = [key.name for key in table.partition_keys]
    template = table.parameters.get("storage.location.template") or _default_template(table)
    return [
        Partition(values, _fill(template, dict(zip(names, values, strict=True))))
        for values in itertools.product(*columns)
    ]


def _default_template(table: HiveTable) -> str:
    return table.location.rstrip("/") + "".join(f"/{key.name}=${{{key.name}}}" for key in table.partition_keys)


def _fill(template: str, values: dict[str, str]) -> str:
    return _PLACEHOLDER.sub(lambda match: values[match[1].lower()], template)


def _values(rules: _Rules, predicates: Sequence[Predicate], now: datetime) -> Iterable[str]:
    kind = rules.get("type").lower()
    if kind == "enum":
        return [value.strip() for value in rules.get("values").split(",")]
    if kind == "integer":
        return _integers(rules)
    if kind == "date":
        return _dates(rules, now)
    if kind == "injected":
        return _injected(rules, predicates)
    raise not_proven(f"Partition projection of type '{kind}'", "Use enum, integer, date or injected.")


def _integers(rules: _Rules) -> Iterable[str]:
    first, last = (int(value) for value in rules.get("range").split(","))
    digits = int(rules.optional("digits", "0"))
    return (str(value).zfill(digits) for value in range(first, last + 1, int(rules.optional("interval", "1"))))


def _injected(rules: _Rules, predicates: Sequence[Predicate]) -> list[str]:
    fixed = [p for p in predicates if p.column == rules.column.name and p.operator in {"=", "in"}]
    if not fixed:
        message = (
            f"For the injected projected partition column {rules.column.name}, the WHERE clause must contain only "
            "static equality conditions, and at least one such condition must be present."
        )
        raise StatementFailed("CONSTRAINT_VIOLATION", message)
    return [str(value) for value in fixed[0].values]


def java_format(pattern: str) -> str:
    """Strftime's format for Java's date pattern.

    Raises:
        StatementFailed: for letters that are not proven.
    """
    made = pattern.replace("%", "%%")
    for letters, code in _JAVA:
        made = made.replace(letters, code)
    made = made.replace("'", "")
    if re.search(r"(?<!%)[A-Za-z]", re.sub(r"%[A-Za-z]", "", made).replace("T", "")):
        raise not_proven(f"The projection format '{pattern}'", "Use yyyy, MM, dd, HH, mm and ss.")
    return made


def _dates(rules: _Rules, now: datetime) -> Iterable[str]:
    pattern = java_format(rules.get("format"))
    first, last = (_moment(value.strip(), pattern, now) for value in rules.get("range").split(","))
    default_unit = (
        "HOURS" if "%H" in pattern else "DAYS" if "%d" in pattern else "MONTHS" if "%m" in pattern else "YEARS"
    )
    unit = rules.optional("interval.unit", default_unit).upper().rstrip("S")
    step = int(rules.optional("interval", "1"))
    current, place = first, 0
    while current <= last:
        yield current.strftime(pattern)
        place += 1
        current = shift(first, unit, step * place)


def _moment(value: str, pattern: str, now: datetime) -> datetime:
    match = _NOW.fullmatch(value)
    if match is None:
        return datetime.strptime(value, pattern)  # noqa: DTZ007 - partition values have no zone
    naive = now.replace(tzinfo=None)
    if match[1] is None:
        return naive
    return shift(naive, match[3].upper(), int(match[2]) * (1 if match[1] == "+" else -1))


def shift(start: datetime, unit: str, amount: int) -> datetime:
    """`start` moved by whole units; months keep the day where the month has it."""
    if unit in {"MONTH", "YEAR"}:
        months = start.year * 12 + start.month - 1 + amount * (12 if unit == "YEAR" else 1)
        year, month = divmod(months, 12)
        for day in range(start.day, 0, -1):
            try:
                return start.replace(year=year, month=month + 1, day=day)
            except ValueError:
                continue
    if unit not in _UNITS:
        raise StatementFailed("INVALID_TABLE_PROPERTY", f"'{unit}' is no unit of partition projection")
    return start + timedelta(**{_UNITS[unit]: amount})
