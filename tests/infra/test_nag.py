"""cdk-nag: a finding fails the synthesis unless somebody says why it is all right."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from infra import nag
from tests.infra.conftest import REPORTING

if TYPE_CHECKING:
    from pathlib import Path

    from tests.infra.conftest import Synthesize


def test_quicksight_gives_it_nothing_to_find(synthesize: Synthesize) -> None:
    assert synthesize(REPORTING, nagging=True)["Resources"]


@pytest.mark.parametrize("reason", [None, "Anybody may delete this queue: it is a test."])
def test_a_finding_fails_the_synthesis_unless_it_is_explained(tmp_path: Path, reason: str | None) -> None:
    import aws_cdk as cdk
    from aws_cdk import aws_sqs as sqs

    app = cdk.App(outdir=str(tmp_path), builtin_cloud_formation_validation=False)
    nag.enable(app)
    queue = sqs.Queue(cdk.Stack(app, "Stack"), "Queue", enforce_ssl=True)
    if reason:
        nag.accept(queue, {"AwsSolutions-SQS3": reason})
        app.synth()
        report = json.loads((tmp_path / "validation-report.json").read_text(encoding="utf-8"))
        assert report["pluginReports"] == []
    else:
        with pytest.raises(RuntimeError, match="AwsSolutions-SQS3"):
            app.synth()
