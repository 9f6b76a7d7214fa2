"""What is in a function's zip or a layer's zip, and where it is unpacked.

A layer that carries `python/requirements.txt` holds third-party packages built for AWS's processors. Those cannot be
imported here: the laptop runs the same versions from its own environment, and refuses a layer that pins others.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from functools import cache
from importlib import metadata
from typing import TYPE_CHECKING

from packaging.requirements import Requirement

from local.aws.errors import LayerMismatch

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

REQUIREMENTS = "python/requirements.txt"


def requirements(text: str) -> Iterator[Requirement]:
    """The requirements in a pinned file as pip-compile writes it; hashes, options and comments are left out."""
    for line in text.replace("\\\n", " ").splitlines():
        words = line.split("#", 1)[0].split(" --", 1)[0].strip()
        if words and not words.startswith("-"):
            yield Requirement(words)


def is_third_party(archive: bytes) -> bool:
    """Whether a layer's zip holds packages that are built for AWS's processors."""
    with zipfile.ZipFile(io.BytesIO(archive)) as packed:
        return REQUIREMENTS in packed.namelist()


def check(archive: bytes, where: str) -> None:
    """See that every package that a layer pins is installed here in that version.

    Args:
        archive: the layer's zip.
        where: the layer, for messages.

    Raises:
        LayerMismatch: naming each package that differs.
    """
    if not is_third_party(archive):
        return
    with zipfile.ZipFile(io.BytesIO(archive)) as packed:
        text = packed.read(REQUIREMENTS).decode()
    faults = []
    for requirement in requirements(text):
        if requirement.marker and not requirement.marker.evaluate():
            continue
        installed = _installed(requirement.name)
        if [(part.operator, part.version) for part in requirement.specifier] != [("==", installed)]:
            faults.append(f"{requirement.name}: the layer has {requirement.specifier}, here is {installed}")
    if faults:
        raise LayerMismatch(
            f"The layer {where} differs from this environment: {'; '.join(faults)}.",
            remedy="Run `make layers`; if they differ still, remove .venv and run it again.",
        )


@cache
def _installed(package: str) -> str:
    """The version of a package here; looking it up reads the whole environment's folders."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "nothing"


def unpack(archive: bytes, home: Path) -> Path:
    """Unpack a zip below `home`, once per content, and give its folder."""
    folder = home / hashlib.sha256(archive).hexdigest()[:32]
    if not folder.exists():
        with zipfile.ZipFile(io.BytesIO(archive)) as packed:
            packed.extractall(folder)
    return folder
