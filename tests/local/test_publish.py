"""From files to PostgreSQL, by the templates and functions that are deployed: what Athena says, the database says."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from watershed import catalog, names
from watershed.messages import Refresh
from watershed.names import Stage

from local import cli, sample
from local.aws import LocalAWS
from local.aws.events import queue_contents
from local.paths import LAKE, ROOT
from local.region import Region
from local.synth import Synthesis

if TYPE_CHECKING:
    from collections.abc import Iterator

REGION, ROWS = "eu-central-1", 60
MODELS = catalog.build(LAKE).shown_models


class Publishing:
    """One region with a database and QuickSight, and the sample's first files in it."""

    def __init__(self, aws: LocalAWS) -> None:
        self.aws = aws
        self.region = Region.on(aws, REGION)
        settings = aws.client("lambda", REGION).get_function(FunctionName=names.function(Stage.PUBLISH))
        self.environment = settings["Configuration"]["Environment"]["Variables"]

    def connect(self, user: str) -> psycopg.Connection[Any]:
        host, port = (self.environment[f"WATERSHED_DATABASE_{name}"] for name in ("HOST", "PORT"))
        return psycopg.connect(host=host, port=port, dbname=names.DATABASE, user=user, autocommit=True)

    def published(self, model: str) -> list[tuple[Any, ...]]:
        """The rows that a person reads, with times as Athena has them: UTC, without a zone."""
        keys = ", ".join(f'"{key}" COLLATE "C"' if _is_text(model, key) else f'"{key}"' for key in MODELS[model].keys)
        with self.connect("reader") as connection:
            rows = connection.execute(f'SELECT * FROM gold."{model}" ORDER BY {keys}')  # ours
            return [tuple(_utc(value) for value in row) for row in rows.fetchall()]

    def in_athena(self, model: str) -> list[tuple[Any, ...]]:
        sql = f"SELECT * FROM gold.{model} ORDER BY {', '.join(MODELS[model].keys)}"  # ours
        return [tuple(row) for row in self.region.athena.typed_rows(sql)[1]]


def _is_text(model: str, column: str) -> bool:
    found = MODELS[model].column(column)
    return found is not None and found.type == "varchar"


def _utc(value: Any) -> Any:
    return value.astimezone(UTC).replace(tzinfo=None) if isinstance(value, datetime) else value


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Publishing]:
    context = json.loads((ROOT / "cdk.json").read_text(encoding="utf-8"))["context"]["watershed"]
    readers = f"arn:aws:quicksight:{REGION}:123456789012:group/default/readers"
    context["regions"][REGION] |= {"postgres": True, "quicksight": {"principals": [readers], "spice": True}}
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("CDK_CONTEXT_JSON", json.dumps({"watershed": context}))
        assembly = Synthesis(tmp_path_factory.mktemp("app") / "cdk.out").result()
    with LocalAWS() as aws:
        aws.deploy(assembly, [REGION])
        publishing = Publishing(aws)
        with publishing.connect("postgres") as connection:
            connection.execute(f"CREATE ROLE reader LOGIN IN ROLE {names.DATABASE_READERS}")
        for file in sample.write(tmp_path_factory.mktemp("data"), ROWS):
            if file.region == REGION:
                publishing.region.drop(f"{file.dataset}/{file.path.name}", file.path)
        aws.pump()
        yield publishing


@pytest.mark.parametrize("model", MODELS)
def test_the_database_has_what_athena_has(lake: Publishing, model: str) -> None:
    rows = lake.published(model)
    assert rows == lake.in_athena(model)
    assert rows


def test_nothing_else_is_published(lake: Publishing) -> None:
    with lake.connect("reader") as connection:
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'gold'").fetchall()
    assert {table for (table,) in tables} == MODELS.keys()
    assert [model for model in MODELS if model.startswith("masked_")] == []


def test_nothing_is_left_in_a_queue(lake: Publishing) -> None:
    queues = [names.queue(Stage.PUBLISH), names.dead_letter_queue(Stage.PUBLISH)]
    assert [queue_contents.contents(lake.aws.account, REGION, queue) for queue in queues] == [[], []]


def test_a_refresh_that_changes_nothing_writes_nothing(lake: Publishing) -> None:
    lake.region.send_refresh(Refresh((), "manual").to_json())
    lake.aws.pump()
    with lake.connect("reader") as connection:
        noted = connection.execute("SELECT table_name, run, inserted, updated, deleted FROM watershed.publications")
        runs, changed = {}, set()
        for table, run, *counts in noted.fetchall():
            runs[table] = run
            changed |= {table} if any(counts) else set()
    glue = lake.aws.client("glue", REGION)
    for model in MODELS:
        table = glue.get_table(DatabaseName=names.GOLD_DB, Name=model)["Table"]
        assert runs[model] == table["Parameters"]["watershed_run"]
    assert changed == set()


def test_who_is_erased_leaves_the_database_too(lake: Publishing, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not only with the night's refresh: the command that says so asks for it."""
    person = lake.in_athena("sales")[0][_place("sales", "customer_id")]
    assert person in {row[_place("sales", "customer_id")] for row in lake.published("sales")}
    monkeypatch.setattr("local.commands.erase.reached", lambda *_, **__: lake.region)
    monkeypatch.setattr("local.commands.erase.stages_of", lambda _: list(Stage))
    assert cli.main(["erase", REGION, "--subject", f"customer_id={person}"]) == 0
    lake.aws.pump()
    for model in MODELS:
        assert lake.published(model) == lake.in_athena(model)
    assert person not in {row[_place("sales", "customer_id")] for row in lake.published("sales")}


def _place(model: str, column: str) -> int:
    return [each.name for each in MODELS[model].columns].index(column)
