"""Strict mode: what is not proven equal is refused, with an alternative; and `gold lint` says so before deployment."""

from __future__ import annotations

import argparse
import shutil
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from local.athena.errors import LOCAL_NOTE
from local.athena.translate import registry
from local.athena.translate.typed import Typed, number
from local.athena.translate.types import VARCHAR
from local.commands import gold
from local.paths import LAKE
from tests.local.athena_shop import BUCKET, Shop, opened

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MODEL_HEADER = """\
/*
description: What strict mode thinks of one expression.
grain: one row
keys: [answer]
owner: tests
exportable: false
columns:
  answer: {type: varchar, description: The expression}
*/
"""
QUESTION_HEADER = """\
/*
question: What does strict mode think of this?
answer: "{answer}"
otherwise: Nothing.
*/
"""


@pytest.fixture(scope="module")
def shop() -> Iterator[Shop]:
    with opened() as shop:
        shop.table("odd", {"id": "bigint", "choice": "uniontype<int,string>"})
        yield shop


@pytest.mark.parametrize(
    ("sql", "position", "construct", "alternative"),
    [
        ("SELECT format('%s', note) FROM orders", "line 1:8", "'format'", "Use lpad, CAST and ||."),
        ("SELECT id,\n  soundex(note) FROM orders", "line 2:3", "'soundex'", "Use levenshtein_distance."),
        ("SELECT 1 FROM orders TABLESAMPLE BERNOULLI (10)", "line 1:15", "sample", "Leave it out."),
        ("SELECT * FROM orders MATCH_RECOGNIZE (PATTERN (a) DEFINE a AS true)", "line 1:8", "match", "Leave it out."),
        ("SELECT (SELECT 1, 2)", "line 1:16", "A subquery of several columns as a value", "Select one column."),
        ("SELECT INTERVAL '1' DAY / 2", "line 1:25", "An interval divided", "Write the interval"),
        ("SELECT INTERVAL '3' MONTH / 2e0", "line 1:27", "An interval divided", "Write the interval"),
        ("SELECT INTERVAL '1' DAY * 1.5", "line 1:25", "times a fraction", "Write the interval"),
        ("SELECT 1.5e0 * INTERVAL '1' DAY", "line 1:14", "times a fraction", "Write the interval"),
        ("SELECT X'61' || X'62'", "line 1:14", "binary", "Concatenate them as texts."),
        ("SELECT concat(X'61', X'62')", "", "binary", "Concatenate them as texts."),
        ("SELECT choice FROM odd", "", "uniontype", "Declare the column"),
        ("SELECT random()", "line 1:8", "'random'", "Results must not depend on chance."),
        ("ALTER TABLE orders ADD COLUMNS (x int)", "line 1:20", "ALTER TABLE", "Glue API"),
        ("MSCK REPAIR TABLE events", "line 1:1", "MSCK", "Glue API"),
        ("EXPLAIN SELECT 1", "line 1:1", "EXPLAIN", "Run the query."),
        ("GRANT SELECT ON orders TO somebody", "line 1:1", "GRANT", "Lake Formation"),
    ],
)
def test_what_is_not_proven_is_refused_with_an_alternative(
    shop: Shop, sql: str, position: str, construct: str, alternative: str
) -> None:
    reason = shop.reason(sql)
    assert reason.startswith(f"NOT_SUPPORTED: {position}")
    assert construct in reason
    assert alternative in reason
    assert reason.endswith(LOCAL_NOTE)


def test_a_column_that_cannot_be_read_hurts_only_those_who_read_it(shop: Shop) -> None:
    assert shop.rows("SELECT id FROM odd") == []


def test_a_result_of_another_type_than_promised_is_a_failure_and_not_a_guess(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(registry.FUNCTIONS, "promise", lambda _: Typed(number(1), VARCHAR))
    reason = shop.reason("SELECT promise() AS x")
    assert reason == "GENERIC_INTERNAL_ERROR: Column x should be varchar (VARCHAR), but is INTEGER"


@pytest.mark.parametrize(
    "expression",
    [
        "note = 1",
        "id = '1'",
        "day = '2026-01-01'",
        "at > '2026-01-01'",
        "id IN ('1', '2')",
        "note + 1 = 2",
        "open = 1",
        "coalesce(id, note) = '1'",
        "CASE WHEN open THEN id ELSE note END = '1'",
        "id BETWEEN '1' AND '2'",
    ],
)
def test_nothing_is_converted_that_trino_would_not_convert(shop: Shop, expression: str) -> None:
    assert shop.reason(f"SELECT 1 FROM orders WHERE {expression}").startswith("TYPE_MISMATCH: line 1:")


@pytest.mark.parametrize("word", ["select", "order", "group", "table", "values", "natural", "localtime", "json_table"])
def test_reserved_words_are_names_only_in_quotes(shop: Shop, word: str) -> None:
    assert shop.reason(f"SELECT 1 AS {word}").startswith(f"SYNTAX_ERROR: line 1:13: mismatched input '{word}'")
    assert shop.rows(f'SELECT "{word}" FROM (SELECT 1 AS "{word}")') == [["1"]]


@pytest.mark.parametrize("word", ["date", "day", "data", "schema", "limit", "row", "first", "last", "position"])
def test_other_words_are_names(shop: Shop, word: str) -> None:
    assert shop.rows(f"SELECT {word} FROM (SELECT 1 AS {word})") == [["1"]]


def test_rows_do_not_cross_regions(shop: Shop) -> None:
    elsewhere = f"{BUCKET}-elsewhere"
    make: Any = boto3.client
    s3 = make("s3", region_name="eu-west-1")
    s3.create_bucket(Bucket=elsewhere, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    sql = f"UNLOAD (SELECT 1 AS x) TO 's3://{elsewhere}/' WITH (format = 'PARQUET')"
    assert shop.reason(sql).startswith("PERMISSION_DENIED: ")


MODELS = {
    "soundex(branch_name)": "NOT_SUPPORTED: Function 'soundex' is not supported here. Use levenshtein_distance.",
    "CASE WHEN branch_name = 1 THEN 'a' END": "TYPE_MISMATCH: Cannot apply operator: varchar = integer. Correct it",
    "upper(customer_id)": "FUNCTION_NOT_FOUND: Unexpected parameters (bigint) for function upper. Correct it",
}
FORMAT = "NOT_SUPPORTED: Function 'format' is not supported here. Use lpad, CAST and ||."
QUESTION = "SELECT\n    format('%s', branch_name) AS answer\nFROM gold.branch_performance\n"


def model(expression: str) -> str:
    return f"{MODEL_HEADER}SELECT\n    {expression} AS answer\nFROM silver.transactions\n"


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The lake's own folder, with faults that only strict mode knows of."""
    lake = tmp_path_factory.mktemp("strict") / "lake"
    shutil.copytree(LAKE, lake)
    for place, expression in enumerate(MODELS):
        (lake / "gold" / f"strict_{place}.sql").write_text(model(expression), encoding="utf-8")
    (lake / "gold" / "strict_cast.sql").write_text(model("reverse(ARRAY[customer_id])"), encoding="utf-8")
    (lake / "questions" / "99_strict.sql").write_text(QUESTION_HEADER + QUESTION, encoding="utf-8")
    return lake


def test_lint_finds_what_strict_mode_refuses(
    lake: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(gold, "LAKE", lake)
    assert gold.run(argparse.Namespace(action="lint")) == 1
    findings = capsys.readouterr().out.replace(f"{lake.as_posix()}/", "").splitlines()
    line = MODEL_HEADER.count("\n") + 2
    wanted = [f"gold/strict_{place}.sql:{line}: {said}" for place, said in enumerate(MODELS.values())]
    wanted += [
        f"gold/strict_cast.sql:{line - 1} columns.answer: ",  # the cast that the refresh adds
        f"questions/99_strict.sql:{QUESTION_HEADER.count(chr(10)) + 2}: {FORMAT}",
    ]
    assert len(findings) == len(wanted)
    for finding, said in zip(findings, wanted, strict=True):
        assert finding.startswith(said)
    assert "Cannot cast array(bigint) to varchar" in next(finding for finding in findings if "strict_cast" in finding)
