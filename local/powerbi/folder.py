"""Puts a project's files into a folder of its own, again and again, and never over what somebody else wrote.

The folder has a list of what was written, with a hash of each file. A file that differs from both the list and what is
to be written was changed by others, Power BI among them when it saves; then nothing is written.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from watershed.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

LIST = ".watershed.json"
_MOST_NAMED = 5


def write(folder: Path, files: Mapping[str, str]) -> None:
    """Make the folder hold these files, and none that an earlier run wrote and this one does not.

    Files that Power BI adds, such as its cache, stay.

    Args:
        folder: It need not exist.
        files: UTF-8 texts by path with `/`.

    Raises:
        ConfigurationError: if the folder holds what others wrote or changed; it is left as it was.
    """
    written = _written(folder)
    known = {path: _hash(text) for path, text in files.items()}
    others = sorted(
        path for path in {*written, *files} if _is_others(folder / path, {written.get(path), known.get(path)})
    )
    if others:
        more = f" and {len(others) - _MOST_NAMED} more" if len(others) > _MOST_NAMED else ""
        raise ConfigurationError(
            f"{folder} has files that were changed or made by others: {', '.join(others[:_MOST_NAMED])}{more}.",
            remedy="Give another --folder, or keep what you need of it and delete the folder.",
        )
    for path in sorted(set(written) - set(files)):
        _remove(folder, folder / path)
    for path, text in files.items():
        _put(folder / path, text)
    _put(folder / LIST, json.dumps(known, indent=1, sort_keys=True) + "\n")


def _written(folder: Path) -> dict[str, str]:
    """What an earlier run wrote: hashes by path."""
    if not folder.exists():
        return {}
    if folder.is_dir() and not any(folder.iterdir()):
        return {}
    try:
        found = json.loads((folder / LIST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        found = None
    if isinstance(found, dict) and all(isinstance(value, str) and _is_within(path) for path, value in found.items()):
        return found
    raise ConfigurationError(
        f"{folder} is no folder of an earlier run of this command, and is not empty.",
        remedy="Give another --folder, one that does not exist.",
    )


def _is_within(path: str) -> bool:
    return not path.startswith("/") and "\\" not in path and ":" not in path and ".." not in path.split("/")


def _is_others(path: Path, ours: set[str | None]) -> bool:
    if not path.exists():
        return False
    return not path.is_file() or _hash(path.read_bytes().decode("utf-8", "replace")) not in ours


def _hash(text: str) -> str:
    """Of the text with LF alone: git may have checked it out with CRLF."""
    return hashlib.sha256(text.replace("\r\n", "\n").encode("utf-8", "replace")).hexdigest()


def _put(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")


def _remove(folder: Path, path: Path) -> None:
    path.unlink(missing_ok=True)
    for parent in path.parents:
        if parent == folder or not parent.is_dir() or any(parent.iterdir()):
            break
        parent.rmdir()
