"""The drop folder and the recognition of loose files."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from watershed.contracts.odcs import read_contracts
from watershed.errors import ConfigurationError

from local import running
from local.commands import up
from local.demo.loose import Drop, drops
from local.drop_folder import DropFolder
from local.paths import LAKE


def _keys(folder: DropFolder) -> list[tuple[str, str]]:
    return [(drop.region, drop.key) for drop in folder.ready()]


def test_a_file_is_taken_once_it_stands_still_and_again_when_it_changes(tmp_path: Path) -> None:
    folder = DropFolder(tmp_path, ["eu-central-1"], ["orders"])
    path = tmp_path / "eu-central-1" / "orders" / "a.csv"
    path.write_text("id\n", encoding="utf-8")
    assert _keys(folder) == []  # seen once: it may still be growing
    path.write_text("id\n1\n", encoding="utf-8")
    assert _keys(folder) == []
    assert _keys(folder) == [("eu-central-1", "orders/a.csv")]
    assert _keys(folder) == []
    path.write_text("id\n2\n", encoding="utf-8")
    os.utime(path, ns=(1, 1))
    assert _keys(folder) == []
    assert _keys(folder) == [("eu-central-1", "orders/a.csv")]


def test_what_goes_while_the_folder_is_looked_at_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = DropFolder(tmp_path, ["eu-central-1"], ["orders"])
    home = tmp_path / "eu-central-1" / "orders"
    for name in ("a.csv", "b.csv"):
        (home / name).write_text("id\n", encoding="utf-8")
    (home / "nowhere.csv").symlink_to(home / "none")
    folder.ready()
    stat, looked_at = Path.stat, [home / "none"]

    def going(path: Path, **options: bool) -> os.stat_result:
        looked_at[-1].unlink(missing_ok=True)  # each goes once the next one is looked at
        looked_at.append(path)
        return stat(path, **options)

    monkeypatch.setattr(Path, "stat", going)
    assert _keys(folder) == [("eu-central-1", "orders/a.csv"), ("eu-central-1", "orders/b.csv")]
    assert _keys(folder) == []


def test_a_file_that_cannot_be_read_is_named_and_ends_nothing(tmp_path: Path) -> None:
    lake = running.RunningLake("http://127.0.0.1:1", "123456789012", ("eu-central-1",))
    drop = Drop("eu-central-1", "orders/a.csv", tmp_path / "a.csv")
    assert up.taken(lake, drop) == "  was not taken: No such file or directory. Mend it, and save it again."


def test_hidden_files_are_left_alone(tmp_path: Path) -> None:
    folder = DropFolder(tmp_path, ["eu-central-1"], ["orders"])
    (tmp_path / "eu-central-1" / "orders" / ".a.csv.part").write_text("x", encoding="utf-8")
    folder.ready()
    assert _keys(folder) == []


def test_loose_files_find_their_dataset_by_name(tmp_path: Path) -> None:
    for name in ("customerdb.csv", "TRANSACTION.csv", "dataset_sample.csv", "holiday.jpg"):
        (tmp_path / name).write_text("x", encoding="utf-8")
    found = drops(tmp_path, "us-east-1", read_contracts(LAKE / "contracts").values())
    assert {drop.key for drop in found} == {
        "customers/customerdb.csv",
        "transactions/TRANSACTION.csv",
        "stores/dataset_sample.csv",
        "holiday.jpg",  # no contract names it: it goes to quarantine under its bare name
    }
    assert {drop.region for drop in found} == {"us-east-1"}


def test_a_missing_or_empty_folder_is_explained(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="not a folder"):
        drops(tmp_path / "none", "us-east-1", [])
    with pytest.raises(ConfigurationError, match="no files"):
        drops(tmp_path, "us-east-1", [])
