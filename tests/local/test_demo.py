"""The demo on files of one's own: what it says when something of them cannot be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from local.cli import main

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

COLUMNS = "conversation_id,inserted_at,customer_id,like_count,updated_at"


def test_a_gold_model_that_fails_is_told_of(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = tmp_path / "files"
    files.mkdir()
    rows = [f"{name},2024-01-01 00:00:00,1,{2**63 - 1},2024-01-02 00:00:00" for name in ("a", "b")]  # no sum holds both
    (files / "conversation.csv").write_text("\n".join([COLUMNS, *rows]), encoding="utf-8")
    assert main(["demo", "--data", str(files), "--out", str(tmp_path / "out")]) == 1
    said = " ".join(capsys.readouterr().out.split())
    assert "Given up" in said
    assert "conversation_activity" in said
