"""HTTP APIs, kept as templates describe them; `local.aws.http_apis` serves requests to them."""

from __future__ import annotations

from typing import Any

from local.aws.cloudformation.resource import Made, Request, ResourceType


def _create_api(request: Request) -> Made:
    parameters = {**request.properties, "Name": request.name}
    answer = request.keep("apigatewayv2", "create_api", parameters, lambda answer: answer)
    return Made(answer["ApiId"], {"ApiId": answer["ApiId"], "ApiEndpoint": answer["ApiEndpoint"]})


def _delete_api(request: Request, made: Made) -> None:
    request.client("apigatewayv2").delete_api(ApiId=made.ref)


def _keep(request: Request, operation: str) -> Any:
    """Create a part of an API; the answer describes it, except for the API that it belongs to."""
    owner = request.properties["ApiId"]
    return request.keep("apigatewayv2", operation, request.properties, lambda answer: {**answer, "ApiId": owner})


def _create_integration(request: Request) -> Made:
    answer = _keep(request, "create_integration")
    return Made(answer["IntegrationId"], {"IntegrationId": answer["IntegrationId"]})


def _delete_integration(request: Request, made: Made) -> None:
    request.client("apigatewayv2").delete_integration(ApiId=request.properties["ApiId"], IntegrationId=made.ref)


def _create_route(request: Request) -> Made:
    answer = _keep(request, "create_route")
    return Made(answer["RouteId"], {"RouteId": answer["RouteId"]})


def _delete_route(request: Request, made: Made) -> None:
    request.client("apigatewayv2").delete_route(ApiId=request.properties["ApiId"], RouteId=made.ref)


def _create_stage(request: Request) -> Made:
    _keep(request, "create_stage")
    return Made(request.properties["StageName"])


def _update_stage(request: Request, made: Made) -> Made:
    """New settings; moto cannot change a stage."""
    _delete_stage(request, made)
    return _create_stage(request)


def _delete_stage(request: Request, made: Made) -> None:
    request.client("apigatewayv2").delete_stage(ApiId=request.properties["ApiId"], StageName=made.ref)


TYPES = (
    ResourceType(
        "AWS::ApiGatewayV2::Api",
        "Name ProtocolType Description CorsConfiguration DisableExecuteApiEndpoint Tags",
        _create_api,
        _delete_api,
        name_property="Name",
    ),
    ResourceType(
        "AWS::ApiGatewayV2::Integration",
        "ApiId IntegrationType IntegrationUri IntegrationMethod PayloadFormatVersion TimeoutInMillis Description",
        _create_integration,
        _delete_integration,
    ),
    ResourceType("AWS::ApiGatewayV2::Route", "ApiId RouteKey Target AuthorizationType", _create_route, _delete_route),
    ResourceType(
        "AWS::ApiGatewayV2::Stage",
        "ApiId StageName AutoDeploy AccessLogSettings DefaultRouteSettings RouteSettings",
        _create_stage,
        _delete_stage,
        _update_stage,
        fixed="ApiId StageName",
    ),
)
