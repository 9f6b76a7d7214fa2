"""The door: a route and a secret for each source of the region, nothing for those of others, throttled one by one."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from watershed import names

from infra.door import ANY_SOURCE, STRANGERS_RATE
from tests.infra.conftest import CONNECTORS
from tests.infra.resources import flat

if TYPE_CHECKING:
    from tests.infra.resources import Resources

ROUTES = {"POST /v1/shop/{dataset}": 7, "POST /v1/other_shop/{dataset}": 40, ANY_SOURCE: STRANGERS_RATE}


def only(resources: Resources, kind: str) -> tuple[str, dict[str, Any]]:
    ((logical, found),) = resources.of(kind).items()
    return logical, found["Properties"]


def test_every_source_has_a_route_and_the_rest_share_one(resources: Resources) -> None:
    routes = [each["Properties"] for each in resources.of("ApiGatewayV2::Route").values()]
    assert {route["RouteKey"] for route in routes} == set(ROUTES)
    integration, made = only(resources, "ApiGatewayV2::Integration")
    assert {flat(route["Target"]) for route in routes} == {f"integrations/<{integration}>"}
    assert (made["IntegrationType"], made["PayloadFormatVersion"]) == ("AWS_PROXY", "2.0")
    function = flat(made["IntegrationUri"]).strip("<>").removesuffix(".Arn")
    assert resources.of("Lambda::Function")[function]["Properties"]["FunctionName"] == names.function(names.RECEIVE)


def test_every_route_is_throttled_by_itself(resources: Resources) -> None:
    _, stage = only(resources, "ApiGatewayV2::Stage")
    assert stage["StageName"] == "$default"
    assert {route: each["ThrottlingRateLimit"] for route, each in stage["RouteSettings"].items()} == ROUTES
    assert all(
        each["ThrottlingBurstLimit"] == 2 * each["ThrottlingRateLimit"] for each in stage["RouteSettings"].values()
    )


def test_what_is_noted_of_a_request_is_nothing_that_the_caller_chose(resources: Resources) -> None:
    _, stage = only(resources, "ApiGatewayV2::Stage")
    noted = set(json.loads(stage["AccessLogSettings"]["Format"]).values())
    assert noted == {"$context.requestId", "$context.routeKey", "$context.status", "$context.responseLatency"}
    group = flat(stage["AccessLogSettings"]["DestinationArn"]).strip("<>").removesuffix(".Arn")
    assert resources.of("Logs::LogGroup")[group]["Properties"]["LogGroupName"] == names.DOOR_LOG


def test_every_source_of_the_region_has_a_secret_that_nobody_knows_yet(resources: Resources) -> None:
    secrets = {
        name: each for name, each in resources.named("SecretsManager::Secret", "Name").items() if name.endswith("/push")
    }
    here = {each.name for each in CONNECTORS if each.push and each.region == "eu-central-1"}
    assert set(secrets) == {names.push_secret(source) for source in here}
    for secret in secrets.values():
        assert "SecretString" not in secret
        assert "ReplicaRegions" not in secret
        made = secret["GenerateSecretString"]
        assert (made["GenerateStringKey"], json.loads(made["SecretStringTemplate"])) == ("current", {"previous": None})
        assert made["PasswordLength"] >= 43


def test_only_this_api_may_call_the_function(resources: Resources) -> None:
    api, _ = only(resources, "ApiGatewayV2::Api")
    _, permission = only(resources, "Lambda::Permission")
    assert permission["Principal"] == "apigateway.amazonaws.com"
    assert flat(permission["SourceArn"]) == f"arn:aws:execute-api:eu-central-1:1234:<{api}>/*/POST/v1/*"
    assert permission["SourceAccount"] == {"Ref": "AWS::AccountId"}


def test_receipts_expire_and_hold_nothing_else(resources: Resources) -> None:
    _, table = only(resources, "DynamoDB::Table")
    assert table["TableName"] == names.RECEIPTS_TABLE
    assert table["TimeToLiveSpecification"] == {"AttributeName": "expires", "Enabled": True}
    assert [each["AttributeName"] for each in table["KeySchema"]] == ["receipt"]
    assert "StreamSpecification" not in table


def test_somebody_hears_when_the_door_fails(resources: Resources) -> None:
    api, _ = only(resources, "ApiGatewayV2::Api")
    alarm = resources.named("CloudWatch::Alarm", "AlarmName")[f"{names.DOOR}-unavailable"]
    assert (alarm["Namespace"], alarm["MetricName"]) == ("AWS/ApiGateway", "5xx")
    assert alarm["Dimensions"] == [{"Name": "ApiId", "Value": {"Ref": api}}]
    assert alarm["AlarmActions"]


def test_a_region_without_sources_has_a_door_that_knows_nobody(synthesize: Any) -> None:
    from tests.infra.resources import Resources

    empty = Resources(synthesize(connectors=()))
    assert {each["Properties"]["RouteKey"] for each in empty.of("ApiGatewayV2::Route").values()} == {ANY_SOURCE}
    assert not empty.of("SecretsManager::Secret")
