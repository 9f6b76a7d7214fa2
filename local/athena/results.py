"""The objects a query leaves in its result location: CSV or text, `.metadata`, and the manifest of written files."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from local.athena.objects import Objects
    from local.athena.outcome import Outcome, Row


def write(outcome: Outcome, location: str, objects: Objects) -> tuple[str, str | None]:
    """Writes them.

    Args:
        outcome: Of the statement.
        location: The result location and the query's id, without an ending.
        objects: Where to write.

    Returns:
        The location of the result, and of the manifest if there is one.
    """
    result = f"{location}{outcome.suffix}"
    if outcome.suffix == ".csv":
        names: Row = [name for name, _ in outcome.columns]
        objects.write(result, _csv([names, *outcome.rows]))
    elif outcome.suffix == ".txt":
        lines = ["\t".join(value or "" for value in row) for row in outcome.rows]
        objects.write(result, "\n".join(lines).encode())
    # Athena's metadata is a binary form of the columns' types; clients only look whether it is there.
    objects.write(f"{result}.metadata", b"")
    if outcome.manifest is None:
        return result, None
    manifest = f"{location}-manifest.csv"
    objects.write(manifest, "\n".join(outcome.manifest).encode())
    return result, manifest


def _csv(rows: list[Row]) -> bytes:
    """Every value in quotes, NULL as nothing at all: an empty text is `""`."""
    return "".join(f"{','.join(map(_quoted, row))}\n" for row in rows).encode()


def _quoted(value: str | None) -> str:
    if value is None:
        return ""
    escaped = value.replace('"', '""')
    return f'"{escaped}"'
