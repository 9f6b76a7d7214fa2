"""The local Athena on tables with delete files, as Athena's own MERGE, UPDATE and DELETE leave them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from local import athena as local_athena
from tests import delete_files
from tests.local.athena_lab import BUCKET, DATABASE, Lab, lab
from tests.trino.answer import Refused

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyiceberg.table import FileScanTask

ALL = "SELECT id, kind, name FROM db.deleted ORDER BY id"
OPTIMIZE = "OPTIMIZE db.deleted REWRITE DATA USING BIN_PACK"
ROWS = tuple((str(number), kind, name) for number, kind, name in delete_files.TRINOS_ROWS)
AHEAD = timedelta(days=6)  # of S3's and Iceberg's time


@pytest.fixture(scope="module")
def running() -> Iterator[Lab]:
    local_athena.install(lambda: datetime.now(UTC) + AHEAD)
    with lab() as made:
        yield made


@pytest.fixture
def here(running: Lab) -> Lab:
    for table in running.glue.get_tables(DatabaseName=DATABASE)["TableList"]:
        running.glue.delete_table(DatabaseName=DATABASE, Name=table["Name"])
    for key in running.objects():
        running.s3.delete_object(Bucket=BUCKET, Key=key)
    delete_files.restore(running.s3, running.glue)
    return running


def tasks(where: Lab) -> list[FileScanTask]:
    return list(where.table("deleted").scan().plan_files())


def delete_objects(where: Lab) -> int:
    """Delete files that the table's current snapshot names, whether or not they still concern a row."""
    table = where.table("deleted")
    return len({path.as_py() for path in table.inspect.delete_files()["file_path"]})


def test_deleted_rows_are_not_read(here: Lab) -> None:
    assert here.rows(ALL) == ROWS
    assert here.rows("SELECT count(*), max(id) FROM db.deleted WHERE kind = 'a'") == (("3", "7"),)
    assert here.rows("SELECT id FROM db.deleted WHERE id = 2 OR name = 'five'") == ()


def test_changes_start_from_what_is_left(here: Lab) -> None:
    assert here.change("UPDATE db.deleted SET name = 'x' WHERE id IN (1, 2)") == 1
    merge = (
        "MERGE INTO db.deleted t USING (VALUES (2, 'two again'), (3, 'x')) s(id, name) ON t.id = s.id "
        "WHEN MATCHED THEN DELETE WHEN NOT MATCHED THEN INSERT VALUES (s.id, 'a', s.name)"
    )
    assert here.change(merge) == 2
    assert here.rows(ALL) == (("1", "a", "x"), ("2", "a", "two again"), *ROWS[2:])


def test_optimize_rewrites_files_with_two_delete_files_or_more(here: Lab) -> None:
    before = {task.file.file_path: len(task.delete_files) for task in tasks(here)}
    assert sorted(before.values()) == [0, 0, 1, 2]
    here.finished(here.start(OPTIMIZE))
    assert here.rows(ALL) == ROWS
    after = {task.file.file_path: len(task.delete_files) for task in tasks(here)}
    assert sorted(after.values()) == [0, 0, 0, 1]
    assert {path for path, deletes in before.items() if deletes < 2} < set(after)


def test_optimize_drops_delete_files_that_concern_no_row_any_more(here: Lab) -> None:
    with here.table("deleted").transaction() as change:
        change.set_properties({"optimize_rewrite_delete_file_threshold": "1"})
    assert delete_objects(here) == 3
    here.finished(here.start(OPTIMIZE))
    assert delete_objects(here) == 0
    assert here.rows(ALL) == ROWS
    here.finished(here.start("VACUUM db.deleted"))
    assert here.rows(ALL) == ROWS
    assert here.table("deleted").scan().to_arrow().num_rows == len(ROWS)
    assert here.objects("deleted/data/") == {
        task.file.file_path.removeprefix(f"s3://{BUCKET}/") for task in tasks(here)
    }


def test_vacuum_leaves_delete_files_that_are_needed(here: Lab) -> None:
    here.finished(here.start("VACUUM db.deleted"))
    assert len(here.table("deleted").metadata.snapshots) == 1
    assert here.rows(ALL) == ROWS


def test_deletes_by_value_are_refused(here: Lab) -> None:
    table = here.table("deleted")
    delete_files.delete_values(table, tasks(here)[0], "id", [1])
    for sql in (ALL, "DELETE FROM db.deleted WHERE id = 4", OPTIMIZE):
        with pytest.raises(Refused, match="equality deletes") as refused:
            here.finished(here.start(sql))
        assert refused.value.code == "NOT_SUPPORTED"
