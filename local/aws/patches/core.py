"""Patches of moto's core."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from moto.core import utils
from moto.core.loaders import create_loader, moto_root

from local.aws import clients

if TYPE_CHECKING:
    from local.aws.patches.patcher import Hooks, Patcher


def share_service_models(patcher: Patcher, _hooks: Hooks) -> None:
    """Moto parses the models of services, megabytes of JSON, that the clients have parsed already.

    A few models moto completes with files of its own: those it must have from its own loader, or it no longer finds
    its own errors. What `utils.get_service_model` caches therefore serves an unpatched moto as well.
    """

    def load(service_name: str, model_name: str) -> Any:
        if _completed_by_moto(service_name, model_name):
            return _load(service_name, model_name)
        return clients.service_model(service_name, model_name)

    patcher.replace(utils, "_load_service_model", load)


def _completed_by_moto(service_name: str, model_name: str) -> bool:
    return any(Path(moto_root, service_name.replace("-", "")).glob(f"*/{model_name}.moto-extras.json*"))


@cache
def _load(service_name: str, model_name: str) -> Any:
    return create_loader().load_service_model(service_name, model_name)
