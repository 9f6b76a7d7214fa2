"""Pins each layer's packages by version and hash: `python -m layers.lock`. Run it after `make lock`.

Versions are those of requirements/local.txt, so that the laptop runs what Lambda runs. What a layer need not carry
(`manifest.LEFT_OUT`) is left out, so that no two layers of a function hold the same package.
"""

from __future__ import annotations

import sys

from watershed.errors import ConfigurationError

from layers.manifest import LAMBDA, LEFT_OUT, REQUIREMENTS, ROOT, THIRD_PARTY
from layers.process import run


def lock(layer: str) -> None:
    """Write requirements/<layer>.txt from requirements/<layer>.in, with uv.

    Raises:
        ConfigurationError: if the packages cannot be resolved, with uv's own words.
    """
    folder = REQUIREMENTS.relative_to(ROOT)
    command = [sys.executable, "-m", "uv", "pip", "compile", "--quiet", "--no-python-downloads"]
    command += ["--python-version", ".".join(map(str, LAMBDA.python))]
    command += ["--python-platform", f"{LAMBDA.machine}-manylinux_2_34", "--only-binary", ":all:", "--generate-hashes"]
    command += ["--no-emit-index-url", "--no-emit-find-links", "--no-header", "--no-annotate"]
    command += [word for package in LEFT_OUT.get(layer, ()) for word in ("--no-emit-package", package)]
    command += [f"{folder}/{layer}.in", "-c", f"{folder}/local.txt", "-o", f"{folder}/{layer}.txt"]
    done = run(command, cwd=ROOT)
    if done.returncode != 0:
        raise ConfigurationError(f"{layer} cannot be pinned:\n{done.stderr}", remedy=f"Change {folder}/{layer}.in.")


if __name__ == "__main__":
    for name in THIRD_PARTY:
        lock(name)
