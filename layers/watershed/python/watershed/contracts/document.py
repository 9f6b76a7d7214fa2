"""A contract file as a tree of nodes that know their line and their path, so that a fault can be shown where it is."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol, TypeVar

import yaml

from watershed.finding import Finding, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping
    from pathlib import Path

_STRING, _BOOL, _INT, _NULL = (f"tag:yaml.org,2002:{name}" for name in ("str", "bool", "int", "null"))
_LABELS = ("name", "property", "metric")  # the key that names an item of a list, for its path


@dataclass(frozen=True)
class Node:
    """A value of the file.

    Attributes:
        path: E.g. `schema.customers.properties.email.required`.
        line: 1-based.
        tag: YAML's type of a scalar; empty for a mapping or a list.
        text: A scalar exactly as written, without quotes.
        mapping: A mapping's values by key.
        items: A list's values.
    """

    path: str
    line: int
    tag: str = ""
    text: str | None = None
    mapping: dict[str, Node] | None = None
    items: tuple[Node, ...] | None = None

    @property
    def is_null(self) -> bool:
        """Whether nothing is written here."""
        return self.tag == _NULL

    def nearest(self, path: str) -> Node:
        """The node at `path` below this one, or the deepest one above it that is written."""
        children = [*(self.mapping or {}).values(), *(self.items or ())]
        for child in children:
            if path == child.path or path.startswith(f"{child.path}."):
                return child.nearest(path)
        return self

    @property
    def is_string(self) -> bool:
        """Whether YAML reads this as text."""
        return self.tag == _STRING


@dataclass
class Report:
    """The faults of one file, in the order found, and the ways to read a node that add to them."""

    file: str
    findings: list[Finding] = field(default_factory=list)

    def add(self, node: Node, message: str, remedy: str) -> None:
        """Record a fault at `node`."""
        self.findings.append(Finding(self.file, node.line, node.path, message, remedy))

    def mapping(
        self,
        node: Node,
        known: Collection[str],
        required: Collection[str] = (),
        refused: Mapping[str, str] = MappingProxyType({}),
    ) -> dict[str, Node]:
        """The values of a mapping, without those that are null; unknown and missing keys are faults.

        `refused` holds keys of the standard that nothing here would carry out, each with what to write instead.
        """
        if node.mapping is None:
            self.add(node, "This is not a mapping.", "Write `key: value` lines.")
            return {}
        for key, value in node.mapping.items():
            if key in refused:
                self.add(value, f"Watershed does not carry out `{key}`.", refused[key])
            elif key not in known:
                self.add(value, f"Unknown key `{key}`.", did_you_mean(key, known))
        found = {key: value for key, value in node.mapping.items() if key in known and not value.is_null}
        for key in required:
            if key not in found:
                self.add(node, f"`{key}` is missing.", f"Add `{key}`.")
        return found

    def members(self, node: Node | None) -> tuple[Node, ...]:
        """The items of a list; none if there is no node."""
        if node is None:
            return ()
        if node.items is None:
            self.add(node, "This is not a list.", "Write one `- item` a line, or `[item, item]`.")
            return ()
        return node.items

    def text(self, node: Node | None, default: str = "") -> str:
        """The text of a string."""
        if node is None:
            return default
        if node.text is None or not node.is_string:
            self.add(node, "This is not text.", "Put it in quotes." if node.text is not None else "Write one value.")
            return default
        return node.text

    def texts(self, node: Node | None, default: tuple[str, ...] = ()) -> tuple[str, ...]:
        """The texts of a list of strings."""
        return default if node is None else tuple(self.text(item) for item in self.members(node))

    def scalar(self, node: Node | None) -> str | None:
        """A single value as written, whatever its YAML type: `0.10` stays `0.10`."""
        if node is None:
            return None
        if node.text is None:
            self.add(node, "This is not a single value.", "Write one value.")
        return node.text

    def flag(self, node: Node | None) -> bool:
        """A truth value; false if there is no node."""
        if node is None:
            return False
        if node.tag != _BOOL:
            self.add(node, "This is neither true nor false.", "Write `true` or `false`, without quotes.")
            return False
        return bool(yaml.SafeLoader.bool_values[str(node.text).lower()])

    def number(self, node: Node | None) -> int | None:
        """A whole number from 1."""
        if node is None:
            return None
        if node.tag != _INT or not str(node.text).isdecimal() or not int(str(node.text)):
            self.add(node, "This is not a whole number from 1.", "Write e.g. `24`, without quotes.")
            return None
        return int(str(node.text))

    def choice(self, node: Node | None, choices: Collection[str], default: str) -> str:
        """A text that must be one of `choices`."""
        text = self.text(node, default)
        if node is not None and node.is_string and text not in choices:
            self.add(node, f"`{text}` is not allowed here.", did_you_mean(text, choices))
            return default
        return text


class Named(Protocol):
    """What a file is read into."""

    @property
    def name(self) -> str:
        """What it is called."""


Read = TypeVar("Read", bound=Named)


def examined(
    paths: Iterable[Path], read: Callable[[Path, Report], Read | None]
) -> tuple[dict[str, Read], list[Finding]]:
    """What can be read of some files, by name, and every fault, by file and line.

    Args:
        paths: The files, in the order of what is read.
        read: Reads one; what is wrong goes to its report, and None is for what could not be read.
    """
    found: dict[str, Read] = {}
    findings: list[Finding] = []
    for path in paths:
        report = Report(shown(path))
        item = read(path, report)
        if item is not None:
            found[item.name] = item
        findings += report.findings
    return found, sorted(findings)


def files_in(folder: Path) -> list[Path]:
    """A folder's files in the order of their names, without those that start with a dot; none if it is absent."""
    return sorted(path for path in folder.iterdir() if not path.name.startswith(".")) if folder.is_dir() else []


def did_you_mean(word: str, known: Collection[str]) -> str:
    """A remedy that names the nearest known word, or all of them."""
    near = difflib.get_close_matches(word, list(known), n=1)
    return f"Did you mean `{near[0]}`?" if near else f"Use one of: {', '.join(sorted(known))}."


def load(path: Path, report: Report, kind: str = "contract", named: str = "dataset") -> Node | None:
    """The root node of the file `<named>.yaml`; None, with the fault in `report`, if it is not a file to read."""
    nowhere = Node("", 0)
    if path.suffix != ".yaml" or not path.is_file():
        remedy = f"Name {kind}s <{named}>.yaml and move the rest elsewhere."
        report.add(nowhere, f"This is not a {kind}.", remedy)
        return None
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        report.add(nowhere, "This file is not UTF-8.", "Save it as UTF-8.")
        return None
    return parse(text, report, kind)


def parse(text: str, report: Report, kind: str = "contract") -> Node | None:
    """The file's root node; None, with the fault in `report`, if it is not one YAML mapping."""
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        problem = f"This is not valid YAML: {error.problem}."
        report.findings.append(Finding(report.file, line, "", problem, "Correct the syntax."))
        return None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        problem = f"This is not valid YAML: {error.reason}."
        report.findings.append(Finding(report.file, line, "", problem, "Remove the character."))
        return None
    except RecursionError:
        report.add(Node("", 0), "This is nested too deeply to be read.", "Write it flatter.")
        return None
    if not isinstance(root, yaml.MappingNode):
        report.add(Node("", root.start_mark.line + 1 if root else 0), f"No {kind} here.", "Write `key: value` lines.")
        return None
    return _node(root, "", report, ())


def _node(source: yaml.Node, path: str, report: Report, above: tuple[yaml.Node, ...]) -> Node:
    line = source.start_mark.line + 1
    if source in above:
        report.add(Node(path, line), "This alias contains itself.", "Write the value out.")
        return Node(path, line, tag=_NULL)
    inside = (*above, source)
    if isinstance(source, yaml.MappingNode):
        mapping: dict[str, Node] = {}
        for key, value in source.value:
            name = key.value if isinstance(key, yaml.ScalarNode) else "?"
            child = _node(value, f"{path}.{name}".lstrip("."), report, inside)
            if name in mapping:
                report.add(Node(child.path, key.start_mark.line + 1), "This key is here twice.", "Remove one.")
            mapping[name] = child
        return Node(path, line, mapping=mapping)
    if isinstance(source, yaml.SequenceNode):
        items = tuple(_node(item, f"{path}.{_label(item, i)}", report, inside) for i, item in enumerate(source.value))
        return Node(path, line, items=items)
    return Node(path, line, tag=source.tag, text=source.value)


def _label(item: yaml.Node, index: int) -> str:
    """What an item of a list is called in a path: its name if it has one, else its 0-based place."""
    if isinstance(item, yaml.MappingNode):
        pairs = [(key, value) for key, value in item.value if isinstance(key, yaml.ScalarNode)]
        named = {key.value: value.value for key, value in pairs if isinstance(value, yaml.ScalarNode)}
        return next((named[label] for label in _LABELS if named.get(label)), str(index))
    return str(index)
