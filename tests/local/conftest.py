"""Builds small cloud assemblies without CDK, and runs the laptop's AWS around a test."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from moto import mock_aws

from local.aws import LocalAWS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

REGION = "eu-central-1"
LAMBDA_MAY_ASSUME = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}


class Assembly:
    """Writes a `cdk.out` folder: one stack per region, with the same resources and assets."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def write(
        self,
        resources: Mapping[str, Any],
        *,
        regions: tuple[str, ...] = (REGION,),
        assets: Mapping[str, Path] | None = None,
        outputs: Mapping[str, Any] | None = None,
        conditions: Mapping[str, Any] | None = None,
    ) -> Path:
        """`assets` maps object keys in the bucket `assets-<region>` to files or folders."""
        artifacts: dict[str, Any] = {}
        for region in regions:
            name = f"Stack-{region}"
            template = {"Resources": resources, "Outputs": outputs or {}, "Conditions": conditions or {}}
            self._write(f"{name}.template.json", template)
            files = {
                key: {
                    "source": {"path": str(path), "packaging": "zip" if path.is_dir() else "file"},
                    "destinations": {"here": {"bucketName": "assets-${AWS::AccountId}-" + region, "objectKey": key}},
                }
                for key, path in (assets or {}).items()
            }
            self._write(f"{name}.assets.json", {"files": files})
            artifacts[name] = {
                "type": "aws:cloudformation:stack",
                "environment": f"aws://unknown-account/{region}",
                "properties": {"templateFile": f"{name}.template.json"},
                "dependencies": [f"{name}.assets"],
            }
            artifacts[f"{name}.assets"] = {
                "type": "cdk:asset-manifest",
                "properties": {"file": f"{name}.assets.json"},
            }
        self._write("manifest.json", {"artifacts": artifacts})
        return self.folder

    def _write(self, name: str, document: Any) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / name).write_text(json.dumps(document))


@pytest.fixture
def assembly(tmp_path: Path) -> Assembly:
    return Assembly(tmp_path / "cdk.out")


@pytest.fixture
def aws() -> Iterator[LocalAWS]:
    with LocalAWS() as running:
        yield running


@pytest.fixture
def deploy(aws: LocalAWS, assembly: Assembly) -> Callable[..., None]:
    """Write an assembly as `Assembly.write` does, and deploy it."""

    def write_and_deploy(resources: Mapping[str, Any], **named: Any) -> None:
        aws.deploy(assembly.write(resources, **named))

    return write_and_deploy


@pytest.fixture
def function() -> Callable[..., dict[str, Any]]:
    """Resources for a function with inline code, and for its role; further properties by name."""

    def resources(code: str, *, name: str = "work", **properties: Any) -> dict[str, Any]:
        logical_id = name.title()
        return {
            f"{logical_id}Role": {
                "Type": "AWS::IAM::Role",
                "Properties": {
                    "RoleName": {"Fn::Sub": f"{name}-${{AWS::Region}}"},
                    "AssumeRolePolicyDocument": LAMBDA_MAY_ASSUME,
                },
            },
            logical_id: {
                "Type": "AWS::Lambda::Function",
                "Properties": {
                    "FunctionName": name,
                    "Code": {"ZipFile": code},
                    "Handler": "index.handler",
                    "Runtime": "python3.13",
                    "Role": {"Fn::GetAtt": [f"{logical_id}Role", "Arn"]},
                    "Timeout": 20,
                    **properties,
                },
            },
        }

    return resources


@pytest.fixture
def queue() -> Callable[..., dict[str, Any]]:
    """Resources for a queue with a dead-letter queue, mapped to a function."""

    def resources(function_name: str, *, name: str = "queue", receives: int = 3, **mapping: Any) -> dict[str, Any]:
        fifo = name.endswith(".fifo")
        plain = name.removesuffix(".fifo")
        kind = {"FifoQueue": True} if fifo else {}
        logical_id = plain.title()
        return {
            f"{logical_id}Dead": {
                "Type": "AWS::SQS::Queue",
                "Properties": {"QueueName": f"{plain}-dlq" + (".fifo" if fifo else ""), **kind},
            },
            logical_id: {
                "Type": "AWS::SQS::Queue",
                "Properties": {
                    "QueueName": name,
                    "VisibilityTimeout": 120,
                    "RedrivePolicy": {
                        "deadLetterTargetArn": {"Fn::GetAtt": [f"{logical_id}Dead", "Arn"]},
                        "maxReceiveCount": receives,
                    },
                    **kind,
                },
            },
            f"{logical_id}Mapping": {
                "Type": "AWS::Lambda::EventSourceMapping",
                "Properties": {
                    "EventSourceArn": {"Fn::GetAtt": [logical_id, "Arn"]},
                    "FunctionName": {"Ref": function_name.title()},
                    "FunctionResponseTypes": ["ReportBatchItemFailures"],
                    **mapping,
                },
            },
        }

    return resources


@pytest.fixture
def layer(tmp_path: Path) -> Path:
    folder = tmp_path / "layer"
    (folder / "python" / "library").mkdir(parents=True)
    (folder / "python" / "library" / "__init__.py").write_text("VALUE = 1\n")
    return folder


def moto_client(service: str) -> Any:
    make: Any = boto3.client
    return make(service, region_name=REGION)


@pytest.fixture
def plain(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], Any]]:
    """Clients of moto as it is."""
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    with mock_aws(config={"lambda": {"use_docker": False}}):
        yield moto_client


@pytest.fixture
def patched(aws: LocalAWS) -> Callable[[str], Any]:
    """Clients of the laptop's AWS."""
    return lambda service: aws.client(service, REGION)
