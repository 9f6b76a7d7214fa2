"""Strict mode before deployment: gold models and questions, translated against the tables of the contracts."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from watershed import names
from watershed.contracts.document import Report
from watershed.finding import Finding, shown
from watershed.gold import header, statement
from watershed.gold.model import AS_OF_PLACE
from watershed.silver import schema

from local.athena import writing
from local.athena.errors import LOCAL_NOTE, StatementFailed
from local.athena.iceberg import trino_type
from local.athena.rendering import renderer
from local.athena.translate.dialect import parse
from local.athena.translate.statement import Table, TableColumn, View
from local.athena.translate.translation import Translation, translate_query
from local.athena.translate.types import from_hive

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from watershed.catalog import Catalog
    from watershed.contracts.model import Contract
    from watershed.gold.model import GoldModel
    from watershed.questions import Question

_NOW = datetime(2000, 1, 1, tzinfo=UTC)  # types do not depend on it
_CORRECT = "Correct it: Athena refuses it too."
_FIRST_CAST = 2  # the line of the refresh's statement on which the first column's cast stands


class Lake:
    """The tables that a gold model may read, with the types that Athena gives their columns."""

    def __init__(self, contracts: Iterable[Contract], models: Iterable[GoldModel]) -> None:
        self._tables: dict[tuple[str, str], Table] = {}
        for contract in contracts:
            for table in contract.tables:
                fields = schema.schema(table).fields
                columns = tuple(TableColumn(field.name, trino_type(field.field_type)) for field in fields)
                self._tables[names.SILVER_DB, table.name] = Table(names.SILVER_DB, table.name, columns)
        for model in models:
            columns = tuple(TableColumn(c.name, from_hive(_hive_name(c.type))) for c in model.columns)
            self._tables[names.GOLD_DB, model.name] = Table(names.GOLD_DB, model.name, columns)

    def find(self, database: str, name: str) -> Table | View | None:
        """The table, or None."""
        return self._tables.get((database, name))

    def has_database(self, database: str) -> bool:
        """Whether it is one of the lake's."""
        return database in {names.SILVER_DB, names.GOLD_DB}

    def translate(self, sql: str) -> Translation:
        """The translation that a query of this text would get.

        Raises:
            StatementFailed: as the query would.
        """
        return translate_query(parse(sql), sql, self, "", _NOW)


def _hive_name(kind: str) -> str:
    return "string" if kind == "varchar" else kind


def check_models(folder: Path, contracts: Mapping[str, Contract], models: Mapping[str, GoldModel]) -> list[Finding]:
    """What strict mode refuses in the gold models of `folder`, and in the statements that refresh them."""
    lake = Lake(contracts.values(), models.values())
    return [finding for model in models.values() for finding in _check_model(folder, lake, model)]


def _check_model(folder: Path, lake: Lake, model: GoldModel) -> Iterable[Finding]:
    path = folder / f"{model.name}.sql"
    as_of = _NOW.date()
    try:
        lake.translate(model.sql.replace(AS_OF_PLACE, f"DATE '{as_of}'"))
    except StatementFailed as failure:
        yield _finding(path, failure)
        return
    try:
        writing.schema(lake.translate(statement.select(model, as_of)).columns)
    except StatementFailed as failure:
        place = (failure.position.line if failure.position else 0) - _FIRST_CAST
        column = f"columns.{model.columns[place].name}" if 0 <= place < len(model.columns) else "columns"
        yield Finding(shown(path), _first_line(path), column, _problem(failure), failure.alternative or _CORRECT)


def check_questions(
    folder: Path, contracts: Mapping[str, Contract], models: Mapping[str, GoldModel], questions: Iterable[Question]
) -> list[Finding]:
    """What strict mode refuses in the questions of `folder`, the printing of their answers included."""
    lake = Lake(contracts.values(), models.values())
    findings = []
    for question in questions:
        try:
            for _, kind in lake.translate(question.sql.replace(AS_OF_PLACE, f"DATE '{_NOW.date()}'")).columns:
                renderer(kind)
        except StatementFailed as failure:
            findings.append(_finding(folder / f"{question.name}.sql", failure))
    return findings


def check_views(lake: Path, catalog: Catalog, zones: Iterable[str]) -> list[Finding]:
    """What strict mode refuses in the views of a lake in some time zones, by the file that each is made of."""
    tables = Lake(catalog.contracts.values(), catalog.models.values())
    files = {f"{names.GOLD_DB}.{model}": lake / "gold" / f"{model}.sql" for model in catalog.models}
    for contract in catalog.contracts.values():
        contract_file = lake / "contracts" / f"{contract.name}.yaml"
        files |= {f"{names.SILVER_DB}.{table.name}": contract_file for table in contract.tables}
    findings = []
    for zone in zones:
        for table, view in catalog.views.items():
            shows = f"view in {zone}"
            try:
                columns = tables.translate(view.within(zone, _NOW.date()).sql).columns
            except StatementFailed as failure:
                remedy = failure.alternative or _CORRECT
                findings.append(Finding(shown(files[table]), 0, shows, _problem(failure), remedy))
                continue
            if [(name, str(kind)) for name, kind in columns] != [(each.name, each.type) for each in view.columns]:
                problem = "Its columns are not those of the table."
                findings.append(Finding(shown(files[table]), 0, shows, problem, "Name and cast each column."))
    return findings


def _finding(path: Path, failure: StatementFailed) -> Finding:
    line = _first_line(path) + (failure.position.line - 1 if failure.position else 0)
    return Finding(shown(path), line, "", _problem(failure), failure.alternative or _CORRECT)


def _problem(failure: StatementFailed) -> str:
    said = failure.message.removesuffix(LOCAL_NOTE).rstrip().removesuffix(failure.alternative).rstrip(". ")
    return f"{failure.code}: {said}."


def _first_line(path: Path) -> int:
    """The line on which the SQL begins, after the header."""
    parts = header.split(path.read_text(encoding="utf-8"), Report(shown(path)))
    sql = parts[1] if parts else ""
    return sql[: len(sql) - len(sql.lstrip())].count("\n") + 1
