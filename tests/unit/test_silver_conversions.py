"""Text to typed values: what is read, what is refused and why, whatever the source's habits."""

from __future__ import annotations

import math
import re
from datetime import date
from decimal import Decimal, localcontext
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from watershed.contracts.model import Column, Contract, Kind, MissingResidency, Residency, Source, Table
from watershed.reasons import Reason
from watershed.silver.plan import plan_table
from watershed.silver.render import FAILURE, typed

from tests.unit.silver_lab import at, shared_engine

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

PLAIN = Source("plain")
GERMAN = Source(
    "german",
    decimal_mark=",",
    thousands_mark=".",
    date_formats=("%d.%m.%Y",),
    timestamp_formats=("%d.%m.%Y %H:%M:%S", "%d.%m.%Y %H:%M"),
    time_zone="Europe/Berlin",
    null_values=("", "k.A."),
    true_values=("ja", "wahr"),
    false_values=("nein",),
)
AMERICAN = Source(
    "american",
    thousands_mark=",",
    date_formats=("%m/%d/%Y", "%Y%m%d"),
    timestamp_formats=("%m/%d/%Y %I:%M %p", "%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%dT%H:%M:%S.%f%z"),
    time_zone="America/New_York",
)
SWISS = Source("swiss", thousands_mark="'")
CARET = Source("caret", thousands_mark="^", decimal_mark=",")

INTEGER = Column("x", Kind.INTEGER)
DECIMAL = Column("x", Kind.DECIMAL, precision=18, scale=2)
DOUBLE = Column("x", Kind.DOUBLE)
BOOLEAN = Column("x", Kind.BOOLEAN)
DATE = Column("x", Kind.DATE)
TIMESTAMP = Column("x", Kind.TIMESTAMP)
TEXT = Column("x", Kind.STRING)


def convert(
    column: Column, source: Source, texts: Sequence[str | None], residency: Residency | None = None
) -> list[Any]:
    """Each text's value, or the reason why it has none."""
    contract = Contract("t", "1", "", (Table("t", (column,), ()),), (source,), residency or Residency(None))
    plan = plan_table(contract, source, ("DE", "AT", "IS"), {"x": "x"})
    rows = typed(shared_engine(), pa.table({"x": pa.array(texts, pa.string())}), plan, [])
    return [row["x"] if row[FAILURE] is None else plan.tests[row[FAILURE]][1].reason for row in rows.to_pylist()]


BAD, BIG = Reason.INVALID_TYPE, Reason.OUT_OF_RANGE

CASES: list[tuple[Column, Source, str | None, Any]] = [
    # nothing is nothing, in every type
    (INTEGER, PLAIN, None, None),
    (INTEGER, PLAIN, "", None),
    (DECIMAL, PLAIN, "  ", None),
    (TIMESTAMP, PLAIN, "\t\u00a0\ufeff", None),
    (TEXT, GERMAN, "k.A.", None),
    (TEXT, GERMAN, " k.A. ", None),
    (TEXT, Source("named", null_values=("x",)), "x", None),  # the word is also the column's name
    (TEXT, GERMAN, "k.a.", "k.a."),  # null words are as the contract writes them
    # integers
    (INTEGER, PLAIN, "7", 7),
    (INTEGER, PLAIN, "+7", 7),
    (INTEGER, PLAIN, "-0", 0),
    (INTEGER, PLAIN, "007", 7),
    (INTEGER, PLAIN, " 7 ", 7),
    (INTEGER, PLAIN, "7.0", 7),
    (INTEGER, PLAIN, "7.", 7),
    (INTEGER, PLAIN, "-7.000", -7),
    (INTEGER, PLAIN, "7.5", BAD),
    (INTEGER, PLAIN, ".0", BAD),
    (INTEGER, PLAIN, "1e3", BAD),
    (INTEGER, PLAIN, "1_000", BAD),
    (INTEGER, PLAIN, "1,000", BAD),
    (INTEGER, PLAIN, "0x10", BAD),
    (INTEGER, PLAIN, "--1", BAD),
    (INTEGER, PLAIN, "1 2", BAD),
    (INTEGER, PLAIN, "seven", BAD),
    (INTEGER, PLAIN, "\u0667", BAD),  # an Arabic seven
    (INTEGER, PLAIN, "9223372036854775807", 2**63 - 1),
    (INTEGER, PLAIN, "-9223372036854775808", -(2**63)),
    (INTEGER, PLAIN, "9223372036854775808", BIG),
    (INTEGER, PLAIN, "-9223372036854775809.0", BIG),
    (INTEGER, PLAIN, "1" * 400, BIG),
    (INTEGER, GERMAN, "1.234.567", 1234567),
    (INTEGER, GERMAN, "1.234,0", 1234),
    (INTEGER, GERMAN, "1.23", BAD),  # not 123
    (INTEGER, GERMAN, "12.3456", BAD),
    (INTEGER, SWISS, "1'234", 1234),
    (INTEGER, CARET, "1^234", 1234),
    # decimals are exact
    (DECIMAL, PLAIN, "10.5", Decimal("10.50")),
    (DECIMAL, PLAIN, "10", Decimal("10.00")),
    (DECIMAL, PLAIN, ".5", Decimal("0.50")),
    (DECIMAL, PLAIN, "5.", Decimal("5.00")),
    (DECIMAL, PLAIN, "-0.01", Decimal("-0.01")),
    (DECIMAL, PLAIN, "+1.10", Decimal("1.10")),
    (DECIMAL, PLAIN, "1.2300000", Decimal("1.23")),
    (DECIMAL, PLAIN, "0001.50", Decimal("1.50")),
    (DECIMAL, PLAIN, "1.005", BIG),  # never rounded
    (DECIMAL, PLAIN, "9999999999999999.99", Decimal("9999999999999999.99")),
    (DECIMAL, PLAIN, "10000000000000000", BIG),
    (DECIMAL, PLAIN, "0" * 50 + "1." + "1" + "0" * 60, Decimal("1.10")),
    (DECIMAL, PLAIN, ".", BAD),
    (DECIMAL, PLAIN, "-", BAD),
    (DECIMAL, PLAIN, "1.2.3", BAD),
    (DECIMAL, PLAIN, "1,5", BAD),
    (DECIMAL, PLAIN, "1e2", BAD),
    (DECIMAL, PLAIN, "NaN", BAD),
    (DECIMAL, PLAIN, "Infinity", BAD),
    (DECIMAL, PLAIN, "$5", BAD),
    (DECIMAL, PLAIN, "'; DROP TABLE t; --", BAD),
    (DECIMAL, GERMAN, "1.234,50", Decimal("1234.50")),
    (DECIMAL, GERMAN, "1234,5", Decimal("1234.50")),
    (DECIMAL, GERMAN, "1.234", Decimal("1234.00")),  # not 1.234, although the type would hold 1.23
    (DECIMAL, GERMAN, "12.34", BAD),  # its point is a thousands mark, in the wrong place
    (DECIMAL, GERMAN, "1.234.5,0", BAD),
    (DECIMAL, GERMAN, ",5", Decimal("0.50")),
    (DECIMAL, AMERICAN, "1,234,567.89", Decimal("1234567.89")),
    (DECIMAL, AMERICAN, "1,23,456", BAD),
    # doubles
    (DOUBLE, PLAIN, "5.52", 5.52),
    (DOUBLE, PLAIN, "1e-3", 0.001),
    (DOUBLE, PLAIN, "1E+3", 1000.0),
    (DOUBLE, PLAIN, "-.5e1", -5.0),
    (DOUBLE, PLAIN, "nan", BAD),
    (DOUBLE, PLAIN, "inf", BAD),
    (DOUBLE, PLAIN, "-Infinity", BAD),
    (DOUBLE, PLAIN, "1e400", BIG),
    (DOUBLE, PLAIN, "1e", BAD),
    (DOUBLE, GERMAN, "1.234,5", 1234.5),
    # booleans
    (BOOLEAN, PLAIN, "TRUE", True),
    (BOOLEAN, PLAIN, "0", False),
    (BOOLEAN, PLAIN, "yes", BAD),
    (BOOLEAN, GERMAN, "Ja", True),
    (BOOLEAN, GERMAN, "NEIN", False),
    (BOOLEAN, GERMAN, "true", BAD),
    # dates
    (DATE, PLAIN, "2024-02-29", date(2024, 2, 29)),
    (DATE, PLAIN, "2024-2-9", date(2024, 2, 9)),
    (DATE, PLAIN, "2023-02-29", BAD),
    (DATE, PLAIN, "2024-13-01", BAD),
    (DATE, PLAIN, "2024-00-10", BAD),
    (DATE, PLAIN, "24-01-01", BAD),
    (DATE, PLAIN, "2024-01-01 00:00:00", BAD),
    (DATE, PLAIN, "0000-01-01", BIG),
    (DATE, PLAIN, "0001-01-01", date(1, 1, 1)),
    (DATE, PLAIN, "9999-12-31", date(9999, 12, 31)),
    (DATE, GERMAN, "1.2.2024", date(2024, 2, 1)),
    (DATE, GERMAN, "31.04.2024", BAD),
    (DATE, GERMAN, "2024-04-30", BAD),
    (DATE, AMERICAN, "2/1/2024", date(2024, 2, 1)),
    (DATE, AMERICAN, "20240201", date(2024, 2, 1)),
    (DATE, AMERICAN, "2024021", BAD),  # without separators every digit has its place
    # timestamps
    (TIMESTAMP, PLAIN, "2024-01-05 10:11:12", at("2024-01-05 10:11:12")),
    (TIMESTAMP, PLAIN, "2024-01-05 10:11:12.5", at("2024-01-05 10:11:12.500000")),
    (TIMESTAMP, PLAIN, "2024-01-05 10:11:12.123456", at("2024-01-05 10:11:12.123456")),
    (TIMESTAMP, PLAIN, "2024-01-05 10:11:12.123456789", at("2024-01-05 10:11:12.123456")),
    (TIMESTAMP, PLAIN, "2024-01-05 24:00:00", BAD),
    (TIMESTAMP, PLAIN, "2024-01-05 10:60:00", BAD),
    (TIMESTAMP, PLAIN, "2024-01-05 10:59:60", BAD),
    (TIMESTAMP, PLAIN, "2024-01-05", BAD),
    (TIMESTAMP, PLAIN, "2024-02-30 00:00:00", BAD),
    (TIMESTAMP, PLAIN, "2024-01-05T10:11:12", BAD),
    (TIMESTAMP, GERMAN, "05.01.2024 10:11", at("2024-01-05 09:11:00")),
    (TIMESTAMP, GERMAN, "5.7.2024 10:11:12", at("2024-07-05 08:11:12")),
    (TIMESTAMP, GERMAN, "01.01.0001 00:30:00", BIG),  # in UTC still the year before
    (TIMESTAMP, AMERICAN, "1/5/2024 12:05 AM", at("2024-01-05 05:05:00")),
    (TIMESTAMP, AMERICAN, "1/5/2024 12:05 pm", at("2024-01-05 17:05:00")),
    (TIMESTAMP, AMERICAN, "1/5/2024 11:05 PM", at("2024-01-06 04:05:00")),
    (TIMESTAMP, AMERICAN, "1/5/2024 13:05 PM", BAD),
    (TIMESTAMP, AMERICAN, "2024-01-05T10:11:12Z", at("2024-01-05 10:11:12")),
    (TIMESTAMP, AMERICAN, "2024-01-05T10:11:12+07:00", at("2024-01-05 03:11:12")),
    (TIMESTAMP, AMERICAN, "2024-01-05T10:11:12-0330", at("2024-01-05 13:41:12")),
    (TIMESTAMP, AMERICAN, "2024-01-05T10:11:12.250+07", at("2024-01-05 03:11:12.250000")),
    (TIMESTAMP, AMERICAN, "2024-01-05T10:11:12", BAD),
    (TIMESTAMP, AMERICAN, "2024-01-05T10:11:12+25:00", BAD),
    (TIMESTAMP, AMERICAN, "9999-12-31T23:59:59-01:00", BIG),
    # text
    (TEXT, PLAIN, "  Müller 👍 ", "Müller 👍"),
    (TEXT, PLAIN, "a\u00a0", "a"),
    (TEXT, PLAIN, "'; DROP TABLE t; --", "'; DROP TABLE t; --"),
]


@pytest.mark.parametrize(
    ("column", "source"), sorted({(c.athena_type, s.name): (c, s) for c, s, _, _ in CASES}.values(), key=str)
)
def test_text_becomes_a_value_or_a_reason(column: Column, source: Source) -> None:
    cases = [(text, expected) for c, s, text, expected in CASES if (c, s) == (column, source)]
    found = convert(column, source, [text for text, _ in cases])
    assert [(text, value) for (text, _), value in zip(cases, found, strict=True)] == cases


CHECKS: list[tuple[Column, str | None, Any]] = [
    (Column("x", Kind.INTEGER, required=True), "", Reason.MISSING_VALUE),
    (Column("x", Kind.STRING, required=True), None, Reason.MISSING_VALUE),
    (Column("x", Kind.STRING, valid_values=("a", "b'c")), "b'c", "b'c"),
    (Column("x", Kind.STRING, valid_values=("a", "b")), "A", Reason.INVALID_VALUE),
    (Column("x", Kind.STRING, valid_values=("a", "b")), "", None),
    (Column("x", Kind.INTEGER, valid_values=("1", "2")), "2.0", 2),
    (Column("x", Kind.INTEGER, valid_values=("1", "2")), "3", Reason.INVALID_VALUE),
    (Column("x", Kind.STRING, pattern="[A-Z]{2}"), "DE", "DE"),
    (Column("x", Kind.STRING, pattern="[A-Z]{2}"), "DEU", Reason.INVALID_VALUE),
    (Column("x", Kind.STRING, pattern="a|b"), "ab", Reason.INVALID_VALUE),  # the whole value, also of an alternative
    (Column("x", Kind.STRING, pattern="[A-Z]{2}"), None, None),
    (Column("x", Kind.STRING, max_length=3), "äöü", "äöü"),
    (Column("x", Kind.STRING, max_length=3), "abcd", Reason.OUT_OF_RANGE),
    (Column("x", Kind.STRING, max_length=2), "👍👍", "👍👍"),
    (Column("x", Kind.INTEGER, minimum="0", maximum="10"), "0", 0),
    (Column("x", Kind.INTEGER, minimum="0", maximum="10"), "-1", Reason.OUT_OF_RANGE),
    (Column("x", Kind.INTEGER, minimum="0", maximum="10"), "11", Reason.OUT_OF_RANGE),
    (Column("x", Kind.DECIMAL, precision=9, scale=2, maximum="9.99"), "9.99", Decimal("9.99")),
    (Column("x", Kind.DECIMAL, precision=9, scale=2, maximum="9.99"), "10", Reason.OUT_OF_RANGE),
    (Column("x", Kind.DATE, minimum="2020-01-01"), "2019-12-31", Reason.OUT_OF_RANGE),
    (Column("x", Kind.TIMESTAMP, maximum="2024-01-01 00:00:00"), "2024-01-01 00:00:00.000001", Reason.OUT_OF_RANGE),
]


@pytest.mark.parametrize(("column", "text", "expected"), CHECKS)
def test_a_value_must_keep_the_contract(column: Column, text: str | None, expected: Any) -> None:
    assert convert(column, PLAIN, [text]) == [expected]


# Among them letters that engines give the upper case I and S.
NO_COUNTRIES = (
    "DEU",
    "D E",
    "DE,AT",
    "DE\0",
    "\0",
    "-",
    "\u200bDE",
    "\uff24\uff25",
    "\u0131s",
    "\u0131S",
    "i\u017f",
    "I\u017f",
)


@pytest.mark.parametrize(
    ("text", "missing", "expected"),
    [
        ("DE", MissingResidency.ACCEPT, "DE"),
        ("at", MissingResidency.ACCEPT, "at"),
        ("US", MissingResidency.ACCEPT, Reason.RESIDENCY_VIOLATION),
        ("Germany", MissingResidency.ACCEPT, Reason.RESIDENCY_VIOLATION),
        (" dE\u00a0", MissingResidency.ACCEPT, "dE"),
        *((text, MissingResidency.ACCEPT, Reason.RESIDENCY_VIOLATION) for text in NO_COUNTRIES),
        ("", MissingResidency.ACCEPT, None),
        ("", MissingResidency.QUARANTINE, Reason.RESIDENCY_VIOLATION),
        ("DE", MissingResidency.QUARANTINE, "DE"),
    ],
)
def test_a_row_belongs_to_its_country(text: str, missing: MissingResidency, expected: Any) -> None:
    assert convert(TEXT, PLAIN, [text], Residency("x", missing)) == [expected]


NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)")
NEARLY_NUMBERS = st.one_of(
    st.from_regex(NUMBER, fullmatch=True),
    st.text("0123456789.,+-eE 'x", max_size=12),
    st.decimals(allow_nan=True, allow_infinity=True).map(str),
    st.integers().map(str),
)


def decimal_reference(text: str) -> Any:
    """decimal(18,2), by Python's exact arithmetic."""
    plain = text.strip()
    if not plain:
        return None
    if not NUMBER.fullmatch(plain):
        return BAD
    with localcontext() as context:
        context.prec = 10_000
        value = Decimal(plain)
        fits = value == value.quantize(Decimal("0.01")) and abs(value) < Decimal(10) ** 16
    return value if fits else BIG


def integer_reference(text: str) -> Any:
    """64 bits."""
    plain = text.strip()
    if not plain:
        return None
    if not re.fullmatch(r"[+-]?[0-9]+(\.0*)?", plain):
        return BAD
    value = int(plain.partition(".")[0])
    return value if -(2**63) <= value < 2**63 else BIG


def double_reference(text: str) -> Any:
    """Binary floating point."""
    plain = text.strip()
    if not plain:
        return None
    if not re.fullmatch(NUMBER.pattern + r"([eE][+-]?[0-9]+)?", plain):
        return BAD
    return float(plain) if math.isfinite(float(plain)) else BIG


@settings(max_examples=60)
@given(texts=st.lists(NEARLY_NUMBERS, min_size=1, max_size=60))
def test_numbers_are_read_as_python_reads_them(texts: list[str]) -> None:
    assert convert(DECIMAL, PLAIN, texts) == [decimal_reference(text) for text in texts]
    assert convert(INTEGER, PLAIN, texts) == [integer_reference(text) for text in texts]
    assert convert(DOUBLE, PLAIN, texts) == [double_reference(text) for text in texts]


@settings(max_examples=30)
@given(values=st.lists(st.decimals("-1e15", "1e15", places=2), min_size=1, max_size=40))
def test_a_source_s_marks_change_nothing(values: list[Decimal]) -> None:
    plain = [f"{value:,.2f}" for value in values]
    german = [text.translate(str.maketrans(",.", ".,")) for text in plain]
    assert convert(DECIMAL, AMERICAN, plain) == convert(DECIMAL, GERMAN, german) == values


@settings(max_examples=30)
@given(moments=st.lists(st.datetimes(at("0001-01-02"), at("9999-12-30")), min_size=1, max_size=40))
def test_what_a_format_writes_is_read_back(moments: list[datetime]) -> None:
    source = Source("s", timestamp_formats=("%d.%m.%Y %H:%M:%S.%f",), date_formats=("%d/%m/%Y",))
    texts = [f"{m:%d.%m.}{m.year:04d}{m: %H:%M:%S.%f}" for m in moments]
    short = [f"{m.day}.{m.month}.{m.year:04d} {m.hour}:{m.minute}:{m.second}.{m.microsecond:06d}" for m in moments]
    assert convert(TIMESTAMP, source, texts) == convert(TIMESTAMP, source, short) == moments
    days = [f"{m:%d/%m/}{m.year:04d}" for m in moments]
    assert convert(DATE, source, days) == [m.date() for m in moments]
