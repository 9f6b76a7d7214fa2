"""An hour's files on their way: uploads side by side, events at least once, minute by minute."""

from __future__ import annotations

import json
import random
import tempfile
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote_plus

import pyarrow as pa
from watershed import names
from watershed.names import Layer, Stage

from benchmarks.load import memory
from local.region import Region

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from benchmarks.load.hour import Hour, SmallFile
    from local.aws import LocalAWS
    from local.aws.runtime.lambda_runtime import Invocation

AT_ONCE = 200  # uploads
_PATIENCE = 60  # seconds until uploads that wait for one that failed give up
REPEATED = 0.03  # of the messages of standard queues are delivered once more at once
LATE_EVERY, LATE = 5, 20  # every so many minutes, S3's events about so many earlier files come again


@dataclass(frozen=True)
class Minute:
    """What one minute's files cost.

    Attributes:
        new: How many files arrived.
        files: The same by dataset, with those whose events came again.
        commits: Iceberg snapshots, by table.
        seconds: On this machine, until everything was quiet.
        memory: Megabytes this process holds after it, the local AWS included.
        arrow: Megabytes of Arrow's among them: what the functions have not let go.
        invocations: Runs of each function.
        failures: Of functions, or messages that they gave back.
        causes: What functions logged as errors, how often.
    """

    new: int
    files: Counter[str]
    commits: Counter[str]
    seconds: float
    memory: float
    arrow: float
    invocations: Counter[str]
    failures: int
    causes: Counter[str]


@dataclass
class Uploads:
    """Puts files, as many at a time as may be, and notes how many there were."""

    region: Region
    folder: Path
    most_at_once: int = 0
    sent: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._now = 0
        self._lock = threading.Lock()
        self._bucket = names.bucket(Layer.RAW, self.region.account, self.region.name)

    def put(self, files: Sequence[SmallFile]) -> None:
        """Upload all; each waits for its fellows, so that as many as may be are under way together."""
        together = min(len(files), AT_ONCE)
        if not together:
            return
        start = threading.Barrier(together)
        first = {id(file) for file in files[:together]}
        with ThreadPoolExecutor(together) as pool:
            for _ in pool.map(lambda file: self._put(file, start if id(file) in first else None), files):
                pass

    def _put(self, file: SmallFile, start: threading.Barrier | None) -> None:
        path = file.write(self.folder)
        with path.open("rb") as body:
            self._under_way(+1)
            if start:
                start.wait(_PATIENCE)
            done = self.region.client("s3").put_object(Bucket=self._bucket, Key=file.key, Body=body)
            self._under_way(-1)
        self.sent.append({"key": file.key, "version": done["VersionId"], "size": path.stat().st_size})
        path.unlink()

    def _under_way(self, change: int) -> None:
        with self._lock:
            self._now += change
            self.most_at_once = max(self.most_at_once, self._now)

    def announce_again(self, some: Sequence[dict[str, Any]]) -> None:
        """Send S3's events about objects that are there already, as S3 may."""
        sqs = self.region.client("sqs")
        url = sqs.get_queue_url(QueueName=names.queue(Stage.BRONZE))["QueueUrl"]
        for each in some:
            found = {"key": quote_plus(each["key"], safe="/"), "size": each["size"], "versionId": each["version"]}
            place = {"bucket": {"name": self._bucket}, "object": found}
            body = {"Records": [{"eventName": "ObjectCreated:Put", "s3": place}]}
            sqs.send_message(QueueUrl=url, MessageBody=json.dumps(body))


def deliver(
    aws: LocalAWS, region: Region, hour: Hour, on_minute: Callable[[Minute], None], late_every: int = LATE_EVERY
) -> int:
    """Deliver the hour, in one order that chance gives, and let the lake work on each minute's files together.

    Args:
        aws: Where the lake is deployed.
        region: Of the hour's files.
        hour: What arrives.
        on_minute: Told of each minute when everything is quiet.
        late_every: Every so many minutes, some earlier events come again.

    Returns:
        The largest number of uploads that were under way at once.
    """
    chance = random.Random(hour.seed)  # noqa: S311 - it only shuffles
    with tempfile.TemporaryDirectory() as folder:
        uploads = Uploads(region, Path(folder))
        before = commits(region, hour)
        for number, files in enumerate(hour.minutes()):
            started = time.monotonic()
            arrived = Counter(file.dataset for file in files)
            if number % late_every == late_every - 1:
                aws.forget_deduplication(region.name)  # the queue's five minutes are over
                earlier = sorted(uploads.sent, key=lambda each: str(each["key"]))
                late = chance.sample(earlier, min(LATE, len(earlier)))
                arrived.update(each["key"].partition("/")[0] for each in late)
                uploads.announce_again(late)
            uploads.put(chance.sample(files, len(files)))
            causes = Counter[str]()

            def note(invocation: Invocation, said: Counter[str] = causes) -> None:
                said.update(errors(invocation))

            report = aws.pump([region.name], note)
            after = commits(region, hour)
            failures = len(report.errors) + sum(report.partial_failures.values()) + len(report.dead_letters)
            seconds = time.monotonic() - started
            held = memory.resident(), pa.total_allocated_bytes() / memory.MEGABYTE
            on_minute(Minute(len(files), arrived, after - before, seconds, *held, report.invocations, failures, causes))
            before = after
        return uploads.most_at_once


def errors(invocation: Invocation) -> Iterator[str]:
    """What a function logged as errors, without the time and what it was about."""
    if invocation.error is not None:
        yield f"{invocation.function}: {invocation.error.partition(':')[0]}"
    for line in invocation.log.splitlines():
        if '"level":"ERROR"' in line:
            said = json.loads(line)
            yield f"{invocation.function}: {said.get('where') or said['message']}"


def commits(region: Region, hour: Hour) -> Counter[str]:
    """How many snapshots each silver table has had; each has a number in its metadata's sequence."""
    return Counter({table: metadata(region, table)[0].get("last-sequence-number", 0) for table in hour.standing})


def metadata(region: Region, table: str) -> tuple[dict[str, Any], int]:
    """A silver table's current metadata, and its file's bytes. Empty if there is no such table yet."""
    glue = region.client("glue")
    try:
        found = glue.get_table(DatabaseName=names.SILVER_DB, Name=table)["Table"]
    except glue.exceptions.EntityNotFoundException:
        return {}, 0
    bucket, _, key = found["Parameters"]["metadata_location"].removeprefix("s3://").partition("/")
    text = region.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
    return json.loads(text), len(text)
