"""QuickSight reads this region's gold by this region's workgroup, and shows it to this account's users alone."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from infra.residency.graph import REPORTS
from infra.residency.paths import value, values
from infra.residency.rule import Flaw, Rule
from infra.residency.stack import ACCOUNT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra.residency.graph import Graph, Node

_ATHENA = "DataSourceParameters.AthenaParameters"
_CATALOG = "AwsDataCatalog"
# One of a namespace's users or groups. A whole namespace is everybody in it, the account's root another account.
_READER = r"arn:{}:quicksight:[a-z0-9-]+:{}:(user|group)/[\w.-]+/[^*?]+"
# What language models do with a page's numbers, wherever QuickSight has room for them.
_BY_MODELS = ("DataQAEnabledOption", "DataStoriesSharingOption", "ExecutiveSummaryOption", "QuickSuiteActionsOption")


def _sources(graph: Graph) -> Iterator[Flaw]:
    for node in graph.of("QuickSight source"):
        given = node.properties
        kind = given.get("Type")
        if kind != "ATHENA":
            what = f"It reads {kind}, of which nobody here knows where it is."
            yield Flaw(node.id, "Type", what, (node.label, "Type", str(kind)))
        for where, found in values(given, "DataSourceParameters.*"):
            if where != _ATHENA:
                yield Flaw(
                    node.id, where, "It reads what is not asked through Athena.", (node.label, where, str(found))
                )
        for path, what in (
            ("WorkGroup", "It asks the account's primary workgroup, whose results are in any bucket."),
            ("RoleArn", "It reads with QuickSight's role of the account, which reads what it reads in every region."),
        ):
            if kind == "ATHENA" and value(given, f"{_ATHENA}.{path}") is None:
                yield Flaw(node.id, f"{_ATHENA}.{path}", what, (node.label, f"no {path}", "the account's own"))
        if "VpcConnectionProperties" in given:
            end = str(given["VpcConnectionProperties"])
            yield Flaw(
                node.id,
                "VpcConnectionProperties",
                "It reads through another network.",
                (node.label, "VpcConnectionProperties", end),
            )


def _tables(graph: Graph) -> Iterator[Flaw]:
    for node in graph.of("QuickSight dataset"):
        for where, found in values(node.properties, "PhysicalTableMap.*.*"):
            if not where.endswith(".RelationalTable"):
                what = "It does not read a table of the region's catalog, but what is written here."
                yield Flaw(node.id, where, what, (node.label, where, str(found)))
        for where, found in values(node.properties, "PhysicalTableMap.*.RelationalTable"):
            catalog = found.get("Catalog") if isinstance(found, dict) else None
            if catalog != _CATALOG:
                what = f"It reads the catalog {catalog}, which may be another account's or region's."
                yield Flaw(node.id, f"{where}.Catalog", what, (node.label, "Catalog", str(catalog)))


def _readers(graph: Graph) -> Iterator[Flaw]:
    reader = re.compile(_READER.format(re.escape(graph.stack.partition), re.escape(ACCOUNT)))
    for node in graph.of(*REPORTS):
        for where, principal in values(node.properties, "Permissions[].Principal"):
            if not reader.fullmatch(str(principal)):
                what = f"{principal} is not a user or group of this account's QuickSight."
                yield Flaw(node.id, where, what, (node.label, where, str(principal)))


def _accounts(graph: Graph) -> Iterator[Flaw]:
    for node in graph.of(*REPORTS, "QuickSight refresh"):
        given = node.properties.get("AwsAccountId")
        if given != ACCOUNT:
            path = (node.label, "AwsAccountId", str(given))
            yield Flaw(node.id, "AwsAccountId", f"It is made in the account {given}.", path)


def _by_models(graph: Graph) -> Iterator[Flaw]:
    for node in graph.of("QuickSight dashboard"):
        for option in _BY_MODELS:
            where = f"DashboardPublishOptions.{option}.AvailabilityStatus"
            if value(node.properties, where) != "DISABLED":
                yield _by_model(node, where, option)


def _by_model(node: Node, where: str, option: str) -> Flaw:
    what = "What the page shows is handed to language models, which may work in another region."
    return Flaw(node.id, where, what, (node.label, option, "another region"))


RULES = (
    Rule(
        "foreign-source",
        "a QuickSight source that is not Athena in this stack's workgroup and by this stack's role, or is in a network",
        "Let it ask Athena, with the region's workgroup and a role of this stack.",
        _sources,
    ),
    Rule(
        "foreign-table",
        "a QuickSight dataset over anything but tables of the region's own catalog: SQL, files, other catalogs",
        "Make a gold model, and show its table.",
        _tables,
    ),
    Rule(
        "foreign-reader",
        "a permission in QuickSight for anybody but users and groups of this account: namespaces, other accounts, all",
        "Name a user or group of the account's QuickSight in cdk.json.",
        _readers,
    ),
    Rule(
        "foreign-report",
        "a QuickSight resource in another account",
        "Set AwsAccountId to AWS::AccountId.",
        _accounts,
    ),
    Rule(
        "report-by-model",
        "a dashboard with answers, stories, summaries or actions of language models, which may run in another region",
        "Set the option's AvailabilityStatus to DISABLED.",
        _by_models,
    ),
)
