"""The dialect snippets: statements with the answers a real Trino gave, in `tests/local/dialect/*.yaml`.

A file is a list of mappings. `name` and `sql` are written by hand, the rest by `python -m tests.trino.record`:
`columns` and `rows`, or `error`, and `refused: true` where the local Athena's strict mode refuses the statement.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import yaml

from local.paths import ROOT
from tests.trino.answer import Answer

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

FOLDER = ROOT / "tests" / "local" / "dialect"
_HEADER = "# All but `name` and `sql` is recorded, from Trino {version}, by `python -m tests.trino.record`.\n"


@dataclass(frozen=True)
class Snippet:
    """One statement.

    Args:
        file: the file's stem, which is the topic.
        name: what it shows; unique in its file.
        sql: the statement.
        refused: whether the local Athena refuses it, instead of answering as Trino does.
        expected: Trino's answer, or the code of its failure; None before it was recorded.
    """

    file: str
    name: str
    sql: str
    refused: bool = False
    expected: Answer | str | None = None

    @property
    def title(self) -> str:
        """Topic and name."""
        return f"{self.file}: {self.name}"


class _Flow(list[Any]):
    """A list that is written on one line."""


class _Dumper(yaml.SafeDumper):
    """Lists of values on one line, statements of several lines as a block."""


_Dumper.add_representer(
    _Flow, lambda dumper, data: dumper.represent_sequence("tag:yaml.org,2002:seq", data, flow_style=True)
)
_Dumper.add_representer(str, lambda dumper, data: dumper.represent_scalar("tag:yaml.org,2002:str", data, _style(data)))


def _style(value: str) -> str | None:
    """A block where YAML would have to double the statement's quotes."""
    return "|" if "\n" in value or ("'" in value and (": " in value or " #" in value)) else None


def files() -> list[Path]:
    """The files, in order of their names."""
    return sorted(FOLDER.glob("*.yaml"))


def read(path: Path) -> list[Snippet]:
    """The snippets of one file.

    Raises:
        ValueError: if two have one name.
    """
    snippets = [_snippet(path.stem, item) for item in yaml.safe_load(path.read_text(encoding="utf-8"))]
    if len({snippet.name for snippet in snippets}) != len(snippets):
        raise ValueError(f"{path}: two snippets have one name.")
    return snippets


def read_all() -> list[Snippet]:
    """All snippets."""
    return [snippet for path in files() for snippet in read(path)]


def write(path: Path, snippets: Iterable[Snippet], version: str) -> None:
    """Write a file with the answers of Trino `version`."""
    items = [_item(snippet) for snippet in snippets]
    text = yaml.dump(items, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=140)
    path.write_text(_HEADER.format(version=version) + text.replace("\n- name:", "\n\n- name:"), encoding="utf-8")


def _snippet(file: str, item: dict[str, Any]) -> Snippet:
    expected: Answer | str | None = item.get("error")
    if "columns" in item:
        columns = tuple((name, kind) for name, kind in item["columns"])
        expected = Answer(columns, tuple(tuple(row) for row in item["rows"]))
    return Snippet(file, item["name"], item["sql"], item.get("refused", False), expected)


def _item(snippet: Snippet) -> dict[str, Any]:
    item: dict[str, Any] = {"name": snippet.name, "sql": snippet.sql} | ({"refused": True} if snippet.refused else {})
    if isinstance(snippet.expected, Answer):
        item["columns"] = _Flow(_Flow(column) for column in snippet.expected.columns)
        item["rows"] = [_Flow(row) for row in snippet.expected.rows]
    elif snippet.expected:
        item["error"] = snippet.expected
    return item
