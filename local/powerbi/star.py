"""Which tables are related: by the calendar to their days, and by a model's one key to the models that carry it.

A filter goes from the one to the many, never back, and reaches a table by one way only: Power BI refuses a model in
which two ways are active. What would be a second way is kept inactive, for measures that ask for it by
`USERELATIONSHIP`.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from local.powerbi.model import End, Relationship

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from watershed.gold.model import GoldModel


def relationships(models: Sequence[GoldModel], calendar: End) -> tuple[Relationship, ...]:
    """All relationships of the models, the surest first.

    A table's day is its one date, or the one that is part of its key; of several dates the first is taken last.
    """
    own, keys, others = [], [], []
    for model in models:
        dates = days(model)
        of_key = [day for day in dates if day in model.keys]
        sure = dates if len(dates) == 1 else of_key if len(of_key) == 1 else []
        own += [Relationship(End(model.name, day), calendar) for day in sure]
        others += [Relationship(End(model.name, day), calendar) for day in dates if day not in sure]
        keys += [Relationship(End(each.name, model.keys[0]), key(model)) for each in models if _carries(each, model)]
    chosen: list[Relationship] = []
    for relationship in (*own, *keys, *others):
        is_active = not _second_way([each for each in chosen if each.is_active], relationship)
        chosen.append(Relationship(relationship.many, relationship.one, is_active))
    return tuple(chosen)


def days(model: GoldModel) -> list[str]:
    """The names of the columns that hold a date."""
    return [column.name for column in model.columns if column.type == "date"]


def key(model: GoldModel) -> End:
    """The column that tells a model's rows apart by itself."""
    return End(model.name, model.keys[0])


def _carries(model: GoldModel, one: GoldModel) -> bool:
    """Whether rows of `model` belong to rows of `one`: they carry its one key, which is no date, by name and type."""
    if model.name == one.name or len(one.keys) != 1 or model.keys == one.keys:
        return False
    ours, theirs = model.column(one.keys[0]), one.column(one.keys[0])
    return theirs is not None and ours is not None and ours.type == theirs.type and theirs.type != "date"


def _second_way(active: Iterable[Relationship], added: Relationship) -> bool:
    """Whether a filter would reach some table by two ways if `added` were active, too."""
    onward: dict[str, list[str]] = defaultdict(list)
    for relationship in (*active, added):
        onward[relationship.one.table].append(relationship.many.table)
    return any(_meets_again(start, onward) for start in onward)


def _meets_again(start: str, onward: dict[str, list[str]]) -> bool:
    seen = {start}
    for table in _walk(start, onward):
        if table in seen:
            return True
        seen.add(table)
    return False


def _walk(start: str, onward: dict[str, list[str]]) -> Iterator[str]:
    """Every table that a filter on `start` reaches, once for each way; without end if the ways are a circle."""
    waiting = list(onward.get(start, ()))
    while waiting:
        table = waiting.pop()
        yield table
        waiting += onward.get(table, ())
