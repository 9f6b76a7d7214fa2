"""What holds up an erasure: files that silver has not settled, by whichever dataset took them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from watershed.erase import require
from watershed.erase.find import Found
from watershed.erase.plan import Receipt
from watershed.errors import Transient

from tests.unit.bronze_lake import contract
from tests.unit.test_reconcile_accounts import BATCH, PLAIN, SILVER

if TYPE_CHECKING:
    from watershed.reconcile.accounts import Entry

ORDERS, LISTS = contract("orders"), contract("lists")
RECEIPT = Receipt("id", "id", "print", "now", ["lists"], [], [], {})
FOUND = Found(arrived={"lists": [BATCH]})
Ready = Callable[..., None]


@pytest.fixture
def ready(monkeypatch: pytest.MonkeyPatch) -> Ready:
    """Checks a lake of two datasets with these entries in its ledger."""

    def check(*ledger: Entry) -> None:
        nothing = SimpleNamespace(paginate=lambda **_: [])
        lake: Any = SimpleNamespace(
            client=lambda _: SimpleNamespace(get_paginator=lambda _: nothing),
            contracts={"orders": ORDERS, "lists": LISTS},
            athena=None,
            tables=SimpleNamespace(require_ready=lambda *_: None),
            raw=SimpleNamespace(require_deletable=lambda *_: None, require_rewritable=lambda *_: None),
            clock=lambda: None,
        )
        monkeypatch.setattr(require, "entries", lambda _, dataset: [each for each in ledger if each.dataset == dataset])
        require.ready(lake, RECEIPT, FOUND)

    return check


def test_a_file_that_is_not_in_silver_yet_holds_an_erasure_up(ready: Ready) -> None:
    for ledger in ([], [replace(PLAIN, dataset="lists")]):
        with pytest.raises(Transient, match="1 files of lists are not in silver yet"):
            ready(*ledger)


def test_a_file_that_another_dataset_took_when_it_came_does_not(ready: Ready) -> None:
    """Its first pass is in that dataset's ledger, and will be in no other."""
    ready(PLAIN, SILVER)
    with pytest.raises(Transient):
        ready(PLAIN)
