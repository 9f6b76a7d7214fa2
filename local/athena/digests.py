"""Keyed digests, which DuckDB lacks, as functions in it.

A macro would say its key several times over, and where the key is a query DuckDB would run as many.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb


def register(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the functions known to the connection's database."""
    # Without `special`, DuckDB takes a function's NULL for an error.
    connection.create_function("trino_hmac_sha256", hmac_sha256, ["BLOB", "BLOB"], "BLOB", null_handling="special")


def hmac_sha256(message: bytes | None, key: bytes | None) -> bytes | None:
    """RFC 2104 with SHA-256; None of None. Trino takes no empty key."""
    if message is None or key is None:
        return None
    if not key:
        raise ValueError("'GENERIC_INTERNAL_ERROR: Empty key'")  # in the form in which macros fail
    return hmac.digest(key, message, hashlib.sha256)
