"""Questions: what they say, and what lint says of a wrong one."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, cast

import pytest
from watershed import catalog
from watershed.errors import ConfigurationError
from watershed.gold.model import GoldColumn, GoldModel
from watershed.questions import Answer, Question, ask, choose, lint, read_questions

from local.paths import LAKE

if TYPE_CHECKING:
    from pathlib import Path

    from watershed.athena import Athena

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


def test_one_is_said_as_one() -> None:
    question = Question("q", "?", "{a store has/stores have} it, {b store/stores} not.", "", "")
    assert question.answers(["a", "b"], [[1, 2], [1000, 1], [0, None]]) == [
        "1 store has it, 2 stores not.",
        "1,000 stores have it, 1 store not.",
        "0 stores have it, none stores not.",
    ]


@pytest.mark.parametrize("name", ["متجر", "חנות"])
def test_a_name_that_is_read_backwards_turns_no_number_round(name: str) -> None:
    question = Question("q", "?", "{a}: {b} customers.", "", "")
    isolated = f"\N{FIRST STRONG ISOLATE}{name}\N{POP DIRECTIONAL ISOLATE}"
    assert question.answers(["a", "b"], [[name, 89], ["Ünïcödé 😀", 1]]) == [
        f"{isolated}: 89 customers.",
        "Ünïcödé 😀: 1 customers.",
    ]


@pytest.mark.parametrize(
    "mark",
    [
        "\N{RIGHT-TO-LEFT OVERRIDE}",
        "\N{RIGHT-TO-LEFT ISOLATE}",  # its end would be the isolation's
        "\N{POP DIRECTIONAL ISOLATE}\N{RIGHT-TO-LEFT OVERRIDE}",  # leaves the isolation
        "\N{POP DIRECTIONAL FORMATTING}",
    ],
)
def test_a_names_own_marks_turn_no_number_round(mark: str) -> None:
    question = Question("q", "?", "{a}: {b} customers.", "", "")
    isolated = "\N{FIRST STRONG ISOLATE}متجرa\N{POP DIRECTIONAL ISOLATE}"
    assert question.answers(["a", "b"], [[f"Up{mark}town", 89], [f"متجر{mark}a", 89]]) == [
        "Uptown: 89 customers.",
        f"{isolated}: 89 customers.",
    ]


class Rows:
    """Stands in for Athena."""

    def typed_rows(self, sql: str) -> tuple[list[str], list[list[Any]]]:
        assert sql == "SELECT branch, revenue"
        return ["branch", "revenue"], [["Uptown", Decimal("1.50")], ["Downtown", None]]


def test_an_answer_has_the_question_its_sentences_and_the_rows() -> None:
    question = Question("01_most", "?", "{branch} earns {revenue}.", "none", "SELECT branch, revenue", "A rule.")
    assert ask(question, cast("Athena", Rows())) == Answer(
        question,
        ("Uptown earns 1.50.", "Downtown earns none."),
        ("branch", "revenue"),
        (("Uptown", Decimal("1.50")), ("Downtown", None)),
    )


@pytest.mark.parametrize("wanted", ["2", "02", "least_sold", "02_least_sold"])
def test_a_question_is_found_by_number_and_by_name(wanted: str) -> None:
    questions = {name: Question(name, "?", "", "", "") for name in ("01_most_sold", "02_least_sold", "12_days")}
    assert choose(questions, wanted).name == "02_least_sold"
    with pytest.raises(ConfigurationError, match="no question `22`") as error:
        choose(questions, "22")
    assert error.value.remedy == "Ask one of these: 1 most_sold, 2 least_sold, 12 days."


def test_a_rule_says_what_the_words_mean(tmp_path: Path) -> None:
    ruled = GOOD.replace("*/", "rule: Most is the greatest sum.\n*/")
    assert read_questions(_write(tmp_path, ruled), MODELS)["01_most"].rule == "Most is the greatest sum."
    assert read_questions(_write(tmp_path, GOOD), MODELS)["01_most"].rule == ""


@pytest.mark.parametrize(
    ("mutation", "message"),
    [
        (("{revenue}", "{profit}"), "no column `profit`"),
        (("{revenue}", "{sale sale/sales}"), "no column `sale`"),
        (("{revenue}", "{revenue sale}"), "would say `{`"),
        (("{revenue}", "{revenue sale/sales/many}"), "would say `{`"),
        (("{revenue}", "{revenue"), "would say `{`"),
        (("gold.sales", "gold.sails"), "no model `gold.sails`"),
        (("gold.sales", "silver.sales"), "silver.sales"),
        (("revenue FROM", "profit FROM"), "profit"),
        (("otherwise: No branch has earned.\n", ""), "`otherwise` is missing"),
        (("otherwise:", "else:"), "Unknown key `else`"),
        (("SELECT", "SELEKT"), "not valid SQL"),
        (("/*", "--"), "no header"),
        (("branch, revenue", "*"), "SELECT *"),
        (("ORDER BY", "WHERE :as_of > DATE '2025-01-01' ORDER BY"), "asked of gold as it is"),
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


def test_what_is_a_matter_of_opinion_has_a_stated_rule() -> None:
    ruled = {name for name, question in catalog.build(LAKE).questions.items() if question.rule}
    money = {"01_highest_revenue", "02_lowest_revenue"}  # whose branches may sell in several currencies
    assert ruled == {*money, "05_customer_distribution", "07_low_product_sales", "09_low_activity"}
