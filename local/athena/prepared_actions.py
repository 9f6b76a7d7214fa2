"""The API's actions on prepared statements, each a method of moto's responses."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from moto.core.exceptions import JsonRESTError

from local.athena.requests import invalid, page
from local.athena.service import service

if TYPE_CHECKING:
    from collections.abc import Callable

    from moto.athena.responses import AthenaResponse

    from local.athena.prepared import MotoPreparedStatements, Prepared

_NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_@:]{0,255}")


def _asked(self: AthenaResponse) -> tuple[str, MotoPreparedStatements]:
    """The workgroup, which must exist, and the statements of the region."""
    workgroup = self._get_param("WorkGroup")
    if workgroup not in self.athena_backend.work_groups:
        raise invalid(f"WorkGroup {workgroup} is not found.")
    return workgroup, service().prepared(self.athena_backend)


def _found(self: AthenaResponse) -> Prepared:
    workgroup, statements = _asked(self)
    name = self._get_param("StatementName")
    found = statements.find(workgroup, name)
    if found is None:
        message = f"PreparedStatement {name} was not found in workgroup {workgroup}"
        raise JsonRESTError("ResourceNotFoundException", message)
    return found


def create_prepared_statement(self: AthenaResponse) -> str:
    """Keeps a statement under a name that its workgroup does not have yet."""
    workgroup, statements = _asked(self)
    name = self._get_param("StatementName")
    if not _NAME.fullmatch(name):
        raise invalid(f"StatementName {name} must satisfy the pattern {_NAME.pattern}")
    if statements.find(workgroup, name):
        raise invalid(f"PreparedStatement {name} already exists in workgroup {workgroup}")
    statements.replace(workgroup, name, self._get_param("QueryStatement"), self._get_param("Description") or "")
    return "{}"


def get_prepared_statement(self: AthenaResponse) -> str:
    """One statement with its text."""
    found = _found(self)
    return json.dumps({"PreparedStatement": _shown(found)})


def batch_get_prepared_statement(self: AthenaResponse) -> str:
    """Several of a workgroup; unknown ones are listed apart."""
    workgroup, statements = _asked(self)
    asked = {name: statements.find(workgroup, name) for name in self._get_param("PreparedStatementNames")}
    missing = [
        {
            "StatementName": name,
            "ErrorCode": "STATEMENT_NOT_FOUND",
            "ErrorMessage": f"PreparedStatement {name} was not found in workgroup {workgroup}",
        }
        for name, found in asked.items()
        if found is None
    ]
    known = [_shown(found) for found in asked.values() if found]
    return json.dumps({"PreparedStatements": known, "UnprocessedPreparedStatementNames": missing})


def update_prepared_statement(self: AthenaResponse) -> str:
    """Replaces a statement's text, and its description if one is given."""
    found = _found(self)
    description = self._get_param("Description") or found.description
    statements = service().prepared(self.athena_backend)
    statements.replace(found.workgroup, found.name, self._get_param("QueryStatement"), description)
    return "{}"


def list_prepared_statements(self: AthenaResponse) -> str:
    """The names of a workgroup's statements."""
    workgroup, statements = _asked(self)
    names, token = page(self, statements.names(workgroup))
    found = [statements.find(workgroup, name) for name in names]
    shown = [{"StatementName": item.name, "LastModifiedTime": item.modified.timestamp()} for item in found if item]
    return json.dumps({"PreparedStatements": shown, **token})


def delete_prepared_statement(self: AthenaResponse) -> str:
    """Forgets a statement."""
    found = _found(self)
    service().prepared(self.athena_backend).remove(found.workgroup, found.name)
    return "{}"


def _shown(found: Prepared) -> dict[str, Any]:
    return {
        "StatementName": found.name,
        "QueryStatement": found.sql,
        "WorkGroupName": found.workgroup,
        "Description": found.description,
        "LastModifiedTime": found.modified.timestamp(),
    }


ACTIONS: tuple[Callable[[Any], str], ...] = (
    create_prepared_statement,
    get_prepared_statement,
    batch_get_prepared_statement,
    update_prepared_statement,
    list_prepared_statements,
    delete_prepared_statement,
)
