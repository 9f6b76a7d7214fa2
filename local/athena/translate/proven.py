"""What is proven: importing the rules fills the registry, and `listed` says what is in it."""

from __future__ import annotations

from local.athena.translate import registry
from local.athena.translate.functions import aggregates, collections, dates, dispatch, formats, numbers, texts, windows
from local.athena.translate.functions.signatures import SIGNATURES
from local.athena.translate.rules import conditions, containers, literals, names, operators, subqueries

RULES = (
    aggregates, collections, dates, dispatch, formats, numbers, texts, windows,
    conditions, containers, literals, names, operators, subqueries,
)  # fmt: skip


def functions() -> list[str]:
    """The names of all functions that are known to translate."""
    return sorted({*registry.FUNCTIONS, *registry.AGGREGATES, *registry.WINDOW_FUNCTIONS, *SIGNATURES})


def refused_functions() -> dict[str, str]:
    """Functions that Athena has and that are refused here, each with what to write instead."""
    return dict(dispatch.ALTERNATIVES)
