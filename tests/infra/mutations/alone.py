"""Stacks that do not stand alone."""

from __future__ import annotations

from tests.infra.mutations.change import ACCOUNT, Mutation, add, put, section

STANDING_ALONE = [
    Mutation(
        "an export",
        section("Outputs", {"Raw": {"Value": "x", "Export": {"Name": "raw"}}}),
        "cross-stack",
        "the stack",
        ("the stack", "export Raw"),
    ),
    Mutation(
        "an import",
        put("Lambda::Function", "BronzeFunction", "Environment.Variables.PEER", {"Fn::ImportValue": "other"}),
        "cross-stack",
        "function watershed-bronze",
        ("another stack", "PEER", "function watershed-bronze"),
    ),
    Mutation(
        "a parameter",
        section("Parameters", {"Target": {"Type": "String"}}),
        "outside-section",
        "the stack",
        (),
    ),
    Mutation(
        "a value from elsewhere",
        put("Lambda::Function", "BronzeFunction", "Environment.Variables.PEER", "{{resolve:ssm:/peer}}"),
        "unknown-value",
        "function watershed-bronze",
        (),
    ),
    Mutation(
        "a custom resource",
        add("Magic", "Custom::CrossRegionExportReader", ServiceToken={"Fn::GetAtt": ["BronzeFunction02BA1B42", "Arn"]}),
        "custom-resource",
        "Custom::CrossRegionExportReader Magic",
        ("the deployment", "Magic", "watershed-bronze"),
    ),
    Mutation(
        "a global table",
        add("Items", "AWS::DynamoDB::GlobalTable"),
        "forbidden-type",
        "AWS::DynamoDB::GlobalTable Items",
        ("Items", "outside the region"),
    ),
    Mutation(
        "a key's replica",
        add("Twin", "AWS::KMS::ReplicaKey"),
        "forbidden-type",
        "AWS::KMS::ReplicaKey Twin",
        ("Twin", "outside the region"),
    ),
    Mutation(
        "a type that nobody has judged",
        add("Ship", "AWS::KinesisFirehose::DeliveryStream"),
        "unknown-type",
        "AWS::KinesisFirehose::DeliveryStream Ship",
        (),
    ),
    Mutation(
        "a property that nobody has judged",
        put("SQS::Queue", "watershed-gold", "Teleport", True),
        "unknown-property",
        "queue watershed-gold",
        (),
    ),
    Mutation(
        "another region's bucket name",
        put("S3::Bucket", "StorageRaw", "BucketName", {"Fn::Join": ["", ["watershed-raw-", ACCOUNT, "-us-east-1"]]}),
        "shared-name",
        "bucket watershed-raw-${AWS::AccountId}-us-east-1",
        ("Watershed-eu-central-1", "Watershed-us-east-1"),
    ),
]
