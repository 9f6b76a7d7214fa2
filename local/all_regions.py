"""An answer across regions as people read it: a table a measure, regions side by side, and the total."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.markup import escape
from watershed import catalog
from watershed.across.combine import ask, combine
from watershed.across.request import SMALLEST_GROUP
from watershed.across.understand import understand
from watershed.gold.model import Export

from local.config import regions
from local.paths import LAKE
from local.reached import reached
from local.report import table
from local.terminal import harmless

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.console import Console
    from watershed.across.combine import Answer, Number
    from watershed.across.request import Output, Request


def print_all(console: Console, sql: str, *, aws: bool) -> None:
    """Ask every region of cdk.json what `sql` asks for, and print the answer.

    Raises:
        ConfigurationError: if a region cannot be reached.
        ExportRefused: if the statement asks for what may not leave a region; none is asked then.
        QueryFailed: if a region cannot answer.
    """
    request = understand(sql, catalog.build(LAKE).models)
    reachable = {place.region: reached(place.region, aws=aws).athena for place in regions()}
    print_answers(console, request, ask(request, reachable))


def print_answers(console: Console, request: Request, answers: Mapping[str, Answer]) -> None:
    """Print a table for each measure, then what was held back."""
    for place, measure in enumerate(request.measures):
        console.print(_title(measure), style="bold", markup=False)  # longer than most of these tables are wide
        made = table("")
        for dimension in request.dimensions:
            made.add_column(dimension.label)
        for name in (*answers, "total"):
            made.add_column(name, justify="right", no_wrap=True)
        for row in combine(answers, place):
            made.add_row(*(_said(value) for value in row.group), *map(_number, row.regions), _number(row.total))
        console.print(made)
    behind = " and ".join(request.backing)
    for region, answer in answers.items():
        if answer.held_back:
            groups = f"{answer.held_back} group{'s' if answer.held_back > 1 else ''}"
            console.print(f"{region} holds back {groups} of fewer than {SMALLEST_GROUP} {behind}.", style="dim")
    console.print("A total adds what is shown; - is nothing, or held back.", style="dim")


def _title(measure: Output) -> str:
    column = measure.column
    if column.export is Export.DISTINCT:
        return f"{measure.label}: sum of each region's distinct count; what is in two regions counts twice"
    return f"{measure.label}: {column.description}{f', {column.unit}' if column.unit else ''}"


def _said(value: Any) -> str:
    return "NULL" if value is None else escape(harmless(str(value)))


def _number(value: Number | None) -> str:
    return "-" if value is None else f"{value:,}"
