"""Runs the check within every synthesis: a template with a way out of its region fails the build."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import aws_cdk as cdk
import jsii

from infra.residency.check import check
from infra.residency.rules import RULES
from infra.residency.stack import Stack

if TYPE_CHECKING:
    from infra.residency.rule import Finding

NAME = "watershed-residency"
_OPEN = "unknown-"  # how CDK calls an account or region that the app leaves open


@jsii.implements(cdk.IPolicyValidationPlugin)
class Residency:
    """CDK's validation plugin. Its findings are fatal: those, CDK lets nobody acknowledge.

    Attributes:
        findings: Of the last synthesis; None if the check did not come to its end, which CDK does not tell.
    """

    def __init__(self) -> None:
        self.findings: list[Finding] | None = None

    @property
    def name(self) -> str:
        """What CDK's report calls it."""
        return NAME

    @property
    def version(self) -> str | None:
        """None of its own: it changes with the app."""
        return None

    @property
    def rule_ids(self) -> list[str] | None:
        """All rules."""
        return [rule.id for rule in RULES]

    def validate(self, context: cdk.IPolicyValidationContext) -> cdk.PolicyValidationPluginReport:
        """Judge the templates that were just written."""
        paths = {}
        stacks = []
        for each in context.stack_templates:
            stack = _stack(each)
            paths[stack.name] = each.template_path
            stacks.append(stack)
        found = self.findings = check(stacks)
        return cdk.PolicyValidationPluginReport(
            success=not found,
            violations=[_violation(finding, paths[finding.stack]) for finding in found],
        )


def _stack(each: cdk.PolicyValidationStack) -> Stack:
    path = Path(each.template_path)
    region, account = (
        "" if not place or place.startswith(_OPEN) or "${" in place else place
        for place in (each.region, each.account_id)
    )
    name = path.name.removesuffix(".template.json")
    return Stack(name, region, json.loads(path.read_text(encoding="utf-8")), account)


def _violation(finding: Finding, template: str) -> cdk.PolicyViolation:
    place = {"resource_logical_id": finding.logical_id} if finding.logical_id else {}
    return cdk.PolicyViolation(
        rule_name=finding.rule,
        description=str(finding),
        fix=finding.remedy,
        severity="fatal",
        violating_resources=[cdk.PolicyViolatingResource(locations=[finding.where], template_path=template, **place)],
    )
