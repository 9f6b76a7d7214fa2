"""Athena writes where the workgroup says, whatever a client asks; Glue's tables and databases are this region's."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from infra.residency.paths import value, values
from infra.residency.rule import Flaw, Rule
from infra.residency.stack import ACCOUNT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra.residency.graph import Graph

_RESULTS = "WorkGroupConfiguration.ResultConfiguration"
_READS = re.compile(r"\s*(SELECT|WITH)\b", re.IGNORECASE)  # UNLOAD, INSERT and CREATE write
_LINKED = ("DatabaseInput.TargetDatabase", "DatabaseInput.FederatedDatabase", "TableInput.TargetTable")


def _enforced(graph: Graph) -> Iterator[Flaw]:
    for node in graph.of("workgroup"):
        if value(node.properties, "WorkGroupConfiguration.EnforceWorkGroupConfiguration") is not True:
            path = (node.label, "a client's own settings", "any bucket that it names")
            where = "WorkGroupConfiguration.EnforceWorkGroupConfiguration"
            yield Flaw(node.id, where, "Clients may write results elsewhere, and in the clear.", path)


def _placed(graph: Graph) -> Iterator[Flaw]:
    for node in graph.of("workgroup"):
        if value(node.properties, f"{_RESULTS}.OutputLocation") is None:
            path = (node.label, "no location", "any bucket that a client names")
            yield Flaw(node.id, f"{_RESULTS}.OutputLocation", "It has no location for results.", path)
        if value(node.properties, f"{_RESULTS}.ExpectedBucketOwner") != ACCOUNT:
            path = (node.label, "a bucket of the same name", "another account")
            what = "It would write to a bucket that another account owns."
            yield Flaw(node.id, f"{_RESULTS}.ExpectedBucketOwner", what, path)


def _linked(graph: Graph) -> Iterator[Flaw]:
    for node in graph.of("database", "table"):
        for path in _LINKED:
            for where, given in values(node.properties, path):
                what = "It stands for a database or table of another catalog."
                yield Flaw(node.id, where, what, (node.label, where, str(given)))
        if node.properties.get("CatalogId") != ACCOUNT:
            given = str(node.properties.get("CatalogId"))
            yield Flaw(node.id, "CatalogId", f"It is in the catalog {given}.", (node.label, "CatalogId", given))


def _saved(graph: Graph) -> Iterator[Flaw]:
    workgroups = {node.name for node in graph.of("workgroup")}
    for node in graph.of("saved query"):
        asked, where = node.properties.get("QueryString"), node.properties.get("WorkGroup")
        if where not in workgroups:
            path = (node.label, f"workgroup {where}", "any bucket that it names")
            yield Flaw(node.id, "WorkGroup", "It is run in a workgroup that this stack does not hold.", path)
        if not (isinstance(asked, str) and _READS.match(asked)) or "s3://" in asked.lower():
            path = (node.label, "what it writes", "any bucket that it names")
            yield Flaw(node.id, "QueryString", "It does more than read the catalog's tables.", path)


RULES = (
    Rule(
        "writing-query",
        "a saved query that does more than read, or is run outside of the region's workgroup",
        "Save one SELECT over the catalog's tables, for the workgroup of this stack.",
        _saved,
    ),
    Rule(
        "unenforced-workgroup",
        "a workgroup whose settings clients may override",
        "Set enforce_work_group_configuration=True.",
        _enforced,
    ),
    Rule(
        "results-elsewhere",
        "a workgroup without a location for results in a bucket of this account",
        "Set output_location to the results bucket, and expected_bucket_owner to AWS::AccountId.",
        _placed,
    ),
    Rule(
        "linked-catalog",
        "a database or table of another catalog, or one that links to another",
        "Make the table in this account's catalog, over this region's buckets.",
        _linked,
    ),
)
