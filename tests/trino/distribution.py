"""Gets what a Trino server is made of: its files, through Maven, and a Java that can run them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tarfile
from pathlib import Path

from local.paths import BUILD

VERSION = "476"
OLDEST_JAVA = 24  # what this version of Trino needs
ARTIFACT = f"io.trino:trino-server:{VERSION}:tar.gz"
FOLDER = BUILD / "trino" / VERSION
HOME_VARIABLE = "WATERSHED_TRINO_HOME"
PLUGINS = ("hive", "iceberg")

_JAVA_VERSION = re.compile(r'version "(\d+)')


class TrinoMissing(Exception):
    """Trino cannot be had on this machine; the message says what is missing and how to get it."""


def home() -> Path:
    """The folder of an unpacked server with the plugins in `PLUGINS`; fetched once, then kept in `build/trino`.

    Raises:
        TrinoMissing: if it is neither there nor can be fetched.
    """
    given = os.environ.get(HOME_VARIABLE)
    if given:
        return _checked(Path(given), f"{HOME_VARIABLE} names {given}, which")
    if not FOLDER.is_dir():
        _fetch()
    return _checked(FOLDER, str(FOLDER))


def java() -> Path:
    """A `java` of at least version `OLDEST_JAVA`: of JAVA_HOME, of the PATH, or where Linux and macOS install them.

    Raises:
        TrinoMissing: if there is none.
    """
    candidates = [Path(os.environ["JAVA_HOME"]) / "bin" / "java"] if os.environ.get("JAVA_HOME") else []
    candidates += [Path(found)] if (found := shutil.which("java")) else []
    candidates += sorted(Path("/usr/lib/jvm").glob("*/bin/java"), reverse=True)
    candidates += sorted(Path("/Library/Java/JavaVirtualMachines").glob("*/Contents/Home/bin/java"), reverse=True)
    versions = {candidate: _version(candidate) for candidate in candidates if candidate.is_file()}
    for candidate, version in versions.items():
        if version >= OLDEST_JAVA:
            return candidate
    seen = ", ".join(f"{path} is version {version}" for path, version in versions.items()) or "no Java was found"
    raise TrinoMissing(
        f"Trino {VERSION} needs Java {OLDEST_JAVA} or newer, and {seen}. Install one, or set JAVA_HOME to it."
    )


def _version(executable: Path) -> int:
    told = subprocess.run([executable, "-version"], capture_output=True, text=True, check=False, timeout=60)  # noqa: S603 - a Java found above
    found = _JAVA_VERSION.search(told.stderr + told.stdout)
    return int(found[1]) if found else 0


def _checked(folder: Path, what: str) -> Path:
    missing = [name for name in ("lib", *(f"plugin/{plugin}" for plugin in PLUGINS)) if not (folder / name).is_dir()]
    if missing:
        raise TrinoMissing(
            f"{what} is no Trino server: it has no {' and no '.join(missing)}. Remove it, or name another."
        )
    return folder


def _fetch() -> None:
    """Download with Maven, unpack, drop the plugins nobody asked for, and only then put it in its place."""
    maven = shutil.which("mvn")
    if maven is None:
        raise TrinoMissing(
            f"Trino {VERSION} is fetched by Maven, and there is no `mvn` on the PATH. Install Maven, or unpack "
            f"{ARTIFACT} yourself and set {HOME_VARIABLE} to its folder."
        )
    work = FOLDER.with_name(f"{VERSION}.partial")
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    try:
        _copy_with_maven(maven, work)
        with tarfile.open(next(work.glob("*.tar.gz"))) as archive:
            archive.extractall(work, filter="tar")
        unpacked = work / f"trino-server-{VERSION}"
        for plugin in (unpacked / "plugin").iterdir():
            if plugin.name not in PLUGINS:
                shutil.rmtree(plugin)
        unpacked.rename(FOLDER)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _copy_with_maven(maven: str, folder: Path) -> None:
    command = [maven, "-q", "-B", "dependency:copy", f"-Dartifact={ARTIFACT}", f"-DoutputDirectory={folder}"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)  # noqa: S603 - constants only
    if done.returncode != 0:
        told = "\n".join((done.stdout + done.stderr).strip().splitlines()[:5])
        raise TrinoMissing(f"Maven could not get {ARTIFACT}. Its own words:\n{told}")
