"""Each fault is one change to a good connector, and gives one finding: at the right line and path, with a remedy."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import pytest
from watershed.catalog import Catalog
from watershed.connectors.files import examine, read_connectors
from watershed.connectors.push import Action, Encoding, Place, Scheme
from watershed.contracts.model import (
    Column,
    Contract,
    Kind,
    MissingResidency,
    Partition,
    Residency,
    Source,
    Table,
)
from watershed.errors import ConfigurationError

from local.config import regions
from local.paths import LAKE

if TYPE_CHECKING:
    from pathlib import Path

    from watershed.connectors.model import Connector
    from watershed.finding import Finding

GOOD = """\
description: A shop.
region: eu-central-1
push:
  signature: {scheme: hmac, header: X-Signature, encoding: base64, prefix: v1=, timestampHeader: X-Time}
  window: 60
  deliveryId: {header: X-Id}
  topic: {field: event.type}
  occurredAt: {field: event.at}
  rate: 7
  datasets:
    orders:
      records: event.orders
      topics: {made: upsert, gone: delete}
    products:
      topics: {"new": upsert}
"""
REGIONS = ("eu-central-1", "us-east-1")


def contract(name: str, *files: str) -> Contract:
    columns = (Column("id", Kind.STRING, required=True), Column("at", Kind.TIMESTAMP), Column("gone", Kind.TIMESTAMP))
    table = Table(name, columns, ("id",), version_column="at", partition=Partition("id", "bucket", 4))
    read = {"at": ("_version_at_source", "at"), "gone": ("_deleted_at_source",)}
    source = Source("s", files=files, columns=read)
    return Contract(name, "1", "", (table,), (source,), Residency(None, reason="none"))


CONTRACTS = {
    "orders": contract("orders", "shop.*"),
    "products": contract("products"),
    "files": contract("files", "x.*"),
}


def examined(folder: Path, text: str, name: str = "shop.yaml") -> tuple[dict[str, Connector], list[Finding]]:
    (folder / name).write_text(text, encoding="utf-8")
    return examine(folder, CONTRACTS, REGIONS)


def test_a_connector_is_read_whole_and_survives_its_layer(tmp_path: Path) -> None:
    connectors, findings = examined(tmp_path, GOOD)
    assert findings == []
    shop = connectors["shop"]
    assert (shop.name, shop.region, shop.description, shop.pull) == ("shop", "eu-central-1", "A shop.", None)
    assert shop.push is not None
    signature = shop.push.signature
    assert (signature.scheme, signature.header, signature.encoding) == (Scheme.HMAC, "x-signature", Encoding.BASE64)
    assert (signature.prefix, signature.timestamp_header, signature.signs_time) == ("v1=", "x-time", True)
    assert (shop.push.window, shop.push.rate) == (60, 7)
    assert (shop.push.delivery_id, shop.push.topic) == (Place(header="x-id"), Place(field="event.type"))
    assert shop.push.occurred_at == Place(field="event.at")
    assert shop.push.datasets["orders"].records == "event.orders"
    assert shop.push.datasets["orders"].topics == {"made": Action.UPSERT, "gone": Action.DELETE}
    lake = Catalog({}, {}, {}, connectors)
    assert Catalog.from_json(lake.to_json()) == lake


def test_the_least_that_a_connector_says(tmp_path: Path) -> None:
    text = "description: d\nregion: us-east-1\npush: {signature: {scheme: shopify}, datasets: {orders: }}\n"
    connectors, findings = examined(tmp_path, text)
    assert findings == []
    push = connectors["shop"].push
    assert push is not None
    assert (push.signature.header, push.signature.encoding) == ("x-shopify-hmac-sha256", Encoding.BASE64)
    assert not push.signature.signs_time
    assert (push.delivery_id, push.topic, push.datasets["orders"].topics) == (None, None, None)


@pytest.mark.parametrize(
    ("old", "new", "line", "path", "message"),
    [
        ("description: A shop.\n", "", 1, "", "`description` is missing"),
        ("region: eu-central-1\n", "", 1, "", "`region` is missing"),
        ("region: eu-central-1", "region: eu-west-9", 2, "region", "There is no region"),
        ("region: eu-central-1", "region: Frankfurt", 2, "region", "is not an AWS region"),
        ("region: eu-central-1", "region: [eu-central-1, us-east-1]", 2, "region", "bound to one region"),
        ("  rate: 7", "  raet: 7", 9, "push.raet", "Unknown key"),
        ("scheme: hmac", "scheme: hmack", 4, "push.signature.scheme", "is not allowed here"),
        ("scheme: hmac, header: X-Signature", "scheme: hmac", 4, "push.signature", "`header` is missing"),
        ("scheme: hmac, ", "", 4, "push.signature", "`scheme` is missing"),
        ("header: X-Signature", "header: 'X Signature'", 4, "push.signature.header", "not a header's name"),
        ("encoding: base64", "encoding: base32", 4, "push.signature.encoding", "is not allowed here"),
        (", timestampHeader: X-Time", "", 5, "push.window", "nothing to judge"),
        ("window: 60", "window: 3601", 5, "push.window", "too much"),
        ("window: 60", "window: -1", 5, "push.window", "not a whole number from 1"),
        ("{header: X-Id}", "{header: X-Id, field: id}", 6, "push.deliveryId", "not one place"),
        ("{header: X-Id}", "X-Id", 6, "push.deliveryId", "not a mapping"),
        ("{field: event.type}", "{field: event..type}", 7, "push.topic.field", "not a field"),
        ("  topic: {field: event.type}\n", "", None, None, "not said where the topic is"),
        ("rate: 7", "rate: 5001", 9, "push.rate", "too much"),
        ("      topics: {made: upsert, gone: delete}\n", "", 12, "push.datasets.orders", "which topics"),
        ("{made: upsert, gone: delete}", "{}", 13, "push.datasets.orders.topics", "There is no topic"),
        ("gone: delete", "gone: drop", 13, "push.datasets.orders.topics.gone", "is not allowed here"),
        ("    products:", "    produce:", 15, "push.datasets.produce", "There is no contract `produce`"),
        ("    products:", "    files:", 15, "push.datasets.files", "takes shop.0.jsonl in eu-central-1"),
    ],
)
def test_a_fault_is_found_where_it_is(
    tmp_path: Path, old: str, new: str, *, line: int | None, path: str | None, message: str
) -> None:
    assert old in GOOD
    _, findings = examined(tmp_path, GOOD.replace(old, new))
    assert findings
    assert all(message in finding.message and finding.remedy for finding in findings)
    assert all(finding.file.endswith("shop.yaml") for finding in findings)
    if path is not None:
        assert [(finding.line, finding.path) for finding in findings] == [(line, path)]


ORDERS = CONTRACTS["orders"]


def changed(**fields: Any) -> Contract:
    return dataclasses.replace(ORDERS, tables=(dataclasses.replace(ORDERS.table, **fields),))


@pytest.mark.parametrize(
    ("contract", "message"),
    [
        (dataclasses.replace(ORDERS, sources=(Source("s", columns={"at": ("_version_at_source",)}),)), "is deleted"),
        (
            dataclasses.replace(ORDERS, sources=(Source("s", columns={"gone": ("_deleted_at_source",)}),)),
            "counts no later",
        ),
        (changed(version_column=None), "counts no later"),
        (changed(columns=(*ORDERS.table.columns, Column("sum", Kind.DECIMAL, 9, 2, required=True))), "has no `sum`"),
        (changed(partition=Partition("at", "day")), "does not tell the partition"),
        (dataclasses.replace(ORDERS, residency=Residency("gone", MissingResidency.QUARANTINE)), "held in quarantine"),
    ],
)
def test_a_topic_deletes_only_where_a_deletion_is_sound(tmp_path: Path, contract: Contract, message: str) -> None:
    (tmp_path / "shop.yaml").write_text(GOOD, encoding="utf-8")
    _, findings = examine(tmp_path, {**CONTRACTS, "orders": contract}, REGIONS)
    assert [(finding.line, finding.path) for finding in findings] == [(13, "push.datasets.orders.topics.gone")]
    assert message in findings[0].message
    (tmp_path / "shop.yaml").write_text(GOOD.replace(", gone: delete", ""), encoding="utf-8")
    assert examine(tmp_path, {**CONTRACTS, "orders": contract}, REGIONS)[1] == []


def test_what_a_scheme_fixes_cannot_be_said_otherwise(tmp_path: Path) -> None:
    text = GOOD.replace("scheme: hmac", "scheme: stripe")
    paths = {finding.path for finding in examined(tmp_path, text)[1]}
    assert paths == {f"push.signature.{key}" for key in ("header", "encoding", "prefix", "timestampHeader")}


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("shop.yml", GOOD, "not a connector"),
        ("My-Shop.yaml", GOOD, "cannot be a source's name"),
        ("empty.yaml", "", "No connector here"),
        ("bad.yaml", "a: [", "not valid YAML"),
        ("idle.yaml", "description: d\nregion: us-east-1\n", "Nothing comes from here"),
        ("nothing.yaml", "description: d\nregion: us-east-1\npush: {signature: {scheme: stripe}, datasets: {}}\n",
         "There is no dataset"),
    ],
)  # fmt: skip
def test_no_file_is_skipped_in_silence(tmp_path: Path, name: str, text: str, message: str) -> None:
    if name == "My-Shop.yaml":
        text = text.replace("    orders:\n", "    products:\n", 1).replace(
            '    products:\n      topics: {"new": upsert}\n', ""
        )
    _, findings = examined(tmp_path, text, name)
    assert [message in finding.message for finding in findings] == [True]


def test_a_fault_stops_the_lake(tmp_path: Path) -> None:
    (tmp_path / "shop.yaml").write_text(GOOD.replace("window: 60", "window: soon"), encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"shop\.yaml:5 push\.window"):
        read_connectors(tmp_path, CONTRACTS)


def test_a_lake_needs_no_connectors(tmp_path: Path) -> None:
    assert read_connectors(tmp_path / "nowhere", CONTRACTS) == {}


def test_the_connectors_that_ship_are_bound_to_regions_that_exist() -> None:
    from watershed.contracts.odcs import read_contracts

    found, findings = examine(LAKE / "connectors", read_contracts(LAKE / "contracts"), [r.region for r in regions()])
    assert found
    assert findings == []
