"""Texts to times, and local times to UTC, in Athena's SQL."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from watershed.backfill.sql import coalesce, first, sql

if TYPE_CHECKING:
    from collections.abc import Sequence

    from watershed.silver.formats import Format


def local_time(text: exp.Expr, formats: Sequence[Format]) -> exp.Expr:
    """The date and time that the first fitting format finds, whatever the zone; NULL if none fits."""
    return coalesce([*(_local_time(text, each) for each in formats), sql("CAST(NULL AS timestamp(6))")])


def _local_time(text: exp.Expr, form: Format) -> exp.Expr:
    def part(directive: str, otherwise: str = "0") -> exp.Expr:
        return _group(text, form, directive) if form.group(directive) else exp.Literal.string(otherwise)

    hour = part("I") if form.group("I") else part("H")
    time = sql(
        "TRY_CAST(:Y || '-' || :m || '-' || :d || ' ' || :H || ':' || :M || ':' || :S || '.' || :f AS timestamp(6))",
        H=hour,
        **{directive: part(directive) for directive in "YmdMSf"},
    )
    if form.group("p"):  # a 12-hour clock: 12 AM is hour 0, 12 PM is hour 12
        late = sql("CASE WHEN lower(:half) = 'pm' THEN 12 ELSE 0 END", half=_group(text, form, "p"))
        twelve = sql("CASE WHEN TRY_CAST(:hour AS bigint) = 12 THEN 12 ELSE 0 END", hour=hour)
        time = sql("date_add('hour', :late - :twelve, :time)", late=late, twelve=twelve, time=time)
    return first([(sql("regexp_like(:text, :pattern)", text=text, pattern=form.pattern), time)])


def _group(text: exp.Expr, form: Format, directive: str) -> exp.Expr:
    number = form.group(directive)
    return sql(f"regexp_extract(:text, :pattern, {number})", text=text, pattern=form.pattern)


def offset_time(text: exp.Expr, form: Format) -> exp.Expr:
    """With an offset of `Z`, `+07`, `+0700` or `+07:00`."""
    minutes = sql(
        "CASE WHEN :offset = 'Z' THEN 0 ELSE (CASE WHEN substr(:offset, 1, 1) = '-' THEN -1 ELSE 1 END)"
        " * (60 * TRY_CAST(substr(:offset, 2, 2) AS bigint)"
        " + coalesce(TRY_CAST(replace(substr(:offset, 4), ':', '') AS bigint), 0)) END",
        offset=_group(text, form, "z"),
    )
    return sql("date_add('minute', -:minutes, :local)", minutes=minutes, local=_local_time(text, form))


def _shown_at(instant: exp.Expr, zone: str) -> exp.Expr:
    """What the clocks of `zone` show at an instant given as naive UTC."""
    return sql("CAST(with_timezone(:instant, 'UTC') AT TIME ZONE :zone AS timestamp(6))", instant=instant, zone=zone)


def utc_by_trino(local: exp.Expr, zone: str) -> exp.Expr:
    """Trino's reading of a local time: right where it is unambiguous, its own choice in gaps and overlaps."""
    return sql("CAST(with_timezone(:local, :zone) AT TIME ZONE 'UTC' AS timestamp(6))", local=local, zone=zone)


def earlier_utc(local: exp.Expr, guess: exp.Expr, zone: str) -> exp.Expr:
    """The same local time read with the offset that held a good day before: see conversions.sql."""
    before = sql("date_add('hour', -25, :guess)", guess=guess)
    return sql(
        "date_add('second', -date_diff('second', :before, :shown), :local)",
        before=before,
        shown=_shown_at(before, zone),
        local=local,
    )


def chosen_utc(local: exp.Expr, guess: exp.Expr, earlier: exp.Expr, zone: str) -> exp.Expr:
    """java.time's rule: the offset before the change decides, in a gap and in an overlap."""
    return sql(
        "CASE WHEN :guess = :earlier THEN :guess"
        " WHEN :earlier_shown = :local THEN least(:guess, :earlier)"
        " WHEN :guess_shown = :local THEN :guess ELSE :earlier END",
        local=local,
        guess=guess,
        earlier=earlier,
        earlier_shown=_shown_at(earlier, zone),
        guess_shown=_shown_at(guess, zone),
    )
