"""One probe of the sweep on both engines, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tests.trino import verdict
from tests.trino.answer import Answer, Refused
from tests.trino.sweep import Form
from tests.trino.values import VALUES
from tests.trino.verdict import Kind, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.trino.answer import Row
    from tests.trino.athena import Athena
    from tests.trino.client import Trino
    from tests.trino.sweep import Probe


@dataclass(frozen=True)
class Outcome:
    """What came of one statement of a probe, and how many values it compared."""

    verdict: Verdict
    values: int = 0


def outcomes(probe: Probe, trino: Trino, athena: Athena) -> Iterator[Outcome]:
    """Ask for all combinations at once or, if one of them ends the statement on either side, in parts."""
    local, parts = verdict.ask(athena, probe.statement()), list(probe.parts())
    if _refused(local) and (not parts or _refused(verdict.ask(athena, parts[0]))):  # even for NULL: no value will do
        if probe.form is Form.VALUES:
            yield from outcomes(replace(probe, form=Form.BARE), trino, athena)
        else:
            yield Outcome(Verdict(Kind.REFUSED))
        return
    judged = trino.ask(probe.statement())
    if not parts or (isinstance(local, Answer) and isinstance(judged, Answer)):
        yield _outcome(probe, judged, local)
        return
    for part in parts:
        yield _outcome(probe, trino.ask(part), verdict.ask(athena, part))


def _refused(local: Answer | Refused) -> bool:
    return verdict.judge(None, local).kind is Kind.REFUSED


def _outcome(probe: Probe, judged: Answer | str, local: Answer | Refused) -> Outcome:
    found = verdict.judge(judged, local)
    if not isinstance(judged, Answer) or not isinstance(local, Answer):
        # A fault of Trino's own goes through TRY; an answer where Trino breaks is no difference that anyone can see.
        broken = judged == verdict.BROKEN
        return Outcome(Verdict(Kind.EQUAL) if broken and found.kind is Kind.SILENT else found)
    if found.kind is Kind.SILENT:
        found = Verdict(Kind.SILENT, _words(probe, judged, local))
    return Outcome(found, len(judged.rows))


def _words(probe: Probe, judged: Answer, local: Answer) -> str:
    kinds = f"types: Trino {judged.columns[-1][1]}, local {local.columns[-1][1]}"
    unequal = [(a, b) for a, b in zip(judged.rows, local.rows, strict=False) if a != b]
    shown = [f"{_values(probe, a)}: Trino {a[-1]}, local {b[-1]}" for a, b in unequal[: verdict.MOST_SHOWN]]
    return "\n  ".join([kinds, *shown, f"{len(unequal)} of {len(judged.rows)} differ"])


def _values(probe: Probe, row: Row) -> str:
    if probe.form is Form.AGGREGATE:
        return "all"
    pools = [("NULL", *VALUES[kind]) for kind in probe.types]
    return ", ".join(pool[int(number or 0)] for pool, number in zip(pools, row, strict=False))
