"""`watershed contracts diff`: what it compares, what it prints, and its exit codes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from layers.process import run
from local import contract_states
from local.cli import main
from tests.unit.test_contracts_lint import GOOD

if TYPE_CHECKING:
    from pathlib import Path

NOTE = "      - name: note\n        logicalType: string\n"
PAID = "      - name: paid\n        logicalType: boolean\n"
NEXT = GOOD.replace("version: 1.0.0", "version: 1.1.0")
MORE, LESS = NEXT.replace(PAID, PAID + NOTE), NEXT.replace(PAID, "")


@pytest.mark.parametrize(
    ("new", "code", "says"),
    [
        (GOOD, 0, "0 changes, 0 breaking"),
        (MORE, 0, "orders schema.orders.properties.note: compatible: A column is added."),
        (LESS, 3, "orders schema.orders.properties.paid: breaking: A column is removed."),
        (GOOD.replace(PAID, PAID + NOTE), 3, "orders version: breaking: A change that readers notice"),
        (GOOD.replace("kind: DataContract", "kind: Data"), 1, "new/orders.yaml:2 kind:"),
    ],
)
def test_two_folders_or_two_files_are_compared(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], new: str, code: int, says: str
) -> None:
    for name, text in (("old", GOOD), ("new", new)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "orders.yaml").write_text(text, encoding="utf-8")
    assert main(["contracts", "diff", str(tmp_path / "old"), str(tmp_path / "new")]) == code
    by_folder = capsys.readouterr().out
    assert says in by_folder
    assert ("new/orders.yaml" in by_folder) is (new != GOOD)
    assert main(["contracts", "diff", *(str(tmp_path / name / "orders.yaml") for name in ("old", "new"))]) == code
    assert capsys.readouterr().out == by_folder


def test_a_file_may_have_any_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, text in (("before.yaml", GOOD), ("after.yaml", MORE)):
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert main(["contracts", "diff", str(tmp_path / "before.yaml"), str(tmp_path / "after.yaml")]) == 0
    assert "after.yaml: orders schema.orders.properties.note" in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [[], ["one"], ["--git", "HEAD", "one"], ["--git", "HEAD", "one", "two"]])
def test_a_diff_is_between_two_states(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["contracts", "diff", *arguments]) == 1
    assert "Give OLD and NEW" in capsys.readouterr().err


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of contracts under Git, changed since."""
    made = tmp_path / "lake" / "contracts"
    made.mkdir(parents=True)
    (made / "orders.yaml").write_text(GOOD, encoding="utf-8")
    someone = ["-c", "user.name=a", "-c", "user.email=a@b.c", "-c", "commit.gpgsign=false"]
    for words in (["init", "-q"], ["add", "."], [*someone, "commit", "-qm", "Contracts"]):
        assert run(["git", "-C", tmp_path, *words]).returncode == 0
    (made / "orders.yaml").write_text(LESS, encoding="utf-8")
    return made


def test_a_revision_has_the_contracts_of_its_time(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    old = contract_states.at_revision("HEAD", folder)
    assert (old.findings, old.files) == ([], {"orders": "HEAD:orders.yaml"})
    assert [each.name for each in old.contracts["orders"].table.columns].count("paid") == 1
    monkeypatch.setattr("local.contract_states.CONTRACTS", folder)
    assert main(["contracts", "diff", "--git", "HEAD"]) == 3
    assert "orders.yaml: orders schema.orders.properties.paid: breaking" in capsys.readouterr().out


def test_a_path_that_leads_nowhere_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["contracts", "diff", str(tmp_path / "old"), str(tmp_path)]) == 1
    assert f"There is no {tmp_path / 'old'}." in capsys.readouterr().err.replace("\n", "")


def test_an_unknown_revision_is_told(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("local.contract_states.CONTRACTS", folder)
    assert main(["contracts", "diff", "--git", "nowhere"]) == 1
    assert "Name a revision that has contracts" in capsys.readouterr().err
