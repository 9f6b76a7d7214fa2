"""Which models a change reaches and in what order they are refreshed: for any graph of models."""

from __future__ import annotations

from graphlib import TopologicalSorter

from hypothesis import given
from hypothesis import strategies as st
from watershed.gold.model import GoldModel
from watershed.gold.plan import downstream, waits_for

SILVER = tuple(f"silver.t{number}" for number in range(4))


def model(name: str, *reads: str) -> GoldModel:
    return GoldModel(name, "", "", (), (), tuple(sorted(reads)), "SELECT 1")


@st.composite
def lakes(draw: st.DrawFn) -> dict[str, GoldModel]:
    """Models without circles: each reads silver tables and models made before it; their names come in any order."""
    names = draw(st.permutations([f"m{number}" for number in range(draw(st.integers(0, 8)))]))
    models: dict[str, GoldModel] = {}
    for name in names:
        readable = [*SILVER, *(f"gold.{earlier}" for earlier in models)]
        models[name] = model(name, *draw(st.sets(st.sampled_from(readable), min_size=1, max_size=4)))
    return dict(sorted(models.items()))


def reached(models: dict[str, GoldModel], name: str) -> set[str]:
    """All tables that a model reads, directly or through others, found by plain recursion."""
    direct = set(models[name].reads)
    through = [reached(models, read.removeprefix("gold.")) for read in direct if read.startswith("gold.")]
    return direct.union(*through)


@given(lakes(), st.sets(st.sampled_from(SILVER), min_size=1))
def test_exactly_what_reads_a_changed_table_is_refreshed(models: dict[str, GoldModel], changed: set[str]) -> None:
    chosen = downstream(models, changed)
    assert chosen == {name for name in models if reached(models, name) & changed}


@given(lakes())
def test_no_named_table_means_every_model(models: dict[str, GoldModel]) -> None:
    assert downstream(models, ()) == set(models)


@given(lakes(), st.sets(st.sampled_from(SILVER)))
def test_a_model_waits_for_what_it_reads_of_the_chosen_and_for_nothing_else(
    models: dict[str, GoldModel], changed: set[str]
) -> None:
    chosen = downstream(models, changed)
    graph = waits_for(models, chosen)
    assert set(graph) == chosen
    for name, before in graph.items():
        assert before == {other for other in chosen if f"gold.{other}" in models[name].reads}
    assert sorted(TopologicalSorter(graph).static_order()) == sorted(chosen)


def test_a_changed_model_is_not_refreshed_itself() -> None:
    models = {"a": model("a", "silver.t0"), "b": model("b", "gold.a")}
    assert downstream(models, ["gold.a"]) == {"b"}


def test_a_table_that_nothing_reads_refreshes_nothing() -> None:
    assert downstream({"a": model("a", "silver.t0")}, ["silver.t1"]) == set()
