"""The doors' description: as the connectors have it, and valid OpenAPI."""

from __future__ import annotations

import json
from typing import Any

from watershed import catalog

from local.commands.connectors import DOCUMENT, openapi_text
from local.paths import LAKE


def test_the_document_in_docs_is_what_the_connectors_give() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == openapi_text(), "run: watershed connectors openapi"


def test_every_dataset_of_every_source_is_described_with_all_answers() -> None:
    described: dict[str, Any] = json.loads(openapi_text())
    pushed = {
        f"/v1/{each.name}/{dataset}": each
        for each in catalog.build(LAKE).connectors.values()
        for dataset in (each.push.datasets if each.push else ())
    }
    assert set(described["paths"]) == set(pushed)
    for path, connector in pushed.items():
        operation = described["paths"][path]["post"]
        assert operation["x-region"] == connector.region
        assert operation["security"] == [{connector.name: []}]
        assert set(operation["responses"]) == {
            "202", "400", "401", "404", "413", "415", "421", "422", "429", "503"
        }  # fmt: skip
        assert connector.push
        signed = described["components"]["securitySchemes"][connector.name]
        assert signed["name"] == connector.push.signature.header


def test_no_document_holds_a_secret_or_an_address() -> None:
    assert "http" not in openapi_text().replace("HTTP", "")
