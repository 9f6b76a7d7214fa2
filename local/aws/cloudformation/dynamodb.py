"""DynamoDB tables."""

from __future__ import annotations

from typing import Any

from local.aws.cloudformation.resource import Made, Properties, Request, ResourceType

_APART = ("TableName", "TimeToLiveSpecification", "PointInTimeRecoverySpecification", "Tags", "StreamSpecification")


def _create(request: Request) -> Made:
    properties, dynamodb = request.properties, request.client("dynamodb")
    parameters = {**request.without(*_APART), "TableName": request.name}
    if "StreamSpecification" in properties:
        parameters["StreamSpecification"] = {"StreamEnabled": True, **properties["StreamSpecification"]}
    if tags := request.tags():
        parameters["Tags"] = [{"Key": key, "Value": value} for key, value in tags.items()]

    def read(_answer: Any) -> Properties:
        table = dynamodb.describe_table(TableName=request.name)["Table"]
        encryption = table.get("SSEDescription", {})
        billing = table.get("BillingModeSummary", {}).get("BillingMode")
        tags = dynamodb.list_tags_of_resource(ResourceArn=table["TableArn"])["Tags"]
        kept = {
            "Enabled": encryption.get("Status") == "ENABLED",
            "SSEEnabled": encryption.get("Status") == "ENABLED",
            **encryption,
        }
        if "KMSMasterKeyArn" in encryption:
            kept["KMSMasterKeyId"] = encryption["KMSMasterKeyArn"]
        return {**table, "BillingMode": billing, "SSESpecification": kept, "Tags": tags}

    if "SSESpecification" in parameters:
        specification = dict(parameters["SSESpecification"])
        specification["Enabled"] = specification.pop("SSEEnabled")
        parameters["SSESpecification"] = specification
    table = request.keep("dynamodb", "create_table", parameters, read)["TableDescription"]
    if "TimeToLiveSpecification" in properties:
        expiry = {"TableName": request.name, "TimeToLiveSpecification": properties["TimeToLiveSpecification"]}
        request.call("dynamodb", "update_time_to_live", expiry)
    if "PointInTimeRecoverySpecification" in properties:
        recovery = properties["PointInTimeRecoverySpecification"]
        backup = {"TableName": request.name, "PointInTimeRecoverySpecification": recovery}
        request.call("dynamodb", "update_continuous_backups", backup)
    attributes = {"Arn": table["TableArn"]}
    if "LatestStreamArn" in table:
        attributes["StreamArn"] = table["LatestStreamArn"]
    return Made(request.name, attributes)


def _delete(request: Request, made: Made) -> None:
    request.client("dynamodb").delete_table(TableName=made.ref)


TYPES = (
    ResourceType(
        "AWS::DynamoDB::Table",
        "TableName AttributeDefinitions KeySchema BillingMode ProvisionedThroughput GlobalSecondaryIndexes"
        " LocalSecondaryIndexes StreamSpecification SSESpecification TimeToLiveSpecification"
        " PointInTimeRecoverySpecification DeletionProtectionEnabled Tags",
        _create,
        _delete,
        name_property="TableName",
    ),
)
