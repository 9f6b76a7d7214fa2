"""Runs a backfill through the functions: raw objects land again under one replay's id, and the ledger is asked."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from watershed import names
from watershed.athena import Athena
from watershed.backfill import check
from watershed.backfill.bronze import Window
from watershed.backfill.check import Entry, Missing
from watershed.backfill.raw import RawObject, manifest
from watershed.backfill.sql import DIALECT
from watershed.errors import ConfigurationError
from watershed.names import Layer, Stage
from watershed.s3 import S3

MOST = 50_000  # objects a run: their results go back into one state of 256 KiB
_LOOK = 5.0  # seconds between two looks


@dataclass(frozen=True)
class Result:
    """What the ledger says of a run."""

    entries: list[Entry]
    missing: list[Missing]
    status: str  # of the execution, by Step Functions' own words


@dataclass(frozen=True)
class Replay:
    """One run of a backfill.

    Args:
        id: The replay's, which its ledger entries carry; sorts by time.
        dataset: The contract's name.
        window: When the objects came.
        account: The AWS account.
        region: The AWS region.
        client: Gives boto3's client of a service in the region.
        athena: The region's.
        sleep: Waits the given seconds; tests pass their own.
        say: Told how far it is.
    """

    id: str
    dataset: str
    window: Window
    account: str
    region: str
    client: Callable[[str], Any]
    athena: Athena
    sleep: Callable[[float], None]
    say: Callable[[str], None] = lambda _: None

    def run(self, objects: Sequence[RawObject], patience: float) -> Result:
        """Land the objects again, wait, and compare with the ledger. It may be repeated, under another id.

        Args:
            objects: What to read.
            patience: Seconds to wait for silver after bronze is done.

        Raises:
            ConfigurationError: if there are more than one run can take, or the region has no state machine.
        """
        execution = self._start(objects)
        status = self._ended(execution)
        waited = 0.0
        while True:
            entries = self._entries()
            missing = check.missing(objects, entries)
            in_silver = sum(each.stage is Stage.SILVER for each in missing)
            if not in_silver or waited >= patience:
                return Result(entries, missing, status)
            self.say(f"silver: {in_silver} objects to go, {patience - waited:.0f} s of patience left")
            self.sleep(_LOOK)
            waited += _LOOK

    def _start(self, objects: Sequence[RawObject]) -> str:
        if len(objects) > MOST:
            raise ConfigurationError(
                f"{len(objects):,} objects are more than the {MOST:,} that one run can take.",
                remedy="Backfill shorter times one after the other, with --since and --until.",
            )
        states, key = self.client("stepfunctions"), names.backfill_key(self.id)
        bucket = names.bucket(Layer.LEDGER, self.account, self.region)
        S3(self.client("s3")).put(bucket, key, manifest(objects, self.id).encode())
        machine = f"arn:{states.meta.partition}:states:{self.region}:{self.account}:stateMachine:{names.BACKFILL}"
        try:
            answer = states.start_execution(stateMachineArn=machine, name=self.id, input=json.dumps({"manifest": key}))
        except states.exceptions.StateMachineDoesNotExist as error:
            raise ConfigurationError(
                f"{self.region} has no state machine {names.BACKFILL}.",
                remedy="Deploy the region's stack, then try again.",
            ) from error
        return str(answer["executionArn"])

    def _ended(self, execution: str) -> str:
        states = self.client("stepfunctions")
        while (status := states.describe_execution(executionArn=execution)["status"]) == "RUNNING":
            self.say("bronze: landing")
            self.sleep(_LOOK)
        return str(status)

    def _entries(self) -> list[Entry]:
        statement = check.query(self.dataset, self.window, self.id).sql(DIALECT)
        return check.read(self.athena.typed_rows(statement)[1])
