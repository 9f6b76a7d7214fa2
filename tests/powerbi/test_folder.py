"""The folder of a project: written again and again, never over what others wrote."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from watershed.errors import ConfigurationError

from local.powerbi.folder import LIST, write

if TYPE_CHECKING:
    from pathlib import Path

FILES = {"a.pbip": "{}\n", "M/definition/tables/sales.tmdl": "table sales\n", "M/definition/tables/old/x.tmdl": "x\n"}


def _there(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): path.read_text("utf-8")
        for path in folder.rglob("*")
        if path.is_file() and path.name != LIST
    }


def test_a_folder_that_is_not_there_or_is_empty_is_filled(tmp_path: Path) -> None:
    write(tmp_path / "new" / "folder", FILES)
    assert _there(tmp_path / "new" / "folder") == FILES
    (tmp_path / "empty").mkdir()
    write(tmp_path / "empty", FILES)
    assert _there(tmp_path / "empty") == FILES


def test_a_later_run_changes_what_changed_and_removes_what_is_gone(tmp_path: Path) -> None:
    write(tmp_path, FILES)
    later = {"a.pbip": "{ }\n", "M/definition/tables/sales.tmdl": "table sales\n", "b.pbids": "{}\n"}
    write(tmp_path, later)
    assert _there(tmp_path) == later
    assert not (tmp_path / "M/definition/tables/old").exists()
    assert sorted(json.loads((tmp_path / LIST).read_text("utf-8"))) == sorted(later)


def test_what_power_bi_adds_stays(tmp_path: Path) -> None:
    write(tmp_path, FILES)
    cache = tmp_path / "M/definition/tables/old/.pbi/cache.abf"
    cache.parent.mkdir(parents=True)
    cache.write_bytes(b"\x00\xff")
    write(tmp_path, {"a.pbip": "{}\n"})
    assert cache.read_bytes() == b"\x00\xff"
    assert not (tmp_path / "M/definition/tables/sales.tmdl").exists()


def test_a_folder_of_others_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("Dear", encoding="utf-8")
    with pytest.raises(ConfigurationError, match="no folder of an earlier run"):
        write(tmp_path, FILES)
    assert _there(tmp_path) == {"letter.txt": "Dear"}


@pytest.mark.parametrize("content", ["", "[]", '{"../x": "y"}', '{"/etc/x": "y"}', '{"a": 1}', "\x00"])
def test_a_list_that_no_run_wrote_is_not_believed(tmp_path: Path, content: str) -> None:
    (tmp_path / LIST).write_text(content, encoding="utf-8")
    with pytest.raises(ConfigurationError, match="no folder of an earlier run"):
        write(tmp_path, FILES)


def test_a_file_in_the_folders_place_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine", encoding="utf-8")
    with pytest.raises(ConfigurationError, match="no folder of an earlier run"):
        write(tmp_path / "file", FILES)
    assert (tmp_path / "file").read_text("utf-8") == "mine"


@pytest.mark.parametrize("path", ["a.pbip", "M/definition/tables/sales.tmdl"])
@pytest.mark.parametrize("files", [FILES, {}, {"a.pbip": "other\n"}])
def test_what_others_changed_is_named_and_left_as_it_is(tmp_path: Path, path: str, files: dict[str, str]) -> None:
    write(tmp_path, FILES)
    (tmp_path / path).write_text("changed in Power BI\n", encoding="utf-8")
    before = _there(tmp_path)
    with pytest.raises(ConfigurationError, match=path):
        write(tmp_path, files)
    assert _there(tmp_path) == before


def test_what_others_made_where_a_new_file_goes_is_left_as_it_is(tmp_path: Path) -> None:
    write(tmp_path, {"a.pbip": "{}\n"})
    (tmp_path / "M").mkdir()
    (tmp_path / "M" / "b").write_text("mine", encoding="utf-8")
    with pytest.raises(ConfigurationError, match="M/b"):
        write(tmp_path, {"a.pbip": "{}\n", "M/b": "ours\n"})
    assert (tmp_path / "M" / "b").read_text("utf-8") == "mine"


def test_line_ends_of_windows_are_no_change(tmp_path: Path) -> None:
    write(tmp_path, FILES)
    (tmp_path / "a.pbip").write_bytes(b"{}\r\n")
    write(tmp_path, FILES)
    assert (tmp_path / "a.pbip").read_bytes() == b"{}\n"


def test_a_run_that_broke_off_can_be_repeated(tmp_path: Path) -> None:
    write(tmp_path, {"a.pbip": "old\n", "gone": "x\n"})
    (tmp_path / "a.pbip").write_text("new\n", encoding="utf-8")  # as far as the broken run came
    (tmp_path / "gone").unlink()
    write(tmp_path, {"a.pbip": "new\n", "b": "y\n"})
    assert _there(tmp_path) == {"a.pbip": "new\n", "b": "y\n"}


def test_a_folder_where_a_file_was_is_others(tmp_path: Path) -> None:
    write(tmp_path, FILES)
    (tmp_path / "a.pbip").unlink()
    (tmp_path / "a.pbip").mkdir()
    with pytest.raises(ConfigurationError, match=r"a\.pbip"):
        write(tmp_path, FILES)
