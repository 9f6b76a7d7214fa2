"""Awkward values of each type, as Trino writes them."""

from __future__ import annotations

VALUES: dict[str, tuple[str, ...]] = {
    "boolean": ("true", "false"),
    "integer": ("0", "1", "-1", "2", "3", "-7", "10", "2147483647", "-2147483647"),
    "bigint": tuple(
        f"BIGINT '{n}'" for n in (0, 1, -1, 2, 3, 5, -3, 60, 1000, 9223372036854775807, -9223372036854775808)
    ),
    "double": (
        *("0e0", "1e0", "-1e0", "0.1e0", "1.5e0", "2.5e0", "-2.5e0", "0.285e0", "1.005e0", "1e10", "-1e-5"),
        *(
            "123456789.125e0",
            "1e300",
            *(f"CAST('{name}' AS double)" for name in ("-0", "NaN", "Infinity", "-Infinity")),
        ),
    ),
    "decimal(10,3)": tuple(
        f"CAST('{n}' AS decimal(10,3))"
        for n in ("0", "1", "-1", "0.005", "-0.005", "2.345", "-2.5", "0.333", "9999999.999")
    ),
    "decimal(38,10)": tuple(
        f"CAST('{n}' AS decimal(38,10))" for n in ("0", "3", "-0.0000000001", "12345678901234567890.0123456789", "0.5")
    ),
    "varchar": (
        *(
            "''",
            "' '",
            "'a'",
            "'A'",
            "'abc'",
            "'a,b,,c'",
            "'äöüß'",
            "'😀x'",
            "'e' || chr(769) || 'x'",
            "' a b  '",
            "'%'",
        ),
        *(
            "'1'",
            "'-1'",
            "' 7'",
            "'1.5'",
            "'1e3'",
            "'NaN'",
            "'true'",
            "'2024-02-29'",
            "'2024-02-30'",
            "'2024-1-5 3:04:05.5'",
        ),
        *("'a' || chr(10) || 'b'", "','", "'aXbXc'", "'X'", "'[1,\"a\"]'", "'{\"a\":1}'", "'YWJj'", "'616263'"),
    ),
    "json text": tuple(
        f"'{text}'"
        for text in (
            *(
                '{"a":1}',
                '{"a":1.50}',
                '{"a":"x\\ty"}',
                '{"a":null}',
                '{"a":{"b":[1,2]}}',
                '{"a":[1,"2"]}',
                '[1,"a",null]',
            ),
            *(
                '"text"',
                "12",
                "null",
                "",
                "{",
                '{"a":1',
                '{"a":1} x',
                '{"a":true,"a":2}',
                '{"a":"\\u00e9\\ud83d\\ude00"}',
            ),
            *('{"a":12345678901234567890}', "[]", '{"a":1e2}', '{"A":1}', "[[1],[2,3]]"),
        )
    ),
    "varbinary": ("to_utf8('')", "to_utf8('abc')", "to_utf8('äöü😀')", "from_hex('00FF')"),
    "date": tuple(
        f"DATE '{day}'"
        for day in (
            "1969-12-31",
            "1970-01-01",
            "2023-12-31",
            "2024-01-31",
            "2024-02-29",
            "2024-03-31",
            "2024-12-30",
            "2025-03-30",
        )
    ),
    "timestamp(3)": tuple(
        f"TIMESTAMP '{moment}'"
        for moment in (
            *(
                "1969-12-31 23:59:59.999",
                "1970-01-01 00:00:00.000",
                "2024-01-31 23:30:00.500",
                "2024-02-29 00:00:00.000",
            ),
            *(
                "2024-03-31 02:30:00.000",
                "2024-10-27 02:30:00.000",
                "2024-11-03 01:30:00.000",
                "2024-12-31 12:00:00.001",
            ),
        )
    ),
    "timestamp(6)": tuple(
        f"TIMESTAMP '{moment}'"
        for moment in (
            "1969-12-31 23:59:59.999000",
            "2024-01-31 23:30:00.500500",
            "2024-02-29 00:00:00.000001",
            "2024-10-27 00:30:00.000000",
        )
    ),
    "array(integer)": (
        "ARRAY[1, 2, 3]",
        "ARRAY[3, NULL, 1, 3]",
        "CAST(ARRAY[] AS array(integer))",
        "ARRAY[CAST(NULL AS integer)]",
    ),
    "array(varchar)": ("ARRAY['b', 'a', 'b']", "ARRAY[NULL, '', 'ä']", "CAST(ARRAY[] AS array(varchar))"),
    "array(double)": ("ARRAY[1e0, CAST('NaN' AS double), 1e-3]", "ARRAY[0e0, NULL, 2.5e0]"),
    "array(array(integer))": ("ARRAY[ARRAY[1], ARRAY[], ARRAY[2, NULL]]", "ARRAY[ARRAY[1], NULL]"),
    "map(varchar, integer)": ("MAP(ARRAY['a', 'b'], ARRAY[1, NULL])", "MAP(ARRAY[''], ARRAY[7])"),
    "interval day to second": ("INTERVAL '1' DAY", "INTERVAL '-90' MINUTE", "INTERVAL '36' HOUR"),
    "interval year to month": ("INTERVAL '1' MONTH", "INTERVAL '-13' MONTH"),
}


def null(kind: str) -> str:
    """NULL of that type."""
    if kind.startswith("interval"):
        return f"if(false, {VALUES[kind][0]})"  # Trino casts nothing to an interval
    return f"CAST(NULL AS {'varchar' if kind == 'json text' else kind})"
