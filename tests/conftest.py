"""What the tests of several folders share: the shipped lake, synthesized once."""

from __future__ import annotations

import fcntl
import functools
import json
import marshal
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from botocore import loaders
from watershed import athena

from local.synth import Synthesis

if TYPE_CHECKING:
    from collections.abc import Callable


def pytest_configure() -> None:
    """Parse botocore's descriptions of services once a worker, and look at once whether a query has ended.

    Each session parses them, megabytes of JSON. Whoever loads one gets a copy, since moto adds to some of them.
    """
    athena.FIRST_WAIT = 0.005  # seconds: the local Athena answers at once
    loaders.JSONFileLoader._load_file = lambda _, path, opened: _described(path, opened)


def _described(path: str, opened: Callable[..., Any]) -> Any:
    return marshal.loads(_bytes(path, opened)) if Path(path).is_file() else None  # noqa: S302  # bytes of ours


@functools.cache
def _bytes(path: str, opened: Callable[..., Any]) -> bytes:
    with opened(path, "rb") as file:
        return marshal.dumps(json.load(file))


@pytest.fixture(scope="session")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The cloud assembly of the lake as it ships. One of pytest's workers makes it, the others wait for it."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "shipped"
    folder.mkdir(exist_ok=True)
    done = folder / "done"
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            Synthesis(folder / "cdk.out").result()
            done.touch()
    return folder / "cdk.out"
