"""Calls that roles may not make. `{a}`, `{r}` are the account and region; `{x}`, `{o}` another account and region."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Hostile:
    """A call that must be denied.

    Args:
        what: What it would do.
        action: IAM's action.
        resource: The ARN. Its account and region are those of the request, unless `keys` say otherwise.
        keys: Condition keys that differ from those of a regular call.
    """

    what: str
    action: str
    resource: str
    keys: Mapping[str, str] = field(default_factory=dict)


_ELSEWHERE = {"aws:RequestedRegion": "{o}"}
_OTHERS = {"aws:ResourceAccount": "{x}"}
_OURS = "arn:aws:s3:::watershed-{layer}-{{a}}-{{r}}"
_RAW, _SILVER, _GOLD = (_OURS.format(layer=layer) for layer in ("raw", "silver", "gold"))
_THERE = "arn:aws:s3:::watershed-raw-{a}-{o}"
_KEY, _ROLE = "arn:aws:kms:{r}:{a}:key/", "arn:aws:iam::{a}:role/watershed-"
_FUNCTION, _ATHENA = "arn:aws:lambda:{r}:{a}:function:", "arn:aws:athena:{r}:{a}:"
_LOGS = "arn:aws:logs:{r}:{a}:log-group:/aws/lambda/watershed-gold:*"
_MACHINE = "arn:aws:states:{r}:{a}:stateMachine:watershed-backfill"

_SECRET = "arn:aws:secretsmanager:{r}:{a}:secret:watershed/"

# No role may, whatever it is for; and none could if somebody wrote `Allow *` into it, because of its boundary.
NOBODY = (
    Hostile("read another region's bucket", "s3:GetObject", f"{_THERE}/customers/a.csv", _ELSEWHERE),
    Hostile("list another region's bucket", "s3:ListBucket", _THERE, _ELSEWHERE),
    Hostile("write to another region's bucket", "s3:PutObject", f"{_THERE}/customers/a.csv", _ELSEWHERE),
    Hostile("read another account's bucket", "s3:GetObject", "arn:aws:s3:::theirs/a", _OTHERS),
    Hostile("copy rows to another account's bucket", "s3:PutObject", "arn:aws:s3:::theirs/a", _OTHERS),
    Hostile("copy rows to a bucket of one's own", "s3:PutObject", "arn:aws:s3:::mine-and-new/a"),
    Hostile("write results elsewhere", "s3:PutObject", "arn:aws:s3:::aws-athena-query-results-{a}-{r}/a.csv"),
    Hostile("make a bucket", "s3:CreateBucket", "arn:aws:s3:::mine-and-new"),
    Hostile("make a bucket elsewhere", "s3:CreateBucket", "arn:aws:s3:::mine-and-new", _ELSEWHERE),
    Hostile("add replication", "s3:PutReplicationConfiguration", _RAW),
    Hostile("replicate an object", "s3:ReplicateObject", f"{_RAW}/customers/a.csv"),
    Hostile("disable encryption", "s3:PutEncryptionConfiguration", _GOLD),
    Hostile("open a bucket by its policy", "s3:PutBucketPolicy", _SILVER),
    Hostile("drop a bucket's policy", "s3:DeleteBucketPolicy", _SILVER),
    Hostile("open a bucket by its ACL", "s3:PutBucketAcl", _GOLD),
    Hostile("open an object by its ACL", "s3:PutObjectAcl", f"{_GOLD}/a"),
    Hostile("unblock public access", "s3:PutBucketPublicAccessBlock", _GOLD),
    Hostile("serve a bucket as a website", "s3:PutBucketWebsite", _GOLD),
    Hostile("have a bucket's objects listed elsewhere", "s3:PutInventoryConfiguration", _RAW),
    Hostile("send a bucket's events elsewhere", "s3:PutBucketNotification", _RAW),
    Hostile("forget old versions", "s3:PutBucketVersioning", _RAW),
    Hostile("let objects expire", "s3:PutLifecycleConfiguration", _RAW),
    Hostile("make an access point", "s3:CreateAccessPoint", "arn:aws:s3:{r}:{a}:accesspoint/p"),
    Hostile("assume another role of the lake in another region", "sts:AssumeRole", f"{_ROLE}gold-{{o}}"),
    Hostile("assume another role of the account", "sts:AssumeRole", "arn:aws:iam::{a}:role/administrator"),
    Hostile("assume another account's role", "sts:AssumeRole", "arn:aws:iam::{x}:role/any"),
    Hostile("give itself permissions", "iam:PutRolePolicy", f"{_ROLE}bronze-{{r}}"),
    Hostile("take off its boundary", "iam:DeleteRolePermissionsBoundary", f"{_ROLE}bronze-{{r}}"),
    Hostile("pass a role on", "iam:PassRole", f"{_ROLE}gold-{{r}}"),
    Hostile("make a user", "iam:CreateAccessKey", "arn:aws:iam::{a}:user/u"),
    Hostile("decrypt with another region's key", "kms:Decrypt", "arn:aws:kms:{o}:{a}:key/k"),
    Hostile("encrypt with another account's key", "kms:GenerateDataKey", "arn:aws:kms:{r}:{x}:key/k"),
    Hostile("share the key", "kms:CreateGrant", f"{_KEY}k"),
    Hostile("replicate the key", "kms:ReplicateKey", f"{_KEY}k"),
    Hostile("open the key by its policy", "kms:PutKeyPolicy", f"{_KEY}k"),
    Hostile("have the key deleted", "kms:ScheduleKeyDeletion", f"{_KEY}k"),
    Hostile("create a function", "lambda:CreateFunction", f"{_FUNCTION}f"),
    Hostile("change a function's code", "lambda:UpdateFunctionCode", f"{_FUNCTION}watershed-bronze"),
    Hostile("let others call a function", "lambda:AddPermission", f"{_FUNCTION}watershed-bronze"),
    Hostile("call a function elsewhere", "lambda:InvokeFunction", "arn:aws:lambda:{o}:{a}:function:watershed-bronze"),
    Hostile("send rows to another region's queue", "sqs:SendMessage", "arn:aws:sqs:{o}:{a}:watershed-silver.fifo"),
    Hostile("send rows to another account's queue", "sqs:SendMessage", "arn:aws:sqs:{r}:{x}:q"),
    Hostile("send rows to a queue of one's own", "sqs:SendMessage", "arn:aws:sqs:{r}:{a}:q"),
    Hostile("open a queue by its policy", "sqs:SetQueueAttributes", "arn:aws:sqs:{r}:{a}:watershed-bronze"),
    Hostile("drop all messages", "sqs:PurgeQueue", "arn:aws:sqs:{r}:{a}:watershed-bronze"),
    Hostile("publish rows", "sns:Publish", "arn:aws:sns:{r}:{a}:watershed-alarms"),
    Hostile("publish rows to another account", "sns:Publish", "arn:aws:sns:{r}:{x}:t"),
    Hostile("listen to alarms", "sns:Subscribe", "arn:aws:sns:{r}:{a}:watershed-alarms"),
    Hostile("query where results are not confined", "athena:StartQueryExecution", f"{_ATHENA}workgroup/primary"),
    Hostile("query elsewhere", "athena:StartQueryExecution", "arn:aws:athena:{o}:{a}:workgroup/watershed"),
    Hostile("send results elsewhere", "athena:UpdateWorkGroup", f"{_ATHENA}workgroup/watershed"),
    Hostile("query through a function", "athena:CreateDataCatalog", f"{_ATHENA}datacatalog/c"),
    Hostile("read another region's catalog", "glue:GetTable", "arn:aws:glue:{o}:{a}:table/silver/customers"),
    Hostile("read another account's catalog", "glue:GetTable", "arn:aws:glue:{r}:{x}:table/silver/customers"),
    Hostile("open the catalog by its policy", "glue:PutResourcePolicy", "arn:aws:glue:{r}:{a}:catalog"),
    Hostile("copy rows by a job", "glue:CreateJob", "arn:aws:glue:{r}:{a}:job/j"),
    Hostile("export logs", "logs:CreateExportTask", _LOGS),
    Hostile("stream logs elsewhere", "logs:PutSubscriptionFilter", _LOGS),
    Hostile("unmask logs", "logs:Unmask", _LOGS),
    Hostile("change the state machine", "states:UpdateStateMachine", _MACHINE),
    Hostile("send rows as an event", "events:PutEvents", "arn:aws:events:{o}:{a}:event-bus/default"),
    Hostile("copy rows to a table", "dynamodb:PutItem", "arn:aws:dynamodb:{r}:{a}:table/t"),
    Hostile("copy rows to a stream", "kinesis:PutRecord", "arn:aws:kinesis:{r}:{a}:stream/s"),
    Hostile(
        "read a secret of the lake elsewhere",
        "secretsmanager:GetSecretValue",
        "arn:aws:secretsmanager:{o}:{a}:secret:watershed/shopify/push-x",
    ),
    Hostile("copy a secret elsewhere", "secretsmanager:ReplicateSecretToRegions", f"{_SECRET}shopify/push-x"),
    Hostile("change a secret", "secretsmanager:PutSecretValue", f"{_SECRET}shopify/push-x"),
    Hostile("open a secret by its policy", "secretsmanager:PutResourcePolicy", f"{_SECRET}shopify/push-x"),
    Hostile("list all receipts", "dynamodb:Scan", "arn:aws:dynamodb:{r}:{a}:table/watershed-receipts"),
    Hostile(
        "stream receipts elsewhere",
        "dynamodb:EnableKinesisStreamingDestination",
        "arn:aws:dynamodb:{r}:{a}:table/watershed-receipts",
    ),
    Hostile("read a secret", "secretsmanager:GetSecretValue", "arn:aws:secretsmanager:{r}:{a}:secret:s"),
)


def _objects(verb: str, action: str, *layers: str) -> tuple[Hostile, ...]:
    return tuple(Hostile(f"{verb} {layer}", action, f"{_OURS.format(layer=layer)}/x") for layer in layers)


def _send(*queues: str) -> tuple[Hostile, ...]:
    return tuple(
        Hostile(f"send to {it}", "sqs:SendMessage", f"arn:aws:sqs:{{r}}:{{a}}:watershed-{it}") for it in queues
    )


# No role may; the boundary leaves it to people who erase a person.
_ERASE = Hostile("delete a version of what came in", "s3:DeleteObjectVersion", f"{_RAW}/customers/a.csv")
_TABLE = "arn:aws:glue:{r}:{a}:table/"
_READ, _WRITE, _DELETE = "s3:GetObject", "s3:PutObject", "s3:DeleteObject"
_ALL = ("raw", "bronze", "silver", "gold", "quarantine", "ledger", "results")
_NOTHING_OF_S3 = (
    *_objects("read", _READ, *_ALL),
    *_objects("write to", _WRITE, *_ALL),
    *_objects("delete from", _DELETE, *_ALL),
)
_NO_QUERIES = Hostile("query", "athena:StartQueryExecution", f"{_ATHENA}workgroup/watershed")
# What one role may not do because it is another's business.
_RECEIPTS = "arn:aws:dynamodb:{r}:{a}:table/watershed-receipts"
_NO_SECRETS = (
    Hostile("read the shop's secret", "secretsmanager:GetSecretValue", f"{_SECRET}shopify/push-AbCdEf"),
    Hostile("write a receipt", "dynamodb:PutItem", _RECEIPTS),
)
_ONLY_BELOW_SOURCES = (
    Hostile("write where files are dropped", _WRITE, f"{_RAW}/customers/a.csv"),
    Hostile(
        "write below a source that is not the region's", _WRITE, f"{_RAW}/customers/nobody/2026/03/01/nobody.x.jsonl"
    ),
)
ONLY_OTHERS = {
    "receive": (
        *_objects("read", _READ, *_ALL),
        *_objects("write to", _WRITE, *_ALL),
        *_objects("delete from", _DELETE, *_ALL),
        *_send("bronze", "silver.fifo", "gold", "maintenance", "collect-dlq"),
        *_ONLY_BELOW_SOURCES,
        Hostile("take messages back", "sqs:ReceiveMessage", "arn:aws:sqs:{r}:{a}:watershed-collect"),
        Hostile("read another source's secret", "secretsmanager:GetSecretValue", f"{_SECRET}nobody/push-AbCdEf"),
        Hostile("forget a receipt", "dynamodb:DeleteItem", _RECEIPTS),
        Hostile("read a table", "glue:GetTable", f"{_TABLE}silver/customers"),
        _NO_QUERIES,
        _ERASE,
    ),
    "collect": (
        *_objects("read", _READ, *_ALL),
        *_objects("write to", _WRITE, *_ALL),
        *_objects("delete from", _DELETE, *_ALL),
        *_send("bronze", "silver.fifo", "gold", "maintenance", "collect"),
        *_ONLY_BELOW_SOURCES,
        *_NO_SECRETS,
        _NO_QUERIES,
        _ERASE,
    ),
    "bronze": (
        *_NO_SECRETS,
        *_objects("read", _READ, "bronze", "silver", "gold", "quarantine", "ledger", "results"),
        *_objects("write to", _WRITE, "raw", "silver", "gold", "results"),
        *_objects("delete from", _DELETE, "raw", "silver", "gold", "ledger", "results"),
        *_send("bronze", "gold", "maintenance", "silver-dlq.fifo"),
        Hostile("read a table", "glue:GetTable", f"{_TABLE}silver/customers"),
        _NO_QUERIES,
        _ERASE,
    ),
    "silver": (
        *_objects("read", _READ, "raw", "gold", "quarantine", "ledger", "results"),
        *_objects("write to", _WRITE, "raw", "bronze", "gold", "results"),
        *_objects("delete from", _DELETE, "raw", "bronze", "silver", "gold", "ledger", "results"),
        *_send("bronze", "silver.fifo", "maintenance", "gold-dlq"),
        Hostile("change gold's tables", "glue:UpdateTable", f"{_TABLE}gold/product_sales"),
        Hostile("delete a table", "glue:DeleteTable", f"{_TABLE}silver/customers"),
        _NO_QUERIES,
        _ERASE,
    ),
    "gold": (
        *_objects("read", _READ, "raw", "bronze", "quarantine", "ledger"),
        *_objects("write to", _WRITE, "raw", "bronze", "silver", "quarantine", "ledger"),
        *_objects("delete from", _DELETE, "raw", "bronze", "silver", "quarantine", "ledger", "results"),
        *_send("bronze", "silver.fifo", "gold", "maintenance"),
        Hostile("change silver's tables", "glue:UpdateTable", f"{_TABLE}silver/customers"),
        Hostile("make a table in silver", "glue:CreateTable", f"{_TABLE}silver/customers_copy"),
        Hostile("read what is held back", "glue:GetTable", f"{_TABLE}ops/quarantine"),
        _ERASE,
    ),
    "maintenance": (
        *_objects("read", _READ, "raw", "bronze", "gold", "quarantine", "ledger"),
        *_objects("write to", _WRITE, "raw", "bronze", "gold", "quarantine", "ledger"),
        *_objects("delete from", _DELETE, "raw", "bronze", "gold", "quarantine", "ledger", "results"),
        *_send("bronze", "silver.fifo", "gold"),
        Hostile("make a table", "glue:CreateTable", f"{_TABLE}silver/copy"),
        Hostile("read gold's tables", "glue:GetTable", f"{_TABLE}gold/product_sales"),
        _ERASE,
    ),
    "backfill": (
        *_objects("read", _READ, *_ALL),
        *_objects("write to", _WRITE, *_ALL),
        *_objects("delete from", _DELETE, *_ALL),
        *_send("bronze", "silver.fifo", "gold", "maintenance"),
        Hostile("call silver", "lambda:InvokeFunction", f"{_FUNCTION}watershed-silver"),
        _NO_QUERIES,
        _ERASE,
    ),
    "schedule": (*_NOTHING_OF_S3, *_send("bronze", "silver.fifo", "maintenance"), _NO_QUERIES, _ERASE),
    "poll": (
        *_objects("read", _READ, *_ALL),
        *_objects("write to", _WRITE, *_ALL),
        *_objects("delete from", _DELETE, *_ALL),
        *_send("bronze", "silver.fifo", "gold", "maintenance", "collect", "poll.fifo"),
        *_ONLY_BELOW_SOURCES,
        *_NO_SECRETS,
        Hostile("read another source's secret", "secretsmanager:GetSecretValue", f"{_SECRET}nobody/pull-AbCdEf"),
        Hostile("read webhooks", "sqs:ReceiveMessage", "arn:aws:sqs:{r}:{a}:watershed-collect"),
        Hostile(
            "read an entry of the ledger", _READ, f"{_OURS.format(layer='ledger')}/ledger/dataset=customers/x.parquet"
        ),
        Hostile("read a table", "glue:GetTable", f"{_TABLE}silver/customers"),
        _NO_QUERIES,
        _ERASE,
    ),
    "poll-schedule": (
        *_NOTHING_OF_S3,
        *_NO_SECRETS,
        *_send("bronze", "silver.fifo", "gold", "maintenance", "collect"),
        _NO_QUERIES,
        _ERASE,
    ),
    "maintenance-schedule": (*_NOTHING_OF_S3, *_send("bronze", "silver.fifo", "gold"), _NO_QUERIES, _ERASE),
}
