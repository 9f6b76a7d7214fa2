"""What was measured, beside its bound."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich import box
from rich.table import Table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console


@dataclass(frozen=True)
class Figure:
    """One line of the table. Without a bound, it is for the reader to judge."""

    what: str
    value: str
    bound: str = ""
    ok: bool | None = None


def at_most(what: str, value: float, bound: float, unit: str, digits: int = 0) -> Figure:
    """A figure that must not be larger than its bound."""
    return Figure(what, f"{value:,.{digits}f} {unit}", f"at most {bound:,.{digits}f}", value <= bound)


def exactly(what: str, value: int, expected: int) -> Figure:
    """A count that is known beforehand."""
    return Figure(what, f"{value:,}", f"exactly {expected:,}", value == expected)


def show(console: Console, figures: Sequence[Figure]) -> bool:
    """Print the table. Whether every bound holds."""
    made = Table(title="Load", box=box.SIMPLE_HEAD, title_justify="left")
    for name, justify in (("figure", "left"), ("measured", "right"), ("bound", "right"), ("", "left")):
        made.add_column(name, justify="right" if justify == "right" else "left")
    for each in figures:
        said = "" if each.ok is None else "[green]ok[/green]" if each.ok else "[bold red]exceeded[/bold red]"
        made.add_row(each.what, each.value, each.bound, said)
    console.print(made)
    return all(each.ok is not False for each in figures)
