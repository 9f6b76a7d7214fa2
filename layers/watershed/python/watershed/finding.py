"""What is wrong with a file that a person wrote: a contract or a gold model."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from watershed.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, order=True)
class Finding:
    """One fault, said so that its reader can mend it.

    Attributes:
        file: The file, as the reader would open it.
        line: 1-based; 0 when the fault is the file itself.
        path: Where in the file's structure, e.g. `schema.customers.properties.email`; empty for the whole file.
        message: What is wrong, one sentence.
        remedy: What to do, one imperative sentence.
    """

    file: str
    line: int
    path: str
    message: str
    remedy: str

    def __str__(self) -> str:
        """E.g. `layers/lake/contracts/x.yaml:12 schema.x.properties.email: No type. Add logicalType.`."""
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}{' ' if self.path else ''}{self.path}: {self.message} {self.remedy}"


def shown(path: Path) -> str:
    """The path as the reader would type it from here."""
    here = Path.cwd()
    return (path.relative_to(here) if path.is_relative_to(here) else path).as_posix()


def refuse(findings: Sequence[Finding], what: str) -> None:
    """Refuse what has faults.

    Args:
        findings: The faults.
        what: Of which files, e.g. `contracts`.

    Raises:
        ConfigurationError: naming every one, if there are any.
    """
    if findings:
        listed = "\n".join(str(finding) for finding in findings)
        raise ConfigurationError(
            f"{len(findings)} fault(s) in the {what}:\n{listed}\n", remedy="Mend them and try again."
        )
