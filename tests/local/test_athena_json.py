"""JSON in texts on the local Athena: numbers keep their digits, and what Trino would print otherwise is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.trino import athena
from tests.trino.answer import Refused

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.trino.athena import Athena


@pytest.fixture(scope="module")
def engine() -> Iterator[Athena]:
    with athena.alone() as local:
        yield local


def one(engine: Athena, expression: str, document: str, path: str) -> str | None:
    def literal(text: str) -> str:
        return "'" + text.replace("'", "''") + "'"

    return engine.run(f"SELECT {expression} FROM (VALUES ({literal(document)}, {literal(path)})) t(j, p)").rows[0][0]


@settings(max_examples=40)
@given(number=st.from_regex(r"-?(0|[1-9][0-9]{0,24})(\.[0-9]{1,24})?([eE][+-]?[0-9]{1,3})?", fullmatch=True))
def test_a_number_is_read_as_it_is_written(engine: Athena, number: str) -> None:
    assert one(engine, "json_extract_scalar(j, p)", f'[{{"a b": {number}}}]', '$[0]["a b"]') == number


@pytest.mark.parametrize(
    ("document", "path", "code"),
    [
        ('{"a": 1', "$.a", "NOT_SUPPORTED"),  # Trino answers as far as it has read
        ('{"a": 1}', "$..a", "NOT_SUPPORTED"),
        ('{"a": 5e-324}', "$.a", "NOT_SUPPORTED"),
        ('{"a": 1e999}', "$.a", "NOT_SUPPORTED"),
        ('{"a": "😀"}', "$.a", "NOT_SUPPORTED"),
        ("[" * 5000 + "]" * 5000, "$[0]", "NOT_SUPPORTED"),
    ],
)
def test_what_is_not_proven_is_refused(engine: Athena, document: str, path: str, code: str) -> None:
    with pytest.raises(Refused) as refused:
        one(engine, "json_format(json_extract(j, p))", document, path)
    assert refused.value.code == code


def test_nothing_is_nothing(engine: Athena) -> None:
    found = engine.run(
        "SELECT json_extract_scalar(j, p), json_format(json_extract(j, p)) FROM (VALUES (CAST(NULL AS varchar), '$.a'),"
        " ('{}', CAST(NULL AS varchar)), ('{}', '$.a'), ('no json', '$')) t(j, p)"
    )
    assert found.rows == ((None, None),) * 4
