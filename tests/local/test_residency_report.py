"""`watershed residency report`: complete, the same from run to run, and a page that stands alone."""

from __future__ import annotations

import hashlib
import itertools
import json
import subprocess
from dataclasses import replace
from html.parser import HTMLParser
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from watershed import catalog

from infra.residency.build import graphs
from infra.residency.rules import RULES
from infra.residency.stack import Stack
from local import cli, running
from local.aws import assembly
from local.config import regions
from local.evidence import page
from local.evidence.commit import Commit, commit
from local.evidence.document import Evidence, evidence
from local.evidence.holds import Held, Holds
from local.paths import LAKE
from local.residency import report

if TYPE_CHECKING:
    from pathlib import Path

PLACE = regions()[0]
REGION = PLACE.region


@pytest.fixture(scope="module")
def template(shipped: Path) -> dict[str, Any]:
    """The shipped stack's."""
    return next(each.template for each in assembly.read(shipped) if each.region == REGION)


def of(template: dict[str, Any], **parts: Any) -> Evidence:
    (graph,) = graphs([Stack(f"Watershed-{REGION}", REGION, template)])
    made = evidence(PLACE, graph, Commit("c0ffee", changed=False), Holds("the local AWS", "", ()))
    return replace(made, **parts)


@pytest.fixture
def reporting(shipped: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No lake is up, and the templates are there; gives the folder to report to."""
    monkeypatch.setattr(running, "STATE", tmp_path / "running.json")
    monkeypatch.setattr(report, "Synthesis", lambda _: SimpleNamespace(result=lambda: shipped))
    return tmp_path / "out"


def test_without_a_lake_it_says_that_rows_were_not_counted(reporting: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["residency", "report", REGION, "--out", str(reporting)]) == 0
    said = capsys.readouterr().out
    document = (reporting / f"residency-{REGION}.json").read_bytes()
    shown = (reporting / f"residency-{REGION}.html").read_text(encoding="utf-8")
    assert hashlib.sha256(document).hexdigest() in said
    assert hashlib.sha256(document).hexdigest() in shown
    assert "no way out; rows held back: not read" in said
    assert "<strong>not read</strong>: No local AWS is running." in shown
    assert json.loads(document)["holds"] == {"source": "", "why_not": "No local AWS is running.", "days": []}
    assert [file.name for file in sorted(reporting.iterdir())] == [f"residency-{REGION}.{k}" for k in ("html", "json")]


def test_two_runs_are_equal_to_the_byte(reporting: Path) -> None:
    again = reporting.parent / "again"
    for folder in (reporting, again):
        assert cli.main(["residency", "report", "--out", str(folder)]) == 0
    files = sorted(file.name for file in reporting.iterdir())
    assert len(files) == 2 * len(regions())
    assert all((reporting / name).read_bytes() == (again / name).read_bytes() for name in files)


def test_an_unknown_region_is_refused(reporting: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["residency", "report", "mars-north-1", "--out", str(reporting)]) == 1
    assert f"no region mars-north-1.\nChoose one of {REGION}" in capsys.readouterr().err
    assert not reporting.exists()


def test_nothing_of_the_template_is_left_out(template: dict[str, Any]) -> None:
    made = of(template)

    def count(*kinds: str) -> int:
        return sum(each["Type"] in {f"AWS::{kind}" for kind in kinds} for each in template["Resources"].values())

    assert made.resources == len(template["Resources"])
    assert len(made.principals) == count("IAM::Role")
    assert len(made.keys) == count("KMS::Key")
    assert len(made.stores) == count(
        "S3::Bucket", "SQS::Queue", "SNS::Topic", "Logs::LogGroup", "Glue::Database", "Glue::Table",
        "Athena::WorkGroup", "Athena::NamedQuery", "DynamoDB::Table", "SecretsManager::Secret",
    )  # fmt: skip
    statements = [
        statement
        for each in template["Resources"].values()
        if each["Type"] == "AWS::IAM::Role"
        for policy in each["Properties"]["Policies"]
        for statement in policy["PolicyDocument"]["Statement"]
        if statement["Effect"] == "Allow"
    ]
    assert sum(len(principal.may) for principal in made.principals) == len(statements)
    assert {rule.rule for rule in made.checked} == {rule.id for rule in RULES}
    assert made.found == 0


def test_the_sources_that_are_asked_outside_are_told(template: dict[str, Any]) -> None:
    lake = catalog.build(LAKE).connectors.values()
    (graph,) = graphs([Stack(f"Watershed-{REGION}", REGION, template)])
    made = evidence(PLACE, graph, Commit("c0ffee", changed=False), Holds("the local AWS", "", ()), lake)
    assert {each.source: each.hosts for each in made.asked} == {
        each.name: each.pull.hosts for each in lake if each.pull and each.region == REGION
    }
    (asks,) = [path for path in made.paths if path.does == "asks"]
    assert asks.start == "function watershed-poll"
    told = page.as_html(made)
    assert "api.shop.example" in told
    assert "row-telling-function" in told


def test_every_path_and_permission_says_what_confines_it(template: dict[str, Any]) -> None:
    made = of(template)
    assert all(path.confined_by and path.statement for path in made.paths)
    wanted = {f"aws:RequestedRegion = {REGION}", "aws:ResourceAccount = ${AWS::AccountId}"}
    assert all(wanted <= set(may.confined_by) for principal in made.principals for may in principal.may)
    assert all(key.single_region and key.rotated and key.encrypts for key in made.keys)


def test_the_way_of_a_row_can_be_followed(template: dict[str, Any]) -> None:
    steps = {(path.start, path.does, path.end) for path in of(template).paths}
    raw, bronze = (f"bucket watershed-{layer}-${{AWS::AccountId}}-{REGION}" for layer in ("raw", "bronze"))
    role = f"role watershed-bronze-{REGION}"
    assert {
        (raw, "delivers to", "queue watershed-bronze"),
        ("queue watershed-bronze", "delivers to", "function watershed-bronze"),
        ("function watershed-bronze", "acts as", role),
        (role, "reads", raw),
        (role, "writes", bronze),
        (role, "sends to", "queue watershed-silver.fifo"),
        (bronze, "encrypts with", "key Key9BCD29C7"),
        ("state machine watershed-backfill", "runs", "function watershed-bronze"),
    } <= steps
    (gold,) = (store for store in of(template).stores if store.name.startswith("watershed-gold-$"))
    assert raw in gold.data_of


def test_a_way_out_is_shown_with_its_remedy(
    template: dict[str, Any], reporting: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    leaky = json.loads(json.dumps(template).replace('"EnableKeyRotation"', '"MultiRegion"'))
    monkeypatch.setattr(report, "_synthesized", lambda: graphs([Stack("Watershed", REGION, leaky)]))
    assert cli.main(["residency", "report", "--out", str(reporting)]) == 1
    assert "1 way out;" in capsys.readouterr().out
    shown = (reporting / f"residency-{REGION}.html").read_text(encoding="utf-8")
    assert "Data could leave." in shown
    assert "What this proves" not in shown
    assert "A replica of the key could decrypt in another region." in shown
    assert "Leave MultiRegion out." in shown


class Page(HTMLParser):
    """Notes what a page is made of, and that its tags are closed in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, (tag, self.getpos())


def test_the_page_stands_alone_and_can_be_read_aloud(template: dict[str, Any]) -> None:
    text = page.as_html(of(template, holds=Holds("the local AWS", "", (Held("2025-03-01", "customers", 1234),))))
    made = Page(text)
    assert made.open == []
    names = [tag for tag, _ in made.tags]
    assert not {"script", "link", "img", "iframe", "a"} & set(names)
    assert "url(" not in text
    assert "@import" not in text
    assert names.count("caption") == names.count("table")
    assert all(attributes.get("scope") in {"row", "col"} for tag, attributes in made.tags if tag == "th")
    levels = [int(tag[1]) for tag in names if tag in {"h1", "h2", "h3"}]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))
    assert "prefers-color-scheme: dark" in text
    assert "@media print" in text
    assert '<td>customers</td><td class="number">1,234</td>' in text


def test_values_cannot_become_markup(template: dict[str, Any]) -> None:
    hostile = "</td><script>alert('é')</script>&amp;"
    text = page.as_html(of(template, name=hostile, holds=Holds("", hostile, ())))
    assert "<script" not in text
    assert "&lt;/td&gt;&lt;script&gt;alert(&#39;é&#39;)&lt;/script&gt;&amp;amp;" in text


def test_the_commit_is_known_unknown_or_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))

    def git(*words: str) -> str:
        command = ["git", "-C", str(tmp_path), "-c", "user.name=t", "-c", "user.email=t@example.com", *words]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()  # noqa: S603

    assert commit(tmp_path) == Commit(None, None)
    assert "unknown" in str(commit(tmp_path))
    git("init", "-q")
    assert commit(tmp_path) == Commit(None, None)
    git("commit", "-q", "--allow-empty", "-m", "first")
    assert commit(tmp_path) == Commit(git("rev-parse", "HEAD"), changed=False)
    (tmp_path / "file").write_text("new")
    assert commit(tmp_path).changed
    assert "not committed" in str(commit(tmp_path))
    monkeypatch.setenv("PATH", "/nonexistent")
    assert commit(tmp_path) == Commit(None, None)
