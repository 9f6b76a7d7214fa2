"""JSON arrays in a bronze column, unpacked by Athena: every number keeps its digits, as in `silver.json_fields`.

A value is taken from the whole array's text by its path. Athena's own way, a cast to an array of JSON, would pass
every number through binary floating point.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp, select

from watershed.backfill.conversions import cleaned, is_null_value
from watershed.backfill.sql import column, sql
from watershed.contracts.model import Kind
from watershed.silver.plan import ELEMENT_BROKEN, POSITION

if TYPE_CHECKING:
    from collections.abc import Sequence

    from watershed.contracts.model import Column, Source, Table

_NUMBERS = {Kind.INTEGER, Kind.DECIMAL, Kind.DOUBLE}
# A number with an exponent, written out: the digits, with the point moved.
_WRITTEN_OUT = (
    "CASE WHEN :point <= 0 THEN :sign || '0.' || rpad('', -:point, '0') || :digits"
    " WHEN :point >= length(:digits) THEN :sign || rpad(:digits, :point, '0')"
    " ELSE :sign || substr(:digits, 1, :point) || '.' || substr(:digits, :point + 1) END"
)


def text_name(child: Table) -> str:
    """The name of the column with the array's text."""
    return f"_array {child.name}"


def count_name(child: Table) -> str:
    """The name of the column with the array's length; NULL where the text is no array."""
    return f"_count {child.name}"


def counted(child: Table) -> exp.Expr:
    """The array's length, as the column `count_name`."""
    length = sql("CASE WHEN TRY(json_parse(:text)) IS NOT NULL THEN json_array_length(:text) END", text=_text(child))
    return exp.alias_(length, count_name(child), quoted=True)


def is_no_array(child: Table, source: Source) -> exp.Expr:
    """Whether the text is neither empty nor a JSON array."""
    text = cleaned(_text(child))
    absent = is_null_value(text, (*source.null_values, "null"))
    return sql(
        ":text IS NOT NULL AND NOT :absent AND :count IS NULL",
        text=text,
        absent=absent,
        count=column(count_name(child)),
    )


def unpacked(
    rows: exp.Query, child: Table, columns: Sequence[Column], source: Source, carried: Sequence[str]
) -> exp.Select:
    """One row an element: the carried columns, `position`, `_broken`, and a text column for each of `columns`.

    Args:
        rows: With the array's text, its length, and the carried columns.
        child: The child table.
        columns: Those that come from the element.
        source: Its habits decide how numbers and truth values are written.
        carried: Columns of `rows` that come along.
    """
    text, position = _text(child), column(POSITION)
    element = sql("'$[' || CAST(:position - 1 AS varchar) || ']'", position=position)
    found: list[exp.Expr] = []
    for each in columns:
        fields = "".join(f'["{name}"]' for name in (each.json_path or each.name).split("."))
        path = sql(":element || :fields", element=element, fields=fields)
        scalar = sql("json_extract_scalar(:text, :path)", text=text, path=path)
        found += [_named(scalar, "scalar", each), _named(_json(text, path), "json", each)]
    taken = (
        select(*map(column, (*carried, POSITION)), exp.alias_(_json(text, element), "_element", quoted=True), *found)
        .from_(rows.subquery("r"))
        .join(_positions(child), join_type="cross")
    )
    broken = sql("coalesce(substr(:element, 1, 1) <> '{', true)", element=column("_element"))
    return select(
        *map(column, (*carried, POSITION)),
        exp.alias_(broken, ELEMENT_BROKEN, quoted=True),
        *(exp.alias_(_said(each, source), each.name, quoted=True) for each in columns),
    ).from_(taken.subquery("r"))


def _text(child: Table) -> exp.Column:
    return column(text_name(child))


def _positions(child: Table) -> exp.Unnest:
    """The numbers of the array's elements, from 1."""
    numbers = sql("CASE WHEN :n > 0 THEN sequence(1, :n) END", n=column(count_name(child)))
    alias = exp.TableAlias(this=exp.to_identifier("u"), columns=[exp.to_identifier(POSITION, quoted=True)])
    return exp.Unnest(expressions=[numbers], alias=alias)


def _named(expression: exp.Expr, kind: str, each: Column) -> exp.Expr:
    return exp.alias_(expression, f"_{kind} {each.name}", quoted=True)


def _json(text: exp.Expr, path: exp.Expr) -> exp.Expr:
    """A JSON value's text, whose first character tells its type; numbers may have lost digits."""
    return sql("json_format(json_extract(:text, :path))", text=text, path=path)


def _said(each: Column, source: Source) -> exp.Expr:
    """A JSON value as the source would write it in a text column of the column's type."""
    scalar, json = column(f"_scalar {each.name}"), column(f"_json {each.name}")
    shape = sql("substr(:json, 1, 1)", json=json)
    said: exp.Expr = scalar
    if each.kind is Kind.BOOLEAN:
        true, false = (_first_word(words) for words in (source.true_values, source.false_values))
        said = sql(
            "CASE :shape WHEN 't' THEN :true WHEN 'f' THEN :false ELSE :scalar END",
            shape=shape,
            true=true,
            false=false,
            scalar=scalar,
        )
    elif each.kind in _NUMBERS:
        number = scalar if each.kind is Kind.DOUBLE else plain(scalar)
        if source.decimal_mark != ".":
            number = sql("replace(:number, '.', :mark)", number=number, mark=source.decimal_mark)
        said = sql(
            "CASE WHEN :shape = :quote THEN :scalar ELSE :number END",
            shape=shape,
            quote='"',
            scalar=scalar,
            number=number,
        )
    return sql("CASE WHEN :shape IN ('{', '[') THEN :json ELSE :said END", shape=shape, json=json, said=said)


def _first_word(words: tuple[str, ...]) -> exp.Expr:
    return exp.Literal.string(words[0]) if words else sql("CAST(NULL AS varchar)")


def plain(number: exp.Expr) -> exp.Expr:
    """The number without an exponent."""
    whole = sql("regexp_extract(:number, '[0-9]+')", number=number)
    fraction = sql("coalesce(regexp_extract(:number, '[.]([0-9]+)', 1), '')", number=number)
    exponent = sql("TRY_CAST(regexp_extract(:number, '[eE]([-+]?[0-9]+)', 1) AS integer)", number=number)
    written_out = sql(
        _WRITTEN_OUT,
        sign=sql("CASE WHEN substr(:number, 1, 1) = '-' THEN '-' ELSE '' END", number=number),
        digits=sql(":whole || :fraction", whole=whole, fraction=fraction),
        point=sql("length(:whole) + :exponent", whole=whole, exponent=exponent),
    )
    return sql(
        "CASE WHEN :exponent BETWEEN -400 AND 400 THEN :written_out ELSE :number END",
        exponent=exponent,
        written_out=written_out,
        number=number,
    )
