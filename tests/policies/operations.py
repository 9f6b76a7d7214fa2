"""What each operation asks of IAM. One that is not listed, or a parameter that is not, must be thought about first."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from watershed import names

from tests.policies.access import Access, queue_arn
from tests.policies.recorder import ATHENA, Call


@dataclass(frozen=True)
class Need:
    """An action on a resource, with the condition keys that come from the call."""

    action: str
    resource: str
    keys: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Operation:
    """What an operation asks.

    Args:
        needs: Gives it, from the call's parameters.
        parameters: Those that need no other permission, separated by blanks.
    """

    needs: Callable[[Call, Access], Iterator[Need]]
    parameters: str


def needs(call: Call, access: Access) -> Iterator[Need]:
    """What a call asks, without what the stores' keys ask.

    Raises:
        LookupError: if the table does not have the operation, or one of its parameters.
    """
    if call.operation not in OPERATIONS:
        raise LookupError(f"{call.operation}: say in {__name__} which permissions it needs.")
    operation = OPERATIONS[call.operation]
    if unknown := set(call.parameters) - set(operation.parameters.split()):
        raise LookupError(f"{call.operation}: say in {__name__} whether {sorted(unknown)} needs another permission.")
    return operation.needs(call, access)


def _read(call: Call, _: Access) -> Iterator[Need]:
    bucket = f"arn:aws:s3:::{call.parameters['Bucket']}"
    action = "s3:GetObjectVersion" if "VersionId" in call.parameters else "s3:GetObject"
    yield Need(action, f"{bucket}/{call.parameters['Key']}")
    if call.missing:  # who may not list is told that it is forbidden
        yield Need("s3:ListBucket", bucket)


def _write(call: Call, access: Access) -> Iterator[Need]:
    arn = f"arn:aws:s3:::{call.parameters['Bucket']}/{call.parameters['Key']}"
    condition = {"s3:if-none-match": call.parameters["IfNoneMatch"]} if "IfNoneMatch" in call.parameters else {}
    if "IfMatch" in call.parameters:  # whoever compares an object reads it
        condition = {"s3:if-match": call.parameters["IfMatch"]}
        yield Need("s3:GetObject", arn)
    yield Need("s3:PutObject", arn, condition)
    if "Tagging" in call.parameters:
        yield Need("s3:PutObjectTagging", arn)
    if call.via == ATHENA:  # it may ask for the workgroup's encryption, or leave it to the bucket
        group = access.template.of("Athena::WorkGroup", "WorkGroupConfiguration")[0]  # all have one encryption
        set_up = group["WorkGroupConfiguration"]["ResultConfiguration"]["EncryptionConfiguration"]
        header = "s3:x-amz-server-side-encryption"
        keys = {header: "aws:kms", f"{header}-aws-kms-key-id": set_up["KmsKey"]}
        yield Need("s3:PutObject", arn, keys)


def _delete(call: Call, _: Access) -> Iterator[Need]:
    bucket = f"arn:aws:s3:::{call.parameters['Bucket']}"
    for each in call.parameters.get("Delete", {"Objects": [call.parameters]})["Objects"]:
        action = "s3:DeleteObjectVersion" if "VersionId" in each else "s3:DeleteObject"
        yield Need(action, f"{bucket}/{each['Key']}")


def _bucket(action: str) -> Callable[[Call, Access], Iterator[Need]]:
    def needed(call: Call, _: Access) -> Iterator[Need]:
        prefix = {"s3:prefix": call.parameters["Prefix"]} if "Prefix" in call.parameters else {}
        yield Need(action, f"arn:aws:s3:::{call.parameters['Bucket']}", prefix)

    return needed


def _queue(action: str) -> Callable[[Call, Access], Iterator[Need]]:
    def needed(call: Call, access: Access) -> Iterator[Need]:
        where = access.template
        name = call.parameters.get("QueueName")
        named = f"arn:aws:sqs:{where.region}:{where.account}:{name}"
        yield Need(f"sqs:{action}", named if name else queue_arn(call.parameters["QueueUrl"]))

    return needed


def _workgroup(action: str) -> Callable[[Call, Access], Iterator[Need]]:
    def needed(call: Call, access: Access) -> Iterator[Need]:
        where, group = access.template, call.parameters.get("WorkGroup", names.WORKGROUP)  # there is no other one
        yield Need(f"athena:{action}", f"arn:aws:athena:{where.region}:{where.account}:workgroup/{group}")

    return needed


def _glue(action: str) -> Callable[[Call, Access], Iterator[Need]]:
    """Glue asks for an object and for all that it is in."""

    def needed(call: Call, access: Access) -> Iterator[Need]:
        where = f"arn:aws:glue:{access.template.region}:{access.template.account}"
        yield Need(f"glue:{action}", f"{where}:catalog")
        database = call.parameters.get("DatabaseName")
        if database is None:
            yield Need(f"glue:{action}", f"{where}:database/{call.parameters['Name']}")
            return
        yield Need(f"glue:{action}", f"{where}:database/{database}")
        yield Need(f"glue:{action}", f"{where}:table/{database}/{call.parameters.get('Name', 'each_of_them')}")

    return needed


def _item(action: str) -> Callable[[Call, Access], Iterator[Need]]:
    def needed(call: Call, access: Access) -> Iterator[Need]:
        where = f"arn:aws:dynamodb:{access.template.region}:{access.template.account}"
        yield Need(f"dynamodb:{action}", f"{where}:table/{call.parameters['TableName']}")

    return needed


def _secret(call: Call, access: Access) -> Iterator[Need]:
    where = f"arn:aws:secretsmanager:{access.template.region}:{access.template.account}"
    yield Need("secretsmanager:GetSecretValue", f"{where}:secret:{call.parameters['SecretId']}-AbCdEf")


def _function(call: Call, _: Access) -> Iterator[Need]:
    yield Need("lambda:InvokeFunction", call.parameters["FunctionName"])


def _machine(call: Call, access: Access) -> Iterator[Need]:
    yield Need("states:StartExecution", call.parameters["stateMachineArn"])


def _execution(call: Call, access: Access) -> Iterator[Need]:
    yield Need(f"states:{call.operation.partition('.')[2]}", call.parameters["executionArn"])


def _log_stream(call: Call, access: Access) -> Iterator[Need]:
    where, group, stream = access.template, call.parameters["logGroupName"], call.parameters["logStreamName"]
    arn = f"arn:aws:logs:{where.region}:{where.account}:log-group:{group}:log-stream:{stream}"
    yield Need(f"logs:{call.operation.partition('.')[2]}", arn)


def _topic(call: Call, _: Access) -> Iterator[Need]:
    yield Need("sns:Publish", call.parameters["TopicArn"])


def _with_key(call: Call, _: Access) -> Iterator[Need]:
    context = {f"kms:EncryptionContext:{key}": value for key, value in call.parameters["EncryptionContext"].items()}
    yield Need(f"kms:{call.operation.partition('.')[2]}", call.parameters["KeyId"], context)


def _taken(call: Call, _: Access) -> Iterator[Need]:
    yield Need("sts:AssumeRole", call.parameters["RoleArn"])


_FIFO = "MessageGroupId MessageDeduplicationId"
_RECEIVE = "QueueUrl MaxNumberOfMessages WaitTimeSeconds VisibilityTimeout MessageSystemAttributeNames"
OPERATIONS = {
    "athena.StartQueryExecution": Operation(
        _workgroup("StartQueryExecution"), "WorkGroup QueryExecutionContext ClientRequestToken"
    ),
    "athena.GetQueryExecution": Operation(_workgroup("GetQueryExecution"), "QueryExecutionId"),
    "athena.GetQueryResults": Operation(_workgroup("GetQueryResults"), "QueryExecutionId NextToken MaxResults"),
    "dynamodb.GetItem": Operation(_item("GetItem"), "TableName Key ProjectionExpression ConsistentRead"),
    "dynamodb.PutItem": Operation(_item("PutItem"), "TableName Item"),
    "glue.GetDatabase": Operation(_glue("GetDatabase"), "Name"),
    "glue.GetTable": Operation(_glue("GetTable"), "DatabaseName Name"),
    "glue.GetTables": Operation(_glue("GetTables"), "DatabaseName NextToken MaxResults"),
    "glue.CreateTable": Operation(_glue("CreateTable"), "DatabaseName Name"),
    "glue.UpdateTable": Operation(_glue("UpdateTable"), "DatabaseName Name VersionId SkipArchive"),
    "kms.Decrypt": Operation(_with_key, "KeyId EncryptionContext"),
    "kms.DescribeKey": Operation(_with_key, "KeyId EncryptionContext"),
    "kms.Encrypt": Operation(_with_key, "KeyId EncryptionContext"),
    "kms.GenerateDataKey": Operation(_with_key, "KeyId EncryptionContext"),
    "kms.ReEncryptFrom": Operation(_with_key, "KeyId EncryptionContext"),
    "kms.ReEncryptTo": Operation(_with_key, "KeyId EncryptionContext"),
    "lambda.Invoke": Operation(_function, "FunctionName InvocationType"),
    "logs.CreateLogStream": Operation(_log_stream, "logGroupName logStreamName"),
    "logs.PutLogEvents": Operation(_log_stream, "logGroupName logStreamName"),
    "s3.DeleteObject": Operation(_delete, "Bucket Key"),
    "s3.DeleteObjects": Operation(_delete, "Bucket Delete"),
    "s3.GetObject": Operation(_read, "Bucket Key VersionId Range IfMatch ChecksumMode"),
    "s3.HeadObject": Operation(_read, "Bucket Key VersionId"),
    "s3.ListObjectVersions": Operation(
        _bucket("s3:ListBucketVersions"), "Bucket Prefix Delimiter EncodingType KeyMarker VersionIdMarker"
    ),
    "s3.ListObjectsV2": Operation(_bucket("s3:ListBucket"), "Bucket Prefix EncodingType ContinuationToken"),
    "s3.PutObject": Operation(_write, "Bucket Key IfMatch IfNoneMatch Tagging"),
    "secretsmanager.GetSecretValue": Operation(_secret, "SecretId"),
    "sns.Publish": Operation(_topic, "TopicArn"),
    "sqs.ChangeMessageVisibility": Operation(
        _queue("ChangeMessageVisibility"), "QueueUrl ReceiptHandle VisibilityTimeout"
    ),
    "sqs.ChangeMessageVisibilityBatch": Operation(_queue("ChangeMessageVisibility"), "QueueUrl Entries"),
    "sqs.DeleteMessage": Operation(_queue("DeleteMessage"), "QueueUrl ReceiptHandle"),
    "sqs.GetQueueAttributes": Operation(_queue("GetQueueAttributes"), "QueueUrl AttributeNames"),
    "sqs.GetQueueUrl": Operation(_queue("GetQueueUrl"), "QueueName"),
    "sqs.ReceiveMessage": Operation(_queue("ReceiveMessage"), f"{_RECEIVE} MessageAttributeNames"),
    "sqs.SendMessage": Operation(_queue("SendMessage"), f"QueueUrl {_FIFO}"),
    "sqs.SendMessageBatch": Operation(_queue("SendMessage"), "QueueUrl Entries"),
    "stepfunctions.DescribeExecution": Operation(_execution, "executionArn"),
    "stepfunctions.StopExecution": Operation(_execution, "executionArn"),
    "stepfunctions.StartExecution": Operation(_machine, "stateMachineArn name input"),
    "sts.AssumeRole": Operation(_taken, "RoleArn"),
}
