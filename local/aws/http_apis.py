"""Serves HTTP APIs: finds a request's route and hands it to the function behind it, as API Gateway does.

Of API Gateway's own work, this is the part that a function and its caller can see: routes, the event (payload format
2.0), the answer, the size limit, and what is said when there is no route or the function fails. Nothing is throttled.
"""

from __future__ import annotations

import base64
import json
import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from moto.awslambda.utils import get_backend

from local.aws.clients import Clients
from local.aws.runtime.lambda_runtime import LambdaRuntime

LARGEST = 10_000_000  # bytes of a body, API Gateway's limit
_LARGEST_EVENT = 6 * 1024 * 1024  # bytes, Lambda's limit
_TEXT = re.compile(r"text/.*|application/(?:json|xml|javascript|.*\+(?:json|xml))")


@dataclass(frozen=True)
class HttpRequest:
    """A request as it comes over the network.

    Args:
        method: In capitals.
        path: Without the query, as sent.
        headers: Name and value, in the order sent; a name may come several times.
        body: The bytes.
        query: What follows `?`.
    """

    method: str
    path: str
    headers: Sequence[tuple[str, str]] = ()
    body: bytes = b""
    query: str = ""


@dataclass(frozen=True)
class HttpAnswer:
    """An answer."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def document(self) -> Any:
        """The body, which is JSON."""
        return json.loads(self.body)


def _said(status: int, message: str) -> HttpAnswer:
    return HttpAnswer(status, {"content-type": "application/json"}, json.dumps({"message": message}).encode())


@dataclass(frozen=True)
class HttpApis:
    """All APIs of an account.

    Args:
        account: Its number.
        clients: By which APIs are found.
        runtime: Runs functions.
    """

    account: str
    clients: Clients
    runtime: LambdaRuntime

    def ask(self, region: str, name: str, request: HttpRequest) -> HttpAnswer:
        """What the API called `name` answers.

        Raises:
            LookupError: if the region has no such API.
        """
        client = self.clients.client("apigatewayv2", region)
        found = [api for api in client.get_apis()["Items"] if api["Name"] == name]
        if not found:
            raise LookupError(f"There is no API {name} in {region}.")
        api = found[0]["ApiId"]
        routes = client.get_routes(ApiId=api)["Items"]
        matching = [(route, matched) for route in routes if (matched := _match(route["RouteKey"], request)) is not None]
        if not matching:
            return _said(404, "Not Found")
        route, parameters = min(matching, key=lambda pair: len(pair[1]))  # the more of it is fixed, the better it fits
        if len(request.body) > LARGEST:
            return _said(413, "Request Entity Too Large")
        event = _event({"apiId": api, "accountId": self.account}, route["RouteKey"], parameters, request)
        if len(json.dumps(event)) > _LARGEST_EVENT:
            return _said(413, "Request Entity Too Large")
        integration = client.get_integration(ApiId=api, IntegrationId=route["Target"].removeprefix("integrations/"))
        function = get_backend(self.account, region).get_function(integration["IntegrationUri"])
        invocation = self.runtime.invoke(function, event)
        return _said(500, "Internal Server Error") if invocation.error else _answer(invocation.payload)


def _match(key: str, request: HttpRequest) -> dict[str, str] | None:
    """The path's parameters, if the route takes the request."""
    method, _, pattern = key.partition(" ")
    if method not in {request.method, "ANY"}:
        return None
    parts, given = pattern.split("/"), request.path.split("/")
    if len(parts) != len(given) or not all(given[1:]):
        return None
    parameters: dict[str, str] = {}
    for part, text in zip(parts, given, strict=True):
        if part.startswith("{"):
            parameters[part.strip("{}")] = unquote(text)
        elif part != text:
            return None
    return parameters


def _event(api: Mapping[str, str], route: str, parameters: Mapping[str, str], request: HttpRequest) -> dict[str, Any]:
    headers: dict[str, str] = {}
    for name, value in request.headers:
        key = name.lower()
        headers[key] = f"{headers[key]},{value}" if key in headers else value
    text = _text(headers, request.body)
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": route,
        "rawPath": request.path,
        "rawQueryString": request.query,
        "headers": headers,
        "pathParameters": dict(parameters),
        "requestContext": {
            **api,
            "http": {"method": request.method, "path": request.path, "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1"},
            "requestId": str(uuid.uuid4()),
            "routeKey": route,
            "stage": "$default",
        },
        "isBase64Encoded": text is None,
    }
    if request.body:
        event["body"] = base64.b64encode(request.body).decode() if text is None else text
    return event


def _text(headers: Mapping[str, str], body: bytes) -> str | None:
    """The body as text; None if it is handed over in base64."""
    media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    if not _TEXT.fullmatch(media_type) or "content-encoding" in headers:
        return None
    try:
        return body.decode()
    except UnicodeDecodeError:
        return None


def _answer(payload: str) -> HttpAnswer:
    found = json.loads(payload)
    body = found.get("body", "")
    return HttpAnswer(
        int(found["statusCode"]),
        {name.lower(): str(value) for name, value in found.get("headers", {}).items()},
        base64.b64decode(body) if found.get("isBase64Encoded") else body.encode(),
    )
