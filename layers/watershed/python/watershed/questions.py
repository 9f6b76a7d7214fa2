"""The business questions a lake answers: SQL over gold, and the sentence that says the answer in plain words.

A question is a file `questions/<nn>_<name>.sql` that begins, like a gold model, with YAML in a comment: `question`,
`answer` (a sentence with {column} places, said once for each row; {stores store/stores} counts), `otherwise` (said when
there is no row) and, where the question leaves open what it means, `rule`.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from watershed import names
from watershed.errors import ConfigurationError
from watershed.finding import Finding, refuse
from watershed.gold.model import AS_OF_PLACE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from watershed.athena import Athena
    from watershed.contracts.document import Report
    from watershed.gold.model import GoldModel

_SAID = ("question", "answer", "otherwise")
_NAME = re.compile(r"[0-9]{2}_[a-z][a-z0-9_]*")
_PLACE = re.compile(r"\{(\w*)(?: ([^/{}]+)/([^/{}]+))?\}")  # a column, and what one and several of it are called

# Unicode's kinds of signs that order the line they are in: letters from right to left, and marks around a part.
_BACKWARDS = frozenset({"R", "AL", "AN"})
_MARKS = frozenset({"RLE", "RLO", "LRE", "LRO", "PDF", "RLI", "LRI", "FSI", "PDI"})
_ISOLATE, _END = "\N{FIRST STRONG ISOLATE}", "\N{POP DIRECTIONAL ISOLATE}"


@dataclass(frozen=True)
class Question:
    """One question and how to say its answer."""

    name: str
    question: str
    answer: str  # with {column} places; said once a row
    otherwise: str  # said when there is no row
    sql: str  # one SELECT over gold.*, in Athena's dialect
    rule: str = ""  # what the question's words mean here, e.g. from when on something is low
    reads: tuple[str, ...] = ()  # the gold tables it needs, e.g. branch_performance

    @property
    def number(self) -> int:
        """Its place among the questions, from 1."""
        return int(self.name.partition("_")[0])

    def answers(self, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> list[str]:
        """The answer's sentences, from the query's column names and typed rows (`Athena.typed_rows`)."""
        said = [self._sentence(dict(zip(header, row, strict=True))) for row in rows]
        return said or [self.otherwise]

    def _sentence(self, row: Mapping[str, Any]) -> str:
        return _PLACE.sub(lambda place: _counted(row[place[1]], place[2], place[3]), self.answer)


@dataclass(frozen=True)
class Answer:
    """A question and what a region says to it.

    Attributes:
        question: The question.
        sentences: The answer in plain words, a sentence a row; one that says so if there is no row.
        header: The names of the columns.
        rows: Their values, in Python's types.
    """

    question: Question
    sentences: tuple[str, ...]
    header: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]


def ask(question: Question, athena: Athena) -> Answer:
    """Ask one region.

    Raises:
        QueryFailed: if Athena refuses, e.g. because a table that is asked is not there yet.
    """
    header, rows = athena.typed_rows(question.sql)
    return Answer(question, tuple(question.answers(header, rows)), tuple(header), tuple(map(tuple, rows)))


def choose(questions: Mapping[str, Question], wanted: str) -> Question:
    """The question that `wanted` means: its number, its name, or its name without the number.

    Raises:
        ConfigurationError: naming the questions, if it means none of them.
    """
    for question in questions.values():
        number, _, name = question.name.partition("_")
        if wanted in {question.name, name, number, str(question.number)}:
            return question
    listed = ", ".join(f"{question.number} {question.name.partition('_')[2]}" for question in questions.values())
    raise ConfigurationError(f"There is no question `{wanted}`.", remedy=f"Ask one of these: {listed}.")


def read_questions(folder: Path, models: Mapping[str, GoldModel]) -> dict[str, Question]:
    """All questions of a folder, in the order of their names; a lake need not have any.

    Raises:
        ConfigurationError: naming every fault with file, line and remedy.
    """
    questions, findings = _examine(folder, models)
    refuse(findings, "questions")
    return questions


def lint(folder: Path, models: Mapping[str, GoldModel]) -> list[Finding]:
    """The faults of all questions in `folder`; empty if there are none."""
    return _examine(folder, models)[1]


def _examine(folder: Path, models: Mapping[str, GoldModel]) -> tuple[dict[str, Question], list[Finding]]:
    from watershed.contracts.document import examined, files_in

    return examined(files_in(folder), lambda path, report: _read(path, models, report))


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
    fields = report.mapping(root, (*_SAID, "rule"), required=_SAID)
    texts = {key: report.text(fields.get(key)) for key in (*_SAID, "rule")}
    if left := re.search(r"[{}]", _PLACE.sub("", texts["answer"])):
        report.add(
            fields["answer"],
            f"The answer would say `{left[0]}`.",
            "Write `{stores}`, or `{stores store/stores}` to count.",
        )
    query.check(tree, report)
    if AS_OF_PLACE in query.compiled(parts[1]):
        report.add(
            root, "A question is asked of gold as it is.", "Read the day that the model puts out, e.g. as_of_day."
        )
    tables = {f"{names.GOLD_DB}.{m.name}": {column.name: column.type for column in m.columns} for m in models.values()}
    reads = query.reads(tree, report, tables)
    if not report.findings:
        columns = {output.name for output in query.outputs(tree, report, tables)}
        for place in _PLACE.finditer(texts["answer"]):
            if place[1] not in columns:
                report.add(fields["answer"], f"The SELECT has no column `{place[1]}`.", "Name a column it puts out.")
    if report.findings:
        return None
    needed = tuple(sorted(read.removeprefix(f"{names.GOLD_DB}.") for read in reads))
    return Question(path.stem, **texts, sql=query.compiled(parts[1]), reads=needed)


def _counted(value: Any, one: str | None, several: str | None) -> str:
    """A value, and what is counted by it if that is to be said: `1 store`, `2 stores`."""
    called = one if value == 1 else several
    return f"{_said(value)} {called}" if called else _said(value)


def _said(value: Any) -> str:
    """A value as it is said: thousands apart, decimals as they are, nothing as `none`."""
    if value is None:
        return "none"
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return f"{value:,}"
    return _apart(str(value))


def _apart(text: str) -> str:
    """A text that turns nothing round that stands beside it: in isolation, if it is read from right to left.

    Marks of its own are left out: one that ends a part would end the isolation, and one that begins it use up its end.
    """
    plain = "".join(sign for sign in text if unicodedata.bidirectional(sign) not in _MARKS)
    if any(unicodedata.bidirectional(sign) in _BACKWARDS for sign in plain):
        return f"{_ISOLATE}{plain}{_END}"
    return plain
