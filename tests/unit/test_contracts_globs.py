"""What patterns of file names have in common, against trying every short name."""

from __future__ import annotations

from fnmatch import fnmatchcase
from itertools import product

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from watershed.contracts.globs import overlap, within

PATTERNS = st.text(alphabet="ab*?", max_size=5)
NAMES = ["".join(letters) for length in range(8) for letters in product("abc", repeat=length)]


@given(PATTERNS, PATTERNS)
@example("*a", "b*")
@example("a*", "b*")
def test_overlap_is_exact(first: str, second: str) -> None:
    # A shared name, if there is one, is no longer than both patterns' letters together.
    shared = any(fnmatchcase(name, first) and fnmatchcase(name, second) for name in NAMES)
    if shared:
        assert overlap(first, second)
    elif len(first.replace("*", "")) + len(second.replace("*", "")) < 8:
        assert not overlap(first, second)


@given(PATTERNS, PATTERNS)
@example("a*", "*")
@example("*", "?")
@example("?", "*?")
def test_within_never_claims_too_much(inner: str, outer: str) -> None:
    if within(inner, outer):
        assert all(fnmatchcase(name, outer) for name in NAMES if fnmatchcase(name, inner))


@pytest.mark.parametrize(
    ("inner", "outer", "expected"),
    [("a.csv", "*.csv", True), ("A*.csv", "*.CSV", True), ("*.csv", "a*.csv", False), ("[ab].csv", "*.csv", False)],
)
def test_within(inner: str, outer: str, expected: bool) -> None:
    assert within(inner, outer) is expected


@pytest.mark.parametrize(("first", "second", "expected"), [("[ab].csv", "a.csv", True), ("[ab].csv", "ab.csv", False)])
def test_a_set_counts_as_any_character(first: str, second: str, expected: bool) -> None:
    assert overlap(first, second) is expected
