"""The layers that the functions stand on, from what `layers.build` and `infra.lake` have made."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import aws_cdk as cdk
from aws_cdk import aws_lambda as lambda_
from constructs import Construct
from watershed import names
from watershed.errors import ConfigurationError

from layers.build import COMMAND, build, current
from layers.manifest import LAKE, LAMBDA, LIBRARY, THIRD_PARTY

if TYPE_CHECKING:
    from collections.abc import Mapping

RUNTIME = lambda_.Runtime.PYTHON_3_14
ARCHITECTURE = lambda_.Architecture.ARM_64


@dataclass(frozen=True)
class LayerAsset:
    """What a layer version is made from: a zip whose contents' digest names it, or a folder."""

    path: Path
    contents: str | None = None

    def code(self) -> lambda_.Code:
        """The asset, for one stack; CDK wants one object for each."""
        if self.contents is None:
            return lambda_.Code.from_asset(str(self.path))
        # Named by what is in it and not by the zip's bytes, so that every machine gives the same template.
        return lambda_.Code.from_asset(
            str(self.path), asset_hash=self.contents, asset_hash_type=cdk.AssetHashType.CUSTOM
        )


def layer_assets(lake: Path) -> dict[str, LayerAsset]:
    """What every layer is made from, by name. Library code that changed is packed again; that takes seconds.

    Args:
        lake: The folder that `infra.lake.compile_lake` filled.

    Raises:
        ConfigurationError: if a third-party layer has not been built from the present requirements.
    """
    built = {name: current(name, LAMBDA) for name in THIRD_PARTY}
    missing = [name for name, layer in built.items() if layer is None]
    if missing:
        raise ConfigurationError(
            f"These layers are not built from the present requirements: {', '.join(missing)}.",
            remedy=f"Run `make layers`, or `{COMMAND}`; it needs a package index and takes less than a minute.",
        )
    (library,) = build([LIBRARY], LAMBDA)
    packed = {layer.name: LayerAsset(layer.zip, layer.contents) for layer in (*built.values(), library) if layer}
    return {**packed, LAKE: LayerAsset(lake)}


class Layers(Construct):
    """One layer version each."""

    def __init__(self, scope: Construct, construct_id: str, *, assets: Mapping[str, LayerAsset]) -> None:
        super().__init__(scope, construct_id)
        descriptions = {
            **THIRD_PARTY,
            LIBRARY: "How the lake works: the shared library.",
            LAKE: "What the lake holds: its contracts and gold models, compiled.",
        }
        self.versions = {
            name: lambda_.LayerVersion(
                self,
                name.title(),
                layer_version_name=f"{names.PREFIX}-{name}",
                description=descriptions[name],
                code=asset.code(),
                compatible_runtimes=[RUNTIME],
                compatible_architectures=[ARCHITECTURE],
            )
            for name, asset in assets.items()
        }
