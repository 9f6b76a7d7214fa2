"""The file that says who sees which rows in QuickSight: read, checked, and written as QuickSight reads it."""

from __future__ import annotations

import csv
import io
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from infra.quicksight.rules import GROUP, USER

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

MOST_OF_ONE = 999  # rules that QuickSight takes for one user, those of the user's groups included
_TORN = ('"', "\\", "\n", "\r")  # what the table's reader, or QuickSight, takes for something else


@dataclass(frozen=True)
class Rule:
    """One user, or one group, sees the rows with one value.

    Args:
        line: Of the file.
        user: The user's name, or empty.
        group: The group's name, or empty.
        value: What the column holds in the rows to be seen; empty means all rows.
    """

    line: int
    user: str
    group: str
    value: str

    @property
    def who(self) -> str:
        """For people."""
        return f"the user {self.user}" if self.user else f"the group {self.group}"


def read(text: str, column: str) -> tuple[list[Rule], list[str]]:
    """The rules in a CSV file, and what is wrong with its form; rules are to be used only if nothing is.

    Args:
        text: With a header of UserName, GroupName and the column, in any order, and one value a line.
        column: The column that the rules are about.
    """
    wanted = (USER, GROUP, column)
    reader = csv.reader(io.StringIO(text), strict=True)
    rules: list[Rule] = []
    faults: list[str] = []
    try:
        header = next(reader, [])
        if sorted(header) != sorted(wanted):
            return [], [f"line 1: the header is {','.join(header) or 'missing'}. Write {','.join(wanted)}."]
        for cells in reader:
            if len(cells) != len(wanted):
                faults.append(f"line {reader.line_num}: it has {len(cells)} values. Write {len(wanted)}.")
                continue
            row = dict(zip(header, cells, strict=True))
            rules.append(Rule(reader.line_num, row[USER], row[GROUP], row[column]))
    except csv.Error as error:
        faults.append(f"line {reader.line_num}: {error}. Quote values with commas.")
    return rules, faults


def check(
    rules: Sequence[Rule], known: Collection[str], *, all_rows: bool = False, ahead: bool = False
) -> Iterator[str]:
    """What is wrong with rules, each with its line and a remedy.

    Args:
        rules: What was read.
        known: The values that the column has in gold.
        all_rows: Whether a rule may leave the value empty, which shows all rows.
        ahead: Whether a rule may name a value that no row has yet.
    """
    seen: dict[tuple[str, str, str], int] = {}
    for rule in rules:
        here = f"line {rule.line}"
        if bool(rule.user) == bool(rule.group):
            yield f"{here}: it names {'both' if rule.user else 'neither'} a user and a group. Name one of them."
        for text in (rule.user, rule.group, rule.value):
            if text != text.strip():
                yield f"{here}: {text!r} begins or ends with a blank, which QuickSight compares too. Take it away."
            if any(mark in text for mark in _TORN):
                yield f"{here}: {text!r} has a quote, backslash or line end, by which it would mean another value."
        if not rule.value and not all_rows:
            yield f"{here}: without a value {rule.who} sees all rows. Write one, or say --all-rows."
        elif rule.value and rule.value not in known and not ahead:
            yield f"{here}: no row of gold has {rule.value!r}. Correct it, or say --ahead."
        key = (rule.user, rule.group, rule.value)
        if key in seen:
            yield f"{here}: it says the same as line {seen[key]}. Remove one."
        seen.setdefault(key, rule.line)
    for who, times in Counter(rule.who for rule in rules).items():
        if times > MOST_OF_ONE:
            yield f"{who} has {times} rules, and QuickSight takes {MOST_OF_ONE}. Leave the value empty for all rows."


def write(rules: Sequence[Rule], column: str) -> bytes:
    """The file as it is stored: UTF-8 without a mark, sorted, a line a rule.

    A comma divides values for QuickSight, unless the whole value is in quotes; so those are part of it.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow((USER, GROUP, column))
    for rule in sorted(rules, key=lambda each: (each.user, each.group, each.value)):
        writer.writerow((rule.user, rule.group, f'"{rule.value}"' if "," in rule.value else rule.value))
    return out.getvalue().encode()
