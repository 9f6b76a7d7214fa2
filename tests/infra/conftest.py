"""One region's template from a small lake and stand-in layers: what the constructs make, without the real assets."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import pytest
from watershed.catalog import Catalog
from watershed.connectors.model import Connector
from watershed.connectors.push import HEADERS, Push, PushDataset, Scheme, Signature
from watershed.contracts.model import Column, Contract, Kind, Residency, Source, Table
from watershed.poll.model import Auth, AuthKind, Pull, Stream
from watershed.questions import Question

from infra.config import RegionConfig
from infra.layers import LayerAsset
from infra.region_stack import RegionStack
from layers.manifest import LAKE, LIBRARY, THIRD_PARTY
from tests.infra.documents import ORGANIZATION
from tests.infra.resources import Resources

if TYPE_CHECKING:
    from collections.abc import Callable

    Synthesize = Callable[..., dict[str, Any]]

FRANKFURT = RegionConfig("eu-central-1", "Frankfurt", ("DE", "FR"), ("Europe/Berlin",))

WITH_DATABASE = dataclasses.replace(FRANKFURT, postgres=True)

ORDERS = Contract(
    name="orders",
    version="1.0.0",
    description="Orders.",
    tables=(
        Table(
            name="orders",
            columns=(
                Column("order_id", Kind.INTEGER),
                Column("total", Kind.DECIMAL, precision=18, scale=2),
                Column("city", Kind.STRING),
            ),
            primary_key=("order_id",),
        ),
        Table(name="order_lines", columns=(), primary_key=("order_id", "position"), parent="orders", explode="lines"),
    ),
    sources=(
        Source("berlin", regions=("eu-central-1",), columns={"order_id": ("bestellnr",), "city": ("address.city",)}),
        Source("other", columns={"order_id": ("id", "number")}),
    ),
    residency=Residency(None, reason="test"),
)


MOST_ORDERS = Question("01_most_orders", "Which city orders most?", "{city}.", "None.", "SELECT city FROM gold.cities")
_PUSH = Push(Signature(Scheme.SHOPIFY, HEADERS[Scheme.SHOPIFY]), {"orders": PushDataset()}, rate=7)
_PULL = Pull("https://shop.example", 15, Auth(AuthKind.BASIC), {"orders": Stream("orders", "orders")})
CONNECTORS = (
    Connector("shop", "eu-central-1", push=_PUSH),
    Connector("other_shop", "eu-central-1", push=dataclasses.replace(_PUSH, rate=40)),
    Connector("elsewhere", "us-east-1", push=_PUSH),
    Connector("polled", "eu-central-1", pull=_PULL),
    Connector("open_shop", "eu-central-1", pull=dataclasses.replace(_PULL, auth=Auth(), every=60, paused=True)),
    Connector("polled_elsewhere", "us-east-1", pull=_PULL),
)


@pytest.fixture(scope="session")
def synthesize(tmp_path_factory: pytest.TempPathFactory) -> Synthesize:
    """Gives a region's template."""
    import aws_cdk as cdk  # after infra, which finds the Node that this starts

    layer = tmp_path_factory.mktemp("layer")
    (layer / "python").mkdir()
    assets = {name: LayerAsset(layer) for name in (*THIRD_PARTY, LIBRARY, LAKE)}

    def template(config: RegionConfig = FRANKFURT, connectors: tuple[Connector, ...] = CONNECTORS) -> dict[str, Any]:
        sources = {each.name: each for each in connectors}
        catalog = Catalog(
            contracts={"orders": ORDERS}, models={}, questions={"01_most_orders": MOST_ORDERS}, connectors=sources
        )
        app = cdk.App(
            outdir=str(tmp_path_factory.mktemp("cdk.out")),
            analytics_reporting=False,
            builtin_cloud_formation_validation=False,
        )
        stack = RegionStack(app, config=config, catalog=catalog, assets=assets)
        made: dict[str, Any] = app.synth().get_stack_by_name(stack.stack_name).template
        return made

    return template


@pytest.fixture(scope="session")
def template(synthesize: Synthesize) -> dict[str, Any]:
    """Frankfurt's."""
    return synthesize()


@pytest.fixture(scope="session")
def resources(template: dict[str, Any]) -> Resources:
    return Resources(template)


@pytest.fixture(scope="session")
def with_database(synthesize: Synthesize) -> dict[str, Any]:
    """Frankfurt's, with a SQL database."""
    return synthesize(WITH_DATABASE)


@pytest.fixture(scope="session")
def organized(synthesize: Synthesize) -> Resources:
    """Frankfurt's, confined to an organization."""
    return Resources(synthesize(dataclasses.replace(FRANKFURT, organization=ORGANIZATION)))
