"""One function's warm process, imitated: its own modules, import path, environment and time zone.

Third-party packages are imported once and shared by all functions; the function's own code and the layers with our
libraries are not, so module-level state stays with its function, as in Lambda.
"""

from __future__ import annotations

import importlib
import os
import sys
import sysconfig
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from local.aws.runtime import variables

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# Hidden from functions even if no layer brings them: the process that runs the laptop's AWS has imported them.
_OURS = frozenset({"watershed", "watershed_lake", "infra"})
# All that a function sees of the laptop's environment; moto's switches are needed by the calls it makes.
_SHARED_VARIABLES = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "SSL_CERT_FILE", "LD_LIBRARY_PATH")
_SHARED_PREFIXES = ("MOTO_", "PYTHON", "COV_")


@dataclass
class Sandbox:
    """A function's modules, kept between invocations.

    Args:
        code: the folder with the function's code, which comes first on the import path.
        layers: the `python` folders of its layers, in order.
        handler: `module.function`.
        environment: the function's variables, with those that Lambda sets.
    """

    code: Path
    layers: tuple[Path, ...]
    handler: str
    environment: dict[str, str]
    log_stream: str
    _modules: dict[str, ModuleType] = field(default_factory=dict)

    def run(self, event: Any, context: Any) -> Any:
        """Call the handler. The first call imports it.

        Raises:
            Exception: whatever importing or running the handler raises.
        """
        module, _, name = self.handler.rpartition(".")
        with self._environment(), self._imports():
            handler: Callable[[Any, Any], Any] = getattr(importlib.import_module(module.replace("/", ".")), name)
            return handler(event, context)

    @contextmanager
    def _imports(self) -> Iterator[None]:
        path, own = list(sys.path), self._own_roots()
        hidden = _take(own)
        sys.path[:] = [str(self.code), *map(str, self.layers), *_installed(path)]
        sys.modules.update(self._modules)
        importlib.invalidate_caches()
        try:
            yield
        finally:
            self._modules = _take(own)
            sys.modules.update(hidden)
            sys.path[:] = path

    def _own_roots(self) -> frozenset[str]:
        folders = [folder for folder in (self.code, *self.layers) if folder.is_dir()]
        return _OURS | {entry.name.partition(".")[0] for folder in folders for entry in folder.iterdir()}

    @contextmanager
    def _environment(self) -> Iterator[None]:
        shared = {key: value for key, value in os.environ.items() if _is_shared(key)}
        with _utc(), variables.seen(shared | self.environment):
            try:
                yield
            finally:
                self.environment = {key: value for key, value in os.environ.items() if key not in shared}  # stays warm


def _is_shared(name: str) -> bool:
    return name in _SHARED_VARIABLES or name.startswith(_SHARED_PREFIXES)


@contextmanager
def _utc() -> Iterator[None]:
    """Local time is UTC in functions. The C library keeps it for the whole process."""
    os.putenv("TZ", ":UTC")
    time.tzset()
    try:
        yield
    finally:
        if before := os.environ.get("TZ"):
            os.putenv("TZ", before)
        else:
            os.unsetenv("TZ")
        time.tzset()


def _take(roots: frozenset[str]) -> dict[str, ModuleType]:
    """Remove the modules below `roots` from the interpreter's table, and give them."""
    names = [name for name in list(sys.modules) if name.partition(".")[0] in roots]
    return {name: sys.modules.pop(name) for name in names}


def _installed(path: list[str]) -> list[str]:
    """The entries of an import path that belong to the interpreter and its packages, not to a checkout."""
    homes = tuple({*sysconfig.get_paths().values(), sys.prefix, sys.base_prefix})
    return [entry for entry in path if entry.startswith(homes)]
