"""One deployed lake for all tests of a process, and the table of what was struck at the end of a run."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest

from tests.faults.rig import deployed
from tests.faults.sweep import Sweep

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.faults.sweep import Count

_PROPERTY = "faults"


@pytest.fixture(scope="module")
def sweep(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sweep]:
    with deployed(tmp_path_factory.mktemp("faults")) as rig:
        yield Sweep(rig)


@pytest.fixture
def report(record_property: Callable[[str, object], None]) -> object:
    """Takes what one test struck, for the table."""

    def take(stage: str, kind: str, count: Count) -> None:
        row = [
            str(stage),
            str(kind),
            count.struck,
            len(count.failures),
            {str(k): n for k, n in count.inapplicable.items()},
        ]
        record_property(_PROPERTY, row)

    return take


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print how many points were struck, by stage and kind, and why others could not be."""
    found = [
        row
        for reports in terminalreporter.stats.values()
        for each in reports
        if isinstance(each, pytest.TestReport) and each.when == "call"
        for name, row in each.user_properties
        if name == _PROPERTY and isinstance(row, list)
    ]
    if not found:
        return
    terminalreporter.section("faults")
    terminalreporter.write_line(f"{'stage':<8}{'fault':<14}{'struck':>7}{'differ':>7}{'n/a':>6}  why not applicable")
    for stage, kind, struck, differ, reasons in sorted(found):
        why = "; ".join(f"{reason} ({count})" for reason, count in sorted(reasons.items()))
        terminalreporter.write_line(
            f"{stage:<8}{kind:<14}{struck:>7}{differ:>7}{sum(reasons.values()):>6}  {why}".rstrip()
        )
    total: Counter[str] = Counter()
    for _, _, struck, differ, reasons in found:
        total.update(struck=struck, differ=differ, not_applicable=sum(reasons.values()))
    terminalreporter.write_line(
        f"{total['struck']} faults struck, after {total['differ']} of them something differed; "
        f"{total['not_applicable']} not applicable"
    )
