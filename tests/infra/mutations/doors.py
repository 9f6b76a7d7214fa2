"""Doors within what looks good: text that is read as JSON, parts of properties, services that serve what they read."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.infra.mutations.change import (
    ACCOUNT,
    RAW,
    ROLE,
    STATEMENT,
    VIRGINIA,
    Mutation,
    add,
    both,
    grant,
    let,
    put,
)
from tests.infra.mutations.targets import INVOKE

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.infra.mutations.change import Template

ANYTHING = {"Effect": "Allow", "Action": "*", "Resource": "*"}
BRONZE_ROLE = {"Fn::GetAtt": ["BronzeFunctionRoleEA545423", "Arn"]}
OWN = {"StringEquals": {"aws:SourceAccount": ACCOUNT}}
FUNCTION = "function watershed-bronze"
MACHINE = "state machine watershed-backfill"
WORKGROUP = "WorkGroupConfiguration"


def of_account(text: str) -> dict[str, str]:
    return {"Fn::Sub": text.replace("ACCOUNT", "${AWS::AccountId}")}


def text(*statements: dict[str, Any]) -> str:
    return json.dumps({"Statement": list(statements)})


def variable(name: str, value: Any) -> Callable[[Template], None]:
    return put("Lambda::Function", "BronzeFunction", f"Environment.Variables.{name}", value)


def defined(definition: dict[str, Any] | str) -> Callable[[Template], None]:
    made = definition if isinstance(definition, str) else json.dumps(definition)
    return put("StepFunctions::StateMachine", "Backfill", "DefinitionString", made)


def state(name: str, **parts: Any) -> Callable[[Template], None]:
    return defined({"StartAt": name, "States": {name: {"Type": "Task", "End": True, **parts}}})


def unknown(name: str, change: Callable[[Template], None], resource: str, rule: str = "unknown-property") -> Mutation:
    return Mutation(name, change, rule, resource, ())


def metric(part: str, value: Any) -> Callable[[Template], None]:
    return put("Logs::MetricFilter", "BronzeFunctionCountsLedgerImbalance", f"MetricTransformations.0.{part}", value)


METRIC = "metric filter watershed-bronze-ledger-imbalance"
LOGS_CONTEXT = {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": of_account("arn:aws:logs:eu-central-1:ACCOUNT:*")}}
EVERY_ROLE = {"ArnLike": {"aws:PrincipalArn": of_account("arn:aws:iam::ACCOUNT:role/watershed-*")}}
TWICE = (
    '{"States": {"A": {"Type": "Task", "Resource": "arn:aws:states:::http:invoke",'
    f' "Resource": "{INVOKE}", "Parameters": {{"FunctionName": "${{bronze}}"}}}}}}}}'
)

TEXTS = [
    unknown(
        "a role's policy as text",
        put("IAM::Role", "BronzeFunctionRole", "Policies.+", {"PolicyName": "x", "PolicyDocument": text(ANYTHING)}),
        ROLE,
    ),
    unknown(
        "whom a role trusts as text",
        put(
            "IAM::Role",
            "BronzeFunctionRole",
            "AssumeRolePolicyDocument",
            text({"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}),
        ),
        ROLE,
    ),
    unknown("a key's policy as text", put("KMS::Key", "Key", "KeyPolicy", text({**ANYTHING, "Principal": "*"})), "key"),
    unknown(
        "a bucket's second policy as text",
        add(
            "More",
            "AWS::S3::BucketPolicy",
            Bucket={"Ref": "StorageRaw7E344C76"},
            PolicyDocument=text({**ANYTHING, "Principal": "*"}),
        ),
        "bucket policy More",
    ),
    unknown(
        "where masked words are reported, as text",
        put(
            "Logs::LogGroup",
            "BronzeFunctionLogs",
            "DataProtectionPolicy",
            text({"Operation": {"Audit": {"FindingsDestination": {"S3": {"Bucket": "elsewhere"}}}}}),
        ),
        "log group /aws/lambda/watershed-bronze",
    ),
    unknown(
        "a policy that is misspelt",
        put(
            "IAM::Role",
            "BronzeFunctionRole",
            "Policies.+",
            {"PolicyName": "x", "PolicyDocument": {"statement": [ANYTHING]}},
        ),
        ROLE,
    ),
    unknown(
        "a statement that is misspelt",
        grant(Action=None, Resource=None, action="*", resource="*"),
        ROLE,
        "unknown-element",
    ),
    unknown(
        "a condition as text",
        grant(Condition=json.dumps({"StringEquals": {"aws:RequestedRegion": "eu-central-1"}})),
        ROLE,
        "unconfined-statement",
    ),
    unknown("a condition without a key", grant(Condition={"StringEquals": "x"}), ROLE, "unconfined-statement"),
    unknown(
        "a bucket's blocks as text",
        put("S3::Bucket", "StorageRaw", "PublicAccessBlockConfiguration", "all"),
        RAW,
        "public-bucket",
    ),
    unknown("a definition that is a list", defined("[]"), MACHINE, "foreign-call"),
    unknown(
        "substitutions as text",
        put("StepFunctions::StateMachine", "Backfill", "DefinitionSubstitutions", "x"),
        MACHINE,
        "foreign-call",
    ),
    unknown("an effect that is misspelt", grant(Effect="allow"), ROLE, "unknown-element"),
    unknown(
        "a statement as text",
        put("IAM::Role", "BronzeFunctionRole", f"{STATEMENT}.+", json.dumps(ANYTHING)),
        ROLE,
        "unknown-element",
    ),
    unknown(
        "a reference that CloudFormation follows within a text",
        variable("PEER", {"Fn::Sub": "{{resolve:ssm:/peer}}"}),
        FUNCTION,
        "unknown-value",
    ),
    unknown(
        "a reference that is put together",
        variable("PEER", {"Fn::Join": ["", ["{{reso", "lve:ssm:/peer}}"]]}),
        FUNCTION,
        "unknown-value",
    ),
    unknown(
        "a macro beside other keys",
        put("S3::Bucket", "StorageRaw", "LifecycleConfiguration.Fn::Transform", {"Name": "Macro"}),
        RAW,
        "unknown-value",
    ),
    unknown(
        "a macro in place of properties",
        lambda template: template["Resources"]["BronzeQueueC0FFA9F3"].update(
            Properties={"Fn::Transform": {"Name": "Macro"}}
        ),
        "queue",
        "unknown-value",
    ),
    unknown(
        "a macro beside properties",
        lambda template: template["Resources"]["BronzeQueueC0FFA9F3"].update({"Fn::Transform": {"Name": "Macro"}}),
        "queue watershed-bronze",
    ),
    unknown(
        "resources that a loop makes",
        lambda template: template["Resources"].update({"Fn::ForEach::Queues": ["Name", ["a"], {}]}),
        "",
        "unknown-type",
    ),
]

PRINCIPALS = [
    Mutation(
        f"a bucket that {who} may read",
        let("S3::BucketPolicy", "StorageRaw", Principal=principal, Action="s3:GetObject", Condition=condition),
        "foreign-principal",
        "bucket policy",
        ("Added", RAW),
    )
    for who, principal, condition in [
        # Whoever is in the account: the roles of other regions too.
        ("everybody in the account", {"AWS": "*"}, {"StringEquals": {"aws:PrincipalAccount": ACCOUNT}}),
        ("every role of the account", "*", EVERY_ROLE),
        ("CloudFront", {"Service": "cloudfront.amazonaws.com"}, OWN),
        ("AppFlow", {"Service": "appflow.amazonaws.com"}, OWN),
        ("every service", {"Service": "*"}, OWN),
    ]
]
PRINCIPALS += [
    Mutation(
        "a key for whoever says that it is for our logs",
        let("KMS::Key", "Key", "KeyPolicy", Principal="*", Action="kms:Decrypt", Condition=LOGS_CONTEXT),
        "foreign-principal",
        "key Key",
        ("AWS *", "Added", "key Key"),
    ),
    Mutation(
        "a key for a service that says that it is for our logs",
        let(
            "KMS::Key",
            "Key",
            "KeyPolicy",
            Principal={"Service": "s3.amazonaws.com"},
            Action="kms:Decrypt",
            Condition=LOGS_CONTEXT,
        ),
        "unconfined-service",
        "key Key",
        ("s3.amazonaws.com", "Added", "key Key"),
    ),
    Mutation(
        "a key for everybody in the account, to share",
        let(
            "KMS::Key",
            "Key",
            "KeyPolicy",
            Principal="*",
            Action="kms:CreateGrant",
            Condition={"StringEquals": {"kms:CallerAccount": ACCOUNT}},
        ),
        "foreign-principal",
        "key Key",
        ("AWS *", "Added", "key Key"),
    ),
    Mutation(
        "a queue for whose ARN has ours somewhere in it",
        let(
            "SQS::QueuePolicy",
            "BronzeQueuePolicy",
            Principal={"Service": "sns.amazonaws.com"},
            Action="sqs:SendMessage",
            Condition={"StringLike": {"aws:SourceArn": of_account("arn:*:*:eu-central-1:ACCOUNT:*")}},
        ),
        "unconfined-service",
        "queue policy",
        ("sns.amazonaws.com", "Added", "queue watershed-bronze"),
    ),
    Mutation(
        "a function that an API of the public internet calls",
        add(
            "Api",
            "AWS::Lambda::Permission",
            FunctionName="watershed-bronze",
            Action="lambda:InvokeFunction",
            Principal="apigateway.amazonaws.com",
            SourceAccount=ACCOUNT,
        ),
        "foreign-principal",
        "function permission Api",
        ("apigateway.amazonaws.com", "function watershed-bronze"),
    ),
    Mutation(
        "a bucket's policy by which a role may replicate it",
        let("S3::BucketPolicy", "StorageRaw", Principal={"AWS": BRONZE_ROLE}, Action="s3:PutReplicationConfiguration"),
        "unknown-action",
        "bucket policy",
        (RAW, "Added", "s3:PutReplicationConfiguration"),
    ),
    Mutation(
        "a key's policy by which a role may share it",
        let("KMS::Key", "Key", "KeyPolicy", Principal={"AWS": BRONZE_ROLE}, Action="kms:CreateGrant"),
        "unknown-action",
        "key Key",
        ("key Key", "Added", "kms:CreateGrant"),
    ),
    Mutation(
        "a statement on every service of the region",
        grant(Resource=of_account("arn:aws:*:eu-central-1:ACCOUNT:*")),
        "unconfined-resource",
        ROLE,
        (ROLE, "Added", "arn:aws:*"),
    ),
]

CALLS = [
    *(
        Mutation(
            f"a call of the internet by a state that is called {name}",
            state(name, Resource="arn:aws:states:::http:invoke"),
            "foreign-call",
            MACHINE,
            (MACHINE, f"States.{name}", "http:invoke"),
        )
        for name in ("Result", "Parameters", "Arguments")
    ),
    Mutation(
        "a call that is put into a text",
        both(
            defined('{"StartAt": "A", "States": {"A": {"Comment": "${words}"}}}'),
            put(
                "StepFunctions::StateMachine",
                "Backfill",
                "DefinitionSubstitutions.words",
                '", "Resource": "arn:aws:states:::http:invoke", "Type": "Task',
            ),
        ),
        "foreign-call",
        MACHINE,
        (MACHINE, "States.A", "http:invoke"),
    ),
    Mutation(
        "a call whose target the run decides",
        state("Call", Resource=INVOKE, Parameters={"FunctionName": "${bronze}", "FunctionName.$": "$.f"}),
        "foreign-call",
        MACHINE,
        (MACHINE, "States.Call"),
    ),
    Mutation(
        "a call that is said in two languages",
        state(
            "Call", Resource=INVOKE, Parameters={"FunctionName": "${bronze}"}, Arguments={"FunctionName": "{% $f %}"}
        ),
        "foreign-call",
        MACHINE,
        (MACHINE, "States.Call"),
    ),
    Mutation(
        "a call whose arguments the run decides",
        state("Call", Resource=INVOKE, QueryLanguage="JSONata", Arguments="{% $states.input %}"),
        "foreign-call",
        MACHINE,
        (MACHINE, "States.Call"),
    ),
    Mutation(
        "a call of what is no text",
        state("Call", Resource={"Ref": "elsewhere"}),
        "foreign-call",
        MACHINE,
        (MACHINE, "States.Call"),
    ),
    Mutation("a definition that says a thing twice", defined(TWICE), "foreign-call", MACHINE, ()),
]

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

ADDRESSES = [
    *(
        Mutation(
            f"a URL in a variable that is called {name}",
            variable(name, "https://collector.example.com/v1"),
            "foreign-host",
            FUNCTION,
            (FUNCTION, name, "collector.example.com"),
        )
        for name in ("Description", "Comment", "PolicyDocument")
    ),
    *(
        Mutation(
            f"a host written {host}", variable("COLLECTOR", host), "foreign-host", FUNCTION, (FUNCTION, "COLLECTOR")
        )
        for host in (
            "//collector.example.com",
            "smtp:collector.example.com.",
            "user@collector.example.com",
            "a.example.com, b.example.com",
            "host=collector.example.com",
            '{"host": "collector.example.com"}',
            "collector.xn--p1ai",
            "203.0.113.9/v1",
            "[2001:db8::1]:443",
            "2001:db8::1",
        )
    ),
    *(
        Mutation(
            f"a region written {region}",
            variable("PLACE", region),
            "foreign-region",
            FUNCTION,
            (FUNCTION, "PLACE", region.replace("_", "-")),
        )
        for region in (VIRGINIA.upper(), "us_east_1")
    ),
]

DOORS = [*TEXTS, *PRINCIPALS, *CALLS, *PARTS, *ADDRESSES]
