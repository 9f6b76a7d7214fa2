"""Questions: what they say, and what lint says of a wrong one."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from watershed import catalog
from watershed.errors import ConfigurationError
from watershed.gold.model import GoldColumn, GoldModel
from watershed.questions import Question, lint, read_questions

from local.paths import LAKE

if TYPE_CHECKING:
    from pathlib import Path

MODELS = {
    "sales": GoldModel(
        "sales", "", "", ("branch",), (GoldColumn("branch", "varchar"), GoldColumn("revenue", "decimal(18,2)")), (), ""
    )
}
GOOD = """/*
question: Which branch earns most?
answer: "{branch} earns {revenue}."
otherwise: No branch has earned.
*/
SELECT branch, revenue FROM gold.sales ORDER BY revenue DESC LIMIT 1;
"""


def _write(folder: Path, text: str, name: str = "01_most.sql") -> Path:
    (folder / name).write_text(text, encoding="utf-8")
    return folder


def test_a_question_is_read(tmp_path: Path) -> None:
    (question,) = read_questions(_write(tmp_path, GOOD), MODELS).values()
    assert question.sql.startswith("SELECT branch")
    assert not question.sql.endswith(";")
    assert question.answers(["branch", "revenue"], [["Uptown", Decimal("1234567.80")]]) == [
        "Uptown earns 1,234,567.80."
    ]
    assert question.answers(["branch", "revenue"], []) == ["No branch has earned."]


def test_values_are_said_as_people_say_them() -> None:
    question = Question("q", "?", "{a}, {b}, {c}", "none at all", "")
    assert question.answers(["a", "b", "c"], [[1234, None, date(2025, 1, 2)], ["{b}", True, -1]]) == [
        "1,234, none, 2025-01-02",
        "{b}, True, -1",
    ]


@pytest.mark.parametrize(
    ("mutation", "message"),
    [
        (("{revenue}", "{profit}"), "no column `profit`"),
        (("gold.sales", "gold.sails"), "no model `gold.sails`"),
        (("gold.sales", "silver.sales"), "silver.sales"),
        (("revenue FROM", "profit FROM"), "profit"),
        (("otherwise: No branch has earned.\n", ""), "`otherwise` is missing"),
        (("otherwise:", "else:"), "Unknown key `else`"),
        (("SELECT", "SELEKT"), "not valid SQL"),
        (("/*", "--"), "no header"),
        (("branch, revenue", "*"), "SELECT *"),
    ],
)
def test_lint_names_the_fault(tmp_path: Path, mutation: tuple[str, str], message: str) -> None:
    text = GOOD.replace(*mutation)
    assert text != GOOD
    findings = lint(_write(tmp_path, text), MODELS)
    assert any(message in finding.message for finding in findings), findings
    with pytest.raises(ConfigurationError, match="01_most"):
        read_questions(tmp_path, MODELS)


def test_a_stray_file_is_not_skipped_in_silence(tmp_path: Path) -> None:
    assert "not a question" in lint(_write(tmp_path, GOOD, "most.sql"), MODELS)[0].message


def test_the_lake_that_ships_answers_every_question_once() -> None:
    lake = catalog.build(LAKE)
    assert len({question.question for question in lake.questions.values()}) == len(lake.questions) == 12
