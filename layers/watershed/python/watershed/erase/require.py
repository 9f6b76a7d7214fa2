"""What must hold before anything is erased. Each is checked before anything is changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from watershed import names, redrive
from watershed.errors import Transient
from watershed.names import Stage
from watershed.reconcile.accounts import entries
from watershed.reconcile.objects import is_done

if TYPE_CHECKING:
    from collections.abc import Sequence

    from watershed.contracts.model import Contract
    from watershed.erase.find import Found
    from watershed.erase.lake import Lake
    from watershed.erase.plan import Receipt
    from watershed.erase.subject import Subject

_BUSY = (Stage.SILVER, Stage.GOLD, Stage.MAINTENANCE)  # what they read while an erasure runs would come back with them
_FEW = 5  # objects that an error names


def quiet(lake: Lake) -> None:
    """Check that no function is at work on silver or gold.

    Raises:
        Transient: if one is, or will be.
    """
    sqs = lake.client("sqs")
    busy = [stage for stage in _BUSY if redrive.waiting(sqs, names.queue(stage))]
    if busy:
        raise Transient(
            f"The region is at work: messages wait for, or are with, {', '.join(busy)}.",
            remedy="Run the command again when `watershed status` shows none.",
        )


def alone(lake: Lake, subject: Subject) -> None:
    """Check that no other person's erasure is under way: it goes by what raw and the ledger held when it began.

    Raises:
        Transient: if one is, or was broken off.
    """
    others = lake.receipts.unfinished(but=lake.receipts.fingerprint(subject))
    if others:
        raise Transient(
            f"An erasure of another person did not end: {others[0].object_key}. Nothing was changed.",
            remedy="Wait until it ends, or run its command again; then run this one again.",
        )


def ready(lake: Lake, receipt: Receipt, found: Found) -> None:
    """Check that all that is to be erased can be.

    Raises:
        ConfigurationError: if a rebuild did not end, snapshots are kept by name, or an object is locked.
        Terminal: if an object cannot be written without its rows.
        Transient: if files of the datasets are not in silver yet.
    """
    pages = lake.client("glue").get_paginator("get_tables").paginate(DatabaseName=names.SILVER_DB)
    present = [table["Name"] for page in pages for table in page["TableList"]]
    for contract in (lake.contracts[name] for name in receipt.datasets):
        lake.tables.require_ready(contract, present)
        _settled(lake, contract, found.arrived.get(contract.name, []))
    lake.raw.require_deletable(receipt.objects, lake.clock())
    lake.raw.require_rewritable(receipt.objects)


def _settled(lake: Lake, contract: Contract, arrived: Sequence[str]) -> None:
    """Parts that silver has not settled were announced with more rows than bronze will have."""
    by_batch: dict[str, list[Any]] = {batch: [] for batch in arrived}
    for dataset in (*lake.contracts, names.UNKNOWN_DATASET):  # another may have taken the file when it came
        for entry in entries(lake.athena, dataset):
            if dataset == contract.name or entry.batch_id in by_batch:
                by_batch.setdefault(entry.batch_id, []).append(entry)
    pending = [batch for batch, found in by_batch.items() if not is_done(found)]
    if pending:
        raise Transient(
            f"{len(pending)} files of {contract.name} are not in silver yet (batches {', '.join(pending[:_FEW])}). "
            "Nothing was changed.",
            remedy="Look at `watershed status`, redrive what was given up, and run the command again.",
        )
