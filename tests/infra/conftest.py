"""One region's template from a small lake and stand-in layers: what the constructs make, without the real assets."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import pytest
from watershed.catalog import Catalog
from watershed.connectors.model import Connector
from watershed.connectors.push import HEADERS, Push, PushDataset, Scheme, Signature
from watershed.contracts.model import Column, Contract, Kind, Residency, Source, Table
from watershed.gold.model import Aggregate, GoldColumn, GoldModel
from watershed.pages import Page, Total
from watershed.poll.model import Auth, AuthKind, Pull, Stream
from watershed.questions import Question

from infra import nag
from infra.config import RegionConfig
from infra.layers import LayerAsset
from infra.quicksight.setting import Identity, QuickSight
from infra.region_stack import RegionStack
from layers.manifest import LAKE, LIBRARY, THIRD_PARTY
from tests.infra.documents import ORGANIZATION
from tests.infra.resources import Resources

if TYPE_CHECKING:
    from collections.abc import Callable

    Synthesize = Callable[..., dict[str, Any]]

FRANKFURT = RegionConfig("eu-central-1", "Frankfurt", ("DE", "FR"), ("Europe/Berlin",))
READERS, AUTHOR = Identity("us-east-1", "group/default/readers"), Identity("us-east-1", "user/default/ana@shop.example")
REPORTING = dataclasses.replace(FRANKFURT, quicksight=QuickSight((READERS,), (AUTHOR,), spice=True))

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
    freshness_hours=24,
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


# Of gold: one table with the column that the page goes by, one without it, and one that is personal.
SALES = GoldModel(
    name="sales",
    description="Sales.",
    grain="one row per sale",
    keys=("sale_id",),
    columns=(
        GoldColumn("sale_id", "bigint", "The sale"),
        GoldColumn("branch", "varchar", "Where"),
        GoldColumn("sold_on", "date", "When"),
        GoldColumn("paid", "boolean", "Whether"),
        GoldColumn("amount", "decimal(18,2)", "How much", format="#,##0.00", unit="currency", aggregate=Aggregate.SUM),
        GoldColumn("wide", "decimal(38,2)", "More", format="#,##0.00", unit="currency", aggregate=Aggregate.SUM),
        GoldColumn("ratio", "double", "A part", format="0.00%", unit="share", aggregate=Aggregate.NONE),
    ),
    reads=(),
    sql="",
)
DAYS = GoldModel("days", "Days.", "one row per day", ("day",), (GoldColumn("day", "date", "The day"),), (), "")
PEOPLE = GoldModel("people", "People.", "one row each", ("mail",), (GoldColumn("mail", "varchar", pii=True),), (), "")
MODELS = {model.name: model for model in (SALES, DAYS, PEOPLE)}
PAGE = Page(
    name="revenue",
    title="Revenue",
    description="What each branch sold.",
    table="sales",
    by="branch",
    totals=(
        Total("Total <amount>", Aggregate.SUM, "amount", "#,##0.00"),
        Total("Sales", Aggregate.DISTINCT, "sale_id", "#,##0"),
        Total("Days", Aggregate.DISTINCT, "sold_on", "#,##0"),
        Total("Branches", Aggregate.DISTINCT, "branch", "#,##0"),
    ),
)


@pytest.fixture(scope="session")
def synthesize(tmp_path_factory: pytest.TempPathFactory) -> Synthesize:
    """Gives a region's template."""
    import aws_cdk as cdk  # after infra, which finds the Node that this starts

    layer = tmp_path_factory.mktemp("layer")
    (layer / "python").mkdir()
    assets = {name: LayerAsset(layer) for name in (*THIRD_PARTY, LIBRARY, LAKE)}

    def template(
        config: RegionConfig = FRANKFURT,
        connectors: tuple[Connector, ...] = CONNECTORS,
        *,
        contracts: tuple[Contract, ...] = (ORDERS,),
        nagging: bool = False,
    ) -> dict[str, Any]:
        sources = {each.name: each for each in connectors}
        catalog = Catalog(
            contracts={each.name: each for each in contracts},
            models=MODELS,
            questions={"01_most_orders": MOST_ORDERS},
            connectors=sources,
            pages={PAGE.name: PAGE},
        )
        app = cdk.App(
            outdir=str(tmp_path_factory.mktemp("cdk.out")),
            analytics_reporting=False,
            builtin_cloud_formation_validation=False,
        )
        if nagging:
            nag.enable(app)
        stack = RegionStack(app, config=config, catalog=catalog, assets=assets)
        made: dict[str, Any] = app.synth().get_stack_by_name(stack.stack_name).template
        return made

    return template


@pytest.fixture(scope="session")
def template(synthesize: Synthesize) -> dict[str, Any]:
    """Frankfurt's."""
    return synthesize()


@pytest.fixture(scope="session")
def reporting(synthesize: Synthesize) -> dict[str, Any]:
    """Frankfurt's, with QuickSight."""
    return synthesize(REPORTING)


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
