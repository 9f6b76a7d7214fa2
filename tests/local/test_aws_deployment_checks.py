"""Deployments that AWS would refuse, and layers that differ from this environment."""

from __future__ import annotations

import copy
import io
import json
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from local.aws.errors import DeploymentRejected, LayerMismatch

if TYPE_CHECKING:
    from collections.abc import Callable

    from local.aws import LocalAWS
    from tests.local.conftest import Assembly

REGION = "eu-central-1"
EVERY = json.loads((Path(__file__).parent / "every_resource.json").read_text(encoding="utf-8"))


def test_notifications_need_a_queue_policy_first(aws: LocalAWS, assembly: Assembly) -> None:
    resources = {key: copy.deepcopy(EVERY[key]) for key in ("Queue", "Key")}
    configuration = {
        "QueueConfigurations": [{"Event": "s3:ObjectCreated:*", "Queue": {"Fn::GetAtt": ["Queue", "Arn"]}}]
    }
    resources["Bucket"] = {
        "Type": "AWS::S3::Bucket",
        "Properties": {"BucketName": "raw", "NotificationConfiguration": configuration},
    }
    with pytest.raises(DeploymentRejected, match="unable to validate the notification's destination"):
        aws.deploy(assembly.write(resources))


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"Q": {"VisibilityTimeout": 19}}, "visibility timeout"),
        ({"M": {"BatchSize": 11}}, "needs a batching window"),
        (
            {"Q": {"QueueName": "q.fifo", "FifoQueue": True}, "M": {"MaximumBatchingWindowInSeconds": 1}},
            "not supported for FIFO",
        ),
        ({"Q": {"QueueName": "q.fifo", "FifoQueue": True}, "M": {"BatchSize": 20}}, "at most 10"),
    ],
)
def test_mappings_that_lambda_would_refuse_are_refused(
    changes: dict[str, dict[str, Any]],
    what: str,
    aws: LocalAWS,
    assembly: Assembly,
    function: Callable[..., dict[str, Any]],
) -> None:
    queue = {"QueueName": "q", "VisibilityTimeout": 60, **changes.get("Q", {})}
    ends = {"EventSourceArn": {"Fn::GetAtt": ["Q", "Arn"]}, "FunctionName": {"Ref": "Work"}}
    resources = {
        **function("def handler(event, context): pass"),
        "Q": {"Type": "AWS::SQS::Queue", "Properties": queue},
        "M": {"Type": "AWS::Lambda::EventSourceMapping", "Properties": {**ends, **changes.get("M", {})}},
    }
    with pytest.raises(DeploymentRejected, match=what):
        aws.deploy(assembly.write(resources))


def test_policies_that_aws_manages_are_refused(
    aws: LocalAWS, assembly: Assembly, function: Callable[..., dict[str, Any]]
) -> None:
    resources = function("def handler(event, context): pass")
    arn = "arn:aws:iam::aws:policy/AmazonS3FullAccess"
    resources["WorkRole"]["Properties"]["ManagedPolicyArns"] = [arn]
    with pytest.raises(DeploymentRejected, match="AmazonS3FullAccess"):
        aws.deploy(assembly.write(resources))


def zipped(files: dict[str, str]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return packed.getvalue()


@pytest.mark.parametrize(
    ("pins", "fault"),
    [
        ("moto==5.2.4\n", r"moto: the layer has ==5\.2\.4, here is 5\.2\.5"),
        ("no-such-package==1.0\n", "no-such-package: the layer has ==1.0, here is nothing"),
        ("moto>=5\n", "moto: the layer has >=5"),
    ],
)
def test_a_layer_that_pins_other_versions_is_refused(
    pins: str, fault: str, aws: LocalAWS, assembly: Assembly, tmp_path: Path
) -> None:
    archive = tmp_path / "layer.zip"
    archive.write_bytes(zipped({"python/requirements.txt": pins, "python/moto/__init__.py": "1/0"}))
    with pytest.raises(LayerMismatch, match=fault):
        aws.deploy(assembly.write({"Layer": EVERY["Layer"]}, assets={"layer.zip": archive}))


def test_a_third_party_layer_is_checked_and_never_run(
    aws: LocalAWS, assembly: Assembly, tmp_path: Path, function: Callable[..., dict[str, Any]]
) -> None:
    from importlib.metadata import version

    pins = (
        f"# made by a tool\nmoto=={version('moto')} \\\n    --hash=sha256:00\n    # via watershed\n"
        'pywin32==1.0 ; sys_platform == "win32"\n--only-binary :all:\n'
    )
    archive = tmp_path / "layer.zip"
    archive.write_bytes(zipped({"python/requirements.txt": pins, "python/moto.py": "1/0", "python/big.so": "x" * 9999}))
    code = "import moto\ndef handler(event, context): return moto.__version__"
    resources = {**function(code, Layers=[{"Ref": "Layer"}]), "Layer": EVERY["Layer"]}
    aws.deploy(assembly.write(resources, assets={"layer.zip": archive}))
    answer = json.load(aws.client("lambda", REGION).invoke(FunctionName="work")["Payload"])
    assert answer == version("moto")
    stored = (
        aws.client("s3", REGION).get_object(Bucket=f"assets-{aws.account}-{REGION}", Key="layer.zip")["Body"].read()
    )
    assert zipfile.ZipFile(io.BytesIO(stored)).namelist() == ["python/requirements.txt"]
