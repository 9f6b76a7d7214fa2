"""Gold's side of an erasure: the models that the person's rows reached are made again, and what they were goes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from watershed import names
from watershed.erase.store import Doomed, Store
from watershed.gold import plan
from watershed.gold.refresh import Refresher
from watershed.gold.tables import RUN
from watershed.names import Layer

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True)
class Models:
    """One region's gold.

    Args:
        refresher: As gold's function has it.
        glue: boto3's Glue client.
        store: The gold bucket.
    """

    refresher: Refresher
    glue: Any
    store: Store

    def downstream(self, tables: Iterable[str]) -> list[str]:
        """The models that are worked out from silver's `tables`, sorted."""
        changed = [f"{names.SILVER_DB}.{table}" for table in tables]
        return sorted(plan.downstream(self.refresher.models, changed))

    def refresh(self, tables: Iterable[str]) -> tuple[int, int]:
        """Make the models downstream of silver's `tables` again, and remove all that they were before.

        Returns:
            How many models there are, and how many old files went.

        Raises:
            RefreshFailed: if a model could not be made; what it was stays.
        """
        tables = list(tables)
        self.refresher.refresh([f"{names.SILVER_DB}.{table}" for table in tables], self.refresher.clock().date())
        models, gone = self.downstream(tables), 0
        for model in models:
            runs = names.gold_run_prefix(model, "").removesuffix("/")
            gone += self.store.remove(Layer.GOLD, [runs], self._is_old(self._shown(model)))
        return len(models), gone

    def _is_old(self, shown: str) -> Doomed:
        return lambda key, _: not key.startswith(shown)

    def _shown(self, model: str) -> str:
        """The prefix of the run that readers see; one that nothing has if there is no table."""
        try:
            table = self.glue.get_table(DatabaseName=names.GOLD_DB, Name=model)["Table"]
        except self.glue.exceptions.EntityNotFoundException:
            return names.gold_run_prefix(model, "none")
        return names.gold_run_prefix(model, str(table["Parameters"][RUN]))
