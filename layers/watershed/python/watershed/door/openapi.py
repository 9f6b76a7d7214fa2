"""The doors as an OpenAPI document, made from the connectors: who may send what, where, and what is answered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from watershed.connectors.push import Action, Scheme
from watershed.door.receive import LARGEST_BODY

if TYPE_CHECKING:
    from collections.abc import Iterable

    from watershed.connectors.model import Connector
    from watershed.connectors.push import Push, Signature

VERSION = "3.1.0"
_REFUSED = {"application/json": {"schema": {"$ref": "#/components/schemas/Refused"}}}
_REFUSALS = {
    "400": "The body is not JSON that can be read.",
    "401": "The signature is missing, wrong or too old; which of these is not said.",
    "404": "There is no such source or dataset; which of the two is not said.",
    "413": f"The body has more than {LARGEST_BODY} bytes.",
    "415": "The body is not application/json in UTF-8, or is compressed.",
    "421": "The source's door is in another region, which `region` names. Nothing was kept.",
    "422": "The topic, or a body without the records, is not what the connector takes.",
    "429": "More came than the source may send; send it again later.",
    "503": "Nothing was kept; send it again.",
}


def document(connectors: Iterable[Connector]) -> dict[str, Any]:
    """The document, in the order of sources and datasets."""
    pushing = sorted((each for each in connectors if each.push), key=lambda each: each.name)
    return {
        "openapi": VERSION,
        "info": {
            "title": "Watershed: the doors for webhooks",
            "version": "1",
            "description": "Each region has its own door. A source is bound to one region, and only its door takes it.",
        },
        "tags": [{"name": each.name, "description": f"{each.description} Region: {each.region}."} for each in pushing],
        "paths": {
            f"/v1/{each.name}/{dataset}": {"post": _operation(each, each.push, dataset)}
            for each in pushing
            if each.push
            for dataset in sorted(each.push.datasets)
        },
        "components": {
            "securitySchemes": {
                each.name: {"type": "apiKey", "in": "header", **_signed(each.push.signature)}
                for each in pushing
                if each.push
            },
            "responses": {
                "Accepted": {
                    "description": "It is safe. A repeat gets the same receipt, and is kept once.",
                    "content": {
                        "application/json": {"schema": _object(receipt={"type": "string", "pattern": "^[0-9a-f]{32}$"})}
                    },
                },
            },
            "schemas": {"Refused": _object(message={"type": "string"}, region={"type": "string"})},
        },
    }


def _operation(connector: Connector, push: Push, dataset: str) -> dict[str, Any]:
    refusals = {status: {"description": words, "content": _REFUSED} for status, words in _REFUSALS.items()}
    return {
        "operationId": f"{connector.name}-{dataset}",
        "tags": [connector.name],
        "x-region": connector.region,
        "security": [{connector.name: []}],
        "parameters": _parameters(push, dataset),
        "requestBody": {"required": True, "content": {"application/json": {"schema": _body(push, dataset)}}},
        "responses": {"202": {"$ref": "#/components/responses/Accepted"}, **refusals},
    }


def _signed(signature: Signature) -> dict[str, str]:
    of = "`<timestamp>.<body>`" if signature.signs_time else "the body"
    words = f"HMAC-SHA256 of {of}, in {signature.encoding}"
    if signature.scheme is Scheme.STRIPE:
        words = "`t=<seconds since 1970>,v1=<signature>`: HMAC-SHA256 of `<t>.<body>`, in hex"
    elif signature.prefix:
        words += f", after `{signature.prefix}`"
    return {"name": signature.header, "description": f"{words}. The body is signed as it is sent, byte for byte."}


def _parameters(push: Push, dataset: str) -> list[dict[str, Any]]:
    topics = push.datasets[dataset].topics or {}
    places: dict[str, dict[str, Any]] = {}
    if push.signature.timestamp_header:
        places[push.signature.timestamp_header] = {"type": "string", "pattern": "^[0-9]{1,11}$"}
    if push.topic and push.topic.header:
        places[push.topic.header] = {"type": "string", "enum": sorted(topics)}
    for place in (push.delivery_id, push.occurred_at):
        if place and place.header:
            places.setdefault(place.header, {"type": "string"})
    required = {push.signature.timestamp_header, push.topic.header if push.topic else None}
    return [
        {"name": name, "in": "header", "required": name in required, "schema": schema}
        for name, schema in places.items()
    ]


def _body(push: Push, dataset: str) -> dict[str, Any]:
    """What must be in the body for the door; what must be in a record, the dataset's contract says."""
    taken = push.datasets[dataset]
    record: dict[str, Any] = {"type": "object"}
    body: dict[str, Any] = {"anyOf": [record, {"type": "array", "items": record}]}
    for name in reversed((taken.records or "").split(".")) if taken.records else ():
        body = {"type": "object", "properties": {name: body}, "required": [name]}
    if push.topic and push.topic.field and "." not in push.topic.field:
        body.setdefault("properties", {})[push.topic.field] = {"type": "string", "enum": sorted(taken.topics or {})}
        body["required"] = [*body.get("required", []), push.topic.field]
    deletes = sorted(topic for topic, action in (taken.topics or {}).items() if action is Action.DELETE)
    return {**body, **({"description": f"Deletes the rows: {', '.join(deletes)}."} if deletes else {})}


def _object(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties)[:1]}
