"""A region for bronze's tests: the real code from the clients inwards; S3 and SQS themselves are dictionaries."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote_plus

import pyarrow as pa
from botocore.exceptions import ClientError
from pyarrow import parquet
from watershed.bronze.announce import SilverQueue
from watershed.bronze.event import Arrival
from watershed.bronze.land import Landed, Surroundings, land
from watershed.contracts.model import Column, Contract, Kind, Residency, Source, Table
from watershed.names import Layer
from watershed.s3 import S3
from watershed.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Mapping

ACCOUNT, REGION = "123456789012", "eu-central-1"
SETTINGS = Settings(ACCOUNT, REGION, ("DE",))
QUEUE_URL = "https://queue/silver"
LANDED_AT = datetime(2024, 5, 17, 23, 59, 59, 123456, UTC)


def contract(name: str = "orders", **source: Any) -> Contract:
    """A dataset with an integer key `id`, a required `name`, and an optional `note`."""
    columns = (
        Column("id", Kind.INTEGER),
        Column("name", Kind.STRING, required=True),
        Column("note", Kind.STRING),
    )
    return Contract(
        name=name,
        version="1.2.3",
        description="",
        tables=(Table(name, columns, primary_key=("id",)),),
        sources=(Source("default", **source),),
        residency=Residency(None),
        files=(f"{name}db.csv",),
    )


def refusal(code: str, status: int) -> ClientError:
    """What boto3 raises when AWS refuses a request."""
    metadata: Any = {"HTTPStatusCode": status}
    return ClientError({"Error": {"Code": code}, "ResponseMetadata": metadata}, "Operation")


@dataclass
class FakeS3:
    """Objects and their versions, by bucket and key."""

    objects: dict[tuple[str, str], dict[str, bytes]] = field(default_factory=dict)

    def get_object(self, **request: Any) -> dict[str, Any]:
        versions = self.objects.get((request["Bucket"], request["Key"]), {})
        version = request.get("VersionId", next(reversed(versions), None))
        if version not in versions:
            code = "NoSuchVersion" if versions else "NoSuchKey"
            raise refusal(code, 404)
        body = versions[version]
        return {
            "ContentLength": len(body),
            "LastModified": LANDED_AT,
            "VersionId": version,
            "ETag": version,
            "Body": io.BytesIO(body),
        }

    def head_object(self, **request: Any) -> dict[str, Any]:
        versions = self.objects.get((request["Bucket"], request["Key"]), {})
        if request.get("VersionId", next(reversed(versions), None)) not in versions:
            raise refusal("404", 404)
        return {}

    def put_object(self, **request: Any) -> dict[str, Any]:
        versions = self.objects.setdefault((request["Bucket"], request["Key"]), {})
        versions[f"v{len(versions) + 1}"] = request["Body"]
        return {}

    def delete_objects(self, **request: Any) -> dict[str, Any]:
        for each in request["Delete"]["Objects"]:
            self.objects.pop((request["Bucket"], each["Key"]), None)
        return {}


@dataclass
class FakeSQS:
    """What was sent, in order."""

    sent: list[dict[str, Any]] = field(default_factory=list)

    def send_message_batch(self, **request: Any) -> dict[str, Any]:
        self.sent.extend(request["Entries"])
        return {}


class BronzeLake:
    """One region with an empty lake."""

    def __init__(self, *contracts: Contract) -> None:
        self.s3, self.sqs = FakeS3(), FakeSQS()
        self.around = Surroundings(
            settings=SETTINGS,
            contracts={each.name: each for each in contracts or (contract(),)},
            s3=S3(self.s3),
            announce=SilverQueue(self.sqs, QUEUE_URL).announce,
        )

    def drop(self, key: str, body: bytes) -> Landed:
        """Put an object into the raw bucket and land it."""
        raw = SETTINGS.bucket(Layer.RAW)
        self.s3.put_object(Bucket=raw, Key=key, Body=body)
        return land(Arrival(raw, key, None, len(body)), self.around)

    def keys(self, layer: Layer) -> list[str]:
        """The keys of the layer's objects."""
        return sorted(key for bucket, key in self.s3.objects if bucket == SETTINGS.bucket(layer))

    def tables(self, layer: Layer) -> dict[str, pa.Table]:
        """The layer's objects as tables, by key."""
        bucket = SETTINGS.bucket(layer)
        return {key: parquet.read_table(pa.BufferReader(self._bytes(bucket, key))) for key in self.keys(layer)}

    def rows(self, layer: Layer) -> list[dict[str, Any]]:
        """All rows of the layer, in the order of keys and positions."""
        return [row for table in self.tables(layer).values() for row in table.to_pylist()]

    def source_rows(self) -> list[dict[str, Any]]:
        """The rows of bronze without lineage, in the order of the file."""
        ordered = sorted(self.rows(Layer.BRONZE), key=lambda row: (row["_source_key"], row["_row_number"]))
        return [{name: value for name, value in row.items() if not name.startswith("_")} for row in ordered]

    def fates(self) -> list[tuple[int | None, str]]:
        """Row number and reason of everything in quarantine."""
        rows = self.rows(Layer.QUARANTINE)
        return sorted(((row["row_number"], row["reason"]) for row in rows), key=lambda fate: (fate[0] or 0, fate[1]))

    def written(self) -> Mapping[tuple[str, str], bytes]:
        """Everything but raw."""
        raw = SETTINGS.bucket(Layer.RAW)
        return {where: next(reversed(v.values())) for where, v in self.s3.objects.items() if where[0] != raw}

    def _bytes(self, bucket: str, key: str) -> bytes:
        return next(reversed(self.s3.objects[bucket, key].values()))


def notification(key: str, *, bucket: str | None = None, version: str | None = "v1", size: int = 1) -> str:
    """The body of S3's message about a created object."""
    found = {"key": quote_plus(key, safe="/"), "size": size} | ({} if version is None else {"versionId": version})
    place = {"bucket": {"name": bucket or SETTINGS.bucket(Layer.RAW)}, "object": found}
    return json.dumps({"Records": [{"eventName": "ObjectCreated:Put", "s3": place}]})
