"""HTTP APIs on the laptop: routes, the event that a function gets, its answer, and what is said when there is none."""

from __future__ import annotations

import base64
import copy
import json
from typing import TYPE_CHECKING, Any

import pytest

from local.aws.http_apis import LARGEST, HttpRequest
from tests.local.conftest import REGION

if TYPE_CHECKING:
    from collections.abc import Callable

    from local.aws import LocalAWS
    from local.aws.http_apis import HttpAnswer
    from tests.local.conftest import Assembly

ECHO = """
import json
def handler(event, context):
    if event["rawPath"].endswith("/broken"):
        raise ValueError("no")
    return {"statusCode": 201, "headers": {"X-Seen": "yes"}, "body": json.dumps(event)}
"""
ROUTES = {"Any": "POST /v1/{source}/{dataset}", "Shop": "POST /v1/shop/{dataset}"}


def api(function: Callable[..., dict[str, Any]]) -> dict[str, Any]:
    def part(kind: str, **properties: Any) -> dict[str, Any]:
        return {"Type": f"AWS::ApiGatewayV2::{kind}", "Properties": {"ApiId": {"Ref": "Api"}, **properties}}

    target = {"Fn::Join": ["/", ["integrations", {"Ref": "Integration"}]]}
    return {
        **function(ECHO),
        "Api": {"Type": "AWS::ApiGatewayV2::Api", "Properties": {"Name": "door", "ProtocolType": "HTTP"}},
        "Integration": part(
            "Integration",
            IntegrationType="AWS_PROXY",
            IntegrationUri={"Fn::GetAtt": ["Work", "Arn"]},
            PayloadFormatVersion="2.0",
        ),
        **{name: part("Route", RouteKey=key, Target=target) for name, key in ROUTES.items()},
        "Stage": part("Stage", StageName="$default", RouteSettings={ROUTES["Shop"]: {"ThrottlingRateLimit": 7}}),
    }


@pytest.fixture
def ask(aws: LocalAWS, assembly: Assembly, function: Callable[..., dict[str, Any]]) -> Callable[..., HttpAnswer]:
    aws.deploy(assembly.write(api(function)))

    def answer(method: str, path: str, body: bytes = b"", *headers: tuple[str, str], query: str = "") -> HttpAnswer:
        return aws.ask(REGION, HttpRequest(method, path, headers, body, query), "door")

    return answer


def test_a_request_becomes_an_event_and_the_answer_comes_back(ask: Callable[..., HttpAnswer]) -> None:
    json_type = ("Content-Type", "application/json")
    answer = ask("POST", "/v1/shop/orders", '{"ä": 1}'.encode(), json_type, ("X-A", "1"), ("x-a", "2"), query="q=1")
    assert (answer.status, answer.headers["x-seen"]) == (201, "yes")
    event = answer.document
    assert (event["version"], event["routeKey"], event["rawPath"]) == ("2.0", ROUTES["Shop"], "/v1/shop/orders")
    assert (event["pathParameters"], event["rawQueryString"]) == ({"dataset": "orders"}, "q=1")
    assert event["headers"] == {"content-type": "application/json", "x-a": "1,2"}
    assert (event["body"], event["isBase64Encoded"]) == ('{"ä": 1}', False)
    assert event["requestContext"]["http"]["method"] == "POST"
    other = ask("POST", "/v1/a%20b/orders").document
    assert (other["routeKey"], other["pathParameters"]["source"], "body" in other) == (ROUTES["Any"], "a b", False)


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (b"\xff\x00", [("content-type", "application/json")]),
        (b"{}", [("content-type", "application/octet-stream")]),
        (b"{}", [("content-type", "application/json"), ("content-encoding", "gzip")]),
        (b"{}", []),
    ],
)
def test_what_is_no_text_comes_in_base64(
    ask: Callable[..., HttpAnswer], body: bytes, headers: list[tuple[str, str]]
) -> None:
    event = ask("POST", "/v1/shop/orders", body, *headers).document
    assert event["isBase64Encoded"]
    assert base64.b64decode(event["body"]) == body


def test_what_api_gateway_says_by_itself(ask: Callable[..., HttpAnswer], aws: LocalAWS) -> None:
    for method, path in [("GET", "/v1/shop/orders"), ("POST", "/v1/shop"), ("POST", "/v1/shop/"), ("POST", "/v1//x")]:
        assert (ask(method, path).status, ask(method, path).document) == (404, {"message": "Not Found"})
    broken = ask("POST", "/v1/shop/broken")
    assert (broken.status, broken.document) == (500, {"message": "Internal Server Error"})
    assert ask("POST", "/v1/shop/orders", b"x" * (LARGEST + 1)).status == 413
    assert ask("POST", "/v1/shop/orders", b'"' * 4_000_000, ("content-type", "text/plain")).status == 413
    with pytest.raises(LookupError, match="no API nowhere"):
        aws.ask(REGION, HttpRequest("POST", "/"), "nowhere")


def test_a_stages_settings_can_change(
    aws: LocalAWS, assembly: Assembly, function: Callable[..., dict[str, Any]]
) -> None:
    resources = api(function)
    aws.deploy(assembly.write(resources))
    changed = copy.deepcopy(resources)
    changed["Stage"]["Properties"]["RouteSettings"] = {ROUTES["Any"]: {"ThrottlingRateLimit": 3}}
    aws.deploy(assembly.write(changed))
    client = aws.client("apigatewayv2", REGION)
    (found,) = client.get_apis()["Items"]
    (stage,) = client.get_stages(ApiId=found["ApiId"])["Items"]
    assert json.loads(json.dumps(stage["RouteSettings"])) == {ROUTES["Any"]: {"ThrottlingRateLimit": 3.0}}
