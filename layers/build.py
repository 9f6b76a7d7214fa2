"""Builds the functions' layers without Docker: `python -m layers.build [--platform arm64|host] [--only NAME]`.

A layer is installed from pinned wheels, pruned, compiled to byte code, and zipped; it is built again only if one of
its inputs changed. `arm64` is what Lambda gets; `host` is the same for this machine's Python, for tests.
"""

from __future__ import annotations

import argparse
import dataclasses
import hashlib
import json
import shutil
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from watershed.errors import ConfigurationError

from layers.archive import archive
from layers.bytecode import PYODIDE, NoCompiler, compile_staged
from layers.install import install
from layers.manifest import (
    BUILD,
    FUNCTION_LAYERS,
    LIBRARY,
    PLATFORMS,
    REQUIREMENTS,
    ROOT,
    THIRD_PARTY,
    UNZIPPED_LIMIT,
    Platform,
)
from layers.prune import prune

if TYPE_CHECKING:
    from collections.abc import Sequence

NAMES = (*THIRD_PARTY, LIBRARY)
COMMAND = "python -m layers.build"

_HERE = Path(__file__).resolve().parent
_LIBRARY_SOURCE = _HERE / LIBRARY / "python"
_MEGABYTE = 1024**2


@dataclass(frozen=True)
class Built:
    """One layer that has been built."""

    name: str
    platform: str
    inputs: str  # SHA-256 of all that the layer was made from
    contents: str  # SHA-256 of the files in the zip: the same on every machine
    unzipped: int  # bytes
    bytecode: str  # what compiled the modules; empty if they were not compiled
    warning: str = ""  # why they were not compiled

    @property
    def zip(self) -> Path:
        """The layer's zip."""
        return BUILD / f"{self.name}-{self.platform}.zip"


def current(name: str, platform: Platform) -> Built | None:
    """The layer as last built, or None if it was never built or its inputs have changed since."""
    record = _record(name, platform)
    found = json.loads(record.read_text(encoding="utf-8")) if record.is_file() else {}
    if found.get("inputs") != _inputs(name, platform):
        return None
    built = Built(**found)
    return built if built.zip.is_file() else None


def build(names: Sequence[str], platform: Platform) -> list[Built]:
    """Build those of the layers that are not current, and return all, in the order asked for.

    Without a compiler for the platform's Python the layers are built all the same, without byte code: they work, but
    start more slowly. `Built.warning` says so, and the next call tries again.

    Raises:
        ConfigurationError: if a pinned wheel does not exist or does not match its hash.
    """
    known = {name: current(name, platform) for name in names}
    stale = [name for name, built in known.items() if built is None or built.warning]
    if stale:
        BUILD.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=BUILD) as staging:
            known |= _build_all(stale, platform, Path(staging))
    return [built for built in known.values() if built]


def function_sizes(built: Sequence[Built]) -> dict[str, int]:
    """The unzipped size of each function with those of its layers that are among `built`, in bytes."""
    sizes = {layer.name: layer.unzipped for layer in built}
    return {
        stage: sum(sizes.get(layer, 0) for layer in layers) + _size(ROOT / "functions" / stage)
        for stage, layers in FUNCTION_LAYERS.items()
    }


def check_sizes(sizes: dict[str, int]) -> None:
    """Refuse functions that Lambda would refuse.

    Raises:
        ConfigurationError: naming each function that is too large.
    """
    too_large = [f"{name} ({size / _MEGABYTE:.0f} MB)" for name, size in sizes.items() if size > UNZIPPED_LIMIT]
    if too_large:
        raise ConfigurationError(
            f"Over Lambda's limit of {UNZIPPED_LIMIT // _MEGABYTE} MB unzipped: {', '.join(too_large)}.",
            remedy="Prune more in layers/prune.py, or give the function fewer layers in layers/manifest.py.",
        )


def _build_all(names: list[str], platform: Platform, staging: Path) -> dict[str, Built | None]:
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda name: _stage(name, staging / name / "python", platform), names))
        bytecode, warning = "", ""
        try:
            bytecode = compile_staged(staging, platform)
        except NoCompiler as error:
            warning = str(error)
        return dict(
            zip(names, pool.map(lambda name: _finish(name, staging, platform, bytecode, warning), names), strict=True)
        )


def _stage(name: str, tree: Path, platform: Platform) -> None:
    """Lay out the layer's files below `tree`, which is what Lambda puts on the path."""
    if name == LIBRARY:
        shutil.copytree(_LIBRARY_SOURCE, tree, ignore=shutil.ignore_patterns("__pycache__"))
        return
    requirements = REQUIREMENTS / f"{name}.txt"
    install(requirements, tree, platform)
    prune(name, tree)
    # Says which versions are inside: whoever runs the functions outside Lambda can check that theirs are the same.
    shutil.copyfile(requirements, tree / "requirements.txt")


def _finish(name: str, staging: Path, platform: Platform, bytecode: str, warning: str) -> Built:
    scratch = staging / f"{name}.zip"
    contents = archive(staging / name, scratch)
    built = Built(name, platform.name, _inputs(name, platform), contents.digest, contents.unzipped, bytecode, warning)
    record = _record(name, platform)
    record.unlink(missing_ok=True)  # so that no record ever stands beside another build's zip
    scratch.replace(built.zip)
    record.write_text(json.dumps(dataclasses.asdict(built), indent=1), encoding="utf-8")
    return built


def _inputs(name: str, platform: Platform) -> str:
    digest = hashlib.sha256(repr((name, platform, PYODIDE)).encode())
    sources = _files(_LIBRARY_SOURCE) if name == LIBRARY else [REQUIREMENTS / f"{name}.txt"]
    for file in (*sources, *sorted(_HERE.glob("*.py")), *sorted(_HERE.glob("*.mjs"))):
        data = file.read_bytes()
        digest.update(f"{file.relative_to(ROOT)}\0{len(data)}\0".encode())
        digest.update(data)
    return digest.hexdigest()


def _record(name: str, platform: Platform) -> Path:
    return BUILD / f"{name}-{platform.name}.json"


def _size(folder: Path) -> int:
    return sum(file.stat().st_size for file in _files(folder))


def _files(folder: Path) -> list[Path]:
    """The files of a source folder, without what Python leaves there."""
    return sorted(file for file in folder.rglob("*") if file.is_file() and file.suffix != ".pyc")


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog=COMMAND, description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument(
        "--platform", choices=PLATFORMS, default="arm64", help="for Lambda, or for this machine's Python"
    )
    parser.add_argument("--only", choices=NAMES, help="build just this layer")
    options = parser.parse_args(arguments)
    started = time.monotonic()
    try:
        built = build([options.only] if options.only else NAMES, PLATFORMS[options.platform])
        sizes = function_sizes(built)
        check_sizes(sizes)
    except ConfigurationError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(_report(built, sizes if not options.only else {}, time.monotonic() - started))
    return 0


def _report(built: Sequence[Built], sizes: dict[str, int], seconds: float) -> str:
    lines = [
        f"layer {each.name:<10} {each.unzipped / _MEGABYTE:6.1f} MB unzipped, "
        f"{each.zip.stat().st_size / _MEGABYTE:5.1f} MB zipped, byte code: {each.bytecode or 'NONE. ' + each.warning}"
        for each in built
    ]
    lines += [
        f"function {name:<7} {size / _MEGABYTE:6.1f} of {UNZIPPED_LIMIT // _MEGABYTE} MB unzipped"
        for name, size in sizes.items()
    ]
    return "\n".join([*lines, f"built for {built[0].platform} in {seconds:.1f} s", ""])


if __name__ == "__main__":
    sys.exit(main())
