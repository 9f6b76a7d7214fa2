"""What the local Athena's answer to a snippet is worth, measured by Trino's."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from local.athena.errors import LOCAL_NOTE
from tests.trino import text
from tests.trino.answer import Answer, Refused

if TYPE_CHECKING:
    from tests.trino.athena import Athena

MOST_SHOWN = 3  # rows of a difference
BROKEN = "GENERIC_INTERNAL_ERROR"  # Trino's word for a fault of its own; any failure will do here


class Kind(StrEnum):
    """From best to worst."""

    EQUAL = "equal"  # the same rows and types, or the same failure
    REFUSED = "refused"  # strict mode says so, names the construct and what to write instead
    CODE = "other error code"  # both fail, each with a code of its own
    UNEXPLAINED = "fails where Trino answers"
    SILENT = "silently different"


@dataclass(frozen=True)
class Verdict:
    """The kind, and the difference in words; no words if there is none."""

    kind: Kind
    difference: str = ""


def ask(athena: Athena, sql: str) -> Answer | Refused:
    """The local Athena's answer, or its failure."""
    try:
        return athena.run(sql)
    except Refused as refused:
        return refused


def judge(trino: Answer | str | None, local: Answer | Refused) -> Verdict:
    """Compare the local Athena's answer with Trino's, or with the code of Trino's failure."""
    if isinstance(local, Answer):
        difference = compare(trino, local) if isinstance(trino, Answer) else f"Trino: {trino}; local: {local.rows[:3]}"
        return Verdict(Kind.SILENT, difference) if difference else Verdict(Kind.EQUAL)
    if LOCAL_NOTE in local.message:
        return Verdict(Kind.REFUSED)
    if isinstance(trino, Answer):
        return Verdict(Kind.UNEXPLAINED, f"local: {local}")
    same = trino in (local.code, BROKEN)
    return Verdict(Kind.EQUAL) if same else Verdict(Kind.CODE, f"Trino: {trino}; local: {local}")


def compare(trino: Answer, local: Answer) -> str:
    """The difference between two results in words, empty if there is none; rows in their order."""
    columns = tuple((name, text.athena_type(kind)) for name, kind in trino.columns)
    parts = [f"columns: Trino {columns}, local {local.columns}"] if columns != local.columns else []
    if len(trino.rows) != len(local.rows):
        parts.append(f"Trino has {len(trino.rows)} rows, local {len(local.rows)}")
    pairs = enumerate(zip(trino.rows, local.rows, strict=False), start=1)
    other = [f"row {number}: Trino {a}, local {b}" for number, (a, b) in pairs if a != b]
    if other:
        parts += [*other[:MOST_SHOWN], f"{len(other)} rows differ"]
    return "\n  ".join(parts)
