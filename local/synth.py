"""Synthesizes the CDK app in a process of its own, as `cdk deploy` would."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

from watershed.errors import ConfigurationError

from local.paths import LAKE, ROOT

if TYPE_CHECKING:
    from pathlib import Path


class Synthesis:
    """A synthesis under way; other work can be done until `result` is asked for.

    Args:
        outdir: where the cloud assembly goes; emptied first, because CDK leaves removed stacks behind.
        lake: the folder with contracts, gold models, questions and pages.
    """

    def __init__(self, outdir: Path, *, lake: Path = LAKE) -> None:
        shutil.rmtree(outdir, ignore_errors=True)
        self._outdir = outdir
        environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
        # The validators cost seconds at every start; `make test` and `make synth` run them.
        environment |= {"CDK_OUTDIR": str(outdir), "CDK_VALIDATION": "false", "WATERSHED_LAKE": str(lake)}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "infra.app"],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def result(self) -> Path:
        """Wait for the cloud assembly's folder.

        Raises:
            ConfigurationError: with the app's own words, if synthesis failed.
        """
        output, _ = self._process.communicate()
        if self._process.returncode != 0:
            lines = output.strip().splitlines()[-15:]
            raise ConfigurationError("The CDK app does not synthesize:\n" + "\n".join(lines), remedy="")
        return self._outdir
