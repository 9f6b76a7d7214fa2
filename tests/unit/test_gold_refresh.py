"""A refresh against moto's Glue and S3, and an Athena that writes a file for each UNLOAD."""

from __future__ import annotations

import io
import re
import threading
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import boto3
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from moto import mock_aws
from watershed.athena import Athena
from watershed.errors import CommitConflict, RefreshFailed
from watershed.gold import tables as gold_tables
from watershed.gold.masking_key import MaskingKey
from watershed.gold.model import Aggregate, GoldColumn, GoldModel
from watershed.gold.refresh import Outcome, Refresher, State
from watershed.gold.runs import GRACE, GoldFiles, new_run
from watershed.gold.tables import STARTED, GoldTables, Written
from watershed.s3 import S3

if TYPE_CHECKING:
    from collections.abc import Iterator

    from watershed.messages import Refreshed

BUCKET = "gold-bucket"
SESSION = boto3.Session("test", "test", region_name="us-east-1")  # reads the services' models once
START = datetime(2026, 3, 1, 12, tzinfo=UTC)
AS_OF = date(2026, 3, 1)


def model(name: str, *reads: str, sql: str = "SELECT 1 AS a") -> GoldModel:
    columns = (
        GoldColumn("a", "bigint", "The only column.", pii=True),
        GoldColumn("b", "varchar"),
        GoldColumn("c", "integer", "Sold.", format="#,##0", unit="pieces", aggregate=Aggregate.SUM),
    )
    return GoldModel(name, f"All about {name}.", "one row", ("a",), columns, reads, sql, owner="sales")


MODELS = {
    m.name: m
    for m in (
        model("sales", "silver.orders"),
        model("mart", "gold.sales", "silver.talks"),
        model("report", "gold.mart"),
        model("lives", "silver.stores", sql="SELECT {as_of} AS a"),
    )
}


class Clock:
    """Each look at it is a second later."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


@dataclass
class UnloadingAthena:
    """Athena's client: records statements and, for an UNLOAD, writes a Parquet file that names what it was made from.

    `refuse` fails the statements of a model; `empty` lets one write no file, as an empty result does; `before` is
    called with the model's name before its file is written.
    """

    s3: Any
    statements: list[str] = field(default_factory=list)
    refuse: set[str] = field(default_factory=set)
    empty: set[str] = field(default_factory=set)
    before: Any = None
    lock: Any = field(default_factory=threading.Lock)

    def start_query_execution(self, *, QueryString: str, **_: Any) -> dict[str, Any]:  # noqa: N803 - boto3's name
        with self.lock:
            self.statements.append(QueryString)
            query = str(len(self.statements) - 1)
        found = re.search(r"TO 's3://([^/]+)/(.+/)'", QueryString)
        assert found
        name = found[2].partition("/")[0]
        if self.before:
            self.before(name)
        if name not in self.refuse | self.empty:
            data = io.BytesIO()
            pq.write_table(pa.table({"a": [1]}), data)
            self.s3.put_object(Bucket=found[1], Key=f"{found[2]}part-{query}", Body=data.getvalue())
        return {"QueryExecutionId": query}

    def get_query_execution(self, *, QueryExecutionId: str) -> dict[str, Any]:  # noqa: N803
        if self.models()[int(QueryExecutionId)] not in self.refuse:
            return {"QueryExecution": {"Status": {"State": "SUCCEEDED"}}}
        reason = "INVALID_CAST_ARGUMENT: Cannot cast 'Erika Mustermann' to bigint"
        return {"QueryExecution": {"Status": {"State": "FAILED", "StateChangeReason": reason}}}

    def models(self) -> list[str]:
        """The models written, in the order of their statements."""
        return [re.findall(rf"TO 's3://{BUCKET}/(\w+)/", statement)[0] for statement in self.statements]


class LockingGlue:
    """moto's Glue with the one rule it lacks: an update names the version it replaces, or is refused.

    `meddle` is called after each look at a table, to play somebody who changes it before we do.
    """

    def __init__(self, client: Any) -> None:
        self.client, self.exceptions = client, client.exceptions
        self.meddle: Any = None

    def get_table(self, **request: Any) -> Any:
        try:
            return self.client.get_table(**request)
        finally:
            if self.meddle:
                self.meddle()

    def create_table(self, **request: Any) -> Any:
        return self.client.create_table(**request)

    def update_table(self, **request: Any) -> Any:
        name = request["TableInput"]["Name"]
        current = self.client.get_table(DatabaseName=request["DatabaseName"], Name=name)["Table"]
        if request["VersionId"] != current["VersionId"]:
            error = {"Error": {"Code": "ConcurrentModificationException", "Message": "changed"}}
            raise self.exceptions.ConcurrentModificationException(error, "UpdateTable")
        return self.client.update_table(**request)


@dataclass
class Region:
    refresher: Refresher
    athena: UnloadingAthena
    glue: LockingGlue
    s3: Any
    clock: Clock

    def table(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = self.glue.get_table(DatabaseName="gold", Name=name)["Table"]
        return found

    def shown(self, name: str) -> str:
        """The run that a table shows."""
        return str(self.table(name)["Parameters"]["watershed_run"])

    def runs(self, name: str) -> list[str]:
        """The runs of a model that have files, by time."""
        listed = self.s3.list_objects_v2(Bucket=BUCKET, Prefix=f"{name}/").get("Contents", [])
        return sorted({item["Key"].split("/")[1].removeprefix("run=") for item in listed})

    def refresh(self, *changed: str) -> dict[str, State]:
        return {outcome.model: outcome.state for outcome in self.refresher.refresh(changed, AS_OF)}


@pytest.fixture
def region() -> Iterator[Region]:
    with mock_aws():
        s3 = SESSION.client("s3")
        s3.create_bucket(Bucket=BUCKET)
        client = SESSION.client("glue")
        for database in ("silver", "gold"):
            client.create_database(DatabaseInput={"Name": database})
        for table in ("orders", "talks", "stores"):
            client.create_table(DatabaseName="silver", TableInput={"Name": table})
        athena, glue, clock = UnloadingAthena(s3), LockingGlue(client), Clock()
        key = MaskingKey(S3(s3), BUCKET)
        refresher = Refresher(MODELS, Athena(athena, "w"), GoldTables(glue), GoldFiles(s3, BUCKET), key, clock)
        yield Region(refresher, athena, glue, s3, clock)


def test_what_shows_a_new_run_is_announced_once_though_others_failed(region: Region) -> None:
    told: list[Refreshed] = []
    region.refresher = replace(region.refresher, announce=told.append)
    region.athena.refuse.add("lives")
    with pytest.raises(RefreshFailed):
        region.refresh()
    (refreshed,) = told
    assert {run.model: run.run for run in refreshed.runs} == {"sales": region.shown("sales")} | {
        model: region.shown(model) for model in ("mart", "report")
    }
    for run in refreshed.runs:
        assert region.glue.get_table(DatabaseName="gold", Name=run.model)["Table"]["Parameters"][STARTED] == run.started


def test_nothing_is_announced_if_nothing_was_refreshed(region: Region) -> None:
    told: list[Refreshed] = []
    region.refresher = replace(region.refresher, announce=told.append)
    region.athena.refuse |= set(MODELS)
    with pytest.raises(RefreshFailed):
        region.refresh()
    assert told == []


def test_the_statement_casts_to_the_header_and_takes_the_as_of_day(region: Region) -> None:
    region.refresh("silver.stores")
    (statement,) = region.athena.statements
    location = f"s3://{BUCKET}/lives/run={region.shown('lives')}/"
    assert statement.split("\n") == [
        "UNLOAD (",
        "SELECT",
        '  CAST("a" AS bigint) AS "a",',
        '  CAST("b" AS varchar) AS "b",',
        '  CAST("c" AS integer) AS "c"',
        "FROM (",
        "SELECT DATE '2026-03-01' AS a",
        ")",
        ")",
        f"TO '{location}'",
        "WITH (format = 'PARQUET', compression = 'SNAPPY')",
    ]


def test_the_table_shows_the_run_and_explains_itself(region: Region) -> None:
    region.refresh("silver.stores")
    table = region.table("lives")
    storage = table["StorageDescriptor"]
    assert storage["Location"] == f"s3://{BUCKET}/lives/run={region.shown('lives')}/"
    assert [(c["Name"], c["Type"], c["Comment"]) for c in storage["Columns"]] == [
        ("a", "bigint", "The only column. [personal data]"),
        ("b", "string", ""),
        ("c", "int", "Sold. [pieces, adds up]"),
    ]
    assert table["TableType"] == "EXTERNAL_TABLE"
    assert table["Description"] == table["Parameters"]["comment"] == "All about lives. One row; key: a."
    assert table["Parameters"]["classification"] == "parquet"
    key = region.s3.list_objects_v2(Bucket=BUCKET, Prefix=storage["Location"].partition(f"{BUCKET}/")[2])["Contents"]
    assert len(key) == 1


def test_only_what_is_downstream_is_refreshed_and_in_order(region: Region) -> None:
    region.refresh()
    region.athena.statements.clear()
    assert region.refresh("silver.talks") == {"mart": State.REFRESHED, "report": State.REFRESHED}
    assert region.athena.models() == ["mart", "report"]
    region.athena.statements.clear()
    assert region.refresh("silver.nobody_reads_this") == {}
    assert set(region.refresh()) == set(MODELS)
    order = region.athena.models()
    assert order.index("sales") < order.index("mart") < order.index("report")


def test_independent_models_run_side_by_side(region: Region) -> None:
    together = threading.Barrier(2, timeout=10)  # broken, and the model failed, unless both are there at once
    region.athena.before = lambda name: together.wait() if name in {"sales", "lives"} else None
    assert set(region.refresh().values()) == {State.REFRESHED}


def test_a_second_refresh_switches_and_keeps_the_run_before(region: Region) -> None:
    region.refresh("silver.stores")
    first = region.shown("lives")
    region.refresh("silver.stores")
    second = region.shown("lives")
    assert first < second
    assert region.runs("lives") == [first, second]


def test_old_runs_go_but_never_the_current_the_one_before_or_a_young_one(region: Region) -> None:
    seen: list[str] = []
    for _ in range(4):
        region.refresh("silver.stores")
        seen.append(region.shown("lives"))
        region.clock.now += GRACE / 2
    assert region.runs("lives") == seen[1:]
    region.clock.now += 10 * GRACE
    region.refresh("silver.stores")
    assert region.runs("lives") == [seen[-1], region.shown("lives")]
    before = region.shown("lives")
    left_over = new_run(region.clock.now + GRACE)  # of a refresh that was killed before its switch
    region.s3.put_object(Bucket=BUCKET, Key=f"lives/run={left_over}/part", Body=b"half")
    region.clock.now += 10 * GRACE
    region.refresh("silver.stores")
    assert region.runs("lives") == [before, left_over, region.shown("lives")]


def test_only_a_models_own_runs_are_deleted(region: Region) -> None:
    others = {"lives/notes.txt", f"lives_of_others/run={new_run(START - 9 * GRACE)}/part", "lives/run=mine/part"}
    old = {f"lives/run={new_run(START - hours * GRACE)}/part" for hours in (5, 6)}
    for key in others | old:
        region.s3.put_object(Bucket=BUCKET, Key=key, Body=b"x")
    region.refresh("silver.stores")
    left = {item["Key"] for item in region.s3.list_objects_v2(Bucket=BUCKET)["Contents"]}
    assert others < left
    assert len(old & left) == 1  # the younger one may have been shown until now


def test_an_empty_result_shows_an_empty_table(region: Region) -> None:
    region.refresh("silver.stores")
    region.athena.empty = {"lives"}
    region.refresh("silver.stores")
    prefix = region.table("lives")["StorageDescriptor"]["Location"].partition(f"{BUCKET}/")[2]
    assert region.shown("lives") in prefix
    assert "Contents" not in region.s3.list_objects_v2(Bucket=BUCKET, Prefix=prefix)


def test_a_failed_model_keeps_its_table_and_stops_only_its_readers(region: Region) -> None:
    region.refresh()
    before = {name: region.shown(name) for name in MODELS}
    region.athena.refuse = {"mart"}
    with pytest.raises(RefreshFailed) as error:
        region.refresh()
    after = {name: region.shown(name) for name in MODELS}
    assert {name for name in MODELS if after[name] != before[name]} == {"sales", "lives"}
    assert "mart (INVALID_CAST_ARGUMENT, Athena query " in error.value.message
    assert "Skipped because they read one of these: report." in error.value.message
    assert "Mustermann" not in str(error.value)
    region.athena.refuse = set()
    assert set(region.refresh().values()) == {State.REFRESHED}


def test_aws_errors_fail_the_model_they_hit(region: Region) -> None:
    region.glue.client.delete_database(Name="gold")
    with pytest.raises(RefreshFailed, match=r"lives \(EntityNotFoundException in CreateTable\)"):
        region.refresh("silver.stores")


def test_a_model_waits_for_tables_that_do_not_exist_yet(region: Region) -> None:
    region.glue.client.delete_table(DatabaseName="silver", Name="talks")
    outcomes = region.refresher.refresh((), AS_OF)
    assert {o.model: o.state for o in outcomes} == {
        "sales": State.REFRESHED,
        "lives": State.REFRESHED,
        "mart": State.WAITING,
        "report": State.WAITING,
    }
    assert Outcome("mart", State.WAITING, "there is no silver.talks yet") in outcomes
    region.glue.client.create_table(DatabaseName="silver", TableInput={"Name": "talks"})
    assert set(region.refresh("silver.talks").values()) == {State.REFRESHED}


def written(region: Region, run: str, seconds: int) -> Written:
    return Written(run, START + timedelta(seconds=seconds), f"s3://{BUCKET}/lives/run={run}/")


def switch(region: Region, run: str, seconds: int) -> tuple[bool, str | None]:
    return GoldTables(region.glue).switch(MODELS["lives"], written(region, run, seconds))


def test_a_model_whose_upstream_glue_does_not_show_is_not_left_waiting(region: Region) -> None:
    """An earlier refresh made the table: nothing but this refresh would ever refresh its reader."""
    region.refresh()
    get_table, looked = region.glue.get_table, [0]

    def late(**request: Any) -> Any:
        if request["Name"] == "sales" and not looked[0]:
            looked[0] += 1
            raise region.glue.exceptions.EntityNotFoundException({"Error": {"Code": "EntityNotFoundException"}}, "")
        return get_table(**request)

    region.glue.get_table = late  # type: ignore[method-assign]
    states = region.refresh("silver.talks")
    assert looked == [1]
    assert states == dict.fromkeys(("sales", "mart", "report"), State.REFRESHED)


def test_a_model_does_not_wait_for_a_table_that_glue_does_not_show_yet(region: Region) -> None:
    """GetTable may answer as of before the same refresh made the table: then nothing would refresh its readers."""
    get_table = region.glue.get_table
    switched: set[str] = set()

    def late(**request: Any) -> Any:
        name = request["Name"]
        if name == "sales" and "sales" in switched:
            raise region.glue.exceptions.EntityNotFoundException({"Error": {"Code": "EntityNotFoundException"}}, "")
        switched.add(name)
        return get_table(**request)

    region.glue.get_table = late  # type: ignore[method-assign]
    states = region.refresh()
    assert states == dict.fromkeys(MODELS, State.REFRESHED)


def test_what_started_earlier_never_replaces_what_started_later(region: Region) -> None:
    assert switch(region, "b", 2) == (True, None)
    assert switch(region, "a", 1) == (False, "b")
    assert region.shown("lives") == "b"
    assert switch(region, "c", 3) == (True, "b")


@pytest.mark.parametrize(("theirs", "wins"), [(1, True), (3, False)])
def test_a_switch_that_loses_the_race_looks_again(region: Region, theirs: int, *, wins: bool) -> None:
    switch(region, "first", 0)
    other = GoldTables(region.glue.client)

    def meddle() -> None:
        region.glue.meddle = None
        other.switch(MODELS["lives"], written(region, "theirs", theirs))

    region.glue.meddle = meddle
    assert switch(region, "ours", 2) == (wins, "theirs")
    assert region.shown("lives") == ("ours" if wins else "theirs")


def test_two_runs_that_create_the_table_at_once(region: Region) -> None:
    def meddle() -> None:
        region.glue.meddle = None
        switch(region, "theirs", 1)

    region.glue.meddle = meddle
    assert switch(region, "ours", 2) == (True, "theirs")


def test_a_switch_gives_up_when_somebody_is_always_faster(region: Region) -> None:
    switch(region, "first", 0)
    table = {"Name": "lives", "Parameters": {}}
    region.glue.meddle = lambda: region.glue.client.update_table(DatabaseName="gold", TableInput=table)
    with pytest.raises(CommitConflict, match=f"gold.lives was changed by others {gold_tables.ATTEMPTS} times"):
        switch(region, "ours", 2)


def test_a_switch_whose_answer_was_lost_is_not_done_twice(region: Region) -> None:
    switch(region, "first", 0)
    lost: list[bool] = []

    class Lossy(LockingGlue):
        def update_table(self, **request: Any) -> Any:
            super().update_table(**request)
            if not lost:  # botocore repeats the call, with the version that is now old
                lost.append(True)
                return super().update_table(**request)
            return None

    assert GoldTables(Lossy(region.glue.client)).switch(MODELS["lives"], written(region, "ours", 2)) == (True, "first")
    assert lost


def test_a_later_run_of_a_reader_alone_does_not_hide_what_an_earlier_run_brings(region: Region) -> None:
    """The earlier run refreshes sales and mart; while it writes sales, a later run refreshes mart from the old sales.

    What the earlier run then makes of mart is newer all the same, for its statement starts later.
    """
    region.refresh()
    later: list[str] = []

    def before(name: str) -> None:
        if name == "sales" and not later:
            later.append("")
            region.refresh("silver.talks")
            later.append(region.shown("mart"))

    region.athena.before = before
    assert region.refresh("silver.orders")["mart"] is State.REFRESHED
    assert region.shown("mart") == region.shown("sales") < later[1]
    assert region.shown("report") == region.shown("sales")


def test_a_run_overtaken_while_it_wrote_changes_nothing(region: Region) -> None:
    overtaken: list[str] = []

    def before(name: str) -> None:
        if name == "lives" and not overtaken:
            overtaken.append("")
            region.refresh("silver.stores")
            overtaken.append(region.shown("lives"))

    region.athena.before = before
    assert region.refresh("silver.stores") == {"lives": State.SUPERSEDED}
    assert region.shown("lives") == overtaken[1]
    assert len(region.runs("lives")) == 2
