"""Starts the app as people do, but with nothing around it."""

from __future__ import annotations

import subprocess
from pathlib import Path

from layers.manifest import ROOT


def bare(**more: str) -> dict[str, str]:
    """An environment with no credentials, no settings, and no programs; the home holds only CDK's cache."""
    return {
        "HOME": str(Path.home()),
        "PATH": "/nonexistent",
        "AWS_CONFIG_FILE": "/nonexistent",
        "AWS_SHARED_CREDENTIALS_FILE": "/nonexistent",
        "AWS_EC2_METADATA_DISABLED": "true",
        **more,
    }


def run(command: list[str | Path], environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    words = [str(word) for word in command]
    return subprocess.run(words, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)  # noqa: S603
