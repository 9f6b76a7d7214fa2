"""The shop that the demo polls: on loopback, over real TLS, by the connector that ships."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from watershed import names

from local.commands.sources import ask
from local.sample import asked
from local.shop.internet import Internet
from local.shop.server import Open, Row, Shop

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from watershed.connectors.model import Connector

    from local.region import Region


@contextmanager
def opened(connector: Connector, lakes: Mapping[str, Region], rows: int) -> Iterator[Shop]:
    """The shop of a connector's source is open, its secret is where the poll looks for it, and a poll is asked for.

    Args:
        connector: One that has `pull`.
        lakes: By region.
        rows: How many orders the region's sample files have.
    """
    if connector.pull is None:
        raise ValueError(f"{connector.name} is not polled.")
    region = lakes[connector.region]
    answers = asked.answers(region.name, rows)
    streams = {
        name: [Row(at, record) for at, record in answers[stream.dataset]]
        for name, stream in connector.pull.streams.items()
    }
    shop = Shop(connector.pull, streams)
    with ExitStack() as exits:
        internet = exits.enter_context(Internet())
        exits.enter_context(Open(shop, internet))
        secret = names.pull_secret(connector.name)
        region.client("secretsmanager").put_secret_value(SecretId=secret, SecretString=shop.secret)
        ask(region, connector.name)
        yield shop
