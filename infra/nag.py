"""cdk-nag: AWS's own rules for well-made stacks, and why a finding is accepted where it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk as cdk

if TYPE_CHECKING:
    from collections.abc import Mapping

    from constructs import Construct


def enable(app: cdk.App) -> None:
    """Fail synthesis on any finding of the AwsSolutions rules that is not accepted."""
    from cdk_nag import AwsSolutionsChecks  # here, because the fast path does without it

    cdk.Validations.of(app).add_plugins(AwsSolutionsChecks(app))


def accept(construct: Construct, reasons: Mapping[str, str]) -> None:
    """Accept findings, by their id, on a construct and what it contains. Each reason is for a reviewer to judge."""
    for finding, reason in reasons.items():
        cdk.Validations.of(construct).acknowledge(cdk.Acknowledgment(id=finding, reason=reason))
