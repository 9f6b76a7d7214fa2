"""What the sample's shops push: taken by the shipped connectors' doors, whole, and once."""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING

import pytest
from watershed import catalog
from watershed.door.receive import receive
from watershed.door.request import Request

from local.demo import doors
from local.paths import LAKE
from local.sample.webhooks import SHOPS, webhooks
from tests.unit.door_lab import NOW, SECRET, Door, as_event

if TYPE_CHECKING:
    from watershed.connectors.model import Connector

CONNECTORS = catalog.build(LAKE).connectors


PUSHING = [connector for connector in CONNECTORS.values() if connector.push and connector.name in SHOPS]


@pytest.mark.parametrize("connector", PUSHING, ids=lambda connector: connector.name)
def test_every_delivery_is_taken_and_the_repeated_one_once(connector: Connector) -> None:
    door = Door()
    door.aws.secrets[f"watershed/{connector.name}/push"] = json.dumps({"current": SECRET})
    around = dataclasses.replace(door.around, region=connector.region, connectors=CONNECTORS)
    answers = []
    for each in webhooks(connector):
        headers = each.signed(connector, SECRET.encode(), NOW)
        event = {"rawPath": f"/v1/{each.source}/{each.dataset}", "headers": headers, **as_event(each.body)}
        answers.append(receive(Request.of(event), around))
    assert {answer.status for answer in answers} == {202}
    assert [answer.reason for answer in answers].count("repeated") == 1
    rows = door.rows()
    assert len(rows) == len(answers) - 1
    assert connector.push
    assert {json.loads(body.partition("\n")[0])["dataset"] for body in door.sent} == set(connector.push.datasets) - {
        "transactions"
    }
    assert [row for row in rows if "_deleted_at" in row], "some are deleted"
    assert [row for row in rows if "partially_refunded" in row.values()], "some are paid back in part"


def test_the_demo_pushes_nothing_for_a_connector_of_ones_own() -> None:
    own = dataclasses.replace(PUSHING[0], name="helpdesk")
    assert doors.push(None, [own]) == []  # type: ignore[arg-type]  # nothing is asked of it
