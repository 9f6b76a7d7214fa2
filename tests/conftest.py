"""What the tests of several folders share: the shipped lake, synthesized once."""

from __future__ import annotations

import fcntl
import functools
import os
from typing import TYPE_CHECKING

import pytest
from botocore import session
from hypothesis import settings
from watershed import athena, catalog

from local.paths import LAKE
from local.synth import Synthesis

if TYPE_CHECKING:
    from pathlib import Path


def pytest_configure() -> None:
    """Time no example, look at once whether a query has ended, and once a worker read what many would read again.

    That is the lake that ships, and botocore's descriptions of services: megabytes of JSON a session.
    """
    settings.register_profile("untimed", settings(), deadline=None)
    settings.load_profile("untimed")
    athena.FIRST_WAIT = 0.005  # seconds: the local Athena answers at once
    session.create_loader = functools.cache(session.create_loader)
    build = catalog.build
    ours = functools.cache(lambda: build(LAKE))
    catalog.build = lambda lake: ours() if lake == LAKE else build(lake)


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
