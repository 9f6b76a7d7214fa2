"""What is sent, called or written elsewhere."""

from __future__ import annotations

import json
from typing import Any

from tests.infra.mutations.change import RAW, STRANGER, VIRGINIA, Mutation, add, both, foreign, grant, put


def machine(resource: str, parameters: dict[str, Any], **more: Any) -> str:
    """A definition of one call."""
    call = {"Type": "Task", "Resource": resource, "Parameters": parameters, "End": True, **more}
    return json.dumps({"StartAt": "Call", "States": {"Call": call}})


INVOKE = "arn:aws:states:::lambda:invoke"
HTTP_TASK = machine("arn:aws:states:::http:invoke", {"ApiEndpoint": "https://example.com"})
OTHER_LAMBDA = machine(INVOKE, {"FunctionName": f"arn:aws:lambda:{VIRGINIA}:{STRANGER}:function:f"})
OTHER_ROLE = machine(INVOKE, {"FunctionName": "${bronze}"}, Credentials={"RoleArn": f"arn:aws:iam::{STRANGER}:role/r"})


TARGETS = [
    Mutation(
        "a notification to another region's queue",
        put(
            "S3::Bucket",
            "StorageRaw",
            "NotificationConfiguration.QueueConfigurations.0.Queue",
            foreign("sqs", "watershed-bronze"),
        ),
        "foreign-target",
        RAW,
        (RAW, "Queue", "us-east-1"),
    ),
    Mutation(
        "a notification of every new object to the default bus",
        put(
            "S3::Bucket",
            "StorageRaw",
            "NotificationConfiguration.EventBridgeConfiguration",
            {"EventBridgeEnabled": True},
        ),
        "foreign-target",
        RAW,
        (RAW, "EventBridgeConfiguration"),
    ),
    Mutation(
        "dead letters to another region",
        put("SQS::Queue", "watershed-gold", "RedrivePolicy.deadLetterTargetArn", foreign("sqs", "watershed-gold-dlq")),
        "foreign-target",
        "queue watershed-gold",
        ("queue watershed-gold", "deadLetterTargetArn", "us-east-1"),
    ),
    Mutation(
        "a schedule to another account",
        put(
            "Scheduler::Schedule",
            "DailyRefresh",
            "Target.Arn",
            foreign("sqs", "q", region="eu-central-1", account=STRANGER),
        ),
        "foreign-target",
        "schedule watershed-daily-refresh",
        ("schedule watershed-daily-refresh", "Target.Arn", STRANGER),
    ),
    Mutation(
        "a schedule's dead letters to another region",
        put("Scheduler::Schedule", "DailyRefresh", "Target.DeadLetterConfig.Arn", foreign("sqs", "watershed-gold-dlq")),
        "foreign-target",
        "schedule watershed-daily-refresh",
        ("schedule watershed-daily-refresh", "DeadLetterConfig", "us-east-1"),
    ),
    Mutation(
        "an event rule to another region's bus",
        add(
            "Forward",
            "AWS::Events::Rule",
            Name="forward",
            EventPattern={"source": ["aws.s3"]},
            Targets=[{"Id": "bus", "Arn": foreign("events", "event-bus/default")}],
        ),
        "foreign-target",
        "event rule forward",
        ("event rule forward", "Targets[0].Arn", "us-east-1"),
    ),
    Mutation(
        "a web hook",
        add(
            "Hook",
            "AWS::SNS::Subscription",
            TopicArn={"Ref": "AlarmsTopic3A2DFEBA"},
            Protocol="https",
            Endpoint="https://example.com/hook",
        ),
        "foreign-subscription",
        "subscription Hook",
        ("topic watershed-alarms", "https", "example.com"),
    ),
    Mutation(
        "e-mail from a topic that a role may publish to",
        both(
            add(
                "Mail",
                "AWS::SNS::Subscription",
                TopicArn={"Ref": "AlarmsTopic3A2DFEBA"},
                Protocol="email",
                Endpoint="a@example.com",
            ),
            grant(Action="sns:Publish", Resource={"Ref": "AlarmsTopic3A2DFEBA"}),
        ),
        "foreign-subscription",
        "subscription Mail",
        ("topic watershed-alarms", "email", "a@example.com"),
    ),
    Mutation(
        "a subscription of another region's queue",
        add(
            "Far",
            "AWS::SNS::Subscription",
            TopicArn={"Ref": "AlarmsTopic3A2DFEBA"},
            Protocol="sqs",
            Endpoint=foreign("sqs", "q"),
        ),
        "foreign-subscription",
        "subscription Far",
        ("topic watershed-alarms", "sqs", "us-east-1"),
    ),
    Mutation(
        "an alarm to another region",
        put("CloudWatch::Alarm", "BronzeQueueWaiting", "AlarmActions.0", foreign("sns", "watershed-alarms")),
        "foreign-target",
        "alarm watershed-bronze-waiting",
        ("alarm watershed-bronze-waiting", "AlarmActions[0]", "us-east-1"),
    ),
    Mutation(
        "logs to another account",
        add(
            "Stream",
            "AWS::Logs::SubscriptionFilter",
            LogGroupName={"Ref": "BronzeFunctionLogs33DE1C0B"},
            FilterPattern="",
            DestinationArn=foreign("logs", "destination:d", region="eu-central-1", account=STRANGER),
        ),
        "foreign-target",
        "log subscription Stream",
        ("log subscription Stream", "DestinationArn", STRANGER),
    ),
    Mutation(
        "masked words reported to another bucket",
        put(
            "Logs::LogGroup",
            "BronzeFunctionLogs",
            "DataProtectionPolicy",
            {"Statement": [{"Operation": {"Audit": {"FindingsDestination": {"S3": {"Bucket": "elsewhere"}}}}}]},
        ),
        "foreign-target",
        "log group /aws/lambda/watershed-bronze",
        ("log group /aws/lambda/watershed-bronze", "FindingsDestination", "elsewhere"),
    ),
    Mutation(
        "a mapping that sends failures elsewhere",
        put(
            "Lambda::EventSourceMapping",
            "BronzeFunctionMessages",
            "DestinationConfig",
            {"OnFailure": {"Destination": foreign("sqs", "q")}},
        ),
        "foreign-target",
        "event source mapping BronzeFunctionMessages",
        ("BronzeFunctionMessages", "OnFailure", "us-east-1"),
    ),
    Mutation(
        "a state that calls the internet",
        put("StepFunctions::StateMachine", "Backfill", "DefinitionString", HTTP_TASK),
        "foreign-call",
        "state machine watershed-backfill",
        ("state machine watershed-backfill", "States.Call", "http:invoke"),
    ),
    Mutation(
        "a state that calls another region's function",
        put("StepFunctions::StateMachine", "Backfill", "DefinitionString", OTHER_LAMBDA),
        "foreign-call",
        "state machine watershed-backfill",
        ("state machine watershed-backfill", "States.Call", "us-east-1"),
    ),
    Mutation(
        "a state that takes another account's role",
        put("StepFunctions::StateMachine", "Backfill", "DefinitionString", OTHER_ROLE),
        "foreign-call",
        "state machine watershed-backfill",
        ("state machine watershed-backfill", "States.Call"),
    ),
    Mutation(
        "results in another bucket",
        put(
            "Athena::WorkGroup",
            "Athena",
            "WorkGroupConfiguration.ResultConfiguration.OutputLocation",
            "s3://elsewhere/",
        ),
        "foreign-target",
        "workgroup watershed",
        ("workgroup watershed", "OutputLocation", "s3://elsewhere/"),
    ),
    Mutation(
        "a workgroup that does not insist",
        put("Athena::WorkGroup", "Athena", "WorkGroupConfiguration.EnforceWorkGroupConfiguration", False),
        "unenforced-workgroup",
        "workgroup watershed",
        ("workgroup watershed", "client", "any bucket"),
    ),
    *(
        Mutation(
            f"a saved query that {name}",
            put("Athena::NamedQuery", "01_most_orders", path, value),
            "writing-query",
            "saved query 01_most_orders",
            ("saved query 01_most_orders", "any bucket"),
        )
        for name, path, value in (
            (
                "unloads",
                "QueryString",
                "UNLOAD (SELECT * FROM gold.sales) TO 's3://elsewhere/' WITH (format = 'PARQUET')",
            ),
            ("reads a bucket's table function", "QueryString", "SELECT * FROM TABLE(files('s3://elsewhere/'))"),
            ("makes a table", "QueryString", "CREATE TABLE gold.copy AS SELECT 1 AS a"),
            ("is run elsewhere", "WorkGroup", "primary"),
        )
    ),
    Mutation(
        "results to whoever owns the bucket",
        put("Athena::WorkGroup", "Athena", "WorkGroupConfiguration.ResultConfiguration.ExpectedBucketOwner", STRANGER),
        "results-elsewhere",
        "workgroup watershed",
        ("workgroup watershed", "another account"),
    ),
    Mutation(
        "a table over another bucket",
        put("Glue::Table", "TablesOpsLedger", "TableInput.StorageDescriptor.Location", "s3://elsewhere/ledger/"),
        "foreign-target",
        "table ops/ledger",
        ("table ops/ledger", "Location", "s3://elsewhere/"),
    ),
    Mutation(
        "a database of another account",
        put(
            "Glue::Database", "TablesGold", "DatabaseInput.TargetDatabase", {"CatalogId": STRANGER, "DatabaseName": "d"}
        ),
        "linked-catalog",
        "database gold",
        ("database gold", "TargetDatabase", STRANGER),
    ),
]
