"""A connector as the lake holds it: which merchant's system, in which one region, pushing, pulled from, or both."""

from __future__ import annotations

from dataclasses import dataclass

from watershed.connectors.pull import Pull
from watershed.connectors.push import Push


@dataclass(frozen=True)
class Connector:
    """One source.

    What arrives becomes raw objects `<dataset>/<source>/<yyyy>/<mm>/<dd>/<source>.<id>.jsonl` in the source's region.
    A contract knows them by the file name pattern `<source>.*`.
    """

    name: str  # the source
    region: str  # the only one that takes its data
    description: str = ""
    push: Push | None = None
    pull: Pull | None = None

    @property
    def file_name(self) -> str:
        """The file name of a raw object from this source, with any id: what contracts' patterns are held against."""
        return f"{self.name}.0.jsonl"
