"""The door for webhooks, made to let something out."""

from __future__ import annotations

from typing import Any

from tests.infra.mutations.change import ACCOUNT, STATEMENT, STRANGER, VIRGINIA, Mutation, add, foreign, named, put

RECEIVE = "role watershed-receive-eu-central-1"
INTEGRATION = ("ApiGatewayV2::Integration", "DoorIntegration")
CONFINED = {"StringEquals": {"aws:ResourceAccount": ACCOUNT, "aws:RequestedRegion": "eu-central-1"}}


def _receive_may(action: str, resource: Any) -> Any:
    statement = {"Sid": "More", "Effect": "Allow", "Action": action, "Resource": resource, "Condition": CONFINED}
    return put("IAM::Role", "DoorReceiveFunctionRole", f"{STATEMENT}.+", statement)


def _raw(template: dict[str, Any]) -> None:
    name, _ = named(template, "S3::Bucket", "StorageRaw")
    _receive_may("s3:GetObject", {"Fn::Sub": f"${{{name}.Arn}}/*"})(template)


def _bronze(template: dict[str, Any]) -> None:
    name, _ = named(template, "Lambda::Function", "watershed-bronze")
    put(*INTEGRATION, "IntegrationUri", {"Fn::GetAtt": [name, "Arn"]})(template)


def _in_account(text: str) -> dict[str, str]:
    return {"Fn::Sub": text.replace("ACCOUNT", "${AWS::AccountId}")}


WEBHOOKS = [
    Mutation(
        "a door that may read what it answers with",
        _raw,
        "answering-function",
        RECEIVE,
        ("bucket watershed-raw", "function watershed-receive", "the public internet"),
    ),
    Mutation(
        "a door that may ask Athena",
        _receive_may(
            "athena:StartQueryExecution", _in_account("arn:aws:athena:eu-central-1:ACCOUNT:workgroup/watershed")
        ),
        "answering-function",
        RECEIVE,
        ("workgroup watershed", "function watershed-receive", "the public internet"),
    ),
    Mutation(
        "a function that reads, behind the door",
        _bronze,
        "answering-function",
        "role watershed-bronze-eu-central-1",
        ("function watershed-bronze", "the public internet"),
    ),
    Mutation(
        "a door that passes requests on",
        put(*INTEGRATION, "IntegrationType", "HTTP_PROXY"),
        "passing-api",
        "integration",
        ("the public internet",),
    ),
    Mutation(
        "a door to another host",
        put(*INTEGRATION, "IntegrationUri", "https://example.com/"),
        "foreign-target",
        "integration",
        ("IntegrationUri", "https://example.com/"),
    ),
    Mutation(
        "a door to another region's function",
        put(*INTEGRATION, "IntegrationUri", foreign("lambda", "function:watershed-receive")),
        "foreign-target",
        "integration",
        ("IntegrationUri", VIRGINIA),
    ),
    Mutation(
        "a door that calls a service as somebody",
        put(*INTEGRATION, "CredentialsArn", foreign("iam", "role/any", region="")),
        "foreign-arn",
        "integration",
        ("CredentialsArn", "role/any"),
    ),
    Mutation(
        "a door that answers pages of other sites",
        put("ApiGatewayV2::Api", "DoorApi", "CorsConfiguration", {"AllowOrigins": ["*"]}),
        "unknown-property",
        "API",
        (),
    ),
    Mutation(
        "requests noted elsewhere",
        put(
            "ApiGatewayV2::Stage",
            "DoorStage",
            "AccessLogSettings.DestinationArn",
            foreign("logs", "log-group:theirs", account=STRANGER),
        ),
        "foreign-target",
        "API stage",
        ("AccessLogSettings.DestinationArn", STRANGER),
    ),
    Mutation(
        "a function that another API may call",
        put(
            "Lambda::Permission",
            "DoorCalls",
            "SourceArn",
            _in_account("arn:aws:execute-api:eu-central-1:ACCOUNT:other/*"),
        ),
        "foreign-principal",
        "function permission",
        ("apigateway.amazonaws.com", "function watershed-receive"),
    ),
    Mutation(
        "a function that any API of the account may call",
        put("Lambda::Permission", "DoorCalls", "-SourceArn", None),
        "foreign-principal",
        "function permission",
        ("apigateway.amazonaws.com", "function watershed-receive"),
    ),
    Mutation(
        "a door under a name of one's own",
        add("Name", "AWS::ApiGatewayV2::DomainName", DomainName="webhooks.example.com"),
        "forbidden-type",
        "AWS::ApiGatewayV2::DomainName Name",
        ("outside the region",),
    ),
    Mutation(
        "a secret that other regions have too",
        put("SecretsManager::Secret", "DoorShopSecret", "ReplicaRegions", [{"Region": VIRGINIA}]),
        "unknown-property",
        "secret watershed/shop/push",
        (),
    ),
    Mutation(
        "a secret under AWS's own key",
        put("SecretsManager::Secret", "DoorShopSecret", "-KmsKeyId", None),
        "unencrypted",
        "secret watershed/shop/push",
        ("secret watershed/shop/push", "AWS's own key"),
    ),
    Mutation(
        "receipts that are streamed",
        put("DynamoDB::Table", "DoorReceipts", "StreamSpecification", {"StreamViewType": "NEW_IMAGE"}),
        "unknown-property",
        "key-value table watershed-receipts",
        (),
    ),
    Mutation(
        "receipts that others may read",
        put("DynamoDB::Table", "DoorReceipts", "ResourcePolicy", {"PolicyDocument": {}}),
        "unknown-property",
        "key-value table watershed-receipts",
        (),
    ),
]
