"""Patches of moto's Glue."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from moto.glue import responses
from moto.glue.exceptions import GlueClientError

if TYPE_CHECKING:
    from local.aws.patches.patcher import Hooks, Patcher

_CONCURRENT = "Update table failed due to concurrent modifications."


def enforce_table_versions(patcher: Patcher, _hooks: Hooks) -> None:
    """Moto ignores UpdateTable's VersionId, so of two concurrent Iceberg commits one is lost without a word."""
    lock = threading.Lock()
    original = responses.GlueResponse.update_table

    def update_table(response: Any) -> Any:
        expected = response.parameters.get("VersionId")
        with lock:
            if expected is not None:
                name = response.parameters["TableInput"]["Name"]
                table = response.glue_backend.get_table(response.parameters["DatabaseName"], name)
                if table.as_dict()["VersionId"] != str(expected):
                    raise GlueClientError("ConcurrentModificationException", _CONCURRENT)
            return original(response)

    patcher.replace(responses.GlueResponse, "update_table", update_table)
