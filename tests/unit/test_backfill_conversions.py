"""Silver's transformation in Athena's SQL gives what it gives in DuckDB's: the same values, the same faults."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from watershed.contracts.model import Column, Kind, Residency, Source
from watershed.reasons import Reason
from watershed.silver.steps import Failure, Unexpected

from tests.trino import athena
from tests.unit.backfill_lab import Question, agree, questions
from tests.unit.test_silver_conversions import (
    AMERICAN,
    DECIMAL,
    DOUBLE,
    GERMAN,
    INTEGER,
    NEARLY_NUMBERS,
    NO_COUNTRIES,
    TIMESTAMP,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.trino.athena import Athena


@pytest.fixture(scope="module")
def engine() -> Iterator[Athena]:
    with athena.alone() as local:
        yield local


@pytest.mark.parametrize("question", questions(), ids=lambda each: f"{each.source.name}-{each.column.athena_type}")
def test_every_case_of_silver_s_has_the_same_answer(engine: Athena, question: Question) -> None:
    rows = engine.run(question.sql).rows
    assert agree(question.by_silver(), rows), list(zip(question.texts, question.by_silver(), rows, strict=True))


NEARLY_TIMES = st.one_of(
    st.datetimes().map(lambda m: f"{m:%m/%d/}{m.year:04d}{m: %I:%M %p}"),
    st.text("0123456789/:-TZ+. APM", max_size=24),
)


@pytest.mark.slow  # `make drills`
@settings(max_examples=8)
@given(
    numbers=st.lists(NEARLY_NUMBERS, min_size=1, max_size=30),
    times=st.lists(NEARLY_TIMES, min_size=1, max_size=30),
)
def test_any_text_has_the_same_answer(engine: Athena, numbers: list[str], times: list[str]) -> None:
    asked: list[tuple[Column, Source, list[str]]] = [
        *((column, source, numbers) for column in (INTEGER, DECIMAL, DOUBLE) for source in (GERMAN, AMERICAN)),
        (TIMESTAMP, AMERICAN, times),
    ]
    for column, source, texts in asked:
        question = Question(column, source, tuple(texts))
        rows = engine.run(question.sql).rows
        assert agree(question.by_silver(), rows), list(zip(texts, question.by_silver(), rows, strict=True))


def test_a_value_in_a_column_that_must_be_empty_is_seen_alike(engine: Athena) -> None:
    texts = (None, "", " ", "-", " - ", "x", "0", "\xa0")
    source = Source("s", null_values=("", "-"))
    failure = Failure("more", Reason.UNEXPECTED_COLUMN, "empty")
    question = Question(Column("x", Kind.STRING), source, texts, ((Unexpected("x", source.null_values), failure),))
    found = question.by_silver()
    assert [failed for _, failed in found] == [None, None, None, None, None, 0, 0, None]
    assert agree(found, engine.run(question.sql).rows)


def test_a_country_is_seen_alike(engine: Athena) -> None:
    texts = ("DE", "de", " iS ", "US", "", None, *(text for text in NO_COUNTRIES if "\0" not in text))
    question = Question(Column("x", Kind.STRING), Source("s"), texts, residency=Residency("x"))
    found = question.by_silver()
    assert [failed for _, failed in found] == [None, None, None, 0, None, None] + [0] * (len(texts) - 6)
    assert agree(found, engine.run(question.sql).rows)
