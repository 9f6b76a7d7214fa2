"""What AWS would refuse in the middle of a deployment is refused by the synthesis."""

from __future__ import annotations

import dataclasses
import json
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest
from watershed import names

from infra import app, limits
from tests.infra.conftest import CONNECTORS, FRANKFURT

if TYPE_CHECKING:
    from pathlib import Path

    from watershed.connectors.model import Connector

    from infra.residency.plugin import Residency
    from tests.infra.conftest import Synthesize

REGION = FRANKFURT.region
PUSHED = next(each for each in CONNECTORS if each.push and each.region == REGION)
POLLED = next(each for each in CONNECTORS if each.pull and each.pull.auth.kind and each.region == REGION)


@pytest.mark.parametrize(("kind", "role"), [(PUSHED, "receive"), (POLLED, "poll")], ids=["pushed", "polled"])
def test_a_role_has_room_for_some_fifty_sources(
    synthesize: Synthesize, tmp_path: Path, kind: Connector, role: str
) -> None:
    def faults(sources: int) -> list[str]:
        many = tuple(dataclasses.replace(kind, name=f"source_{n}") for n in range(sources))
        path = tmp_path / f"{names.stack(REGION)}.template.json"
        path.write_text(json.dumps(synthesize(connectors=many)))
        return list(limits.exceeded(path))

    assert faults(48) == []
    (fault,) = faults(60)
    assert fault.startswith(f"{names.stack(REGION)}: the role {names.role(role, REGION)} has policies of 1")


def test_what_aws_would_refuse_fails_the_synthesis(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    class Synthesized:
        def synth(self) -> SimpleNamespace:
            for region in ("x", "gone"):  # of an earlier synthesis
                (tmp_path / f"Watershed-{region}.template.json").touch()
            return SimpleNamespace(stacks=[SimpleNamespace(template_full_path=f"{tmp_path}/Watershed-x.template.json")])

    def build(*, residency: Residency, **_: object) -> Synthesized:
        residency.findings = []
        return Synthesized()

    monkeypatch.setenv("CDK_OUTDIR", str(tmp_path))
    monkeypatch.setattr(app, "build_app", build)
    monkeypatch.setattr(limits, "exceeded", lambda path: [f"{path.name}: too long."])
    assert app.main() == 1
    assert capsys.readouterr().err == "Watershed-x.template.json: too long.\n"
