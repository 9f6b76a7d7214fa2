"""DuckDB's run-time errors as Trino's. Messages of DuckDB may quote a row's value, so none is passed on as it is."""

from __future__ import annotations

import re

import duckdb

from local.athena.errors import LOCAL_NOTE, NOT_SUPPORTED, StatementFailed

CANCELLED = "QUERY_CANCELLED"

# What a macro put into the text that it then failed to cast.
_MACRO = re.compile(r"'([A-Z_]{4,}): ([^']*)'")


def from_duckdb(error: duckdb.Error | OSError) -> StatementFailed:
    """The failure that Athena would report. Arrow passes on what happens after the first batch as an OSError."""
    text = str(error)
    macro = _MACRO.search(text)
    if macro:
        note = f" {LOCAL_NOTE}" if macro[1] == NOT_SUPPORTED else ""
        return StatementFailed(macro[1], f"{macro[2]}{note}")
    for part, code, message in _TEXTS:
        if part in text:
            return StatementFailed(code, message)
    for kind, code, message in _KINDS:
        if isinstance(error, kind) or (isinstance(error, OSError) and _NAMES[kind] in text):
            return StatementFailed(code, message)
    return StatementFailed("GENERIC_INTERNAL_ERROR", f"{type(error).__name__} in the local engine")


_TEXTS = (
    ("ivision by zero", "DIVISION_BY_ZERO", "/ by zero"),
    ("with value nan ", "INVALID_CAST_ARGUMENT", "Cannot cast NaN"),
    ("out of range for the destination type", "NUMERIC_VALUE_OUT_OF_RANGE", "A value is out of range for its type"),
    (
        "More than one row returned by a subquery",
        "SUBQUERY_MULTIPLE_ROWS",
        "Scalar sub-query has returned multiple rows",
    ),
    ("Map keys must be unique", "INVALID_FUNCTION_ARGUMENT", "Duplicate map keys are not allowed"),
)
_NAMES = {
    duckdb.InterruptException: "INTERRUPT Error",
    duckdb.OutOfRangeException: "Out of Range Error",
    duckdb.ConversionException: "Conversion Error",
    duckdb.InvalidInputException: "Invalid Input Error",
    duckdb.OutOfMemoryException: "Out of Memory Error",
}
_KINDS: tuple[tuple[type[duckdb.Error], str, str], ...] = (
    (duckdb.InterruptException, CANCELLED, "Query was cancelled"),
    (duckdb.OutOfRangeException, "NUMERIC_VALUE_OUT_OF_RANGE", "A value is out of range for its type"),
    (duckdb.ConversionException, "INVALID_CAST_ARGUMENT", "A value cannot be cast to the wanted type"),
    (duckdb.InvalidInputException, "INVALID_FUNCTION_ARGUMENT", "A function was given a value outside its domain"),
    (duckdb.OutOfMemoryException, "EXCEEDED_LOCAL_MEMORY_LIMIT", "Query exceeded the memory limit"),
)
