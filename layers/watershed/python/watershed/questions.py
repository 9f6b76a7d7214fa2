"""The business questions a lake answers: SQL over gold, and the sentence that says the answer in plain words.

A question is a file `questions/<nn>_<name>.sql` that begins, like a gold model, with YAML in a comment: `question`,
`answer` (a sentence with {column} places, said once for each row) and `otherwise` (said when there is no row).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from watershed import names
from watershed.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from watershed.contracts.document import Report
    from watershed.finding import Finding
    from watershed.gold.model import GoldModel

_NAME = re.compile(r"[0-9]{2}_[a-z][a-z0-9_]*")
_PLACE = re.compile(r"\{(\w*)\}")


@dataclass(frozen=True)
class Question:
    """One question and how to say its answer."""

    name: str
    question: str
    answer: str  # with {column} places; said once a row
    otherwise: str  # said when there is no row
    sql: str  # one SELECT over gold.*, in Athena's dialect

    def answers(self, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> list[str]:
        """The answer's sentences, from the query's column names and typed rows (`Athena.typed_rows`)."""
        said = [self._sentence(dict(zip(header, row, strict=True))) for row in rows]
        return said or [self.otherwise]

    def _sentence(self, row: Mapping[str, Any]) -> str:
        return _PLACE.sub(lambda place: _said(row[place[1]]), self.answer)


def read_questions(folder: Path, models: Mapping[str, GoldModel]) -> dict[str, Question]:
    """All questions of a folder, in the order of their names; a lake need not have any.

    Raises:
        ConfigurationError: naming every fault with file, line and remedy.
    """
    questions, findings = _examine(folder, models)
    if findings:
        listed = "\n".join(str(finding) for finding in findings)
        raise ConfigurationError(f"{len(findings)} fault(s) in the questions:\n{listed}\n", remedy="Mend them.")
    return questions


def lint(folder: Path, models: Mapping[str, GoldModel]) -> list[Finding]:
    """The faults of all questions in `folder`; empty if there are none."""
    return _examine(folder, models)[1]


def _examine(folder: Path, models: Mapping[str, GoldModel]) -> tuple[dict[str, Question], list[Finding]]:
    from watershed.contracts.document import Report
    from watershed.finding import shown

    questions: dict[str, Question] = {}
    findings: list[Finding] = []
    paths = [path for path in folder.iterdir() if not path.name.startswith(".")] if folder.is_dir() else []
    for path in sorted(paths):
        report = Report(shown(path))
        question = _read(path, models, report)
        findings += report.findings
        if question:
            questions[question.name] = question
    return questions, sorted(findings)


def _read(path: Path, models: Mapping[str, GoldModel], report: Report) -> Question | None:
    from watershed.contracts.document import Node, parse
    from watershed.gold import header, query

    if path.suffix != ".sql" or not _NAME.fullmatch(path.stem):
        report.add(
            Node("", 0), "This is not a question.", "Name questions <nn>_<name>.sql, e.g. 01_most_customers.sql."
        )
        return None
    parts = header.split(path.read_text(encoding="utf-8"), report)
    root = parse(parts[0], report) if parts else None
    tree = query.parse(parts[1], report) if parts else None
    if parts is None or root is None or tree is None:
        return None
    fields = report.mapping(root, ("question", "answer", "otherwise"), required=("question", "answer", "otherwise"))
    texts = {key: report.text(fields.get(key)) for key in ("question", "answer", "otherwise")}
    query.check(tree, report)
    tables = {f"{names.GOLD_DB}.{m.name}": {column.name: column.type for column in m.columns} for m in models.values()}
    query.reads(tree, report, tables)
    if not report.findings:
        columns = {output.name for output in query.outputs(tree, report, tables)}
        for place in _PLACE.findall(texts["answer"]):
            if place not in columns:
                report.add(fields["answer"], f"The SELECT has no column `{place}`.", "Name a column it puts out.")
    if report.findings:
        return None
    return Question(path.stem, **texts, sql=query.compiled(parts[1]))


def _said(value: Any) -> str:
    """A value as it is said: thousands apart, decimals as they are, nothing as `none`."""
    if value is None:
        return "none"
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return f"{value:,}"
    return str(value)
