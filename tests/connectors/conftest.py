"""One piece of internet for all tests, as making its authority takes longer than a poll; and each case's shop on it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest

from local.shop.internet import Internet
from tests.connectors.cases import PULLS, Case, Made
from tests.connectors.rig import Rig, rig

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def internet() -> Iterator[Internet]:
    with Internet() as made:
        yield made


@pytest.fixture
def made(internet: Internet, case: Case) -> Made:
    source, name = case
    return partial(rig, internet, source, PULLS[source], name)


@pytest.fixture
def shop(made: Made) -> Iterator[Rig]:
    with made() as opened:
        yield opened
