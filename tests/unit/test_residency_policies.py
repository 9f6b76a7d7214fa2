"""`watershed residency policies`: files to attach, or a clear refusal that leaves nothing behind."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from local.cli import main
from local.commands.residency import SUBCOMMANDS

if TYPE_CHECKING:
    from pathlib import Path

NAMES = {
    "analysts.json",
    "permissions-boundary.json",
    "resource-control-policy.json",
    "service-control-policy-own-account.json",
    "service-control-policy.json",
}


@pytest.mark.parametrize("subcommand", SUBCOMMANDS)
def test_every_sub_command_explains_itself(subcommand: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["residency", subcommand, "--help"])
    assert stop.value.code == 0
    assert f"usage: watershed residency {subcommand}" in capsys.readouterr().out


def test_policies_are_written_and_each_is_said_where_to_attach(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "to" / "attach"
    assert main(["residency", "policies", "eu-central-1", "--out", str(out)]) == 0
    assert {file.name for file in out.iterdir()} == NAMES
    printed = capsys.readouterr().out
    assert all(f"{out / name}" in printed for name in NAMES)
    assert "give --account" in printed
    for file in out.iterdir():
        assert json.loads(file.read_text(encoding="utf-8"))["Statement"]
        assert "us-east-1" not in file.read_text(encoding="utf-8")


def test_with_an_account_they_name_it_and_the_catalogs_is_there(tmp_path: Path) -> None:
    assert main(["residency", "policies", "us-east-1", "--account", "123456789012", "--out", str(tmp_path)]) == 0
    assert {file.name for file in tmp_path.iterdir()} == NAMES | {"catalog-policy.json"}
    catalog = json.loads((tmp_path / "catalog-policy.json").read_text(encoding="utf-8"))
    assert "arn:aws:glue:us-east-1:123456789012:table/silver/*" in catalog["Statement"][0]["Resource"]


def test_the_same_configuration_gives_the_same_files(tmp_path: Path) -> None:
    for name in ("a", "b"):
        assert main(["residency", "policies", "eu-central-1", "--out", str(tmp_path / name)]) == 0
    for file in NAMES:
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes()


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["mars-1"], "The lake has no region mars-1"),
        (["eu-central-1", "--account", "1234"], "1234 is not the number of an AWS account"),
        (["eu-central-1", "--account", "arn:aws:iam::123456789012:root"], "is not the number of an AWS account"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_written(
    words: list[str], says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert main(["residency", "policies", *words, "--out", str(out)]) == 1
    assert says in capsys.readouterr().err
    assert not out.exists()


def test_a_file_in_the_way_is_left_as_it_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    out.write_text("mine")
    assert main(["residency", "policies", "eu-central-1", "--out", str(out)]) == 1
    assert "is a file. Give --out a folder." in " ".join(capsys.readouterr().err.split())
    assert out.read_text() == "mine"
