"""The check as CDK runs it: a finding stops the synthesis, and nobody can wave it through."""

from __future__ import annotations

import json
from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from infra import app
from infra.residency import plugin
from infra.residency.rule import Finding
from infra.residency.rules import RULES

if TYPE_CHECKING:
    from pathlib import Path

    from infra.residency.stack import Stack

LEAK = Finding("Stack", "", "the stack", "here", "no-region", "It leaks.", (), (), "Mend it.")


@pytest.mark.parametrize("region", ["eu-central-1", None])
def test_a_finding_stops_the_synthesis_whatever_is_acknowledged(tmp_path: Path, region: str | None) -> None:
    import aws_cdk as cdk
    from aws_cdk import aws_sns as sns

    made = cdk.App(outdir=str(tmp_path), builtin_cloud_formation_validation=False, analytics_reporting=False)
    check = plugin.Residency()
    cdk.Validations.of(made).add_plugins(check)
    stack = cdk.Stack(
        made,
        "Stack",
        env=cdk.Environment(region=region) if region else None,
        synthesizer=cdk.DefaultStackSynthesizer(generate_bootstrap_version_rule=False),
    )
    sns.Topic(stack, "Topic", topic_name="alarms")
    for scope in (made, stack):
        for rule in RULES:
            for known in (rule.id, f"{plugin.NAME}::{rule.id}"):
                cdk.Validations.of(scope).acknowledge(cdk.Acknowledgment(id=known, reason="Trust me."))
    with pytest.raises(RuntimeError, match="ValidationFailed") as refused:
        made.synth()
    said = str(refused.value)  # so it is in a test; elsewhere CDK prints it
    assert "topic alarms (TopicBFC7AF6E): KmsMasterKeyId: The topic is not encrypted with a key of this stack." in said
    assert "Encrypt it with the region's key." in said
    (report,) = json.loads((tmp_path / "validation-report.json").read_text(encoding="utf-8"))["pluginReports"]
    rules = {each["ruleName"] for each in report["violations"]}
    assert rules == {"unencrypted", "no-tls"} | (set() if region else {"no-region"})
    assert report.get("suppressedViolations", []) == []
    assert {each.rule for each in check.findings or ()} == rules


def test_the_app_is_always_checked_even_without_its_validators(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []

    def refuse(stacks: list[Stack]) -> list[Finding]:
        seen.extend(stack.region for stack in stacks)
        return [replace(LEAK, stack=stacks[0].name)]

    monkeypatch.setattr(plugin, "check", refuse)
    with pytest.raises(RuntimeError, match="It leaks"):
        app.build_app(outdir=tmp_path, validate=False).synth()
    assert set(seen) == {"eu-central-1", "us-east-1", "ap-southeast-1"}


class Synthesis:
    """An app whose synthesis ends as told."""

    def __init__(self, findings: list[Finding] | None, error: str | None) -> None:
        self._findings, self._error = findings, error

    def __call__(self, *, residency: plugin.Residency, **_: object) -> Synthesis:
        self._residency = residency
        return self

    def synth(self) -> SimpleNamespace:
        self._residency.findings = self._findings
        if self._error:
            raise RuntimeError(self._error)
        return SimpleNamespace(stacks=[])


@pytest.mark.parametrize(
    ("findings", "error", "said"),
    [
        ([LEAK], "Validation failed", ""),  # CDK has said it
        ([LEAK], None, "Stack: the stack: here: It leaks. Mend it.\n"),  # under the cdk command
        (None, None, "The check that no data can leave its region did not come to its end.\n"),
    ],
)
def test_the_app_fails_whether_or_not_cdk_raises(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    findings: list[Finding] | None,
    error: str | None,
    said: str,
) -> None:
    """Under the cdk command, `synth` returns as if nothing had been found, and --ignore-errors would go on."""
    monkeypatch.setattr(app, "build_app", Synthesis(findings, error))
    assert app.main() == 1
    assert capsys.readouterr().err == said


def test_what_another_validator_found_still_ends_the_app(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app, "build_app", Synthesis([], "AwsSolutions-S1"))
    with pytest.raises(RuntimeError, match="AwsSolutions-S1"):
        app.main()


def test_nothing_found_is_success(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app, "build_app", Synthesis([], None))
    assert app.main() == 0
