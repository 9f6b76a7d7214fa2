"""Why a row or a file is in quarantine: a closed list. `docs/contracts.md` prints it."""

from __future__ import annotations

from enum import StrEnum


class Reason(StrEnum):
    """Reason codes. The value is what the `reason` column of `ops.quarantine` holds."""

    # whole files (stage bronze)
    UNKNOWN_DATASET = "unknown_dataset"
    UNKNOWN_FORMAT = "unknown_format"
    UNREADABLE_FILE = "unreadable_file"
    DUPLICATE_COLUMN = "duplicate_column"
    MISSING_COLUMN = "missing_column"
    UNEXPECTED_COLUMN = "unexpected_column"  # also of rows, stage silver: as the contract's schemaChange says
    DECOMPRESSION_BOMB = "decompression_bomb"
    # rows as text (stage bronze)
    MALFORMED_ROW = "malformed_row"
    INVALID_ENCODING = "invalid_encoding"
    ROW_TOO_LARGE = "row_too_large"
    ERASED = "erased"
    # values (stage silver)
    MISSING_VALUE = "missing_value"
    INVALID_TYPE = "invalid_type"
    OUT_OF_RANGE = "out_of_range"
    INVALID_VALUE = "invalid_value"
    INVALID_JSON = "invalid_json"
    RESIDENCY_VIOLATION = "residency_violation"
    BATCH_STOPPED = "batch_stopped"

    @property
    def remedy(self) -> str:
        """What to do about it, one imperative sentence."""
        return _TEXTS[self][1]

    @property
    def description(self) -> str:
        """One sentence for people: what happened and what to do."""
        return " ".join(_TEXTS[self])


_TEXTS: dict[Reason, tuple[str, str]] = {  # what happened, what to do about it
    Reason.UNKNOWN_DATASET: (
        "No contract takes this folder or file name.",
        "Drop the file under <dataset>/ or add a contract.",
    ),
    Reason.UNKNOWN_FORMAT: (
        "The name's ending is none of csv, tsv, json, jsonl, parquet (each also .gz or .zst).",
        "Rename the file.",
    ),
    Reason.UNREADABLE_FILE: (
        "The bytes are not what the name says: truncated, corrupt, or another format.",
        "Send the file again.",
    ),
    Reason.DUPLICATE_COLUMN: (
        "Two columns have the same name once case and outer spaces are ignored.",
        "Rename one.",
    ),
    Reason.MISSING_COLUMN: (
        "A required column is absent: often a wrong delimiter.",
        "Send the column or adjust the contract's source.",
    ),
    Reason.UNEXPECTED_COLUMN: (
        "There is a column that the contract does not name, and its `schemaChange` does not let it pass.",
        "Add it to the contract, or send the file without it.",
    ),
    Reason.DECOMPRESSION_BOMB: (
        "The file expands beyond the allowed ratio.",
        "Split it, or send it uncompressed.",
    ),
    Reason.MALFORMED_ROW: (
        "The row does not have as many fields as the header, or is not valid JSON.",
        "Correct the row.",
    ),
    Reason.INVALID_ENCODING: (
        "The row's bytes are not text in the declared encoding.",
        "Correct the row or the contract's encoding.",
    ),
    Reason.ROW_TOO_LARGE: (
        "One row is larger than the limit.",
        "Shorten the field.",
    ),
    Reason.ERASED: (
        "The row was about a person who was erased; what is left is its place.",
        "Do nothing.",
    ),
    Reason.MISSING_VALUE: (
        "A required value, or part of the key, is empty.",
        "Fill it.",
    ),
    Reason.INVALID_TYPE: (
        "The value cannot be read as the column's type in the formats the source declares.",
        "Correct it, or add the format.",
    ),
    Reason.OUT_OF_RANGE: (
        "The value does not fit the type's or the contract's limits.",
        "Correct it, or widen the contract.",
    ),
    Reason.INVALID_VALUE: (
        "The value is not among the contract's valid values or does not match its pattern.",
        "Correct it, or extend the list.",
    ),
    Reason.INVALID_JSON: (
        "A JSON column does not hold a JSON array of objects.",
        "Correct the field.",
    ),
    Reason.RESIDENCY_VIOLATION: (
        "The row belongs to another jurisdiction.",
        "Send it to its own region's bucket; it goes no further here.",
    ),
    Reason.BATCH_STOPPED: (
        "The row is good, but more of its neighbours were bad than the contract allows: probably a wrong file.",
        "Send the right file, or correct the contract or its badRows; then replay.",
    ),
}
