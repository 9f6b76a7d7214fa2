"""Which models a change reaches, and what each of them has to wait for. Pure: models in, names out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from watershed import names

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from watershed.gold.model import GoldModel


def downstream(models: Mapping[str, GoldModel], changed: Iterable[str]) -> frozenset[str]:
    """The models that read a changed table, directly or through other models; all of them if none is named.

    Args:
        models: All gold models, by name.
        changed: Tables as `silver.<table>` or `gold.<model>`. A changed gold table is not itself refreshed.
    """
    reached = set(changed)
    if not reached:
        return frozenset(models)
    found: set[str] = set()
    while new := {name for name, model in models.items() if name not in found and not reached.isdisjoint(model.reads)}:
        found |= new
        reached |= {_table(name) for name in new}
    return frozenset(found)


def read_besides(models: Mapping[str, GoldModel], chosen: Collection[str]) -> frozenset[str]:
    """The gold tables that the chosen models read, without their own."""
    gold = {_table(name) for name in models.keys() - set(chosen)}
    return frozenset(table for name in chosen for table in models[name].reads if table in gold)


def waits_for(models: Mapping[str, GoldModel], chosen: Iterable[str]) -> dict[str, frozenset[str]]:
    """For each chosen model, the chosen models that must be refreshed before it: a graph without circles.

    Args:
        models: All gold models, by name.
        chosen: The models to refresh: no model between two chosen ones is left out.
    """
    tables = {_table(name): name for name in chosen}
    return {name: frozenset(tables[read] for read in models[name].reads if read in tables) for name in tables.values()}


def _table(model: str) -> str:
    return f"{names.GOLD_DB}.{model}"
