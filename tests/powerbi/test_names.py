"""Names and texts come back from each of Power BI's languages as they were, whatever is in them."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from watershed.errors import ConfigurationError

from local.powerbi.names import (
    dax_column,
    dax_measure,
    dax_text,
    identity,
    m_text,
    one_line,
    short_identity,
    tmdl_name,
    tmdl_text,
)
from tests.powerbi import tmdl_reader
from tests.powerbi.dax_answers import Data
from tests.powerbi.dax_reader import Bracketed, ColumnOf, parse

TEXTS = st.text(st.characters(codec="utf-8"))
PIECES = (
    "'",
    "''",
    '"',
    '""',
    "]",
    "]]",
    "[",
    "#(",
    "#(lf)",
    "#",
    "\n",
    "\r",
    "\t",
    "😀",
    ".",
    "=",
    ":",
    "VAR",
    "é",
    "```",
)
HOSTILE = TEXTS | st.lists(st.sampled_from(PIECES)).map("".join)
LINES = HOSTILE.map(one_line)
NAMES = LINES.filter(bool)
CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")


@given(NAMES)
def test_a_name_in_tmdl(name: str) -> None:
    said = tmdl_name(name)
    assert tmdl_reader.name(said) == name
    assert re.fullmatch(r"[A-Za-z_]\w*|'.+'", said)


@pytest.mark.parametrize("name", ["", " a", "a ", "a\nb", "a\tb", "a\x00", "a\u2028b"])
def test_what_is_no_name_in_tmdl(name: str) -> None:
    with pytest.raises(ConfigurationError, match="is no name"):
        tmdl_name(name)


@given(LINES)
def test_a_text_in_tmdl(text: str) -> None:
    said = tmdl_text(text)
    assert tmdl_reader.unquoted(said) == text
    assert said == said.strip()
    assert said


@given(NAMES, NAMES)
def test_a_column_in_dax(table: str, column: str) -> None:
    assert parse(dax_column(table, column)) == ColumnOf(table, column)
    assert parse(dax_measure(column)) == Bracketed(column)


@given(HOSTILE)
def test_a_text_in_dax(text: str) -> None:
    said = dax_text(text)
    assert Data({}, {}).work_out(parse(said)) == text
    assert not CONTROL.search(said)


@given(HOSTILE)
def test_a_text_in_m(text: str) -> None:
    said = m_text(text)
    assert _read_m(said) == text
    assert not CONTROL.search(said)


@given(HOSTILE)
def test_one_line(text: str) -> None:
    line = one_line(text)
    assert not CONTROL.search(line)
    assert line == line.strip()
    assert one_line(line) == line
    assert line.split() == re.sub(CONTROL, " ", text).split()


@given(st.lists(TEXTS, min_size=1, unique=True))
def test_identities_depend_on_all_parts_and_on_nothing_else(parts: list[str]) -> None:
    assert identity(*parts) == identity(*parts)
    assert identity(*parts) != identity(*parts, "")
    assert re.fullmatch(r"[0-9a-f]{20}", short_identity(*parts))


def test_identities_stay_as_they_are() -> None:
    """Power BI knows a table by its tag again, so a change would break reports that were made on the model."""
    assert identity("Watershed-eu-central-1", "datamart") == "0bbd2cb7-af4f-5401-a420-ddd4fc741670"


def _read_m(literal: str) -> str:
    """A text literal as M's grammar has it: doubled quotes, and escapes in `#(…)`."""
    match = re.fullmatch(r'"((?:[^"#]|""|#(?!\()|#\((?:cr|lf|tab|#|[0-9a-f]{4})\))*)"', literal)
    assert match, literal
    known = {"cr": "\r", "lf": "\n", "tab": "\t", "#": "#"}

    def meant(escape: re.Match[str]) -> str:
        return known.get(escape[1]) or chr(int(escape[1], 16))

    return re.sub(r"#\((cr|lf|tab|#|[0-9a-f]{4})\)", meant, match[1].replace('""', '"'))
