"""What a source's files hold, as a SELECT over the dataset's bronze table."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from sqlglot import exp, select

from watershed import names
from watershed.backfill import elements
from watershed.backfill.sql import both, coalesce, column, sql, table
from watershed.contracts.model import SchemaChange
from watershed.errors import ConfigurationError
from watershed.records import LINEAGE_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from watershed.contracts.model import Column, Contract, Source

LINEAGE = tuple(name for name, _ in LINEAGE_COLUMNS)
SOURCE_KEY, SOURCE_VERSION, ROW_NUMBER, INGESTED_AT, BATCH_ID = LINEAGE

_SIGN = re.compile(r"[^\w\s-]")
_GLOB = re.compile(r"\*+|\?|\[(?:!.|[^!])[^\]]*\]|.", re.DOTALL)


@dataclass(frozen=True)
class Window:
    """Days on which files came, both included."""

    since: date
    until: date

    def condition(self) -> exp.Expr:
        """True of the partitions in the window."""
        return sql(f"ingest_date BETWEEN DATE '{self.since.isoformat()}' AND DATE '{self.until.isoformat()}'")


def read(contract: Contract, source: Source, earlier: Iterable[Source], window: Window) -> exp.Select:
    """The rows that came through `source`: the texts of columns and of children's arrays, and lineage.

    Args:
        contract: The dataset.
        source: One of its sources in this region.
        earlier: The region's sources before it, which take a file first.
        window: When the files came.

    Raises:
        ConfigurationError: if a column's value is inside JSON: digits and types in there are silver's own reading. Or
            if columns that the contract does not name decide about a row: Athena's table does not show them.
    """
    if contract.schema_change is SchemaChange.QUARANTINE:
        raise ConfigurationError(
            f"{contract.name}: `schemaChange: quarantine` asks for columns that Athena's bronze table does not show.",
            remedy="Send the files again through the functions.",
        )
    texts = {text_name(each): source.names_of(each.name) for each in contract.table.columns}
    texts |= {elements.text_name(child): source.names_of(str(child.explode)) for child in contract.children}
    for found in texts.values():
        _refuse_paths(contract, found)
    takes = [exp.not_(_takes(each)) for each in earlier] + [_takes(source), window.condition()]
    return (
        select(
            *(exp.alias_(coalesce([*map(column, found)]), name, quoted=True) for name, found in texts.items()),
            *(_lineage(name) for name in LINEAGE),
        )
        .from_(table(names.BRONZE_DB, contract.name))
        .where(both(takes))
    )


def text_name(each: Column) -> str:
    """The name of the text column from which a silver column is made."""
    return f"_read {each.name}"


def sources_in(contract: Contract, region: str) -> tuple[Source, ...]:
    """The contract's sources that deliver in `region`, in their order.

    Raises:
        ConfigurationError: if there is none.
    """
    found = tuple(each for each in contract.sources if not each.regions or region in each.regions)
    if not found:
        raise ConfigurationError(
            f"No source of {contract.name} delivers in {region}.",
            remedy="Choose a region of the contract's sources.",
        )
    return found


def _lineage(name: str) -> exp.Expr:
    """Athena reads a timestamp of a Parquet table to the millisecond; silver's have microseconds."""
    if name != INGESTED_AT:
        return column(name)
    return exp.alias_(sql("CAST(:at AS timestamp(6))", at=column(name)), name, quoted=True)


def _takes(source: Source) -> exp.Expr:
    if not source.files:
        return exp.true()
    pattern = "|".join(as_expression(each.lower()) for each in source.files)
    return sql(
        "regexp_like(lower(element_at(split(:key, '/'), -1)), :pattern)",
        key=column(SOURCE_KEY),
        pattern=f"^(?:{pattern})$",
    )


def as_expression(glob: str) -> str:
    """A file-name pattern as a regular expression."""
    parts = []
    for part in _GLOB.findall(glob):
        if part.startswith("*"):
            parts.append(".*")
        elif part == "?":
            parts.append(".")
        elif len(part) > 1:
            inner = _SIGN.sub(r"\\\g<0>", part[1:-1].removeprefix("!"))
            parts.append(f"[{'^' * part.startswith('[!')}{inner}]")
        else:
            parts.append(_SIGN.sub(r"\\\g<0>", part))
    return "".join(parts)


def _refuse_paths(contract: Contract, found: tuple[str, ...]) -> None:
    for name in found:
        if "." in name:
            raise ConfigurationError(
                f"{contract.name}: `{name}` reaches into JSON, which Athena would read with other digits than silver.",
                remedy="Send the files again through the functions.",
            )
