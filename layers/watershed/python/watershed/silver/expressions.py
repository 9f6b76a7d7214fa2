"""Numbers and times as DuckDB expressions: the part of the rendering that looks inside a text."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb
from duckdb import Expression, coalesce, lit, when

from watershed.silver import numbers

if TYPE_CHECKING:
    from watershed.silver.formats import Format
    from watershed.silver.steps import Marks

_CANONICAL = frozenset("YmdHMSf")  # directives that DuckDB's strftime writes one way only


def call(macro: str, *arguments: Expression | str | int | None) -> Expression:
    """A macro of conversions.sql, or a function. Text is a value, also where a column has that name."""
    return duckdb.fn(macro, *(each if isinstance(each, Expression) else lit(each) for each in arguments))


def integer(text: Expression, marks: Marks) -> Expression:
    """A whole number's text with a point; NULL if it is none."""
    return _number(text, text, "BIGINT", numbers.whole(marks), marks)


def decimal(text: Expression, type_: str, marks: Marks) -> Expression:
    """A number's text with a point; NULL if it is none. `type_` is only what is tried first."""
    return _number(text, call("with_point", text, marks.decimal), type_, numbers.fractional(marks), marks)


def double(text: Expression, marks: Marks) -> Expression:
    """A number's text with a point, perhaps with an exponent; NULL if it is none."""
    pattern = numbers.fractional(marks) + numbers.EXPONENT
    return call("plain_number", text, pattern, marks.decimal, marks.thousands)


def word(text: Expression, true_words: tuple[str, ...], false_words: tuple[str, ...]) -> Expression:
    """True or false, whatever the word's case; NULL for any other word."""
    known = (lit([each.lower() for each in words]).cast("VARCHAR[]") for words in (true_words, false_words))
    return call("word_to_boolean", text, *known)


def local_time(text: Expression, formats: list[Format]) -> Expression:
    """The date and time that the first fitting format finds, whatever the zone; NULL if none fits."""
    return coalesce(*(_local_time(text, each) for each in formats), lit(None).cast("TIMESTAMP"))


def offset_time(text: Expression, form: Format) -> Expression:
    """The moment in UTC that a format with an offset finds; NULL if it does not fit."""
    return _local_time(text, form) - call("offset_interval", _group(text, form, "z"))


def _number(text: Expression, plain: Expression, type_: str, pattern: str, marks: Marks) -> Expression:
    """The number with a point: `plain` if that is how the type itself would write it, else by the pattern."""
    by_pattern = call("plain_number", text, pattern, marks.decimal, marks.thousands)
    return when(plain.try_cast(type_).cast("VARCHAR") == plain).then(plain).otherwise(by_pattern)


def _local_time(text: Expression, form: Format) -> Expression:
    def taken(directive: str, otherwise: str) -> str:
        group = form.group(directive)
        return otherwise if group is None else f"\\{group}"

    hour = taken("I", taken("H", "0"))
    day = f"{taken('Y', '')}-{taken('m', '')}-{taken('d', '')}"
    iso = f"{day} {hour}:{taken('M', '0')}:{taken('S', '0')}.{taken('f', '0')}"
    time = call("iso_timestamp", text, form.pattern, iso)
    if set(form.directives) <= _CANONICAL:
        time = coalesce(call("canonical_timestamp", text, form.text), time)
    return (
        time if form.group("p") is None else time + call("half_day", _group(text, form, "I"), _group(text, form, "p"))
    )


def _group(text: Expression, form: Format, directive: str) -> Expression:
    return call("regexp_extract", text, form.pattern, form.group(directive))
