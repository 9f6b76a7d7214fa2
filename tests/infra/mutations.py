"""Ways in which a good template could let data out: each is one change of it, and what must be said about it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.infra.resources import flat

Template = dict[str, Any]
ACCOUNT = {"Ref": "AWS::AccountId"}
VIRGINIA = "us-east-1"
STRANGER = "999999999999"


@dataclass(frozen=True)
class Mutation:
    """One change.

    Args:
        name: What it does.
        change: Does it, in place.
        rule: The rule that must refuse it.
        resource: The noun and name that the finding must begin with.
        path: The ends that the finding's path must have, one after the other.
    """

    name: str
    change: Callable[[Template], None]
    rule: str
    resource: str
    path: tuple[str, ...]


def named(template: Template, kind: str, name: str) -> tuple[str, dict[str, Any]]:
    """The logical id and properties of the one resource of a type whose name, of whichever property, has `name`."""
    found = [
        (logical, each["Properties"])
        for logical, each in template["Resources"].items()
        if each["Type"] == f"AWS::{kind}" and (name in logical or _called(each["Properties"], name))
    ]
    assert found, (kind, name)
    return found[0]


def _called(properties: dict[str, Any], name: str) -> bool:
    return any(name == flat(value) for key, value in properties.items() if key.endswith("Name"))


def put(kind: str, name: str, path: str, value: Any) -> Callable[[Template], None]:
    """Sets a property; a last step of `+` adds to the list there, `-` removes the property."""

    def change(template: Template) -> None:
        place: Any = named(template, kind, name)[1]
        *steps, last = path.split(".")
        for step in steps:
            place = place[int(step)] if isinstance(place, list) else place.setdefault(step, {})
        if last == "+":
            place.append(value)
        elif last.startswith("-"):
            del place[last[1:]]
        else:
            place[int(last) if isinstance(place, list) else last] = value

    return change


def add(logical: str, kind: str, **properties: Any) -> Callable[[Template], None]:
    """Adds a resource."""

    def change(template: Template) -> None:
        template["Resources"][logical] = {"Type": kind, "Properties": properties}

    return change


def both(*changes: Callable[[Template], None]) -> Callable[[Template], None]:
    def change(template: Template) -> None:
        for each in changes:
            each(template)

    return change


def section(name: str, value: Any) -> Callable[[Template], None]:
    def change(template: Template) -> None:
        template[name] = value

    return change


STATEMENT = "Policies.0.PolicyDocument.Statement"


def grant(**parts: Any) -> Callable[[Template], None]:
    """Gives bronze's role one more statement, good but for what is changed."""
    statement = {
        "Sid": "Added",
        "Effect": "Allow",
        "Action": "s3:GetObject",
        "Resource": {"Fn::Join": ["", ["arn:aws:s3:::watershed-raw-", ACCOUNT, "-eu-central-1/*"]]},
        "Condition": {"StringEquals": {"aws:ResourceAccount": ACCOUNT, "aws:RequestedRegion": "eu-central-1"}},
        **parts,
    }
    kept = {key: value for key, value in statement.items() if value is not None}
    return put("IAM::Role", "BronzeFunctionRole", f"{STATEMENT}.+", kept)


def let(kind: str, name: str, document: str = "PolicyDocument", **parts: Any) -> Callable[[Template], None]:
    """Adds a statement to a resource policy."""
    statement = {"Sid": "Added", "Effect": "Allow", "Resource": "*", **parts}
    return put(kind, name, f"{document}.Statement.+", statement)


def foreign(service: str, resource: str, *, region: str = VIRGINIA, account: Any = ACCOUNT) -> dict[str, Any]:
    return {"Fn::Join": [":", ["arn", {"Ref": "AWS::Partition"}, service, region, account, resource]]}


ROLE = "role watershed-bronze-eu-central-1"
RAW = "bucket watershed-raw-${AWS::AccountId}-eu-central-1"


def machine(resource: str, parameters: dict[str, Any], **more: Any) -> str:
    """A definition of one call."""
    call = {"Type": "Task", "Resource": resource, "Parameters": parameters, "End": True, **more}
    return json.dumps({"StartAt": "Call", "States": {"Call": call}})


INVOKE = "arn:aws:states:::lambda:invoke"
HTTP_TASK = machine("arn:aws:states:::http:invoke", {"ApiEndpoint": "https://example.com"})
OTHER_LAMBDA = machine(INVOKE, {"FunctionName": f"arn:aws:lambda:{VIRGINIA}:{STRANGER}:function:f"})
OTHER_ROLE = machine(INVOKE, {"FunctionName": "${bronze}"}, Credentials={"RoleArn": f"arn:aws:iam::{STRANGER}:role/r"})

ROLES = [
    Mutation(
        "a statement on every resource",
        grant(Resource="*"),
        "unconfined-resource",
        ROLE,
        (ROLE, "Added", "any resource"),
    ),
    Mutation(
        "a statement on every bucket",
        grant(Resource="arn:aws:s3:::*"),
        "unconfined-resource",
        ROLE,
        (ROLE, "Added", "arn:aws:s3:::*"),
    ),
    Mutation(
        "a statement on a bucket that begins like ours",
        grant(Resource={"Fn::Sub": "arn:aws:s3:::watershed-raw-${AWS::AccountId}-eu-central-1*"}),
        "unconfined-resource",
        ROLE,
        (ROLE, "Added", "eu-central-1*"),
    ),
    Mutation(
        "a statement on another region's bucket",
        grant(Resource={"Fn::Sub": "arn:aws:s3:::watershed-raw-${AWS::AccountId}-us-east-1/*"}),
        "unconfined-resource",
        ROLE,
        (ROLE, "Added", "us-east-1/*"),
    ),
    Mutation(
        "a statement on another region's queue",
        grant(Action="sqs:SendMessage", Resource=foreign("sqs", "watershed-silver.fifo")),
        "unconfined-resource",
        ROLE,
        (ROLE, "Added", "us-east-1"),
    ),
    Mutation(
        "a statement on another account's queue",
        grant(Action="sqs:SendMessage", Resource=foreign("sqs", "q", region="eu-central-1", account=STRANGER)),
        "unconfined-resource",
        ROLE,
        (ROLE, "Added", STRANGER),
    ),
    Mutation(
        "a statement on queues of any region",
        grant(Action="sqs:SendMessage", Resource=foreign("sqs", "watershed-silver.fifo", region="*")),
        "unconfined-resource",
        ROLE,
        (ROLE, "Added", "arn:aws:sqs:*"),
    ),
    Mutation(
        "a statement on a queue of another app",
        grant(Action="sqs:SendMessage", Resource=foreign("sqs", "elsewhere", region="eu-central-1")),
        "unconfined-resource",
        ROLE,
        (ROLE, "Added", "elsewhere"),
    ),
    Mutation("no condition", grant(Condition=None), "unconfined-statement", ROLE, (ROLE, "Added", "another region")),
    Mutation(
        "no condition on the region",
        grant(Condition={"StringEquals": {"aws:ResourceAccount": ACCOUNT}}),
        "unconfined-statement",
        ROLE,
        (ROLE, "Added", "another region"),
    ),
    Mutation(
        "no condition on the account",
        grant(Condition={"StringEquals": {"aws:RequestedRegion": "eu-central-1"}}),
        "unconfined-statement",
        ROLE,
        (ROLE, "Added", "another account"),
    ),
    Mutation(
        "a condition that also takes another region",
        grant(
            Condition={
                "StringEquals": {"aws:ResourceAccount": ACCOUNT, "aws:RequestedRegion": ["eu-central-1", VIRGINIA]}
            }
        ),
        "unconfined-statement",
        ROLE,
        (ROLE, "Added", "another region"),
    ),
    Mutation(
        "a condition that passes when there is nothing to compare",
        grant(
            Condition={"StringEqualsIfExists": {"aws:ResourceAccount": ACCOUNT, "aws:RequestedRegion": "eu-central-1"}}
        ),
        "unconfined-statement",
        ROLE,
        (ROLE, "Added", "another region"),
    ),
    Mutation("everything allowed", grant(Action="*"), "unknown-action", ROLE, (ROLE, "Added", "*")),
    Mutation("every action of a service", grant(Action="s3:*"), "unknown-action", ROLE, (ROLE, "Added", "s3:*")),
    Mutation(
        "setting up replication",
        grant(Action="s3:PutReplicationConfiguration"),
        "unknown-action",
        ROLE,
        (ROLE, "Added", "s3:PutReplicationConfiguration"),
    ),
    Mutation(
        "taking another role", grant(Action="sts:AssumeRole"), "unknown-action", ROLE, (ROLE, "Added", "sts:AssumeRole")
    ),
    Mutation(
        "everything but",
        grant(Action=None, NotAction="s3:DeleteObject"),
        "allow-by-exception",
        ROLE,
        (ROLE, "Added", "NotAction"),
    ),
    Mutation(
        "everywhere but",
        grant(Resource=None, NotResource="arn:aws:s3:::x/*"),
        "allow-by-exception",
        ROLE,
        (ROLE, "Added", "NotResource"),
    ),
    Mutation(
        "AWS's own managed policy",
        put("IAM::Role", "BronzeFunctionRole", "ManagedPolicyArns", ["arn:aws:iam::aws:policy/AdministratorAccess"]),
        "foreign-managed-policy",
        ROLE,
        (ROLE, "AdministratorAccess", "what that policy allows"),
    ),
    Mutation(
        "a policy of its own that is attached",
        add(
            "Extra",
            "AWS::IAM::ManagedPolicy",
            ManagedPolicyName="extra-eu-central-1",
            Roles=[{"Fn::Join": ["", ["watershed-bronze-eu-central-1"]]}],
            PolicyDocument={
                "Statement": [{"Sid": "Any", "Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]
            },
        ),
        "unconfined-resource",
        "managed policy extra-eu-central-1",
        (ROLE, "Any", "any resource"),
    ),
    Mutation(
        "a role that another account may take",
        let(
            "IAM::Role",
            "BronzeFunctionRole",
            "AssumeRolePolicyDocument",
            Principal={"AWS": STRANGER},
            Action="sts:AssumeRole",
        ),
        "foreign-trust",
        ROLE,
        (STRANGER, "Added", ROLE),
    ),
    Mutation(
        "a role that virtual machines may take",
        let(
            "IAM::Role",
            "BronzeFunctionRole",
            "AssumeRolePolicyDocument",
            Principal={"Service": "ec2.amazonaws.com"},
            Action="sts:AssumeRole",
        ),
        "foreign-trust",
        ROLE,
        ("ec2.amazonaws.com", "Added", ROLE),
    ),
]

POLICIES = [
    Mutation(
        "a bucket that anybody may read",
        let("S3::BucketPolicy", "StorageRaw", Principal="*", Action="s3:GetObject"),
        "foreign-principal",
        "bucket policy",
        ("AWS *", "Added", RAW),
    ),
    Mutation(
        "a bucket that another account may read",
        let(
            "S3::BucketPolicy", "StorageRaw", Principal={"AWS": f"arn:aws:iam::{STRANGER}:root"}, Action="s3:GetObject"
        ),
        "foreign-principal",
        "bucket policy",
        (STRANGER, "Added", RAW),
    ),
    Mutation(
        "a bucket that everybody but one may read",
        let("S3::BucketPolicy", "StorageRaw", NotPrincipal={"AWS": STRANGER}, Action="s3:GetObject"),
        "foreign-principal",
        "bucket policy",
        ("anybody", "Added", RAW),
    ),
    Mutation(
        "a key that another account may use",
        let("KMS::Key", "Key", "KeyPolicy", Principal={"AWS": f"arn:aws:iam::{STRANGER}:root"}, Action="kms:Decrypt"),
        "foreign-principal",
        "key Key",
        (STRANGER, "Added", "key Key"),
    ),
    Mutation(
        "a queue that a service of any account may fill",
        let(
            "SQS::QueuePolicy",
            "BronzeQueuePolicy",
            Principal={"Service": "sns.amazonaws.com"},
            Action="sqs:SendMessage",
        ),
        "unconfined-service",
        "queue policy",
        ("sns.amazonaws.com", "Added", "queue watershed-bronze"),
    ),
    Mutation(
        "a key that a service may use for any account",
        let("KMS::Key", "Key", "KeyPolicy", Principal={"Service": "s3.amazonaws.com"}, Action="kms:Decrypt"),
        "unconfined-service",
        "key Key",
        ("s3.amazonaws.com", "Added", "key Key"),
    ),
    Mutation(
        "a topic that a service of another region may fill",
        let(
            "SNS::TopicPolicy",
            "AlarmsTopicPolicy",
            Principal={"Service": "events.amazonaws.com"},
            Action="sns:Publish",
            Condition={"ArnLike": {"aws:SourceArn": foreign("events", "rule/*")}},
        ),
        "unconfined-service",
        "topic policy",
        ("events.amazonaws.com", "Added", "topic watershed-alarms"),
    ),
    Mutation(
        "a function that anybody may call",
        add(
            "Open",
            "AWS::Lambda::Permission",
            FunctionName="watershed-bronze",
            Action="lambda:InvokeFunction",
            Principal="*",
        ),
        "foreign-principal",
        "function permission Open",
        ("AWS *", "Properties", "function watershed-bronze"),
    ),
    Mutation(
        "a function that a service of any account may call",
        add(
            "Open",
            "AWS::Lambda::Permission",
            FunctionName="watershed-bronze",
            Action="lambda:InvokeFunction",
            Principal="s3.amazonaws.com",
        ),
        "unconfined-service",
        "function permission Open",
        ("s3.amazonaws.com", "Properties", "function watershed-bronze"),
    ),
    Mutation(
        "a bucket without TLS",
        put("S3::BucketPolicy", "StorageRaw", "PolicyDocument.Statement", []),
        "no-tls",
        RAW,
        ("any client", "plain HTTP", RAW),
    ),
    Mutation(
        "a bucket whose objects may be read without TLS",
        put(
            "S3::BucketPolicy",
            "StorageRaw",
            "PolicyDocument.Statement.0.Resource",
            {"Fn::Sub": "${StorageRaw7E344C76.Arn}"},
        ),
        "no-tls",
        RAW,
        ("any client", "plain HTTP", RAW),
    ),
    Mutation(
        "a queue without TLS",
        put("SQS::QueuePolicy", "GoldQueuePolicy", "PolicyDocument.Statement.0.Effect", "Allow"),
        "no-tls",
        "queue watershed-gold",
        ("any client", "plain HTTP", "queue watershed-gold"),
    ),
]

STORES = [
    Mutation(
        "a bucket with S3's own key",
        put(
            "S3::Bucket",
            "StorageRaw",
            "BucketEncryption.ServerSideEncryptionConfiguration.0.ServerSideEncryptionByDefault",
            {"SSEAlgorithm": "AES256"},
        ),
        "unencrypted",
        RAW,
        (RAW, "AWS's own key"),
    ),
    Mutation(
        "a bucket with another region's key",
        put(
            "S3::Bucket",
            "StorageRaw",
            "BucketEncryption.ServerSideEncryptionConfiguration.0.ServerSideEncryptionByDefault.KMSMasterKeyID",
            foreign("kms", "key/1234"),
        ),
        "wrong-key",
        RAW,
        (RAW, "KMSMasterKeyID", "arn:aws:kms:us-east-1"),
    ),
    Mutation(
        "a bucket with AWS's managed key",
        put(
            "S3::Bucket",
            "StorageRaw",
            "BucketEncryption.ServerSideEncryptionConfiguration.0.ServerSideEncryptionByDefault.KMSMasterKeyID",
            "alias/aws/s3",
        ),
        "wrong-key",
        RAW,
        (RAW, "KMSMasterKeyID", "alias/aws/s3"),
    ),
    Mutation(
        "a queue in the clear",
        put("SQS::Queue", "watershed-gold", "-KmsMasterKeyId", None),
        "unencrypted",
        "queue watershed-gold",
        ("queue watershed-gold",),
    ),
    Mutation(
        "a topic in the clear",
        put("SNS::Topic", "Alarms", "-KmsMasterKeyId", None),
        "unencrypted",
        "topic watershed-alarms",
        ("topic watershed-alarms",),
    ),
    Mutation(
        "a log group in the clear",
        put("Logs::LogGroup", "Silver", "-KmsKeyId", None),
        "unencrypted",
        "log group /aws/lambda/watershed-silver",
        ("log group /aws/lambda/watershed-silver",),
    ),
    Mutation(
        "query results in the clear",
        put("Athena::WorkGroup", "Athena", "WorkGroupConfiguration.ResultConfiguration.-EncryptionConfiguration", None),
        "unencrypted",
        "workgroup watershed",
        ("workgroup watershed",),
    ),
    Mutation(
        "a key with replicas",
        put("KMS::Key", "Key", "MultiRegion", True),
        "multi-region-key",
        "key Key",
        ("key Key", "a replica", "any other region"),
    ),
    Mutation(
        "a bucket that may be public",
        put("S3::Bucket", "StorageGold", "PublicAccessBlockConfiguration.BlockPublicPolicy", False),
        "public-bucket",
        "bucket watershed-gold",
        ("public internet", "bucket watershed-gold"),
    ),
    Mutation(
        "a bucket with ACLs",
        put("S3::Bucket", "StorageGold", "-OwnershipControls", None),
        "bucket-acls",
        "bucket watershed-gold",
        ("ACL", "bucket watershed-gold"),
    ),
    Mutation(
        "a bucket that replicates",
        put(
            "S3::Bucket",
            "StorageGold",
            "ReplicationConfiguration",
            {"Role": "r", "Rules": [{"Status": "Enabled", "Destination": {"Bucket": "arn:aws:s3:::elsewhere"}}]},
        ),
        "bucket-copies",
        "bucket watershed-gold",
        ("bucket watershed-gold", "ReplicationConfiguration", "arn:aws:s3:::elsewhere"),
    ),
    Mutation(
        "a bucket at the edge",
        put("S3::Bucket", "StorageGold", "AccelerateConfiguration", {"AccelerationStatus": "Enabled"}),
        "bucket-copies",
        "bucket watershed-gold",
        ("bucket watershed-gold", "AccelerateConfiguration"),
    ),
    Mutation(
        "an inventory elsewhere",
        put("S3::Bucket", "StorageGold", "InventoryConfigurations", [{"Destination": {"BucketArn": "arn:aws:s3:::x"}}]),
        "bucket-copies",
        "bucket watershed-gold",
        ("bucket watershed-gold", "InventoryConfigurations"),
    ),
    Mutation(
        "access logs elsewhere",
        put("S3::Bucket", "StorageGold", "LoggingConfiguration", {"DestinationBucketName": "elsewhere"}),
        "foreign-target",
        "bucket watershed-gold",
        ("bucket watershed-gold", "DestinationBucketName", "elsewhere"),
    ),
]

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

FUNCTIONS = [
    Mutation(
        "a layer of another account",
        put(
            "Lambda::Function",
            "BronzeFunction",
            "Layers.+",
            foreign("lambda", "layer:l:1", region="eu-central-1", account=STRANGER),
        ),
        "foreign-target",
        "function watershed-bronze",
        ("function watershed-bronze", "Layers", STRANGER),
    ),
    Mutation(
        "code from another bucket",
        put("Lambda::Function", "BronzeFunction", "Code.S3Bucket", "elsewhere"),
        "foreign-code",
        "function watershed-bronze",
        ("elsewhere", "Code", "function watershed-bronze"),
    ),
    Mutation(
        "a role that is not ours",
        put("Lambda::Function", "BronzeFunction", "Role", foreign("iam", "role/admin", region="")),
        "foreign-target",
        "function watershed-bronze",
        ("function watershed-bronze", "Role", "role/admin"),
    ),
    Mutation(
        "a web address for a function",
        add("Url", "AWS::Lambda::Url", TargetFunctionArn="watershed-bronze", AuthType="NONE"),
        "never",
        "AWS::Lambda::Url Url",
        ("Url", "outside the region"),
    ),
    Mutation(
        "a function with open egress",
        both(
            add(
                "Open",
                "AWS::EC2::SecurityGroup",
                GroupDescription="open",
                SecurityGroupEgress=[{"CidrIp": "0.0.0.0/0", "IpProtocol": "-1"}],
            ),
            put("Lambda::Function", "BronzeFunction", "VpcConfig", {"SecurityGroupIds": [{"Ref": "Open"}]}),
        ),
        "open-egress",
        "security group Open",
        ("function watershed-bronze", "security group Open", "0.0.0.0/0"),
    ),
    Mutation(
        "a function in a network that nobody knows",
        put("Lambda::Function", "BronzeFunction", "VpcConfig", {"SubnetIds": ["subnet-1"]}),
        "unknown-network",
        "function watershed-bronze",
        ("function watershed-bronze", "any address"),
    ),
    Mutation(
        "a URL in the environment",
        put(
            "Lambda::Function", "BronzeFunction", "Environment.Variables.COLLECTOR", "https://collector.example.com/v1"
        ),
        "foreign-host",
        "function watershed-bronze",
        ("function watershed-bronze", "COLLECTOR", "collector.example.com"),
    ),
    Mutation(
        "a host in the environment",
        put("Lambda::Function", "BronzeFunction", "Environment.Variables.COLLECTOR", "collector.example.com:443"),
        "foreign-host",
        "function watershed-bronze",
        ("function watershed-bronze", "COLLECTOR", "collector.example.com"),
    ),
    Mutation(
        "another region in the environment",
        put("Lambda::Function", "BronzeFunction", "Environment.Variables.REGION", VIRGINIA),
        "foreign-region",
        "function watershed-bronze",
        ("function watershed-bronze", "REGION", VIRGINIA),
    ),
    Mutation(
        "another account in the environment",
        put("Lambda::Function", "BronzeFunction", "Environment.Variables.PEER", STRANGER),
        "foreign-account",
        "function watershed-bronze",
        ("function watershed-bronze", "PEER", STRANGER),
    ),
    Mutation(
        "another region's ARN in the environment",
        put("Lambda::Function", "BronzeFunction", "Environment.Variables.PEER", foreign("sns", "t")),
        "foreign-arn",
        "function watershed-bronze",
        ("function watershed-bronze", "PEER", "us-east-1"),
    ),
]

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
        "never",
        "AWS::DynamoDB::GlobalTable Items",
        ("Items", "outside the region"),
    ),
    Mutation(
        "a key's replica",
        add("Twin", "AWS::KMS::ReplicaKey"),
        "never",
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

MUTATIONS = [*ROLES, *POLICIES, *STORES, *TARGETS, *FUNCTIONS, *STANDING_ALONE]

TOPIC = {"Ref": "AlarmsTopic3A2DFEBA"}
ANYTHING = {"Effect": "Allow", "Action": "*", "Resource": "*"}

# Changes that let nothing out, and must not be refused.
HARMLESS = {
    "e-mail of alarms": add(
        "Mail", "AWS::SNS::Subscription", TopicArn=TOPIC, Protocol="email", Endpoint="oncall@example.com"
    ),
    "a denial that names other regions": let(
        "S3::BucketPolicy",
        "StorageRaw",
        Effect="Deny",
        Principal="*",
        Action="s3:*",
        Condition={"StringEquals": {"aws:RequestedRegion": [VIRGINIA]}},
    ),
    "a denial by exception": grant(Effect="Deny", Action=None, NotAction="s3:GetObject", Resource="*", Condition=None),
    "a permissions boundary": both(
        add("Boundary", "AWS::IAM::ManagedPolicy", ManagedPolicyName="b", PolicyDocument={"Statement": [ANYTHING]}),
        put("IAM::Role", "BronzeFunctionRole", "PermissionsBoundary", {"Ref": "Boundary"}),
    ),
    "an attached policy that is confined": add(
        "Extra",
        "AWS::IAM::Policy",
        PolicyName="extra",
        Roles=[{"Ref": "BronzeFunctionRoleEA545423"}],
        PolicyDocument={
            "Statement": [
                {
                    "Effect": "Allow",
                    "Action": ["s3:GetObject"],
                    "Resource": {"Fn::Sub": "${StorageRaw7E344C76.Arn}/*"},
                    "Condition": {
                        "StringEquals": {"AWS:ResourceAccount": ACCOUNT, "aws:requestedregion": {"Ref": "AWS::Region"}}
                    },
                }
            ]
        },
    ),
    "a lock on objects": put("S3::Bucket", "StorageRaw", "ObjectLockEnabled", True),
    "words masked in logs, and reported to a log of ours": put(
        "Logs::LogGroup",
        "BronzeFunctionLogs",
        "DataProtectionPolicy",
        {
            "Statement": [
                {
                    "Operation": {
                        "Audit": {"FindingsDestination": {"CloudWatchLogs": {"LogGroup": "/aws/lambda/watershed-gold"}}}
                    }
                }
            ]
        },
    ),
    "another statement for a service of the account": let(
        "SQS::QueuePolicy",
        "BronzeQueuePolicy",
        Principal={"Service": "events.amazonaws.com"},
        Action="sqs:SendMessage",
        Condition={"ArnLike": {"aws:SourceArn": foreign("events", "rule/*", region="eu-central-1")}},
    ),
    "a network that lets out to one place only": both(
        add(
            "Closed",
            "AWS::EC2::SecurityGroup",
            GroupDescription="closed",
            SecurityGroupEgress=[{"DestinationPrefixListId": "pl-1", "IpProtocol": "tcp"}],
        ),
        put("Lambda::Function", "BronzeFunction", "VpcConfig", {"SecurityGroupIds": [{"Ref": "Closed"}]}),
    ),
    "words for people that name a page": put(
        "CloudWatch::Alarm", "BronzeQueueWaiting", "AlarmDescription", "See https://example.com/runbook"
    ),
}
