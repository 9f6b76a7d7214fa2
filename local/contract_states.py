"""The contracts as they are in a file or folder, or were at a Git revision."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

from watershed.contracts.model import Contract
from watershed.contracts.odcs import examine, examine_file
from watershed.errors import ConfigurationError
from watershed.finding import Finding, shown

from layers.process import run
from local.paths import LAKE

CONTRACTS = LAKE / "contracts"


@dataclass(frozen=True)
class State:
    """Contracts by dataset, the file of each as its reader would open it, and every fault."""

    contracts: dict[str, Contract]
    files: dict[str, str]
    findings: list[Finding]


def at(path: Path) -> State:
    """The contracts of a folder, or of one file.

    Raises:
        ConfigurationError: if there is neither.
    """
    if not path.exists():
        raise ConfigurationError(f"There is no {path}.", remedy="Name a contract's file, or a folder of them.")
    if path.is_dir():
        contracts, findings = examine(path)
        return State(contracts, {name: shown(path / f"{name}.yaml") for name in contracts}, findings)
    contracts, findings = examine_file(path)
    return State(contracts, dict.fromkeys(contracts, shown(path)), findings)


def at_revision(revision: str, folder: Path) -> State:
    """The contracts of `folder` as Git has them at `revision`; their files are called `revision:name`.

    Raises:
        ConfigurationError: if Git does not know the revision, or the folder in it.
    """
    with tempfile.TemporaryDirectory() as made:
        copy = Path(made)
        for name in _git(folder, "ls-tree", "--full-tree", "-z", "--name-only", f"{revision}:./").split("\0"):
            if name:
                text = _git(folder, "show", f"{revision}:./{name}")
                (copy / name).write_text(text, encoding="utf-8")
        state = at(copy)
        findings = [replace(each, file=each.file.replace(made, revision)) for each in state.findings]
    return State(state.contracts, {name: f"{revision}:{name}.yaml" for name in state.contracts}, findings)


def _git(folder: Path, *words: str) -> str:
    done = run(["git", "-C", folder, *words])
    if done.returncode:
        raise ConfigurationError(f"Git says: {done.stderr.strip()}.", remedy="Name a revision that has contracts.")
    return done.stdout
