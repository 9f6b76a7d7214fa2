"""Finds the local AWS that `watershed up` keeps running, through a small file it leaves while it lives."""

from __future__ import annotations

import json
import socket
from dataclasses import dataclass
from os.path import relpath
from typing import Any
from urllib.parse import urlsplit

import boto3
from watershed.errors import ConfigurationError

from local.paths import BUILD
from local.region import Region

STATE = BUILD / "up" / "running.json"


@dataclass(frozen=True)
class RunningLake:
    """A local AWS in another process."""

    endpoint: str
    account: str
    regions: tuple[str, ...]

    def region(self, name: str) -> Region:
        """One of its regions.

        Raises:
            ConfigurationError: if the lake has no such region.
        """
        if name not in self.regions:
            raise ConfigurationError(
                f"The lake has no region {name}.", remedy=f"Choose one of {', '.join(self.regions)}."
            )

        def client(service: str) -> Any:
            return boto3.client(
                service,
                region_name=name,
                endpoint_url=self.endpoint,
                aws_access_key_id="local",
                aws_secret_access_key="local",  # noqa: S106 - the local AWS checks nothing
            )

        return Region(name, self.account, client)


def announce(lake: RunningLake) -> None:
    """Leave the file."""
    STATE.parent.mkdir(parents=True, exist_ok=True)
    text = {"endpoint": lake.endpoint, "account": lake.account, "regions": lake.regions}
    STATE.write_text(json.dumps(text), encoding="utf-8")


def withdraw() -> None:
    """Remove the file."""
    STATE.unlink(missing_ok=True)


def require_none() -> None:
    """Check that none is up: a second one would take the first one's templates and its place in the file.

    Raises:
        ConfigurationError: if one is.
    """
    if found := _found():
        raise ConfigurationError(
            f"The local AWS is up already, at {found.endpoint}.",
            remedy=f"Use it, or stop it with Ctrl-C where it runs. If that is something else, remove {relpath(STATE)}.",
        )


def lake() -> RunningLake:
    """The lake that is up.

    Raises:
        ConfigurationError: if none is.
    """
    if found := _found():
        return found
    raise ConfigurationError(
        "No local AWS is running.", remedy="Start one with `watershed up`, or add --aws to ask your AWS account."
    )


def _found() -> RunningLake | None:
    """The lake that left the file, if it still answers: one that was killed left it, too, perhaps not whole."""
    try:
        state = json.loads(STATE.read_text(encoding="utf-8"))
        address = urlsplit(state["endpoint"])
        socket.create_connection((address.hostname, address.port), timeout=5).close()
    except (FileNotFoundError, json.JSONDecodeError, ConnectionError, TimeoutError):
        return None
    return RunningLake(state["endpoint"], state["account"], tuple(state["regions"]))
