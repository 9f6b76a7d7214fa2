"""A deployed lake that is put back, in a few milliseconds, to where it was before any step of its undisturbed run."""

from __future__ import annotations

import copy
import io
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from moto.glue.models import glue_backends
from moto.s3.models import s3_backends
from moto.sqs.models import sqs_backends
from pyarrow import parquet
from pyiceberg.table import StaticTable
from watershed import names
from watershed.names import Layer, Stage
from watershed.silver import file_io
from watershed.silver.tally import BATCHES

from local.aws import LocalAWS
from local.region import Region
from local.synth import Synthesis
from tests.faults.deliveries import DELIVERIES, LAKE
from tests.faults.interceptor import Interceptor

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from pathlib import Path

REGION = "eu-central-1"
STAGES = (Stage.BRONZE, Stage.SILVER, Stage.GOLD)
_MADE = tuple(layer for layer in Layer if layer is not Layer.RAW)  # raw holds the input, and stays
_DATABASES = (names.SILVER_DB, names.GOLD_DB)  # the others' tables are made at deployment

Rows = list[str]


@dataclass(frozen=True)
class Message:
    """What a queue holds."""

    queue: str
    body: str
    group: str | None
    deduplication: str | None


@dataclass(frozen=True)
class Snapshot:
    """All that functions can see of AWS, apart from raw."""

    objects: dict[Layer, dict[str, bytes]]
    tables: dict[str, Any]
    messages: list[Message]


@dataclass(frozen=True)
class Outcome:
    """What readers see in the end, in a form that is equal if and only if they see the same.

    Args:
        files: bytes of every object of bronze, quarantine and ledger.
        silver: every row of each table with all its columns, and where it came from.
        merged: how often each part was merged into each table.
        gold: every row of each table.
        waiting: messages in any queue, dead-letter queues included, in order and each once: what is sent twice is the
            next function's to see through, and the comparison at its end tells whether it did.
    """

    files: dict[str, bytes]
    silver: dict[str, Rows]
    merged: dict[str, Counter[str]]
    gold: dict[str, Rows]
    waiting: list[Message]

    def differences(self, other: Outcome) -> list[str]:
        """What differs from `other`, in words."""
        found = [f"{key}: other bytes" for key in _unequal(self.files, other.files)]
        for what in ("silver", "merged", "gold"):
            mine, theirs = getattr(self, what), getattr(other, what)
            found += [f"{what} {key}: {mine.get(key)} not {theirs.get(key)}" for key in _unequal(mine, theirs)]
        if self.waiting != other.waiting:
            found.append(f"waiting: {self.waiting} not {other.waiting}")
        return found


def _unequal(mine: dict[str, Any], theirs: dict[str, Any]) -> list[str]:
    return sorted(key for key in mine.keys() | theirs.keys() if mine.get(key) != theirs.get(key))


class Rig:
    """The tiny lake of this folder, deployed in one region.

    Attributes:
        interceptor: sees every call of the functions.
        events: for each delivery, the bodies of the messages by which S3 told of it.
    """

    def __init__(self, aws: LocalAWS, interceptor: Interceptor) -> None:
        self.aws, self.interceptor = aws, interceptor
        self.region = Region.on(aws, REGION)
        self._s3 = s3_backends[aws.account]["aws"]
        self._queues = sqs_backends[aws.account][REGION].queues
        self._databases = glue_backends[aws.account][REGION].databases
        self.events = [self._arrived(files) for files in DELIVERIES]

    def _arrived(self, files: dict[str, str]) -> list[Message]:
        """Put files into raw, and take what S3 says of them from the queue: object versions are the same ever after."""
        for key, text in files.items():
            self.region.client("s3").put_object(Bucket=self._bucket(Layer.RAW), Key=key, Body=text.encode())
        said = self._messages()
        self._purge()
        return said

    def announce(self, delivery: int) -> None:
        """Let S3 tell of a delivery."""
        self._send(self.events[delivery])

    def run(self, stages: Collection[Stage] = STAGES) -> None:
        """Deliver messages to the functions of `stages` until all is quiet."""
        client = self.region.client("lambda")
        for mapping in client.list_event_source_mappings()["EventSourceMappings"]:
            stage = Stage(mapping["FunctionArn"].rpartition(f":{names.PREFIX}-")[2])
            if (stage in stages) != (mapping["State"] == "Enabled"):
                client.update_event_source_mapping(UUID=mapping["UUID"], Enabled=stage in stages)
        self.aws.pump((REGION,))

    # --- back to where it was

    def snapshot(self) -> Snapshot:
        """Everything, as it is."""
        tables = {name: copy.deepcopy(dict(self._databases[name].tables)) for name in _DATABASES}
        return Snapshot({layer: self._objects(layer) for layer in _MADE}, tables, self._messages())

    def restore(self, snapshot: Snapshot) -> None:
        """Wipe everything, and put back what the snapshot holds. All functions start cold."""
        for layer, objects in snapshot.objects.items():
            bucket = self._bucket(layer)
            for key in list(self._s3.get_bucket(bucket).keys):
                self._s3.delete_object(bucket, key)
            for key, body in objects.items():
                self._s3.put_object(bucket, key, body)
        for name, tables in snapshot.tables.items():
            self._databases[name].tables = copy.deepcopy(tables)
        self._purge()
        self._send(snapshot.messages)
        self.aws._runtime._sandboxes.clear()

    def wipe(self) -> None:
        """Empty all buckets but raw, silver's and gold's catalogs and all queues, and drop the warm functions."""
        self.restore(Snapshot({layer: {} for layer in _MADE}, {name: {} for name in _DATABASES}, []))

    def _purge(self) -> None:
        for queue in self._queues.values():
            queue._messages, queue._pending_messages = [], set()
        self.aws.forget_deduplication(REGION)

    def _messages(self) -> list[Message]:
        return [
            Message(name, message.body, message.group_id, message.deduplication_id)
            for name, queue in self._queues.items()
            for message in queue._messages
        ]

    def _send(self, messages: Iterable[Message]) -> None:
        sqs = self.region.client("sqs")
        for message in messages:
            url = sqs.get_queue_url(QueueName=message.queue)["QueueUrl"]
            fifo = {"MessageGroupId": message.group, "MessageDeduplicationId": message.deduplication}
            given = {key: value for key, value in fifo.items() if value is not None}
            sqs.send_message(QueueUrl=url, MessageBody=message.body, **given)

    # --- what readers see

    def outcome(self) -> Outcome:
        """What readers see, read straight from the objects."""
        kept = (Layer.BRONZE, Layer.QUARANTINE, Layer.LEDGER)
        files = {f"{layer}/{key}": body for layer in kept for key, body in self._objects(layer).items()}
        tables = {name: self._iceberg(name) for name in self._tables(names.SILVER_DB)}
        merged = {name: _merged(table) for name, table in tables.items()}
        silver = {name: _rows(table.scan().to_arrow()) for name, table in tables.items()}
        gold = {name: self._gold(name) for name in self._tables(names.GOLD_DB)}
        return Outcome(files, silver, merged, gold, list(dict.fromkeys(self._messages())))

    def _tables(self, database: str) -> list[str]:
        """The database's tables, without the views on them."""
        every = self._databases[database].tables
        return [name for name in every if self._parameters(database, name)["TableType"] != "VIRTUAL_VIEW"]

    def _iceberg(self, name: str) -> StaticTable:
        location = self._parameters(names.SILVER_DB, name)["Parameters"]["metadata_location"]
        memory = {"py-io-impl": file_io.IMPLEMENTATION, file_io.CLIENT: _Memory(self._s3)}
        return StaticTable.from_metadata(location, memory)

    def _gold(self, name: str) -> Rows:
        location = self._parameters(names.GOLD_DB, name)["StorageDescriptor"]["Location"]
        prefix = location.removeprefix(f"s3://{self._bucket(Layer.GOLD)}/")
        bodies = (body for key, body in self._objects(Layer.GOLD).items() if key.startswith(prefix) and body)
        return sorted(row for body in bodies for row in _rows(parquet.read_table(io.BytesIO(body))))

    def _parameters(self, database: str, name: str) -> dict[str, Any]:
        found: dict[str, Any] = self._databases[database].tables[name].as_dict()
        return found

    def _objects(self, layer: Layer) -> dict[str, bytes]:
        keys = self._s3.get_bucket(self._bucket(layer)).keys
        return {name: bytes(keys[name].value) for name in sorted(keys)}

    def _bucket(self, layer: Layer) -> str:
        return names.bucket(layer, self.aws.account, REGION)


class _Memory:
    """As much of boto3's S3 client as reading takes, without a request: each object whole."""

    def __init__(self, backend: Any) -> None:
        self._backend = backend

    def get_object(self, **request: Any) -> dict[str, Any]:
        return {"Body": io.BytesIO(self._backend.get_object(request["Bucket"], request["Key"]).value)}


def _rows(table: Any) -> Rows:
    return sorted(str(row) for row in table.to_pylist())


def _merged(table: StaticTable) -> Counter[str]:
    """How often each part is named by the snapshots that led to the current one."""
    import json

    by_id = {snapshot.snapshot_id: snapshot for snapshot in table.metadata.snapshots}
    counted: Counter[str] = Counter()
    at = table.metadata.current_snapshot_id
    while at in by_id:
        summary = by_id[at].summary
        counted.update(json.loads(summary.additional_properties.get(BATCHES, "{}") if summary else "{}").keys())
        at = by_id[at].parent_snapshot_id
    return counted


@contextmanager
def deployed(folder: Path) -> Iterator[Rig]:
    """The lake, deployed and empty; `folder` is for the templates."""
    synthesis = Synthesis(folder / "cdk.out", lake=LAKE)
    with LocalAWS() as aws, Interceptor() as interceptor:
        aws.deploy(synthesis.result(), [REGION])
        yield Rig(aws, interceptor)
