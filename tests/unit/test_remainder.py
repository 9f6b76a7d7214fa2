"""What is left of a raw object stands for it, and nothing else can."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from watershed import remainder
from watershed.object_version import ObjectVersion

CAME = datetime(2024, 5, 17, 23, 59, 59, tzinfo=UTC)
TODAY = datetime(2026, 5, 17, tzinfo=UTC)
OF = ObjectVersion("raw", "orders/ä.csv", "v1", 10, CAME)
FOUND = ObjectVersion("raw", remainder.key(OF), "v9", 8, TODAY)


@given(st.text(min_size=1, max_size=50), st.text("abc.-", min_size=1))
def test_a_remainder_is_what_it_stands_for(key: str, version: str) -> None:
    of = ObjectVersion("raw", key, version, 10, CAME)
    noted = remainder.metadata(of)
    assert all(value.isascii() for value in noted.values())
    found = ObjectVersion("raw", remainder.key(of), "v9", 8, TODAY)
    made = remainder.resolved(found, noted)
    assert (made.key, made.version, made.last_modified, made.size) == (key, version, CAME, 8)
    assert made.stored == (found.key, "v9")


@pytest.mark.parametrize(
    ("found", "noted"),
    [
        (FOUND, {}),
        (OF, remainder.metadata(OF)),
        (ObjectVersion("raw", "_erased/other/ä.csv", "v9", 8, TODAY), remainder.metadata(OF)),
        (ObjectVersion("other", FOUND.key, "v9", 8, TODAY), remainder.metadata(OF)),
        (FOUND, {**remainder.metadata(OF), "stands-for-version": "v2"}),
        (FOUND, {**remainder.metadata(OF), "stands-for-key": "!"}),
        (FOUND, {**remainder.metadata(OF), "stands-for-time": "yesterday"}),
    ],
)
def test_nothing_else_is(found: ObjectVersion, noted: dict[str, str]) -> None:
    assert remainder.resolved(found, noted) == found
    assert found.stored == (found.key, found.version)
