"""Sends parts to silver and waits until the ledger says that they are taken in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from watershed.athena import Athena
from watershed.backfill.sql import DIALECT, sql
from watershed.bronze.announce import SilverQueue
from watershed.contracts.model import Contract
from watershed.errors import RebuildIncomplete
from watershed.rebuild.parts import key_of, parts, routed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from watershed.messages import BronzePart
    from watershed.rebuild.parts import PartKey

_TAKEN = """
SELECT batch_id, part, contract_version, inserted
FROM ops.ledger
WHERE dataset = :dataset AND stage = 'silver' AND table_name = :name AND replay = :rebuild
"""

_AT_ONCE = 50  # parts on the queue at a time: what lands meanwhile waits behind no more of them
_FIRST_WAIT, _LONGEST_WAIT, _GROWTH = 1.0, 10.0, 1.5  # seconds between two looks into the ledger
_FEW = 5  # parts that an error names


@dataclass(frozen=True)
class Taken:
    """What silver made of one part, for the dataset's own table."""

    contract_version: str
    inserted: int  # rows


@dataclass(frozen=True)
class Intake:
    """A rebuild's parts on their way into silver.

    Args:
        athena: The region's.
        queue: Silver's.
        contract: The dataset.
        contracts: All of the lake, by dataset.
        region: The AWS region.
        rebuild: The rebuild's id.
        patience: Seconds to wait without a part being taken in.
        sleep: Waits the given seconds.
        say: Told the progress.
    """

    athena: Athena
    queue: SilverQueue
    contract: Contract
    contracts: Mapping[str, Contract]
    region: str
    rebuild: str
    patience: float
    sleep: Callable[[float], None]
    say: Callable[[str], None]

    def parts(self) -> list[BronzePart]:
        """All that bronze holds now.

        Raises:
            ConfigurationError: naming files that no source takes any more.
        """
        return routed(parts(self.athena, self.contract.name), self.contract, self.contracts, self.region)

    def taken(self) -> dict[PartKey, Taken]:
        """What silver has taken in for this rebuild."""
        query = sql(_TAKEN, dataset=self.contract.name, name=self.contract.table.name, rebuild=self.rebuild)
        _, rows = self.athena.typed_rows(query.sql(DIALECT))
        return {(batch, part): Taken(version, inserted) for batch, part, version, inserted in rows}

    def missing(self) -> list[BronzePart]:
        """What bronze holds now and silver has not taken in for this rebuild."""
        found, taken = self.parts(), self.taken()
        return [part for part in found if key_of(part) not in taken]

    def fill(self) -> None:
        """Let silver take what is missing into the tables beside, some parts at a time.

        Raises:
            RebuildIncomplete: naming what is missing when patience ends.
        """
        missing = self.missing()
        for start in range(0, len(missing), _AT_ONCE):
            some = missing[start : start + _AT_ONCE]
            self.queue.announce([replace(part, replay=self.rebuild, into=self.rebuild) for part in some])
            self._await(some, missing)

    def replay(self) -> int:
        """Let silver take what is missing into the tables that readers see. Does not wait; returns how many parts."""
        late = self.missing()
        self.queue.announce([replace(part, replay=self.rebuild) for part in late])
        return len(late)

    def _await(self, some: Sequence[BronzePart], missing: Sequence[BronzePart]) -> None:
        waited, wait, before = 0.0, _FIRST_WAIT, -1
        while True:
            taken = self.taken()
            left = [part for part in some if key_of(part) not in taken]
            all_left = [part for part in missing if key_of(part) not in taken]
            if len(taken) != before:
                self.say(f"{len(missing) - len(all_left):,} of {len(missing):,} parts are taken in")
                waited, wait, before = 0.0, _FIRST_WAIT, len(taken)
            if not left:
                return
            if waited >= self.patience:
                raise self._incomplete(all_left)
            self.sleep(wait)
            waited, wait = waited + wait, min(wait * _GROWTH, _LONGEST_WAIT)

    def _incomplete(self, left: Sequence[BronzePart]) -> RebuildIncomplete:
        named = ", ".join(f"{part.source_key} part {part.part}" for part in left[:_FEW])
        more = f" and {len(left) - _FEW:,} more" if len(left) > _FEW else ""
        resume = f"watershed rebuild {self.region} {self.contract.name} --resume {self.rebuild}"
        return RebuildIncomplete(
            f"Silver took no part in for {self.patience:.0f} seconds. Missing: {named}{more}. Nothing was switched.",
            remedy=f"If `watershed status {self.region}` says that messages were given up, mend the cause and run "
            f"`watershed redrive {self.region}`. Then run `{resume}`.",
        )
