"""Every proven function, operator and cast over a grid of awkward values: what nobody thought of writing a snippet for.

A probe is an expression with places `{0}`, `{1}`, … for values of given types. All combinations of the types' values
are asked for in one statement, each inside TRY, so that a failure for one combination is a NULL and not the end. The
combinations with a NULL among them are asked for once more without TRY: what fails there must fail in both. Where the
local Athena refuses TRY, all are asked for without it.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from local.athena.translate.functions.signatures import SIGNATURES
from tests.trino.values import VALUES, null

if TYPE_CHECKING:
    from collections.abc import Iterator

NUMBERS = ("integer", "bigint", "double", "decimal(10,3)", "decimal(38,10)")
MOMENTS = ("date", "timestamp(3)", "timestamp(6)")
SCALARS = ("boolean", *NUMBERS, "varchar", *MOMENTS)
CAST_TARGETS = (*SCALARS, "tinyint", "smallint", "decimal(5,1)", "decimal(18,2)", "timestamp(0)", "varchar(3)")
UNITS = ("millisecond", "second", "minute", "hour", "day", "week", "month", "quarter", "year")
PARTS = (
    "year",
    "quarter",
    "month",
    "week",
    "day",
    "day_of_week",
    "day_of_year",
    "year_of_week",
    "hour",
    "minute",
    "second",
    "millisecond",
)
ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Asia/Singapore", "Asia/Kolkata", "Australia/Lord_Howe")
PATTERNS = (
    "a",
    "^a",
    "b$",
    ".",
    "a.b",
    r"\d+",
    r"\w",
    r"\s",
    "[^a-z]",
    "(a)(,)",
    "a|b",
    "X+",
    "(?i)A",
    "[äö]",
    "a{1,2}",
    r"\.",
)
LIKES = ("%", "_", "a%", "%b", "_b%", "%,%", "%X%", "1%", "%ö%", "__")
PATHS = ("$", "$.a", "$[0]", "$[1]", "$.a.b")
FORMATS = tuple(f"%{code}" for code in "aAbcdefhHiIjklmMprsSTvWxXyY%")
_VARIABLES = {"T": "integer", "K": "varchar", "V": "integer"}


class Form(StrEnum):
    """What a probe asks for; as a word in its title."""

    VALUES = ""
    NULLS = "NULL among "  # only the combinations with a NULL, without TRY
    BARE = "bare "  # all combinations, without TRY
    AGGREGATE = "all "  # one value of all combinations


@dataclass(frozen=True)
class Probe:
    """An expression and the types of the values that go into its places."""

    expression: str
    types: tuple[str, ...]
    form: Form = Form.VALUES

    @property
    def title(self) -> str:
        """What is asked, in short."""
        return f"{self.expression} of {self.form}({', '.join(self.types)})"

    def statement(self, first: int | None = None) -> str:
        """All combinations in one statement, or only those with one of the first type's values."""
        places = [f"v{place}" for place in range(len(self.types))]
        asked = self.expression.format(*places)
        tables = [_table(place, kind, first if place == 0 else None) for place, kind in enumerate(self.types)]
        if self.form is Form.AGGREGATE:
            return f"SELECT {asked} FROM {' CROSS JOIN '.join(tables)}"
        numbers = [f"i{place}" for place in range(len(self.types))]
        found = f"TRY({asked})" if self.form is Form.VALUES else asked
        null = " OR ".join(f"{number} = 0" for number in numbers)
        where = f" WHERE {null}" if self.form is Form.NULLS else ""
        order = ", ".join(numbers)
        return f"SELECT {order}, {found} FROM {' CROSS JOIN '.join(tables)}{where} ORDER BY {order}"

    def parts(self) -> Iterator[str]:
        """The same combinations in several statements, for when one of them ends the whole."""
        if self.form is not Form.AGGREGATE:
            for number in range(len(VALUES[self.types[0]]) + 1):
                yield self.statement(number)


def _table(place: int, kind: str, only: int | None) -> str:
    """NULL and the type's values, numbered."""
    values = enumerate((null(kind), *VALUES[kind]))
    chosen = [f"({number}, {value})" for number, value in values if only is None or number == only]
    return f"(VALUES {', '.join(chosen)}) t{place}(i{place}, v{place})"


def probes() -> list[Probe]:
    """All probes."""
    made = [*_functions(), *_operators(), *_casts(), *_moments(), *_texts(), *_aggregates(), *_specials()]
    return [*made, *(replace(probe, form=Form.NULLS) for probe in made if probe.form is Form.VALUES)]


def _functions() -> Iterator[Probe]:
    """What `signatures.txt` lists, wherever there are values of the types."""
    for name, overloads in SIGNATURES.items():
        for overload in overloads:
            types = tuple(_named(str(kind)) for kind in overload.arguments)
            places = ", ".join(f"{{{place}}}" for place in range(len(types)))
            if types and all(kind in VALUES for kind in types):
                yield Probe(f"{name}({places})", types)
            if types and set(types) == {"double"}:  # for others Trino may have an overload of its own, such as real
                yield from (Probe(f"{name}({places})", (kind,) * len(types)) for kind in ("integer", "decimal(10,3)"))


def _named(kind: str) -> str:
    for variable, stand_in in _VARIABLES.items():
        kind = kind.replace(f"({variable}", f"({stand_in}").replace(f" {variable})", f" {stand_in})")
        kind = stand_in if kind == variable else kind
    return {"timestamp": "timestamp(3)"}.get(kind, kind)


def _operators() -> Iterator[Probe]:
    for left, right in itertools.product(NUMBERS, NUMBERS):
        for operator in ("+", "-", "*", "/", "%", "=", "<", "IS DISTINCT FROM"):
            yield Probe(f"{{0}} {operator} {{1}}", (left, right))
    for kind in (*SCALARS, "array(integer)"):
        for operator in ("=", "<>", "<", ">=", "IS DISTINCT FROM"):
            yield Probe(f"{{0}} {operator} {{1}}", (kind, kind))
        yield Probe("coalesce({0}, {1})", (kind, kind))
        yield Probe("nullif({0}, {1})", (kind, kind))
        yield Probe("greatest({0}, {1})", (kind, kind))
        yield Probe("least({0}, {1})", (kind, kind))
        yield Probe("{0} IN ({1}, {0})", (kind, kind))
        yield Probe("CASE {0} WHEN {1} THEN 1 ELSE 2 END", (kind, kind))
    for left, right in itertools.product(MOMENTS, MOMENTS):
        yield Probe("{0} < {1}", (left, right))
    for kind, interval in itertools.product(MOMENTS, ("interval day to second", "interval year to month")):
        yield Probe("{0} + {1}", (kind, interval))
        yield Probe("{0} - {1}", (kind, interval))
    for kind in NUMBERS:
        for expression in (
            "-{0}",
            "abs({0})",
            "sign({0})",
            "round({0})",
            "round({0}, 1)",
            "ceiling({0})",
            "floor({0})",
            "truncate({0})",
        ):
            yield Probe(expression, (kind,))
    yield Probe("{0} || {1}", ("varchar", "varchar"))


def _casts() -> Iterator[Probe]:
    for source, target in itertools.product(SCALARS, CAST_TARGETS):
        yield Probe(f"CAST({{0}} AS {target})", (source,))


def _moments() -> Iterator[Probe]:
    for kind in MOMENTS:
        for unit in UNITS[UNITS.index("day") :] if kind == "date" else UNITS:
            yield Probe(f"date_diff('{unit}', {{0}}, {{1}})", (kind, kind))
            yield Probe(f"date_trunc('{unit}', {{0}})", (kind,))
            yield Probe(f"date_add('{unit}', if(abs({{1}}) < 2000, {{1}}), {{0}})", (kind, "bigint"))
        for part in PARTS[: PARTS.index("hour")] if kind == "date" else PARTS:
            yield Probe(f"{part}({{0}})", (kind,))
        for code in FORMATS:
            yield Probe(f"date_format({{0}}, '{code}')", (kind,))
        for zone in ZONES:
            if kind != "date":
                yield Probe(f"CAST({{0}} AT TIME ZONE '{zone}' AS timestamp)", (kind,))
                yield Probe(f"with_timezone({{0}}, '{zone}') AT TIME ZONE 'UTC'", (kind,))
                yield Probe(f"date_trunc('day', {{0}} AT TIME ZONE '{zone}')", (kind,))
        yield Probe("to_unixtime({0})", (kind,))
        yield Probe("last_day_of_month({0})", (kind,))
    yield Probe("from_unixtime({0})", ("double",))
    for pattern in ("%Y-%m-%d", "%d/%m/%Y %H:%i", "%Y%m%d"):
        yield Probe(f"date_parse({{0}}, '{pattern}')", ("varchar",))


def _texts() -> Iterator[Probe]:
    for pattern in PATTERNS:
        quoted = pattern.replace("{", "{{").replace("}", "}}")
        yield Probe(f"regexp_like({{0}}, '{quoted}')", ("varchar",))
        yield Probe(f"regexp_extract({{0}}, '{quoted}')", ("varchar",))
        yield Probe(f"regexp_extract_all({{0}}, '{quoted}')", ("varchar",))
        yield Probe(f"regexp_replace({{0}}, '{quoted}', '<$0>')", ("varchar",))
        yield Probe(f"regexp_count({{0}}, '{quoted}')", ("varchar",))
    for like in LIKES:
        yield Probe(f"{{0}} LIKE '{like}'", ("varchar",))
    for path in PATHS:
        yield Probe(f"json_extract_scalar({{0}}, '{path}')", ("json text",))
    yield Probe("json_array_length({0})", ("json text",))
    for target in ("array(varchar)", "array(integer)"):
        yield Probe(f"CAST(json_parse({{0}}) AS {target})", ("json text",))


def _aggregates() -> Iterator[Probe]:
    for kind in (*SCALARS, "array(integer)"):
        for function in ("count", "min", "max"):
            yield Probe(f"{function}({{0}})", (kind,), Form.AGGREGATE)
        yield Probe("count(DISTINCT {0})", (kind,), Form.AGGREGATE)
        yield Probe("array_agg({0} ORDER BY {0}, i0)", (kind,), Form.AGGREGATE)
        yield Probe("array_agg({0} ORDER BY {0} DESC, i0)", (kind,), Form.AGGREGATE)
        yield Probe("array_join(array_sort(array_agg(CAST({0} AS varchar))), '|')", (kind,), Form.AGGREGATE)
        yield Probe("max_by(i0, {0})", (kind,), Form.AGGREGATE)
        yield Probe("min_by(i0, {0})", (kind,), Form.AGGREGATE)
    for kind in ("integer", "decimal(10,3)", "decimal(38,10)"):
        for function in ("sum", "avg"):
            yield Probe(f"{function}({{0}})", (kind,), Form.AGGREGATE)
            yield Probe(f"{function}(DISTINCT {{0}})", (kind,), Form.AGGREGATE)
    for share in ("0.1", "0.5", "0.75"):
        yield Probe(f"approx_percentile({{0}}, {share}e0)", ("integer",), Form.AGGREGATE)


def _specials() -> Iterator[Probe]:
    lists = ("array(integer)", "array(varchar)", "array(double)")
    for kind in lists:
        for name in ("array_distinct", "array_sort", "array_max", "array_min", "cardinality", "reverse"):
            yield Probe(f"{name}({{0}})", (kind,))
        yield Probe("{0} || {1}", (kind, kind))
        yield Probe("arrays_overlap({0}, {1})", (kind, kind))
        yield Probe("element_at({0}, {1})", (kind, "bigint"))
        yield Probe("{0}[{1}]", (kind, "bigint"))
        yield Probe("slice({0}, {1}, 2)", (kind, "bigint"))
    yield Probe("contains({0}, {1})", ("array(double)", "double"))
    yield Probe("array_position({0}, {1})", ("array(double)", "double"))
    yield Probe("filter({0}, x -> x > 1)", ("array(integer)",))
    yield Probe("any_match({0}, x -> x > 1)", ("array(integer)",))
    yield Probe("all_match({0}, x -> x > 1)", ("array(integer)",))
    yield Probe("transform({0}, x -> x + 1)", ("array(integer)",))
    yield Probe("reduce({0}, 0, (s, x) -> s + x, s -> s)", ("array(integer)",))
    yield Probe("if({0} > 0, {1}, {2})", ("integer", "integer", "decimal(10,3)"))
