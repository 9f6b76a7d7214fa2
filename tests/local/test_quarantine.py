"""`watershed quarantine`: what is held, and how it comes back once the contract is mended."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import pytest

from local import cli
from local.aws import LocalAWS
from local.config import regions
from local.paths import LAKE
from local.region import Region
from local.synth import Synthesis

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.slow  # `make drills`

PLACE = regions()[0].region
SUPPLIERS = """
apiVersion: v3.1.0
kind: DataContract
id: watershed-suppliers
name: suppliers
version: {version}
status: active
schema:
  - name: suppliers
    properties:
      - {{name: supplier_id, logicalType: integer, primaryKey: true, primaryKeyPosition: 1}}
      - {{name: name, logicalType: string, required: true}}
      - name: turnover
        logicalType: number
        physicalType: decimal(18,2)
        customProperties:
          - {{property: money, value: true}}
customProperties:
  - {{property: residency, value: {{column: null, reason: Suppliers are businesses.}}}}
  - property: sources
    value:
      - {{name: standard{habits}}}
"""


def lake_folder(home: Path, version: str = "1.0.0", habits: str = "", *, suppliers: bool = True) -> Path:
    """A lake of two datasets, or of one, without gold."""
    shutil.rmtree(home, ignore_errors=True)
    for folder in ("contracts", "gold", "questions"):
        (home / folder).mkdir(parents=True)
    shutil.copy(LAKE / "contracts" / "products.yaml", home / "contracts")
    if suppliers:
        text = SUPPLIERS.format(version=version, habits=habits)
        (home / "contracts" / "suppliers.yaml").write_text(text, encoding="utf-8")
    return home


class Deployed:
    """One region whose lake can be changed."""

    def __init__(self, aws: LocalAWS, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.aws, self.home, self.patch = aws, home, monkeypatch
        self.region = Region.on(aws, PLACE)
        monkeypatch.setattr("local.commands.quarantine.reached", lambda *_, **__: self.region)
        monkeypatch.setattr("local.commands.status.reached", lambda *_, **__: self.region)

    def deploy(self, *words: str, **named: Any) -> None:
        folder = lake_folder(self.home / "lake", *words, **named)
        self.aws.deploy(Synthesis(self.home / "cdk.out", lake=folder).result(), [PLACE])
        self.patch.setattr("local.commands.quarantine.LAKE", folder)

    def drop(self, key: str, text: str) -> None:
        path = self.home / "dropped"
        path.write_text(text, encoding="utf-8")
        self.region.drop(key, path)
        self.aws.pump()

    def suppliers(self) -> list[list[Any]]:
        return self.region.athena.typed_rows("SELECT supplier_id, turnover FROM silver.suppliers ORDER BY 1")[1]

    def run(self, *words: str) -> int:
        action, *rest = words
        code = cli.main(["quarantine", action, PLACE, *rest])
        self.aws.pump()
        return code


@pytest.fixture
def deployed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployed]:
    with LocalAWS() as aws:
        yield Deployed(aws, tmp_path, monkeypatch)


def test_rows_and_files_come_back_under_the_mended_contract(
    deployed: Deployed, capsys: pytest.CaptureFixture[str]
) -> None:
    deployed.deploy(suppliers=False)
    deployed.drop("suppliers/early.csv", "supplier_id,name,turnover\n9,Zoe,9\n")  # no contract takes it yet
    deployed.deploy("1.0.0")
    deployed.drop("suppliers/a.csv", 'supplier_id,name,turnover\n1,Ada,1.50\n2,Bob,"2,50"\n3,,3\n4,x\n')
    assert [number for number, _ in deployed.suppliers()] == [1]

    assert deployed.run("list") == 0
    told = capsys.readouterr().out
    for reason in ("unknown_dataset", "invalid_type", "missing_value", "malformed_row"):
        assert reason in told
    assert deployed.run("show", "--limit", "1") == 0
    assert "1 shown; there are more" in capsys.readouterr().out
    assert deployed.run("show", "--reason", "invalid_type") == 0
    shown = capsys.readouterr().out
    assert "1 shown.\n" in shown
    assert "suppliers/a.csv, row 2" in shown
    assert "Bob" not in shown
    assert deployed.run("show", "--reason", "invalid_type", "--raw") == 0
    assert "Bob" in capsys.readouterr().out

    deployed.deploy("1.1.0", ", decimalMark: ','")
    assert deployed.run("replay", "--dry-run") == 0
    assert "Would take again: 2 rows of 1 files, and 1 whole files" in capsys.readouterr().out
    assert [number for number, _ in deployed.suppliers()] == [1]
    assert deployed.run("replay") == 0
    assert "1 stay: not a row any more" in capsys.readouterr().out
    assert [(number, str(turnover)) for number, turnover in deployed.suppliers()] == [
        (1, "1.50"),
        (2, "2.50"),
        (9, "9.00"),
    ]

    assert deployed.run("list") == 0
    told = capsys.readouterr().out
    assert "missing_value" in told  # refused once more, and held once
    assert "1.1.0" in told
    assert "invalid_type" not in told
    assert "unknown_dataset" not in told

    assert cli.main(["status", PLACE]) == 0  # every row is accounted for, those of the replay apart
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ["suppliers", "4", "1", "0", "0", "0", "3", "ok"] in lines
    assert ["unknown", *"000000", "ok"] in lines  # the file that no contract took: its place has a name
    assert ["suppliers,", "again", "3", "2", "0", "0", "0", "1", "ok"] in lines


def test_only_what_is_asked_for_comes_back_and_again_changes_nothing(
    deployed: Deployed, capsys: pytest.CaptureFixture[str]
) -> None:
    deployed.deploy("1.0.0")
    deployed.drop("suppliers/a.csv", 'supplier_id,name,turnover\n1,Ada,"1,5"\n2,,"2,5"\n')
    deployed.deploy("1.1.0", ", decimalMark: ','")
    assert deployed.run("replay", "--dataset", "products") == 0
    assert deployed.run("replay", "--until", "2020-01-01") == 0
    assert capsys.readouterr().out.count("Nothing to replay.") == 2
    for _ in range(2):
        assert deployed.run("replay", "--reason", "invalid_type") == 0
        assert [number for number, _ in deployed.suppliers()] == [1]
    assert "Nothing to replay." in capsys.readouterr().out


def test_wrong_words_are_explained(deployed: Deployed, capsys: pytest.CaptureFixture[str]) -> None:
    assert deployed.run("list", "--dataset", "order") == 1
    assert "There is no dataset order" in capsys.readouterr().err
    assert deployed.run("list", "--since", "2026-02-01", "--until", "2026-01-01") == 1
    assert "--until is before --since" in capsys.readouterr().err
