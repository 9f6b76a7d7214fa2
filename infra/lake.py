"""Compiles `layers/lake` into the layer that carries it."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from watershed import catalog

if TYPE_CHECKING:
    from pathlib import Path

    from watershed.catalog import Catalog

_DIGITS = 16


def compile_lake(lake: Path, target: Path) -> tuple[Catalog, Path]:
    """Check the contracts and gold models in `lake`, and write the layer's files below `target`.

    Returns:
        The catalog, and the layer's folder, which is named by what is in it.

    Raises:
        ConfigurationError: naming every fault found in a contract or a model.
    """
    compiled = catalog.build(lake)
    document = compiled.to_json()
    layer = target / hashlib.sha256(document.encode()).hexdigest()[:_DIGITS]
    package = layer / "python" / catalog.PACKAGE
    package.mkdir(parents=True, exist_ok=True)
    files = {
        "__init__.py": '"""What the lake holds, compiled; made at synth from layers/lake."""\n',
        catalog.DOCUMENT: document,
    }
    for name, text in files.items():
        (package / name).write_text(text, encoding="utf-8")
    return compiled, layer
