"""The `pull` part of a connector: what is asked of a source's API, by schedule."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from watershed.contracts.document import Node, Report


@dataclass(frozen=True)
class Pull:
    """What is asked of one source."""

    datasets: tuple[str, ...] = ()  # those that it fills


def read(node: Node, report: Report) -> Pull | None:
    """The `pull` part; None if it cannot be read, with the faults in `report`."""
    report.add(node, "Sources are not asked yet.", "Remove `pull`.")
    return None
