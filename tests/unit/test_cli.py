"""The command line: what it says and what it returns."""

from __future__ import annotations

import argparse
import dataclasses
import errno
import importlib
import re
import socket
import string
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, NoCredentialsError
from watershed import catalog
from watershed.errors import ConfigurationError, Terminal
from watershed.reconcile.difference import Note, Where
from watershed.reconcile.run import Reconciled, Reconciliation

from local import running
from local.cli import COMMANDS, main
from local.commands import demo
from local.config import regions
from local.paths import LAKE, ROOT

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main([command, "--help"])
    assert stop.value.code == 0
    said = " ".join(capsys.readouterr().out.split())
    assert f"usage: watershed {command}" in said
    assert COMMANDS[command][1:] in said  # names keep their capitals


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["--help"])
    assert stop.value.code == 0
    output = capsys.readouterr().out
    assert all(command in output for command in COMMANDS)


def test_a_command_is_a_module_with_two_functions() -> None:
    for command in COMMANDS:
        module = importlib.import_module(f"local.commands.{command}")
        assert callable(module.arguments)
        assert callable(module.run)


def test_an_unknown_command_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["drain"])
    assert stop.value.code == 2
    assert "drain" in capsys.readouterr().err


def test_lint_of_the_lake_that_ships_finds_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["contracts", "lint"]) == 0
    assert main(["gold", "lint"]) == 0
    assert main(["connectors", "lint"]) == 0
    assert "no findings" in capsys.readouterr().out


def test_a_query_without_a_running_lake_says_how_to_start_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(running, "STATE", tmp_path / "running.json")
    assert main(["query", "eu-central-1", "SELECT 1"]) == 1
    assert "watershed up" in capsys.readouterr().err


def test_the_running_lake_is_found_through_its_file_while_it_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(running, "STATE", tmp_path / "up" / "running.json")
    with socket.create_server(("127.0.0.1", 0)) as server:
        endpoint = f"http://127.0.0.1:{server.getsockname()[1]}"
        running.announce(running.RunningLake(endpoint, "123456789012", ("eu-central-1",)))
        lake = running.lake()
        assert lake.region("eu-central-1").client("s3").meta.endpoint_url == endpoint
        with pytest.raises(ConfigurationError, match="no region mars-1"):
            lake.region("mars-1")
        assert main(["up", "--port", "0"]) == 1  # it would empty the first one's templates, and be found in its place
        said = capsys.readouterr().err
        assert f"The local AWS is up already, at {endpoint}." in said
        assert "running.json" in "".join(said.split())  # what to mend if something else has its port
    with pytest.raises(ConfigurationError, match="No local AWS"):
        running.lake()  # it was killed, and its file stayed
    running.STATE.write_text('{"endpoint": ', encoding="utf-8")
    with pytest.raises(ConfigurationError, match="No local AWS"):
        running.lake()  # or was killed while it wrote it, or the disk was full
    running.withdraw()
    with pytest.raises(ConfigurationError, match="No local AWS"):
        running.lake()


def test_an_empty_statement_is_said_to_be_empty(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["query", "eu-central-1", " "]) == 1
    assert "The statement is empty." in capsys.readouterr().err


def test_a_query_shows_each_value_whole_however_narrow_the_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    header, row = tuple(f"column_{place}" for place in range(12)), tuple(f"{place}234.56" for place in range(12))
    region = SimpleNamespace(athena=SimpleNamespace(rows=lambda _: (header, [row])))
    monkeypatch.setattr("local.commands.query.reached", lambda *_, **__: region)
    monkeypatch.setenv("COLUMNS", "60")
    assert main(["query", "eu-central-1", "SELECT 1"]) == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert [*header] in lines
    assert [*row] in lines


@pytest.mark.parametrize("command", ["status", "sources"])
def test_a_region_that_the_lake_does_not_have_is_not_well(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([command, "eu-central-7"]) == 1
    said = capsys.readouterr().err
    assert "The lake has no region eu-central-7." in said
    assert "eu-central-1" in said


@pytest.mark.parametrize(
    ("place", "told"),
    [([], "--poll needs the source's region."), (["us-east-1"], "us-east-1 polls no source shopify.")],
)
def test_a_source_that_is_not_polled_there_is_told_with_those_that_are(
    place: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["sources", *place, "--poll", "shopify"]) == 1
    said = " ".join(capsys.readouterr().err.split())
    assert told in said
    assert "eu-central-1 --poll shopify" in said


def test_no_fewer_rows_than_one_are_shown_of_quarantine(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["quarantine", "show", "eu-central-1", "--limit", "-1"]) == 1
    assert "--limit is less than 1." in capsys.readouterr().err


@pytest.mark.parametrize("day", ["2025-1-1", "2025-02-30", "yesterday", ""])
@pytest.mark.parametrize(
    "command", [["demo", "--as-of"], ["backfill", "eu-central-1", "orders", "--since"], ["reconcile", "--until"]]
)
def test_what_is_no_day_is_said_with_one_that_is(
    command: list[str], day: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main([*command, day])
    assert f"{day!r} is no day of the calendar. Write one like 2025-01-31." in capsys.readouterr().err


def test_the_demo_asks_for_no_region_that_the_lake_does_not_have(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["demo", "--region", "mars-1", "--data", "."]) == 1
    said = capsys.readouterr()
    assert "The lake has no region mars-1." in said.err
    assert "Synthesize" not in said.out  # half a minute's work


def test_the_demo_takes_a_region_for_files_alone(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["demo", "--region", "eu-central-1"]) == 1
    assert "Give --data" in capsys.readouterr().err


def test_a_stage_that_a_region_does_not_have_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["redrive", "eu-central-1", "--stage", "publish"]) == 1
    said = capsys.readouterr().err
    assert "eu-central-1 has no stage publish." in said
    assert "choose one of these" in said


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "No space left on device. Make room, then run it again"),
        (PermissionError(errno.EACCES, "Permission denied", "build/x"), "build/x: Permission denied. Name another"),
    ],
)
def test_what_the_disk_refuses_is_said_without_a_traceback(
    error: Exception, told: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(*_: object) -> None:
        raise error

    monkeypatch.setattr("local.commands.tables.run", refuse)
    assert main(["tables", "--write"]) == 1
    assert told in " ".join(capsys.readouterr().err.split())


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (NoCredentialsError(), "Unable to locate credentials"),
        (EndpointConnectionError(endpoint_url="https://sts.mars-1.example"), "sts.mars-1.example"),
        (ClientError({"Error": {"Code": "AccessDenied", "Message": "No."}}, "GetCallerIdentity"), "AccessDenied"),
    ],
)
def test_what_aws_refuses_is_said_without_a_traceback(
    error: Exception, told: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr("local.reached.boto3.Session", refuse)
    assert main(["query", "--aws", "eu-central-1", "SELECT 1"]) == 1
    said = capsys.readouterr().err.replace("\n", " ")
    assert told in said
    assert "Look at the region's name" in said


def test_a_folder_that_is_a_file_is_said_without_a_traceback(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "taken"
    file.touch()
    assert main(["sample", str(file), "--rows", "10"]) == 1
    assert "Not a directory" in capsys.readouterr().err.replace("\n", " ")


def test_what_nobody_foresaw_keeps_its_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("local.reached.boto3.Session", broken)
    with pytest.raises(ZeroDivisionError):
        main(["query", "--aws", "eu-central-1", "SELECT 1"])


ODD = ["[/b]", "[red]x[/red]", "urn:de:shop", "a\\"]  # what rich would take for its own: markup, a flag


class OddRegion:
    """A region whose Athena gives odd texts."""

    name, account = "eu-central-1", "123456789012"

    @property
    def athena(self) -> OddRegion:
        return self

    def rows(self, _: str) -> tuple[list[str], list[list[str | None]]]:
        return ["dataset", "[/i]", *ODD[2:]], [[None, "malformed_row", *ODD]]


def test_a_query_prints_values_as_they_are(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("local.commands.query.reached", lambda *_, **__: OddRegion())
    assert main(["query", "eu-central-1", "SELECT 1"]) == 0
    printed = capsys.readouterr().out
    assert all(text in printed for text in ("NULL", "[/i]", *ODD))


def test_quarantine_shows_rows_as_they_are(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("local.commands.quarantine.reached", lambda *_, **__: OddRegion())
    assert main(["quarantine", "list", "eu-central-1"]) == 0
    assert "[/b]" in capsys.readouterr().out
    shown = (["source_key", "column_name", "raw"], [["orders/[/b].csv", "[/i]", "urn:de:shop"]])
    monkeypatch.setattr(OddRegion, "rows", lambda *_: shown)
    assert main(["quarantine", "show", "eu-central-1", "--raw"]) == 0
    printed = capsys.readouterr().out
    assert all(text in printed for text in ("orders/[/b].csv", "[/i]", "urn:de:shop"))


def test_the_demo_needs_no_region_that_was_taken_out_of_the_lake(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    args = argparse.Namespace(data=None, out=tmp_path, rows=10)
    first, *_ = regions()
    monkeypatch.setattr(demo, "regions", lambda: (first,))
    assert {drop.region for drop in demo._files(args, first.region, catalog.build(LAKE))} == {first.region}
    monkeypatch.setattr(demo, "regions", lambda: (dataclasses.replace(first, region="eu-west-7"),))
    with pytest.raises(ConfigurationError, match=r"no sample data of eu-west-7\. Give a folder"):
        demo._files(args, "eu-west-7", catalog.build(LAKE))


def test_every_make_target_that_is_named_is_there() -> None:
    there = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    folders = ("local", "infra", "functions", "layers/watershed", "layers/lake", "docs")
    files = [
        path for folder in folders for path in (ROOT / folder).rglob("*") if path.suffix in {".py", ".md", ".yaml"}
    ]
    named = {
        (name, path) for path in files for name in re.findall(r"`make ([a-z-]+)", path.read_text(encoding="utf-8"))
    }
    assert {(name, path) for name, path in named if name not in there} == set()
    assert named


def test_no_value_gives_the_terminal_a_command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    hostile = "a\x1b[2J\x1b]0;b\x07\x9bc\rd\N{RIGHT-TO-LEFT OVERRIDE}e\tf"
    spelled = r"a\x1b[2J\x1b]0;b\x07\x9bc\rd\u202ee"
    monkeypatch.setattr(OddRegion, "rows", lambda *_: (["source_key", "raw"], [[hostile, hostile]]))
    for command in (["query", "eu-central-1", "SELECT 1"], ["quarantine", "show", "eu-central-1", "--raw"]):
        monkeypatch.setattr(f"local.commands.{command[0]}.reached", lambda *_, **__: OddRegion())
        assert main(command) == 0
        printed = capsys.readouterr().out
        assert spelled in printed
        assert not set(printed) & set(hostile) - set(string.printable)
        assert "\x1b" not in printed


def test_no_objects_key_gives_the_terminal_a_command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever may drop a file has named it."""
    key = "orders/[/b]\x1b[2J\N{RIGHT-TO-LEFT ISOLATE}.csv"
    spelled = r"orders/[/b]\x1b[2J\u2067.csv"

    def run(work: Reconciliation, _: object) -> list[Reconciled]:
        work.say(f"looking at {key}")
        return [Reconciled("orders", findings=[Note(Where("orders", key), "raw is gone")])]

    monkeypatch.setattr("local.commands.reconcile.reached", lambda *_, **__: OddRegion())
    monkeypatch.setattr(OddRegion, "client", None, raising=False)
    monkeypatch.setattr(Reconciliation, "run", run)
    assert main(["reconcile", "eu-central-1", "orders"]) == 0
    printed = capsys.readouterr()
    assert all(spelled in text and "\x1b" not in text for text in (printed.out, printed.err))
    monkeypatch.setenv("FORCE_COLOR", "1")  # a terminal, which shows one line of progress
    assert main(["reconcile", "eu-central-1", "orders"]) == 0
    assert "\x1b[2J" not in capsys.readouterr().err

    def refuse(*_: object) -> None:
        raise Terminal(f"{key} is gone.", remedy="")

    monkeypatch.setattr("local.commands.tables.run", refuse)
    monkeypatch.delenv("FORCE_COLOR")
    assert main(["tables"]) == 1
    assert spelled in capsys.readouterr().err
