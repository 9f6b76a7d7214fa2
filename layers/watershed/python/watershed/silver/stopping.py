"""A part with too many bad rows is most likely a wrong file: then all of it is held back, the good rows too."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pyarrow as pa

from watershed.reasons import Reason
from watershed.silver.render import FAILURE
from watershed.silver.steps import Failure

if TYPE_CHECKING:
    from collections.abc import Sequence

    from watershed.contracts.model import Contract
    from watershed.silver.transform import TypedRows


def too_many_are_bad(contract: Contract, own: TypedRows) -> bool:
    """Whether more of the dataset's own rows of one part are bad than the contract allows."""
    return contract.bad_rows is not None and contract.bad_rows.stops(own.rows_in, own.bad.num_rows)


def stopped(typed: Sequence[TypedRows]) -> list[TypedRows]:
    """The part with every row held back: the bad ones for what is wrong with them, the good ones for their company.

    Elements are not unpacked: they are in quarantine with their rows.
    """
    own, *children = typed
    failures = (*own.failures, Failure(None, Reason.BATCH_STOPPED, "the share of bad rows that the contract allows"))
    held = own.good.select([name for name in own.bad.column_names if name != FAILURE])
    held = held.append_column(FAILURE, pa.repeat(pa.scalar(len(failures) - 1, own.bad[FAILURE].type), held.num_rows))
    bad = pa.concat_tables([own.bad, held.select(own.bad.column_names)])
    none = [replace(each, rows_in=0, good=each.good.slice(0, 0), bad=each.bad.slice(0, 0)) for each in children]
    return [replace(own, good=own.good.slice(0, 0), bad=bad, failures=failures), *none]
