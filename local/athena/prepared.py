"""Prepared statements, kept where moto keeps those that CreatePreparedStatement made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from local.athena.errors import StatementFailed

if TYPE_CHECKING:
    from moto.athena.models import AthenaBackend


class MotoPreparedStatements:
    """The prepared statements of one account and region. moto keeps one name once, whatever its workgroup."""

    def __init__(self, backend: AthenaBackend) -> None:
        self._backend = backend

    def names(self, workgroup: str) -> list[str]:
        """The names in a workgroup."""
        return sorted(name for name, kept in self._backend.prepared_statements.items() if kept.workgroup == workgroup)

    def put(self, workgroup: str, name: str, sql: str) -> None:
        """Keep one.

        Raises:
            StatementFailed: `ALREADY_EXISTS`.
        """
        if name in self._backend.prepared_statements:
            raise StatementFailed("ALREADY_EXISTS", f"Prepared statement already exists: {name}")
        self._backend.create_prepared_statement(name, workgroup, sql, "")

    def get(self, workgroup: str, name: str) -> str | None:
        """Its text, or None."""
        kept = self._backend.prepared_statements.get(name)
        return str(kept.query_statement) if kept and kept.workgroup == workgroup else None

    def remove(self, workgroup: str, name: str) -> bool:
        """Forget it; False if there was none."""
        if self.get(workgroup, name) is None:
            return False
        del self._backend.prepared_statements[name]
        return True
