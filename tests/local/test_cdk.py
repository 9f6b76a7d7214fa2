"""The real CDK command against the local AWS: bootstrap, diff, deploy and destroy, as the Makefile runs them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from typing import TYPE_CHECKING, Any

import pytest
from moto.kms.models import kms_backends
from watershed import names

from local.aws import LocalAWS
from local.config import regions
from local.paths import LAKE, ROOT
from local.region import Region
from tests.local.test_extension import CONTRACT, FILE, METRIC

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

REGIONS = [place.region for place in regions()]
STACKS = [names.stack(region) for region in REGIONS]
HOME = REGIONS[0]  # where a dataset comes and goes
KEPT = (names.Layer.RAW, names.Layer.BRONZE, names.Layer.SILVER, names.Layer.GOLD)


class Account:
    """An AWS account on this machine, with the terminal of somebody who deploys to it."""

    def __init__(self, aws: LocalAWS, folder: Path) -> None:
        self.aws = aws
        self._folder = folder

    def make(self, target: str, *, lake: Path = LAKE, stack: str = "", validate: bool = False) -> str:
        """Run the commands of a make target; the environment is up to date already, and is no part of the check.

        Args:
            target: What follows `make`.
            lake: What is deployed.
            stack: The value of STACK; none means every region.
            validate: Whether the app's validators run too; they take most of the time.
        """
        chosen = [f"STACK={stack}"] if stack else []
        quietly = ("--dry-run", "--no-print-directory")  # a make within make would say where it is
        say = ["make", *quietly, "--old-file=.venv/local.done", "--old-file=layers", target, *chosen]
        command = subprocess.run(say, cwd=ROOT, check=True, capture_output=True, text=True).stdout  # noqa: S603
        environment = os.environ | {
            "AWS_ENDPOINT_URL": self.aws.endpoint,
            "AWS_ACCESS_KEY_ID": "local",
            "AWS_SECRET_ACCESS_KEY": "local",
            "CDK_HOME": str(self._folder / "home"),  # it remembers accounts
            "CDK_OUTPUT": str(self._folder / "cdk.out"),
            "CDK_REQUIRE_APPROVAL": "never",  # nobody is here to be asked
            "CDK_FORCE": "true",
            "CDK_VALIDATION": str(validate).lower(),
            "WATERSHED_LAKE": str(lake),
        }
        print(f"\n$ make {' '.join([target, *chosen])}", flush=True)  # noqa: T201 - what `make deploy-check` shows
        started = time.monotonic()
        done = subprocess.run(  # noqa: S603
            ["/bin/bash", "-euo", "pipefail", "-c", command],
            cwd=ROOT,
            env=environment,
            check=False,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        told = [line for line in done.stdout.splitlines() if re.search(r"✅|no changes|differences|destroyed", line)]
        print("\n".join(told), f"\n{time.monotonic() - started:.0f} s", flush=True)  # noqa: T201
        assert done.returncode == 0, done.stdout
        return done.stdout

    def stack(self, region: str) -> dict[str, Any] | None:
        """The region's stack, or None."""
        found: list[dict[str, Any]] = self.aws.client("cloudformation", region).describe_stacks()["Stacks"]
        return next((stack for stack in found if stack["StackName"] == names.stack(region)), None)

    def statuses(self) -> dict[str, str | None]:
        """Each region's stack's status."""
        return {region: (self.stack(region) or {}).get("StackStatus") for region in REGIONS}

    def events(self) -> dict[str, int]:
        """How much has happened to each region's stack."""
        return {
            region: len(
                self.aws.client("cloudformation", region).describe_stack_events(StackName=names.stack(region))[
                    "StackEvents"
                ]
            )
            for region in REGIONS
        }

    def objects(self) -> dict[str, str]:
        """Every object of the region where the dataset comes and goes, with its content's hash."""
        s3 = self.aws.client("s3", HOME)
        return {
            f"{layer}/{item['Key']}": item["ETag"]
            for layer in KEPT
            for item in s3.list_objects_v2(Bucket=names.bucket(layer, self.aws.account, HOME)).get("Contents", [])
        }

    def bronze_tables(self) -> set[str]:
        """What Glue has of bronze."""
        tables = self.aws.client("glue", HOME).get_tables(DatabaseName=names.BRONZE_DB)["TableList"]
        return {table["Name"] for table in tables}

    @property
    def home(self) -> Region:
        """The region where a dataset comes and goes."""
        return Region.on(self.aws, HOME)


@pytest.fixture
def account(tmp_path: Path) -> Iterator[Account]:
    with LocalAWS(port=0) as aws:
        yield Account(aws, tmp_path)


@pytest.fixture
def lake_with_returns(tmp_path: Path) -> Path:
    """The lake that ships, with one more dataset and a metric of it."""
    lake = tmp_path / "lake"
    shutil.copytree(LAKE, lake)
    (lake / "contracts" / "returns.yaml").write_text(CONTRACT, encoding="utf-8")
    (lake / "gold" / "returns_by_day.sql").write_text(METRIC, encoding="utf-8")
    return lake


def test_the_readmes_commands_deploy_change_and_remove_the_lake(
    account: Account, lake_with_returns: Path, tmp_path: Path
) -> None:
    account.make("bootstrap")
    account.make("deploy", lake=lake_with_returns, validate=True)
    assert account.statuses() == dict.fromkeys(REGIONS, "CREATE_COMPLETE")
    outputs = {output["OutputKey"]: output["OutputValue"] for output in (account.stack(HOME) or {})["Outputs"]}
    assert outputs["RawBucket"] == names.bucket(names.Layer.RAW, account.aws.account, HOME)

    before = account.events()
    assert account.make("deploy", lake=lake_with_returns).count("(no changes)") == len(STACKS)
    assert account.events() == before

    (tmp_path / "returns.csv").write_text(FILE, encoding="utf-8")
    account.home.drop("returns/returns.csv", tmp_path / "returns.csv")
    account.aws.pump(REGIONS)
    rows = account.home.athena.rows("SELECT return_id, refund FROM silver.returns ORDER BY return_id")
    assert rows[1] == [["A1", "12.00"], ["A2", "1.25"]]
    kept = account.objects()
    assert {key.partition("/")[0] for key in kept} == set(KEPT)

    difference = account.make("diff", stack=STACKS[0])  # the dataset is taken out of the lake
    assert re.search(r"\[-\].*AWS::Glue::Table.*BronzeReturns", difference)
    assert not re.search(r"\[-\].*AWS::(S3|KMS)::", difference)
    account.make("deploy")
    assert account.statuses() == dict.fromkeys(REGIONS, "UPDATE_COMPLETE")
    assert "returns" not in account.bronze_tables()
    assert account.objects() == kept
    assert account.home.athena.rows("SELECT return_id, refund FROM silver.returns ORDER BY return_id") == rows
    account.home.drop("returns/again.csv", tmp_path / "returns.csv")
    account.aws.pump(REGIONS)
    held = account.home.athena.rows("SELECT reason FROM ops.quarantine WHERE source_key = 'returns/again.csv'")[1]
    assert held == [["unknown_dataset"]]

    kept = account.objects()
    account.make("destroy", stack=STACKS[0])
    assert account.stack(HOME) is None
    assert account.statuses() == {region: None if region == HOME else "UPDATE_COMPLETE" for region in REGIONS}
    account.make("destroy")
    assert account.statuses() == dict.fromkeys(REGIONS, None)
    assert account.objects() == kept
    for region in REGIONS:
        assert account.aws.client("lambda", region).list_functions()["Functions"] == []
        assert account.aws.client("sqs", region).list_queues().get("QueueUrls", []) == []
        # Not by KMS's API: moto takes a key policy's denials literally, without their conditions.
        states = {key.key_state for key in kms_backends[account.aws.account][region].keys.values()}
        assert states == {"Enabled"}, "what the buckets hold can still be read"
