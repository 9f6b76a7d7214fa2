"""Every dialect snippet, on the local Athena: the answer that a real Trino gave, or a refusal. Never a third thing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.trino.athena import Athena, alone
from tests.trino.snippets import Snippet, read_all
from tests.trino.verdict import Kind, ask, judge

if TYPE_CHECKING:
    from collections.abc import Iterator

SNIPPETS = read_all()


@pytest.fixture(scope="module")
def athena() -> Iterator[Athena]:
    with alone() as local:
        yield local


def test_there_are_enough_snippets_and_all_have_been_to_trino() -> None:
    assert len(SNIPPETS) >= 120
    assert all(snippet.expected is not None for snippet in SNIPPETS)


@pytest.mark.parametrize("snippet", SNIPPETS, ids=lambda snippet: snippet.title)
def test_the_answer_is_trinos_or_a_refusal(athena: Athena, snippet: Snippet) -> None:
    verdict = judge(snippet.expected, ask(athena, snippet.sql))
    assert verdict.kind in {Kind.EQUAL, Kind.REFUSED}, verdict.difference
    assert (verdict.kind is Kind.REFUSED) == snippet.refused, verdict.difference
