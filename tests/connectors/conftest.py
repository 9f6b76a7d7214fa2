"""One piece of internet for all tests: making its authority takes longer than a poll."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from local.shop.internet import Internet

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def internet() -> Iterator[Internet]:
    with Internet() as made:
        yield made
