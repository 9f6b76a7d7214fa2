"""Puts a layer's pinned wheels into a folder, for this machine or for Lambda's, without Docker."""

from __future__ import annotations

import importlib.util
import sys
from typing import TYPE_CHECKING

from watershed.errors import ConfigurationError

from layers.process import run

if TYPE_CHECKING:
    from pathlib import Path

    from layers.manifest import Platform


def install(requirements: Path, target: Path, platform: Platform) -> None:
    """Install exactly the wheels that `requirements` pins by hash: no others, no source distributions.

    Takes uv if it is installed, because it unpacks in parallel; else pip. Both check every hash.

    Raises:
        ConfigurationError: with the installer's own words, e.g. if a wheel does not exist for the platform.
    """
    if importlib.util.find_spec("uv"):
        command = [*_uv(platform), "--link-mode", "copy", "--no-python-downloads"]
    else:
        command = [*_pip(platform), "--no-compile", "--disable-pip-version-check"]
    command += ["--quiet", "--no-deps", "--require-hashes", "--only-binary", ":all:"]
    command += ["--target", str(target), "-r", str(requirements)]
    done = run(command)
    if done.returncode != 0:
        raise ConfigurationError(
            f"The wheels of {requirements.name} could not be installed for {platform.name}:\n{done.stderr.strip()}",
            remedy="Check the package index, or pin versions that have wheels for this platform.",
        )


def _uv(platform: Platform) -> list[str]:
    command = [sys.executable, "-m", "uv", "pip", "install"]
    if not platform.wheel_tags:
        return [*command, "--python", sys.executable]
    best = platform.wheel_tags[0].removeprefix("manylinux_").removesuffix(f"_{platform.machine}")
    version = ".".join(map(str, platform.python))
    return [*command, "--python-version", version, "--python-platform", f"{platform.machine}-manylinux_{best}"]


def _pip(platform: Platform) -> list[str]:
    command = [sys.executable, "-m", "pip", "install"]
    if not platform.wheel_tags:
        return command
    version = "".join(map(str, platform.python))
    tags = [word for tag in platform.wheel_tags for word in ("--platform", tag)]
    return [*command, *tags, "--python-version", version, "--implementation", "cp"]
