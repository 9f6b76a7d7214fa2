"""The steps of `silver.steps` in Athena's SQL, as `silver.render` says them in DuckDB's: same text, same value.

Where the two differ in words, they do so because a function does: `with_timezone` chooses otherwise than DuckDB in
an hour that clocks show twice, for example, and neither choice is used alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from watershed.backfill import times
from watershed.backfill.sql import coalesce, column, either, first, literals, sql
from watershed.silver import numbers
from watershed.silver import steps as do

if TYPE_CHECKING:
    from collections.abc import Sequence

    from watershed.silver.formats import Format

# Outer white space, a no-break space and a byte-order mark are never part of a value.
_OUTER = " \t\n\v\f\r\xa0\ufeff"
_TYPES = {"string": "varchar", "timestamp": "timestamp(6)"}


def trino_type(athena_type: str) -> str:
    """What Trino calls a type of the catalog in expressions."""
    return _TYPES.get(athena_type, athena_type)


def made(kind: str, name: str) -> exp.Column:
    """A column made on the way, e.g. the text of the column `name`."""
    return column(f"_{kind} {name}")


def making(plan: do.ColumnPlan, null_values: tuple[str, ...]) -> list[exp.Expr]:
    """The columns made on the way to a value, each from the ones before it."""
    steps = {"text": _text(plan.read, null_values)}
    match plan.conversion:
        case do.ToTimestamp(formats, zone) if zone != "UTC":
            steps["local"] = times.local_time(made("text", plan.name), [f for f in formats if f.group("z") is None])
            steps["guess"] = times.utc_by_trino(made("local", plan.name), zone)
            steps["earlier"] = times.earlier_utc(made("local", plan.name), made("guess", plan.name), zone)
    steps["form"] = _form(plan)
    steps["value"] = _value(plan)
    return [exp.alias_(expression, f"_{kind} {plan.name}", quoted=True) for kind, expression in steps.items()]


def fails(test: do.Test, types: dict[str, str]) -> exp.Expr:  # noqa: PLR0911  # one case a test, nothing else
    """The condition under which a row fails `test`; never true of a value that is absent, but for `Missing`."""
    if isinstance(test, do.Broken | do.Unexpected):
        return column(test.flag) if isinstance(test, do.Broken) else _holds_value(test)
    text, form, value = (made(kind, test.column) for kind in ("text", "form", "value"))

    def own(limit: str) -> exp.Expr:
        return exp.cast(exp.Literal.string(limit), trino_type(types[test.column]), dialect="athena")

    match test:
        case do.Missing():
            return sql(":text IS NULL", text=text)
        case do.Unreadable():
            return sql(":text IS NOT NULL AND :form IS NULL", text=text, form=form)
        case do.Unfit():
            return sql(":form IS NOT NULL AND :value IS NULL", form=form, value=value)
        case do.NotOneOf(_, values):
            return exp.not_(exp.In(this=value, expressions=[own(each) for each in values]))
        case do.NotMatching(_, pattern):
            return exp.not_(_matches(value, pattern))
        case do.Below(_, limit):
            return sql(":value < :limit", value=value, limit=own(limit))
        case do.Above(_, limit):
            return sql(":value > :limit", value=value, limit=own(limit))
        case do.Longer(_, characters):
            return sql("length(:value) > :characters", value=value, characters=characters)
        case do.Elsewhere(_, countries, accept_missing):
            ours = exp.In(this=sql("upper(:value)", value=value), expressions=literals(countries))
            foreign = either([exp.not_(_matches(value, do.COUNTRY)), exp.not_(ours)])
            return foreign if accept_missing else either([sql(":value IS NULL", value=value), foreign])


def cleaned(text: exp.Expr) -> exp.Expr:
    """The text without outer space."""
    return exp.Trim(this=text, expression=exp.Literal.string(_OUTER), position="BOTH")


def is_null_value(text: exp.Expr, null_values: tuple[str, ...]) -> exp.Expr:
    """Whether a cleaned text is how the source says that there is no value."""
    return exp.In(this=text, expressions=literals(null_values))


def _holds_value(test: do.Unexpected) -> exp.Expr:
    return sql(":text IS NOT NULL", text=_text(test.read, test.null_values))


def _text(read: str | None, null_values: tuple[str, ...]) -> exp.Expr:
    if read is None:
        return sql("CAST(NULL AS varchar)")
    text = cleaned(column(read))
    return first([(exp.not_(is_null_value(text, null_values)), text)]) if null_values else text


def _form(plan: do.ColumnPlan) -> exp.Expr:  # noqa: PLR0911  # one case a conversion, nothing else
    text = made("text", plan.name)
    match plan.conversion:
        case do.ToText():
            return text
        case do.ToInteger(marks):
            return _number(text, numbers.whole(marks), marks)
        case do.ToDecimal(marks=marks):
            return _number(text, numbers.fractional(marks), marks)
        case do.ToDouble(marks):
            return _number(text, numbers.fractional(marks) + numbers.EXPONENT, marks)
        case do.ToBoolean(true_words, false_words):
            return _word(text, true_words, false_words)
        case do.ToDate(formats):
            return times.local_time(text, formats)
        case do.ToTimestamp(formats, zone):
            return _moment(plan.name, formats, zone)


def _value(plan: do.ColumnPlan) -> exp.Expr:
    form = made("form", plan.name)
    match plan.conversion:
        case do.ToInteger():
            value = sql("TRY_CAST(split_part(:form, '.', 1) AS bigint)", form=form)
        case do.ToDecimal(precision, scale):
            fits = _matches(form, numbers.fitting(precision, scale))
            value = first([(fits, sql(f"TRY_CAST(:form AS decimal({precision}, {scale}))", form=form))])
        case do.ToDouble():
            double = sql("TRY_CAST(:form AS double)", form=form)
            value = first([(sql("is_finite(:double)", double=double), double)])
        case do.ToDate() | do.ToTimestamp():
            earliest, latest = "TIMESTAMP '0001-01-01 00:00:00'", "TIMESTAMP '9999-12-31 23:59:59.999999'"
            value = first([(sql(f":form BETWEEN {earliest} AND {latest}", form=form), form)])
        case _:
            value = form
    return exp.cast(value, trino_type(plan.type), dialect="athena")


def _matches(text: exp.Expr, pattern: str) -> exp.Expr:
    """Whether the whole text matches. It has no line break at its end, which `$` would let pass: see `cleaned`."""
    return sql("regexp_like(:text, :pattern)", text=text, pattern=f"^(?:{pattern})$")


def _number(text: exp.Expr, pattern: str, marks: do.Marks) -> exp.Expr:
    """The number with a point; NULL if it is none."""
    plain = text
    if marks.thousands:
        plain = sql("replace(:plain, :mark, '')", plain=plain, mark=marks.thousands)
    if marks.decimal != ".":
        plain = sql("replace(:plain, :mark, '.')", plain=plain, mark=marks.decimal)
    return first(
        [(_matches(text, pattern), exp.Trim(this=plain, expression=exp.Literal.string("+"), position="LEADING"))]
    )


def _word(text: exp.Expr, true_words: tuple[str, ...], false_words: tuple[str, ...]) -> exp.Expr:
    lower = sql("lower(:text)", text=text)
    known = [
        (exp.In(this=lower.copy(), expressions=literals(tuple(map(str.lower, words)))), exp.Boolean(this=meaning))
        for words, meaning in ((true_words, True), (false_words, False))
        if words
    ]
    return first(known)


def _moment(name: str, formats: Sequence[Format], zone: str) -> exp.Expr:
    """A moment in UTC: by its offset if it has one, else as local time."""
    text = made("text", name)
    with_offset = [times.offset_time(text, each) for each in formats if each.group("z") is not None]
    if zone == "UTC":
        local = times.local_time(text, [each for each in formats if each.group("z") is None])
    else:
        local = times.chosen_utc(made("local", name), made("guess", name), made("earlier", name), zone)
    return coalesce([*with_offset, local])
