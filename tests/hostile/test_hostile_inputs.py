"""Hostile inputs, each with its fate; and whatever is hostile, no other row suffers, nothing is lost, nothing raises.

The tables beside this module hold the cases, one file a family; `docs/bad-input.md` says the same in classes.
"""

from __future__ import annotations

import csv
import functools
import json
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from watershed.bronze.event import arrivals
from watershed.bronze.land import Surroundings, land
from watershed.names import Layer
from watershed.reasons import Reason
from watershed.s3 import S3

from tests.hostile import builders, neighbours
from tests.hostile.cases import BRONZE, CASES, CONTRACTS, VALUES, Case, ValueCase
from tests.hostile.lab import Outcome, outcome
from tests.hostile.neighbours import AFTER, BEFORE
from tests.unit.bronze_lake import REGION, notification
from tests.unit.silver_lab import SETTINGS, region

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from watershed.contracts.model import Source
    from watershed.messages import BronzePart

BASE = {"sales": ["id", "name"], "members": ["branch", "member", "country"]}
FORMATS = ("csv", "jsonl", "parquet")


def test_there_are_enough_cases() -> None:
    cases: list[Case | ValueCase] = [*CASES, *VALUES]
    titles = Counter((case.family, case.title) for case in cases)
    assert [title for title, count in titles.items() if count > 1] == []
    assert titles.total() >= 240


# --- files


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.family}: {case.title}")
def test_a_hostile_file_meets_its_fate_and_harms_no_other(case: Case) -> None:
    found = outcome(case.key, body_of(case))
    if case.refused is not None:
        _was_refused(case, found)
        return
    assert found.landed.rejected is None
    _accounts_balance(found)
    contract = CONTRACTS[found.landed.dataset]
    names = header_of(case)
    lands = [neighbours.full(contract, row) for row in _repeated(case.lands)]
    if case.neighbours:
        before, after = ([neighbours.silver(contract, names, n) for n in some] for some in (BEFORE, AFTER))
        lands = [*before, *lands, *after]
    assert (found.tables[0] if found.tables else []) == lands
    if len(found.tables) > 1:
        assert found.tables[1] == [neighbours.full(contract, row, table=1) for row in _elements(case)]
    _were_held(case, found)
    if case.bronze:
        hostile = found.bronze[len(BEFORE) : -len(AFTER)] if case.neighbours else found.bronze
        assert [{name: row.get(name) for name in said} for said, row in zip(case.bronze, hostile, strict=True)] == list(
            case.bronze
        )


def _was_refused(case: Case, found: Outcome) -> None:
    assert case.refused is not None
    assert found.landed.rejected is not None, "it was taken"
    assert (found.bronze, found.tables) == ([], [])
    (row,) = found.held
    assert row["reason"] == case.refused["reason"]
    assert case.refused["says"] in row["rule"] + row["remedy"]
    assert row["column_name"] == case.refused.get("column")
    assert (row["raw"], row["row_number"], row["stage"]) == (None, None, "bronze")
    assert row["remedy"]
    assert [entry["rejected_file"] for entry in found.ledger] == [True]


def _were_held(case: Case, found: Outcome) -> None:
    expected = [said for said in case.held for _ in range(said.get("times", 1))]
    assert [(row["row_number"], row["reason"]) for row in found.held] == [
        (said["row"] + i, said["reason"]) for said in case.held for i in range(said.get("times", 1))
    ]
    for said, row in zip(expected, found.held, strict=True):
        assert row["rule"] == said["rule"] or (said["rule"].endswith("…") and row["rule"].startswith(said["rule"][:-1]))
        assert row["column_name"] == said.get("column")
        assert row["remedy"] == Reason(said["reason"]).remedy
        assert row["stage"] == ("bronze" if said["reason"] in BRONZE else "silver")
        assert row["source_key"] == case.key
        assert row["raw"] is not None
        if "raw" in said:
            assert row["raw"] == said["raw"]
        if row["stage"] == "silver":
            assert isinstance(json.loads(row["raw"]), dict)
        if "line" in said:
            assert row["line_number"] == said["line"]


def _elements(case: Case) -> Iterator[dict[str, Any]]:
    """The child rows, each as often as it says, in consecutive positions."""
    for said in case.children:
        for place, row in enumerate(_repeated([{"shop": 5, **said}])):
            yield {**row, "position": row["position"] + place}


def _repeated(rows: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Each row as often as it says."""
    for said in rows:
        row = dict(said)
        yield from [row] * row.pop("times", 1)


def _accounts_balance(found: Outcome) -> None:
    """Every record that was read is a row of bronze or held back; every row of bronze is good or held back."""
    landed = found.landed
    assert landed.rows_read == landed.rows_out + landed.malformed
    assert sum(entry["rows_read"] for entry in found.ledger) == landed.rows_read
    assert sum(entry["rows_out"] for entry in found.ledger) == landed.rows_out == len(found.bronze)
    by_bronze = [row["row_number"] for row in found.held if row["stage"] == "bronze"]
    in_bronze = [row["_row_number"] for row in found.bronze]
    assert sorted(by_bronze + in_bronze) == list(range(1, landed.rows_read + 1))
    by_silver = [row["row_number"] for row in found.held if row["stage"] == "silver" and " element " not in row["rule"]]
    assert sorted(by_silver + found.numbers) == in_bronze


def header_of(case: Case) -> list[str]:
    """The names of the file's columns, as the sender writes them."""
    (names,) = csv.reader([case.header.lstrip("\u00ef\u00bb\u00bf")], delimiter=_delimiter(case))
    return names


def _source(case: Case) -> Source:
    """Of a key that no contract takes, any."""
    folder, _, rest = case.key.partition("/")
    source = CONTRACTS.get(folder, CONTRACTS["notes"]).source_for(REGION, rest.split("/")[-1])
    assert source is not None
    return source


def _delimiter(case: Case) -> str:
    return "\t" if ".tsv" in case.key else _source(case).delimiter


def body_of(case: Case) -> bytes:
    body = builders.made(case.build) if case.build else _text_of(case)
    for step in case.then:
        body = builders.made(step, body)
    return body


def _text_of(case: Case) -> bytes:
    if case.whole is not None:
        return case.whole.encode("latin-1" if case.bytes else "utf-8")
    names = header_of(case)
    if ".json" not in case.key:
        before, after = ([neighbours.line(names, n, _delimiter(case)) for n in some] for some in (BEFORE, AFTER))
        text = case.line_end.join([case.header, *before, *case.rows, *after, ""])
    else:
        before, after = ([neighbours.element(names, n) for n in some] for some in (BEFORE, AFTER))
        rows = [*before, *case.rows, *after]
        text = case.line_end.join(rows) if ".jsonl" in case.key else f"[{', '.join(rows)}]"
    return text.encode("latin-1" if case.bytes else _source(case).encoding)


# --- values: all of one source in one file, each between good rows


@pytest.mark.parametrize("case", VALUES, ids=lambda case: f"{case.family}: {case.title}")
def test_a_hostile_value_meets_its_fate_in_every_format_and_harms_no_other(case: ValueCase) -> None:
    together = same_file(case.dataset, case.source)
    number = 2 * together.index(case) + 2  # of its row; those before and after are good
    contract = CONTRACTS[case.dataset]
    names = file_columns(case.dataset, case.source)
    for kind in FORMATS:
        found = values_in(case.dataset, case.source, kind)
        rows = dict(zip(found.numbers, found.tables[0], strict=True))
        for beside in (number - 1, number + 1):
            assert rows[beside] == neighbours.silver(contract, names, beside)
        assert found.bronze[number - 1][case.column] == case.value
        held = [row for row in found.held if row["row_number"] == number]
        if case.held is None:
            assert held == []
            said = {name: neighbours.good(name, number)[1] for name in BASE[case.dataset]}
            assert rows[number] == neighbours.full(contract, {**said, case.column: case.lands})
            continue
        (row,) = held
        assert number not in rows
        assert (row["reason"], row["column_name"]) == (case.held, case.column)
        assert row["rule"] == case.rule
        assert (row["remedy"], row["stage"]) == (Reason(case.held).remedy, "silver")
        assert json.loads(row["raw"])[case.column] == case.value
        assert row["source_key"] == key_of(case.dataset, case.source, kind)


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize(("dataset", "source"), sorted({(case.dataset, case.source) for case in VALUES}))
def test_files_of_hostile_values_balance(dataset: str, source: str, kind: str) -> None:
    found = values_in(dataset, source, kind)
    _accounts_balance(found)
    assert found.landed.malformed == 0
    assert found.landed.rows_read == 2 * len(same_file(dataset, source)) + 1


@functools.cache
def values_in(dataset: str, source: str, kind: str) -> Outcome:
    return outcome(key_of(dataset, source, kind), values_file(dataset, source, kind))


def key_of(dataset: str, source: str, kind: str) -> str:
    return f"{dataset}/values-{source}.{kind}"


def same_file(dataset: str, source: str) -> list[ValueCase]:
    return [case for case in VALUES if (case.dataset, case.source) == (dataset, source)]


def file_columns(dataset: str, source: str) -> list[str]:
    return list(dict.fromkeys([*BASE[dataset], *(case.column for case in same_file(dataset, source))]))


def values_file(dataset: str, source: str, kind: str) -> bytes:
    names = file_columns(dataset, source)
    rows: list[dict[str, str | None]] = [dict(neighbours.texts(names, 1))]
    for case in same_file(dataset, source):
        number = len(rows) + 1
        rows.append({**neighbours.texts(BASE[dataset], number), case.column: case.value})
        rows.append(dict(neighbours.texts(names, number + 1)))
    habits = next(each for each in CONTRACTS[dataset].sources if each.name == source)
    if kind == "parquet":
        return builders.parquet_strings(names, rows)
    if kind == "jsonl":
        lines = [json.dumps(row, ensure_ascii=False) for row in rows]
    else:
        filled = ([row.get(name) or "" for name in names] for row in rows)
        lines = [neighbours.written(fields, habits.delimiter) for fields in (names, *filled)]
    return "\n".join(lines).encode(habits.encoding)


# --- end to end

END_TO_END = [pytest.param(case.key, body_of(case), id=case.title) for case in CASES if case.end_to_end]
END_TO_END += [
    pytest.param(key_of("sales", "standard", "csv"), values_file("sales", "standard", "csv"), id="values of sales")
]


@pytest.mark.parametrize(("key", "body"), END_TO_END)
def test_the_real_commit_holds_the_same(key: str, body: bytes) -> None:
    expected = outcome(key, body)
    contract = CONTRACTS[key.split("/", maxsplit=1)[0]]
    with region(contract) as lake:
        told: list[BronzePart] = []
        lake.s3.put_object(Bucket=SETTINGS.bucket(Layer.RAW), Key=key, Body=body)
        (arrival,) = arrivals(notification(key, version=None, size=len(body)))
        land(arrival, Surroundings(SETTINGS, {contract.name: contract}, S3(lake.s3), told.extend))
        assert list(lake.silver.take(contract.name, told)) == told
        for table, rows in zip(contract.tables, expected.tables, strict=True):
            names = [column.name for column in table.columns]
            assert _sorted({name: row[name] for name in names} for row in lake.rows(table.name)) == _sorted(rows)
        held = lake.records(Layer.QUARANTINE)
        same = ("row_number", "stage", "reason", "column_name", "rule", "raw")
        assert _sorted({n: row[n] for n in same} for row in held) == _sorted(
            {n: str(row[n]) if n == "reason" else row[n] for n in same} for row in expected.held
        )
        for entry in lake.records(Layer.LEDGER):
            assert entry["rows_read"] == entry["rows_out"] + entry["malformed"]
            fates = ("inserted", "updated", "duplicate", "stale", "quarantined")
            assert entry["rows_in"] == sum(entry[fate] for fate in fates)
            if entry["stage"] == "silver" and entry["table_name"] == contract.name:
                assert entry["rows_in"] == expected.landed.rows_out
                assert entry["inserted"] == len(expected.tables[0])


def _sorted(rows: Any) -> list[dict[str, Any]]:
    return sorted(rows, key=str)
