"""Parts of properties, by which a service sends what it reads elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.infra.mutations.change import BRONZE_ROLE, FUNCTION, RAW, Mutation, add, put, unknown

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.infra.mutations.change import Template

WORKGROUP = "WorkGroupConfiguration"


def metric(part: str, value: Any) -> Callable[[Template], None]:
    return put("Logs::MetricFilter", "BronzeFunctionCountsLedgerImbalance", f"MetricTransformations.0.{part}", value)


METRIC = "metric filter watershed-bronze-ledger-imbalance"

PARTS = [
    Mutation(
        "a row's value as a metric",
        metric("MetricValue", "$.total"),
        "value-in-metric",
        METRIC,
        (METRIC, "$.total", "alarm"),
    ),
    unknown(
        "a row's value as a metric's dimension", metric("Dimensions", [{"Key": "who", "Value": "$.email"}]), METRIC
    ),
    *(
        unknown(
            f"a workgroup with {name}", put("Athena::WorkGroup", "Athena", f"{WORKGROUP}.{name}", value), "workgroup"
        )
        for name, value in {
            "ManagedQueryResultsConfiguration": {"Enabled": True},
            "ExecutionRole": BRONZE_ROLE,
            "MonitoringConfiguration": {"CloudWatchLoggingConfiguration": {"LogGroup": "/elsewhere"}},
            "QueryResultsS3AccessGrantsConfiguration": {"EnableS3AccessGrants": True},
            "CustomerContentEncryptionConfiguration": {"KmsKey": "alias/elsewhere"},
        }.items()
    ),
    *(
        unknown(f"a schedule with {name}", put("Scheduler::Schedule", "DailyRefresh", f"Target.{name}", {}), "schedule")
        for name in ("EcsParameters", "EventBridgeParameters", "KinesisParameters", "SageMakerPipelineParameters")
    ),
    unknown(
        "a function whose code is in the template",
        put("Lambda::Function", "BronzeFunction", "Code.ZipFile", "import os"),
        FUNCTION,
    ),
    unknown(
        "a mapping that sends successes elsewhere",
        put(
            "Lambda::EventSourceMapping",
            "BronzeFunctionMessages",
            "DestinationConfig",
            {"OnSuccess": {"Destination": "elsewhere"}},
        ),
        "event source mapping",
    ),
    unknown(
        "a table that is a view",
        put("Glue::Table", "TablesOpsLedger", "TableInput.ViewOriginalText", "/* Presto View: e30= */"),
        "table ops/ledger",
    ),
    unknown(
        "a database that is everybody's",
        put("Glue::Database", "TablesGold", "DatabaseInput.CreateTableDefaultPermissions", []),
        "database gold",
    ),
    Mutation(
        "a bucket with a second rule of encryption",
        put(
            "S3::Bucket",
            "StorageRaw",
            "BucketEncryption.ServerSideEncryptionConfiguration.+",
            {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}},
        ),
        "unencrypted",
        RAW,
        (RAW, "AWS's own key"),
    ),
    Mutation(
        "a bucket with a second rule of ownership",
        put("S3::Bucket", "StorageRaw", "OwnershipControls.Rules.+", {"ObjectOwnership": "ObjectWriter"}),
        "bucket-acls",
        RAW,
        ("ACL", RAW),
    ),
    *(
        Mutation(
            f"a network with {name}",
            add("Half", "AWS::EC2::SecurityGroup", GroupDescription="half", SecurityGroupEgress=[rule]),
            "open-egress",
            "security group Half",
            ("security group Half", end),
        )
        for name, rule, end in [
            ("another network's group", {"DestinationSecurityGroupId": "sg-1"}, "sg-1"),
            ("a group and the internet", {"DestinationSecurityGroupId": {"Ref": "Half"}, "CidrIp": "0.0.0.0/0"}, "0.0"),
            ("two ends", {"CidrIp": "10.0.0.0/8", "CidrIpv6": "::/0"}, "::/0"),
        ]
    ),
]
