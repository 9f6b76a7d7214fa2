"""The CDK app: `python -m infra.app`, or any `cdk` command. Needs no credentials and no network."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import aws_cdk as cdk
from watershed.errors import ConfigurationError
from watershed.zones.check import collisions

from infra import limits, nag
from infra.config import regions
from infra.lake import compile_lake
from infra.layers import layer_assets
from infra.region_stack import RegionStack
from infra.residency.plugin import Residency
from layers.manifest import ROOT

LAKE = ROOT / "layers" / "lake"
COMPILED_LAKE = ROOT / "build" / "lake"


def build_app(*, outdir: Path, lake: Path = LAKE, validate: bool = True, residency: Residency | None = None) -> cdk.App:
    """The whole app, not yet synthesized.

    Args:
        outdir: Where the cloud assembly goes.
        lake: The folder with contracts and gold models.
        validate: Whether CDK's validation and cdk-nag may stop the synthesis; together they take seconds.
        residency: The check that no data can leave its region, to be asked afterwards. It always takes part, at a
            fraction of a second.

    Raises:
        ConfigurationError: if cdk.json, a contract or a gold model is wrong, or a layer has not been built.
    """
    context = json.loads((ROOT / "cdk.json").read_text(encoding="utf-8"))["context"]
    app = cdk.App(
        outdir=str(outdir),
        context=context,  # the cdk command would pass it; so do we, and both ways give the same templates
        post_cli_context={"aws:cdk:enable-path-metadata": False, "aws:cdk:enable-asset-metadata": False},
        analytics_reporting=False,
        tree_metadata=False,
        builtin_cloud_formation_validation=validate,
    )
    if validate:
        nag.enable(app)
    cdk.Validations.of(app).add_plugins(residency or Residency())
    configured = regions(app.node.try_get_context("watershed"))
    catalog, lake_layer = compile_lake(lake, COMPILED_LAKE)
    zones = dict.fromkeys(zone for config in configured for zone in config.time_zones)
    if faults := list(collisions(catalog, zones)):
        raise ConfigurationError("\n".join(faults), remedy="")
    assets = layer_assets(lake_layer)
    for config in configured:
        RegionStack(app, config=config, catalog=catalog, assets=assets)
    return app


def main() -> int:
    """Write the cloud assembly.

    Returns 1 if the configuration is wrong, if data could leave its region, or if something is too long for AWS.

    The environment may say: CDK_OUTDIR, where to (else cdk.out); CDK_VALIDATION=false, to leave out the validators;
    WATERSHED_LAKE, another folder than layers/lake.
    """
    environment, residency = os.environ, Residency()
    try:
        assembly = build_app(
            outdir=Path(environment.get("CDK_OUTDIR", "cdk.out")),
            lake=Path(environment.get("WATERSHED_LAKE", LAKE)),
            validate=environment.get("CDK_VALIDATION", "true").lower() != "false",
            residency=residency,
        ).synth()
    except ConfigurationError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except RuntimeError:
        if residency.findings:
            return 1  # CDK has printed them, with what its other validators found
        raise
    # Under the cdk command, CDK does not raise: the command reads the report, and with --ignore-errors would go on.
    if residency.findings is None:
        sys.stderr.write("The check that no data can leave its region did not come to its end.\n")
        return 1
    for finding in residency.findings:
        sys.stderr.write(f"{finding} {finding.remedy}\n")
    # The assembly's, not the folder's: that keeps the template of a region which was taken out of cdk.json.
    faults = [fault for stack in assembly.stacks for fault in limits.exceeded(Path(stack.template_full_path))]
    for fault in faults:
        sys.stderr.write(f"{fault}\n")
    return 1 if residency.findings or faults else 0


if __name__ == "__main__":
    sys.exit(main())
