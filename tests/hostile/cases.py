"""The tables of hostile inputs: what each case may say, and how it is read."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from watershed.contracts.odcs import read_contracts

HERE = Path(__file__).parent
CONTRACTS = read_contracts(HERE / "contracts")
RENAMED = {"in": "lands"}  # `in` reads well in the tables and is no name in Python
BRONZE = frozenset({"malformed_row", "invalid_encoding", "row_too_large"})  # reasons known before values are looked at


@dataclass(frozen=True)
class Case:
    """A file with something hostile in it, and what must become of it.

    Attributes:
        family: The table's name.
        title: What is hostile.
        key: The object's key in the raw bucket; its dataset, format and source follow from it.
        header: Of CSV.
        rows: CSV records, JSON lines or elements, put between good neighbours.
        whole: The file's text, instead of `rows`; `neighbours` says whether the good ones are in it all the same.
        build: A function of `builders` that makes the file, with its arguments: `[name, …]`.
        bytes: Whether the text stands for bytes, one a character.
        line_end: What ends the lines.
        then: What is done to the file's bytes: functions of `builders`, with their arguments.
        refused: `reason`, and `says`: a part of what people are told; of a file that is refused whole.
        lands: The typed rows that the hostile ones become, by column; a column that is not named is NULL.
        held: The records in quarantine: `row`, `reason`, `rule`, and where it matters `column`, `raw`, `line`, `times`.
        bronze: Part of what the hostile rows are in bronze, by the file's own columns.
        children: Rows of the child table, as `lands`.
        end_to_end: Whether the case is also taken through the real commit.
    """

    family: str
    title: str
    key: str = "notes/hostile.csv"
    header: str = "id,name,note"
    rows: tuple[str, ...] = ()
    whole: str | None = None
    build: tuple[Any, ...] = ()
    bytes: bool = False
    line_end: str = "\n"
    then: tuple[Any, ...] = ()
    refused: dict[str, str] | None = None
    lands: tuple[dict[str, Any], ...] = ()
    held: tuple[dict[str, Any], ...] = ()
    bronze: tuple[dict[str, Any], ...] = ()
    children: tuple[dict[str, Any], ...] = ()
    neighbours: bool = True
    end_to_end: bool = False


@dataclass(frozen=True)
class ValueCase:
    """One hostile value in a column of `sales` or `members`, and what it becomes in each format that carries it.

    Attributes:
        family: The table's name.
        title: What is hostile.
        column: Where it stands; the row's other columns are good.
        value: The text as it is sent.
        source: The contract's source, by whose habits it is read.
        dataset: Whose row it is.
        lands: The typed value, as text; None if it becomes NULL.
        held: The reason why the row is held back instead.
        rule: What people are told was broken.
    """

    family: str
    title: str
    column: str
    value: str
    source: str = "standard"
    dataset: str = "sales"
    lands: Any = None
    held: str | None = None
    rule: str = ""


def _read() -> tuple[list[Case], list[ValueCase]]:
    cases: list[Case] = []
    values: list[ValueCase] = []
    for path in sorted(HERE.glob("*.yaml")):
        for entry in yaml.safe_load(path.read_text(encoding="utf-8")):
            said: dict[str, Any] = {
                RENAMED.get(name, name): tuple(v) if isinstance(v, list) else v for name, v in entry.items()
            }
            if "array" in said:
                cases.append(_shop_case(path.stem, **said))
            elif "column" in said:
                values.append(ValueCase(path.stem, **said))
            else:
                cases.append(Case(path.stem, **said))
    return cases, values


def _shop_case(family: str, array: str, *, lost: bool = False, **said: Any) -> Case:
    """A shop with the text `array` where a JSON array belongs; `lost` if the shop is held back with it."""
    row = {"shop": 5, "city": "Bonn", "size": "1"}
    shop: dict[str, Any] = {"key": "shops/hostile.csv", "header": "shop,city,size", "build": ("shop_with", array)}
    return Case(family, **shop, lands=() if lost else (row,), **said)


CASES, VALUES = _read()
