"""Reads what `cdk synth` wrote: the stacks of a cloud assembly, and the files that they need in S3."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.aws.errors import InvalidAssembly


@dataclass(frozen=True)
class Asset:
    """A file or folder that a template refers to, and where in S3 the template expects it.

    Args:
        source: a file that is uploaded as it is, or a folder that is zipped.
        bucket: may hold `${AWS::AccountId}`, `${AWS::Region}` and `${AWS::Partition}`.
    """

    source: Path
    bucket: str
    key: str


@dataclass(frozen=True)
class StackArtifact:
    """A synthesized stack."""

    name: str
    region: str
    template: dict[str, Any]
    assets: tuple[Asset, ...]


def read(assembly: Path) -> list[StackArtifact]:
    """The stacks of a `cdk.out` folder, each after the stacks that it depends on.

    Raises:
        InvalidAssembly: if there is no manifest, a stack has no region, or there are nested assemblies.
    """
    try:
        artifacts = json.loads((assembly / "manifest.json").read_text(encoding="utf-8"))["artifacts"]
    except FileNotFoundError as error:
        raise InvalidAssembly(f"{assembly} holds no cloud assembly.", remedy="Write one with `cdk synth`.") from error
    if nested := sorted(key for key, value in artifacts.items() if value["type"] == "cdk:cloud-assembly"):
        raise InvalidAssembly(f"{assembly} nests {', '.join(nested)}.", remedy="Deploy the nested assemblies' folders.")
    stacks = {key: value for key, value in artifacts.items() if value["type"] == "aws:cloudformation:stack"}
    return [_stack(assembly, artifacts, key) for key in _ordered(stacks)]


def _ordered(stacks: dict[str, Any]) -> list[str]:
    found: list[str] = []

    def visit(key: str) -> None:
        for other in stacks[key].get("dependencies", []):
            if other in stacks:
                visit(other)
        if key not in found:
            found.append(key)

    for key in stacks:
        visit(key)
    return found


def _stack(assembly: Path, artifacts: dict[str, Any], key: str) -> StackArtifact:
    artifact = artifacts[key]
    region = artifact["environment"].rsplit("/", 1)[-1]
    if region == "unknown-region":
        raise InvalidAssembly(f"The stack {key} has no region.", remedy="Give it one: env=Environment(region=…).")
    assets: list[Asset] = []
    for other in artifact.get("dependencies", []):
        if artifacts[other]["type"] == "cdk:asset-manifest":
            assets += _assets(assembly, assembly / artifacts[other]["properties"]["file"])
    template = json.loads((assembly / artifact["properties"]["templateFile"]).read_text(encoding="utf-8"))
    return StackArtifact(artifact["properties"].get("stackName", key), region, template, tuple(assets))


def _assets(assembly: Path, manifest: Path) -> list[Asset]:
    document = json.loads(manifest.read_text(encoding="utf-8"))
    if document.get("dockerImages"):
        raise InvalidAssembly(f"{manifest.name} asks for container images.", remedy="Use zip functions and layers.")
    return [
        Asset(assembly / file["source"]["path"], destination["bucketName"], destination["objectKey"])
        for file in document.get("files", {}).values()
        for destination in file["destinations"].values()
    ]
