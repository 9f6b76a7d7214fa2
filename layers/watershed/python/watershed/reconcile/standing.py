"""What silver holds against what must stand there: number of rows, money, and row for row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from watershed import names
from watershed.reconcile.difference import BACKFILL, INTRUDER, REBUILD, Difference, Findings, Note, Where

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from watershed.contracts.model import Contract
    from watershed.reconcile.store import Store

_EXAMPLES = 5
_WHAT = {  # finding -> what it is, what to do about it
    "missing": ("rows that must stand are missing", BACKFILL),
    "outdated": ("rows stand where later ones must", BACKFILL),
    "changed": ("rows have another content than their file gives", BACKFILL),
    "unexpected": ("rows stand that no file gives, or no longer", INTRUDER),
    "unknown": ("rows name an object that neither raw nor the ledger knows", INTRUDER),
    "twice": ("keys stand more than once", INTRUDER),
}
_FINDINGS = f"""
SELECT finding, excused, count(*), min(origin, {_EXAMPLES})
FROM findings GROUP BY ALL ORDER BY ALL
"""  # noqa: S608  # a number of ours
_ELSEWHERE = "SELECT count(*) FROM placed WHERE state IN ('settled', 'pending')"


@dataclass(frozen=True)
class Standing:
    """One silver table.

    Attributes:
        table: Its name.
        expected: Rows that must stand, of the recounted objects.
        found: Rows that stand and claim to come from these objects, or from none.
        elsewhere: Rows that stand and come from objects which were not recounted.
        findings: What differs.
    """

    table: str
    expected: int
    found: int
    elsewhere: int
    findings: Findings


def compare(store: Store, contract: Contract) -> Iterator[Standing]:
    """Compare each of the contract's tables, in its order, once all rows are in the store."""
    for place, table in enumerate(contract.tables):
        store.run(place)
        where = Where(contract.name, table=f"{names.SILVER_DB}.{table.name}")
        must = "expected" if place else "standing"
        ours = "state IN ('recounted', 'unknown')"
        expected, found = _count(store, must, "true"), _count(store, "placed", ours)
        findings = list(_row_for_row(store, where))
        excused = any(isinstance(each, Note) for each in findings)
        sums = store.sums(place, must, "true"), store.sums(place, "placed", ours)
        if not excused:
            findings += _in_numbers(where, expected, found, *sums)
        yield Standing(table.name, expected, found, _single(store, _ELSEWHERE), findings)


def _row_for_row(store: Store, where: Where) -> Iterator[Difference | Note]:
    for finding, excused, count, origins in store.rows(_FINDINGS):
        what, remedy = _WHAT[str(finding)]
        examples = f"e.g. {_told(origins)}"
        if excused:
            how = (REBUILD if finding == "unexpected" else BACKFILL).rstrip(".")
            yield Note(where, f"{count:,} {what}, by another version of the contract ({examples}). {how}")
        else:
            yield Difference(where, f"{what} ({examples})", "0", f"{count:,}", remedy)


def _in_numbers(
    where: Where, expected: int, found: int, must: Mapping[str, Any], stands: Mapping[str, Any]
) -> Iterator[Difference]:
    if expected != found:
        yield Difference(where, "rows in all", f"{expected:,}", f"{found:,}", "See the rows named beside this.")
    for name in must:
        if must[name] != stands[name]:  # the sum of few rows is a row's value: it is not told
            yield Difference(where, f"sum of {name}", "the recount's", "another", "See the rows named beside this.")


def _count(store: Store, name: str, condition: str) -> int:
    return _single(store, f"SELECT count(*) FROM {name} WHERE {condition}")  # noqa: S608  # names of ours


def _single(store: Store, sql: str) -> int:
    return int(str(store.rows(sql)[0][0]))


def _told(origins: Any) -> str:
    return "; ".join(f"{each['key']} (version {each['version']}) row {each['row_number']}" for each in origins)
