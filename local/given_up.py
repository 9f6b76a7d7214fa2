"""Prints what was given up: a table by cause, and under it one example of each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.markup import escape
from watershed import dead_letters

from local import report
from local.terminal import harmless

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rich.console import Console
    from watershed.dead_letters import Letter
    from watershed.names import Stage


def print_given_up(
    console: Console, title: str, letters: Mapping[Stage, Sequence[Letter]], unseen: Mapping[Stage, int] | None = None
) -> None:
    """Print messages by stage, what they are about, and cause.

    Args:
        console: Where to.
        title: The table's.
        letters: The messages of each stage.
        unseen: How many more there are of a stage, behind these in their order.
    """
    table = report.table(title)
    for name in ("stage", "about", "cause", "messages"):
        table.add_column(name, justify="right" if name == "messages" else "left")
    examples: dict[str, str] = {}
    for stage, of_stage in letters.items():
        for line in dead_letters.summary(of_stage):
            table.add_row(stage, escape(harmless(line.about)), escape(line.cause), str(line.messages))
            examples.setdefault(line.cause, line.example)
        if more := (unseen or {}).get(stage, 0):
            table.add_row(stage, "behind these", "not looked at", str(more))
    console.print(table)
    for cause, example in examples.items():
        console.print(f"[bold]{escape(cause)}[/bold]: {escape(harmless(example))}", soft_wrap=True)
