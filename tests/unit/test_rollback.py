"""Setting a table back: which snapshots may be chosen, what its children do, and what comes back by a replay."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from watershed import rollback
from watershed.catalog import Catalog
from watershed.errors import CommitConflict, ConfigurationError
from watershed.messages import BronzePart
from watershed.rebuild.parts import key_of
from watershed.rollback import states

from local import cli
from tests.unit.silver_lab import NOON, ORDERS, SETTINGS, STORES, File, Region, region
from tests.unit.test_silver_merge import order, store

if TYPE_CHECKING:
    from collections.abc import Iterator


pytestmark = pytest.mark.slow  # `make drills`

PLACE = SETTINGS.region


@pytest.fixture
def lake() -> Iterator[Region]:
    with region(ORDERS, STORES) as lake:
        yield lake


def stores(version: str, *names: str) -> File:
    """A file of stores, one plan each."""
    rows = [store(name, '[{"planName":"x"}]') for name in names]
    return File("stores", rows, key="stores/a.csv", version=version, arrived=NOON + timedelta(days=int(version[1:])))


def held(lake: Region) -> tuple[list[str], list[str]]:
    """The stores, and the stores of the plans."""
    own, plans = (sorted(row["store_id"] for row in lake.rows(name)) for name in ("stores", "store_plans"))
    return own, plans


@dataclass
class Seen:
    """Stands for `local.region.Region`: the same catalog, a gold queue that is a list, a ledger that is one as well."""

    lake: Region
    taken: list[BronzePart]
    name: str = PLACE
    account: str = SETTINGS.account
    athena: Any = None

    def client(self, service: str) -> Any:
        """Boto3's client."""
        return {"glue": self.lake.glue, "s3": self.lake.s3}[service]

    def send_refresh(self, body: str) -> None:
        """Tell gold."""
        self.lake.refreshes.append(body)  # type: ignore[arg-type]


@pytest.fixture
def seen(lake: Region, monkeypatch: pytest.MonkeyPatch) -> Seen:
    made = Seen(lake, [])
    monkeypatch.setattr("local.commands.rollback.reached", lambda *_, **__: made)
    monkeypatch.setattr("local.commands.rollback.catalog.build", lambda _: Catalog(dict(lake.silver.contracts), {}, {}))
    monkeypatch.setattr("local.commands.rollback.parts", lambda *_: made.taken)
    return made


def take(seen: Seen, *files: File) -> None:
    for file in files:
        seen.taken += seen.lake.take(file)


def roll_back(table: str, *more: str) -> int:
    return cli.main(["rollback", PLACE, table, *more])


def snapshots(lake: Region, table: str) -> list[str]:
    return [str(state.snapshot) for state in states(lake.iceberg(table))]


def test_a_table_goes_back_with_its_children_and_what_is_undone_is_named(
    seen: Seen, capsys: pytest.CaptureFixture[str]
) -> None:
    take(seen, stores("v1", "a"), stores("v2", "b"), stores("v3", "c"))
    first = snapshots(seen.lake, "stores")[0]
    assert roll_back("stores", "--to", first) == 0
    assert held(seen.lake) == (["a"], ["a"])
    told = capsys.readouterr().out
    assert "Rolled back: silver.stores, silver.store_plans" in told
    assert len(re.findall(r"^stores/a\.csv +0", told, re.MULTILINE)) == 2
    assert f"watershed backfill {PLACE} stores --since 2024-03-03 --until 2024-03-04" in told
    assert '"silver.stores", "silver.store_plans"' in str(seen.lake.refreshes[-1])


def test_what_was_undone_comes_back_by_a_replay_alone(seen: Seen) -> None:
    take(seen, stores("v1", "a"), stores("v2", "b"))
    assert roll_back("stores", "--to", snapshots(seen.lake, "stores")[0]) == 0
    seen.lake.take(stores("v2", "b"))
    assert held(seen.lake) == (["a"], ["a"])
    list(seen.lake.silver.take("stores", [replace(stores("v2", "b").message, replay="r1")]))
    seen.lake.take(stores("v3", "c"))
    assert held(seen.lake) == (["a", "b", "c"], ["a", "b", "c"])


def test_a_time_takes_the_last_snapshot_at_or_before_it(seen: Seen) -> None:
    take(seen, stores("v1", "a"), stores("v2", "b"), stores("v3", "c"))
    second = states(seen.lake.iceberg("stores"))[1].at
    assert roll_back("stores", "--to", second.isoformat()) == 0
    assert held(seen.lake) == (["a", "b"], ["a", "b"])


def test_children_without_a_snapshot_from_then_are_emptied(seen: Seen) -> None:
    bare = File("stores", [store("a", "[]")], key="stores/a.csv", version="v1")
    take(seen, bare, stores("v2", "b"))
    for _ in range(2):
        roll_back("stores", "--to", snapshots(seen.lake, "stores")[0])
        assert held(seen.lake) == (["a"], [])
    seen.lake.take(stores("v3", "c"))
    assert held(seen.lake) == (["a", "c"], ["c"])


def test_only_one_table_goes_back_if_so_asked(seen: Seen, capsys: pytest.CaptureFixture[str]) -> None:
    take(seen, stores("v1", "a"), stores("v2", "b"))
    assert roll_back("store_plans", "--to", snapshots(seen.lake, "store_plans")[0]) == 1
    assert "follows silver.stores" in capsys.readouterr().err
    assert roll_back("store_plans", "--only-this-table", "--to", snapshots(seen.lake, "store_plans")[0]) == 0
    assert held(seen.lake) == (["a", "b"], ["a"])


def test_a_rollback_that_died_before_the_children_is_mended_by_a_repeat(
    seen: Seen, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    take(seen, stores("v1", "a"), stores("v2", "b"))
    first = snapshots(seen.lake, "stores")[0]
    with monkeypatch.context() as crash:
        crash.setattr(rollback, "follow", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        assert roll_back("stores", "--to", first) == 130
    assert held(seen.lake) == (["a"], ["a", "b"])
    assert roll_back("stores", "--to", first) == 0
    assert held(seen.lake) == (["a"], ["a"])
    assert "--since 2024-03-03 --until 2024-03-03" in capsys.readouterr().out
    assert roll_back("stores", "--to", first) == 1


def test_what_cannot_be_chosen_is_refused_with_the_choices(seen: Seen, capsys: pytest.CaptureFixture[str]) -> None:
    take(seen, stores("v1", "a"), stores("v2", "b"), stores("v3", "c"))
    first, second, third = snapshots(seen.lake, "stores")

    def refused(to: str) -> str:
        assert roll_back("stores", "--to", to) == 1
        return " ".join(capsys.readouterr().err.split())

    assert f"Snapshot {third} is the current one" in refused(third)
    assert f"Snapshot {third} is the current one" in refused("2100-01-01")
    assert "has no snapshot 7" in (told := refused("7"))
    assert first in told
    assert second in told
    assert "knows no snapshot that old" in refused("2001-01-01T00:00:00Z")
    assert roll_back("stores", "--to", second) == 0
    assert f"Snapshot {third} did not lead to silver.stores as it is" in refused(third)
    assert held(seen.lake) == (["a", "b"], ["a", "b"])
    assert roll_back("plans", "--list") == 1
    assert "There is no table plans" in capsys.readouterr().err
    for wrong in (["--to", "yesterday"], ["--list", "--to", first], []):
        with pytest.raises(SystemExit):
            roll_back("stores", *wrong)


def test_the_list_says_what_each_snapshot_did(seen: Seen, capsys: pytest.CaptureFixture[str]) -> None:
    take(seen, stores("v1", "a"), stores("v2", "b"), stores("v3", "c"))
    first, second, third = snapshots(seen.lake, "stores")
    roll_back("stores", "--to", second)
    capsys.readouterr()
    assert roll_back("stores", "--list") == 0
    told = {line.split()[0]: line.split()[2:] for line in capsys.readouterr().out.splitlines() if line[:1].isdigit()}
    assert told[first][-4:] == ["1", "1", "0", "1"]
    assert told[second][-1] == "current"
    assert told[third][-1] == "undone"
    assert roll_back("orders", "--list") == 1
    assert "was never made here" in capsys.readouterr().err


def test_a_commit_in_between_makes_a_rollback_fail(lake: Region) -> None:
    lake.take(File("orders", [order(1)]))
    lake.take(File("orders", [order(2)], version="v2"))
    table = lake.iceberg("orders")
    found = states(table)
    lake.take(File("orders", [order(3)], version="v3"))
    with pytest.raises(CommitConflict, match=r"Somebody committed to silver\.orders meanwhile"):
        rollback.set_back("orders", table, found[0])
    assert len(lake.rows("orders")) == 3


def test_states_name_their_parts(lake: Region) -> None:
    file = File("orders", [order(1)])
    lake.take(file)
    list(lake.silver.take("orders", [replace(file.message, replay="r1")]))
    (state, *_) = states(lake.iceberg("orders"))
    assert state.keys == {key_of(file.message)}
    assert state.at > datetime(2024, 1, 1, tzinfo=UTC)
    with pytest.raises(ConfigurationError):
        rollback.chosen("orders", [state], 7)
