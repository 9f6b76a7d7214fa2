"""What each stage's function may do: the calls it makes, on the resources it makes them on, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct
from watershed import names
from watershed.names import Layer, Stage

from infra.database import Database
from infra.queues import StageQueue
from infra.roles import allow

if TYPE_CHECKING:
    from aws_cdk import aws_dynamodb as dynamodb
    from aws_cdk import aws_secretsmanager as secretsmanager

    from infra.network import Network

WILDCARDS = (
    "Objects and tables are data: which ones there are is not known here. The bucket, or the database, is one of ours."
)
NETWORK_WILDCARDS = f"{WILDCARDS} The network interfaces are Lambda's own, whose documentation names these actions."
READ_OBJECTS = ("s3:GetObject",)
WRITE_OBJECTS = ("s3:PutObject",)
# Athena writes large objects in parts, and removes abandoned ones.
UPLOAD_OBJECTS = ("s3:PutObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts")
READ_TABLES = ("glue:GetDatabase", "glue:GetTable")


@dataclass(frozen=True)
class Permissions:
    """Statements about the resources of one region's stack."""

    scope: Construct
    key: kms.IKey
    buckets: Mapping[Layer, s3.Bucket]
    queues: Mapping[Stage, StageQueue]
    time_zones: Sequence[str]
    pushing: Sequence[str] = ()  # the sources that send webhooks into this region
    polled: Sequence[str] = ()  # those that are polled from it
    poll_secrets: Sequence[str] = ()  # ARNs
    database: Database | None = None  # if the region has one

    def of(self, stage: Stage) -> list[iam.PolicyStatement]:
        """All statements of the stage's function, apart from its logs."""
        own = {
            Stage.COLLECT: self._collect,
            Stage.BRONZE: self._bronze,
            Stage.SILVER: self._silver,
            Stage.GOLD: self._gold,
            Stage.MAINTENANCE: self._maintenance,
            Stage.POLL: self._poll,
            Stage.PUBLISH: self._publish,
        }[stage]
        return [*own(), *self._common(stage)]

    def door(
        self, secrets: Sequence[secretsmanager.CfnSecret], receipts: dynamodb.CfnTable
    ) -> list[iam.PolicyStatement]:
        """All statements of the function behind the door, apart from its logs: it reads no rows, and answers."""
        return [
            self._send("HandOn", Stage.COLLECT),
            *self._raw_of_sources("KeepWhatIsBig", self.pushing),
            allow(self.scope, "KnowRepeats", ("dynamodb:GetItem", "dynamodb:PutItem"), (receipts.attr_arn,)),
            *self._read_secrets([secret.ref for secret in secrets]),
            self._use_key(),
        ]

    def _collect(self) -> list[iam.PolicyStatement]:
        return self._raw_of_sources("WriteRaw", self.pushing)

    def _raw_of_sources(self, sid: str, sources: Sequence[str]) -> list[iam.PolicyStatement]:
        """Writing below the sources' own folders; what is dropped by hand lies elsewhere, and stays as it came."""
        raw = self.buckets[Layer.RAW]
        folders = [raw.arn_for_objects(f"*/{source}/*") for source in sources]
        return [allow(self.scope, sid, WRITE_OBJECTS, folders)] if folders else []

    def _read_secrets(self, arns: Sequence[str]) -> list[iam.PolicyStatement]:
        return [allow(self.scope, "ReadSecrets", ("secretsmanager:GetSecretValue",), arns)] if arns else []

    def _bronze(self) -> list[iam.PolicyStatement]:
        return [
            self._objects("ReadRaw", (*READ_OBJECTS, "s3:GetObjectVersion"), Layer.RAW),
            # Without it a deleted object looks like a forbidden one.
            self._buckets("TellMissing", ("s3:ListBucket",), Layer.RAW, Layer.LEDGER),
            # A file that is in the ledger is not landed again.
            self._entries("FindLanded"),
            self._objects("WriteLedger", WRITE_OBJECTS, Layer.LEDGER),
            # A file that is refused half-way takes back the parts written before.
            self._objects("WriteAndTakeBack", (*WRITE_OBJECTS, "s3:DeleteObject"), Layer.BRONZE, Layer.QUARANTINE),
            self._send("SendParts", Stage.SILVER),
        ]

    def _silver(self) -> list[iam.PolicyStatement]:
        return [
            self._objects("ReadBronze", READ_OBJECTS, Layer.BRONZE),
            self._objects("ReadWriteSilver", (*READ_OBJECTS, *WRITE_OBJECTS), Layer.SILVER),
            self._buckets("TellMissing", ("s3:ListBucket",), Layer.BRONZE, Layer.SILVER, Layer.LEDGER),
            self._objects("WriteLedger", WRITE_OBJECTS, Layer.LEDGER),
            # What an attempt under an earlier contract held back is taken back where nothing is any more.
            self._objects("WriteAndTakeBack", (*WRITE_OBJECTS, "s3:DeleteObject"), Layer.QUARANTINE),
            # Rows of another jurisdiction expire sooner, by their object's tag.
            self._objects("TagQuarantine", ("s3:PutObjectTagging",), Layer.QUARANTINE),
            # A part that is in the ledger is settled.
            self._entries("FindSettled"),
            self._tables(
                "CommitTables",
                ("glue:GetDatabase", "glue:GetTable", "glue:GetTables", "glue:CreateTable", "glue:UpdateTable"),
                names.SILVER_DB,
            ),
            self._send("SendRefresh", Stage.GOLD),
        ]

    def _gold(self) -> list[iam.PolicyStatement]:
        return [
            *self._queries(Layer.GOLD, reading=(Layer.SILVER,)),
            self._tables("ReadTables", READ_TABLES, names.SILVER_DB),
            # Silver's tables keep their partitions to themselves; of gold's, Athena may ask Glue.
            self._tables(
                "ReadAndSwitchTables",
                (*READ_TABLES, "glue:GetPartitions", "glue:CreateTable", "glue:UpdateTable"),
                names.GOLD_DB,
            ),
            # Of silver, its views in the region's time zones, and no table.
            self._views("SwitchViews", ("glue:CreateTable", "glue:UpdateTable"), names.SILVER_DB),
            self._objects("ReadSilver", READ_OBJECTS, Layer.SILVER),
            allow(
                self.scope,
                "MakeMaskingKey",
                WRITE_OBJECTS,
                (self.buckets[Layer.SILVER].arn_for_objects(names.MASKING_KEY),),
            ),
            allow(self.scope, "FindMaskingKey", READ_TABLES, self._glue_arns(names.OPS_DB, names.MASKING_KEY_TABLE)),
            # Runs that nobody can still be reading are deleted.
            self._objects("WriteGold", (*READ_OBJECTS, *UPLOAD_OBJECTS, "s3:DeleteObject"), Layer.GOLD),
            *([self._send("SendPublish", Stage.PUBLISH)] if self.database else []),
        ]

    def _maintenance(self) -> list[iam.PolicyStatement]:
        return [
            *self._queries(Layer.SILVER),
            self._tables("CommitTables", (*READ_TABLES, "glue:GetTables", "glue:UpdateTable"), names.SILVER_DB),
            # VACUUM deletes what no snapshot refers to; without the permission it succeeds and deletes nothing.
            self._objects("RewriteSilver", (*READ_OBJECTS, *UPLOAD_OBJECTS, "s3:DeleteObject"), Layer.SILVER),
            self._send("PutBack", Stage.MAINTENANCE),
        ]

    def _poll(self) -> list[iam.PolicyStatement]:
        """It goes outside, so it reads nothing but its own notes and secrets; infra/residency sees to that."""
        notes = self.buckets[Layer.LEDGER].arn_for_objects(f"{names.POLLS_PREFIX}*")
        return [
            *self._raw_of_sources("WriteRaw", self.polled),
            allow(self.scope, "KeepNotes", (*READ_OBJECTS, *WRITE_OBJECTS), (notes,)),
            # Without it notes that are not there look like forbidden ones.
            self._buckets("TellMissingNotes", ("s3:ListBucket",), Layer.LEDGER),
            *self._read_secrets(self.poll_secrets),
        ]

    def _publish(self) -> list[iam.PolicyStatement]:
        """It reads runs of gold and signs in to the database. From where it runs, nothing else could be reached."""
        if self.database is None:
            raise ValueError("A region without a database has nothing to publish to.")
        gold, runs = self.buckets[Layer.GOLD], names.gold_run_prefix("*", "*").removesuffix("/")
        find = allow(self.scope, "FindRuns", ("s3:ListBucket",), (gold.bucket_arn,))
        find.add_condition("StringLike", {"s3:prefix": runs})
        # Without conditions: for signing in, RDS does not say all of them, and the ARN is of one user here.
        sign_in = iam.PolicyStatement(sid="SignIn", actions=["rds-db:connect"], resources=[self.database.publisher_arn])
        return [
            allow(self.scope, "ReadRuns", READ_OBJECTS, (gold.arn_for_objects(f"{runs}/*"),)),
            find,
            sign_in,
            *self._interfaces(self.database.network),
        ]

    def _interfaces(self, network: Network) -> list[iam.PolicyStatement]:
        """What Lambda does with the role of a function in a network, and the function itself may not."""

        def arns(resource: str, *ids: str) -> list[str]:
            stack = cdk.Stack.of(self.scope)
            return [stack.format_arn(service="ec2", resource=resource, resource_name=each) for each in ids]

        interfaces = arns("network-interface", "*")
        in_network = [*arns("subnet", *network.subnets), *arns("security-group", network.publisher)]
        code = cdk.Stack.of(self.scope).format_arn(
            service="lambda",
            resource="function",
            resource_name=names.function(Stage.PUBLISH),
            arn_format=cdk.ArnFormat.COLON_RESOURCE_NAME,
        )
        return [
            allow(self.scope, "MakeInterfaces", ("ec2:CreateNetworkInterface",), [*interfaces, *in_network]),
            # Lambda asks whether it may on all of them.
            allow(self.scope, "RemoveInterfaces", ("ec2:DeleteNetworkInterface",), arns("*", "*")),
            allow(
                self.scope,
                "AddressInterfaces",
                ("ec2:AssignPrivateIpAddresses", "ec2:UnassignPrivateIpAddresses"),
                interfaces,
            ),
            # These know no resources.
            allow(self.scope, "SeeNetwork", ("ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets"), ("*",)),
            iam.PolicyStatement(
                sid="NotByItsCode",
                effect=iam.Effect.DENY,
                actions=["ec2:*"],
                resources=["*"],
                conditions={"ArnEquals": {"lambda:SourceFunctionArn": code}},
            ),
        ]

    def _queries(self, written: Layer, reading: Sequence[Layer] = ()) -> list[iam.PolicyStatement]:
        """Running Athena's statements on some layers: Athena reads and writes with the caller's permissions."""
        workgroup = cdk.Stack.of(self.scope).format_arn(
            service="athena", resource="workgroup", resource_name=names.WORKGROUP
        )
        return [
            allow(self.scope, "RunQueries", ("athena:StartQueryExecution", "athena:GetQueryExecution"), (workgroup,)),
            # Athena looks for the catalog's default database before every query.
            allow(self.scope, "FindCatalog", ("glue:GetDatabase",), self._glue_arns("default")),
            self._objects("WriteResults", (*READ_OBJECTS, *UPLOAD_OBJECTS), Layer.RESULTS),
            self._buckets(
                "ListForQueries", ("s3:GetBucketLocation", "s3:ListBucket"), *reading, written, Layer.RESULTS
            ),
            self._buckets("ListUploads", ("s3:ListBucketMultipartUploads",), written, Layer.RESULTS),
        ]

    def _common(self, stage: Stage) -> list[iam.PolicyStatement]:
        take = allow(
            self.scope,
            "TakeMessages",
            ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"),
            (self.queues[stage].queue.queue_arn,),
        )
        if stage.needs_database:  # it sends nothing
            return [take, allow(self.scope, "UseKey", ("kms:Decrypt",), (self.key.key_arn,))]
        return [
            take,
            allow(self.scope, "GiveUp", ("sqs:SendMessage",), (self.queues[stage].dead_letters.queue_arn,)),
            self._use_key(),
        ]

    def _use_key(self) -> iam.PolicyStatement:
        return allow(self.scope, "UseKey", ("kms:Decrypt", "kms:GenerateDataKey"), (self.key.key_arn,))

    def _objects(self, sid: str, actions: Sequence[str], *layers: Layer) -> iam.PolicyStatement:
        return allow(self.scope, sid, actions, [self.buckets[layer].arn_for_objects("*") for layer in layers])

    def _entries(self, sid: str) -> iam.PolicyStatement:
        """Reading the ledger's entries, and nothing else that lies in its bucket: notes, manifests, receipts."""
        return allow(
            self.scope, sid, READ_OBJECTS, [self.buckets[Layer.LEDGER].arn_for_objects(f"{names.LEDGER_TABLE}/*")]
        )

    def _buckets(self, sid: str, actions: Sequence[str], *layers: Layer) -> iam.PolicyStatement:
        return allow(self.scope, sid, actions, [self.buckets[layer].bucket_arn for layer in layers])

    def _send(self, sid: str, stage: Stage) -> iam.PolicyStatement:
        return allow(self.scope, sid, ("sqs:SendMessage",), (self.queues[stage].queue.queue_arn,))

    def _tables(self, sid: str, actions: Sequence[str], *databases: str) -> iam.PolicyStatement:
        arns = {arn: None for database in databases for arn in self._glue_arns(database, "*")}
        return allow(self.scope, sid, actions, list(arns))

    def _views(self, sid: str, actions: Sequence[str], database: str) -> iam.PolicyStatement:
        return allow(
            self.scope, sid, actions, self._glue_arns(database, *(names.zoned("*", z) for z in self.time_zones))
        )

    def _glue_arns(self, database: str, *tables: str) -> list[str]:
        """Glue checks a table's ARN, its database's and the catalog's; without tables, only those."""
        stack = cdk.Stack.of(self.scope)
        return [
            stack.format_arn(service="glue", resource="catalog"),
            stack.format_arn(service="glue", resource="database", resource_name=database),
            *(
                stack.format_arn(service="glue", resource="table", resource_name=f"{database}/{name}")
                for name in tables
            ),
        ]
