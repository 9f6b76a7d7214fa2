"""Every physical name, in one place: buckets, queues, functions, databases, keys. Infra and functions both read it.

Names are fixed rather than generated, so that no stack needs a reference to another and a policy can be read.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import unicodedata
from datetime import UTC
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

PREFIX = "watershed"
WORKGROUP = "watershed"
ANALYSTS_WORKGROUP = "watershed-analysts"  # of people who see gold and nothing else
ANALYSTS_RESULTS = "analysts/"  # where their results are, in the bucket of results
BRONZE_DB, SILVER_DB, GOLD_DB, OPS_DB = "bronze", "silver", "gold", "ops"
# Quarantine's objects that hold rows of another jurisdiction: how their keys differ, and their tag.
ELSEWHERE_SUFFIX, ELSEWHERE = "-elsewhere", ("residency", "elsewhere")
LEDGER_TABLE, QUARANTINE_TABLE, REPLAYS_TABLE = "ledger", "quarantine", "replays"
MASKING_KEY_TABLE = "masking_key"  # of one row, and of one column of the same name
MASKING_KEY = "masking-key/key.csv"  # of silver's bucket: no table's name has a hyphen
KEY_ALIAS = "alias/watershed"  # the region's one encryption key
ALARM_TOPIC = "watershed-alarms"
QUICKSIGHT = "quicksight"  # who QuickSight reads gold as
RULES_PREFIX = "quicksight-rules/"  # of the ledger bucket: which of QuickSight's readers see which rows
DAILY_REFRESH = "watershed-daily-refresh"  # the schedule that refreshes gold once a day
DOOR = "watershed-door"  # the HTTP API that webhooks come to
DOOR_LOG = f"/aws/vendedlogs/{DOOR}"  # where the API notes its requests
RECEIVE = "receive"  # the function behind it
RECEIPTS_TABLE = "watershed-receipts"  # which deliveries it has accepted
# What the door writes beside a record's own members. A source's members of these names stay what they are.
RECEIPT, TOPIC, RECEIVED_AT, OCCURRED_AT, DELETED_AT, VERSION_AT = (
    "_receipt",
    "_topic",
    "_received_at",
    "_occurred_at",
    "_deleted_at",
    "_version_at",
)
DELIVERY_FIELDS = (RECEIPT, TOPIC, RECEIVED_AT, OCCURRED_AT, DELETED_AT, VERSION_AT)
NIGHTLY_MAINTENANCE = "watershed-nightly-maintenance"  # the schedule that compacts and cleans silver
BACKFILL = "watershed-backfill"  # the state machine that lands raw objects again
BACKFILLS_PREFIX = "backfills/"  # of the ledger bucket: what each backfill read again
POLLS_PREFIX = "polls/"  # of the ledger bucket: how far each source's streams were read
DATABASE, DATABASE_PORT = "watershed", 5433  # where gold is published, if a region has one
DATABASE_PUBLISHER, DATABASE_READERS = "watershed_publisher", "watershed_readers"  # its roles: publish/roles.sql
GOES_OUTSIDE = ("watershed:goes-outside", "sources")  # the tag of a function that is made to call the internet
DATABASE_OWNER = "watershed_owner"  # whose password Secrets Manager keeps; no function signs in as it
DATABASE_LOG = f"/aws/rds/cluster/{DATABASE}/postgresql"  # where RDS writes what PostgreSQL logs
DATABASE_TAG = ("watershed", "database")  # of the database, its snapshots and its network
FLOW_LOG = "/aws/vpc/watershed"  # which connections the database's network saw
UNKNOWN_DATASET = "unknown"  # the `dataset` of a file that no contract takes

_REPLAY = re.compile(r"[0-9]{8}t[0-9]{12}_[0-9a-f]{8}")
_SAFE = re.compile(r"[a-z][a-z0-9_]{0,62}")


class Layer(StrEnum):
    """One bucket each, in every region."""

    RAW = "raw"
    BRONZE = "bronze"
    SILVER = "silver"
    GOLD = "gold"
    QUARANTINE = "quarantine"
    LEDGER = "ledger"
    RESULTS = "results"


class Stage(StrEnum):
    """One function, one queue and one dead-letter queue each, in every region."""

    COLLECT = "collect"
    BRONZE = "bronze"
    SILVER = "silver"
    GOLD = "gold"
    PUBLISH = "publish"  # only where a region has a database
    MAINTENANCE = "maintenance"
    POLL = "poll"

    @property
    def keeps_order(self) -> bool:
        """Whether its queues are FIFO: silver's has one writer a dataset, the poll's asks a source once at a time."""
        return self in {Stage.SILVER, Stage.POLL}

    @property
    def needs_database(self) -> bool:
        """Whether only regions with a SQL database have it."""
        return self is Stage.PUBLISH


def stack(region: str) -> str:
    """The region's CloudFormation stack."""
    return f"Watershed-{region}"


def bucket(layer: Layer, account: str, region: str) -> str:
    """The bucket of `layer`, e.g. `watershed-raw-123456789012-eu-central-1`."""
    return f"{PREFIX}-{layer}-{account}-{region}"


def function(name: str) -> str:
    """The Lambda function of a stage, or the one called `name`."""
    return f"{PREFIX}-{name}"


def role(user: str, region: str) -> str:
    """The role of a stage's function or of the schedule. Roles are global in an account, so the name has the region."""
    return f"{PREFIX}-{user}-{region}"


def boundary(region: str) -> str:
    """The managed policy that no role of the region's stack can exceed. Policies are global in an account, too."""
    return f"{PREFIX}-boundary-{region}"


def log_group(name: str) -> str:
    """Where the function of a stage, or the one called `name`, writes its logs."""
    return f"/aws/lambda/{function(name)}"


def queue(stage: Stage) -> str:
    """The queue that feeds `stage`."""
    return f"{PREFIX}-{stage}" + (".fifo" if stage.keeps_order else "")


def dead_letter_queue(stage: Stage) -> str:
    """Where `stage`'s messages go after the last attempt."""
    return f"{PREFIX}-{stage}-dlq" + (".fifo" if stage.keeps_order else "")


def is_identifier(name: str) -> bool:
    """Whether `name` may be a dataset, table, column or model: lower-case letters, digits, underscores."""
    return _SAFE.fullmatch(name) is not None


def source_column(name: str) -> str:
    """A source column's name as bronze spells it and contracts compare it: NFC, no outer spaces, lower case.

    Names that start with `_` are ours in bronze, so a source's own get the suffix `_source`.
    """
    plain = _plain(name)
    return f"{plain}_source" if plain.startswith("_") else plain


def column_places(name: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Where a contract's name for a column may lead in a file, the first that there is being meant.

    Yields:
        A column as bronze spells it, and the path inside its JSON: of `customer.Email` first the column
        `customer.email`, then the member `Email` of the column `customer`.
    """
    parts = name.split(".")
    for length in range(len(parts), 0, -1):
        yield _plain(".".join(parts[:length])), tuple(parts[length:])


def _plain(name: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).strip().lower())


def batch_id(source_bucket: str, source_key: str, source_version: str) -> str:
    """Identity of one object version: 32 hexadecimal digits. The same object gives the same id, for ever."""
    text = f"{source_bucket}\x00{source_key}\x00{source_version}"
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def bronze_key(dataset: str, ingested_at: datetime, batch: str, part: int) -> str:
    """Key of one bronze part. A function of the object version and part alone, so a repeat overwrites itself."""
    return f"{dataset}/ingest_date={ingested_at:%Y-%m-%d}/{batch}-{part:05d}.parquet"


def raw_key(dataset: str, source: str, at: datetime, identity: str, ending: str = "jsonl") -> str:
    """Key of what a connector's source sent: `<dataset>/<source>/<yyyy>/<mm>/<dd>/<source>.<identity>.<ending>`.

    Args:
        dataset: The contract's name.
        source: The connector's name, by which the contract knows its files.
        at: When it came; the day is UTC's.
        identity: Letters, digits, `-` and `_`; the same for the same content, so that a repeat overwrites itself.
        ending: The format.
    """
    return f"{dataset}/{source}/{at.astimezone(UTC):%Y/%m/%d}/{source}.{identity}.{ending}"


def push_secret(source: str) -> str:
    """The secret with which a source signs its webhooks: JSON with `current`, and `previous` while both are valid."""
    return f"{PREFIX}/{source}/push"


def pull_secret(source: str) -> str:
    """The secret with which a source is asked; what is in it depends on the connector's kind of `auth`."""
    return f"{PREFIX}/{source}/pull"


def part_id(batch: str, part: int, replay: str = "") -> str:
    """Identity of one part at its first pass, or of what one replay takes of it."""
    return f"{batch}-{part:05d}" + (f"-{replay}" if replay else "")


def new_replay(now: datetime) -> str:
    """Id of a replay, backfill or rebuild: unique, sorted by time as text, and fit for a table's name.

    E.g. `20260301t123000000000_9f86d081`. All kinds share the shape, so that a later pass is the greater one.
    """
    return f"{now.astimezone(UTC):%Y%m%dt%H%M%S%f}_{secrets.token_hex(4)}"


def is_replay(text: str) -> bool:
    """Whether `text` looks like an id of `new_replay`."""
    return _REPLAY.fullmatch(text) is not None


def account_key(table: str, dataset: str, ingested_at: datetime, part: str, stage: Stage) -> str:
    """Key of what `stage` wrote down about one part in `table`: the ledger, quarantine, or replays.

    Args:
        table: One of `LEDGER_TABLE`, `QUARANTINE_TABLE` and `REPLAYS_TABLE`.
        dataset: The contract's name.
        ingested_at: When the raw object arrived, UTC.
        part: `part_id`.
        stage: Who writes.
    """
    return f"{table}/dataset={dataset}/ingest_date={ingested_at:%Y-%m-%d}/{part}-{stage}.parquet"


def quicksight(*parts: str) -> str:
    """The id of something in QuickSight: `watershed` is the source, `watershed-sales` a model's dataset."""
    return "-".join((PREFIX, *parts))


def rules_table(column: str) -> str:
    """The table that says who sees which rows of what has the column `column`."""
    return f"quicksight_rules_{column}"


def rules_key(column: str) -> str:
    """Its one object, in the ledger bucket."""
    return f"{RULES_PREFIX}{column}/rules.csv"


def poll_state_key(source: str, stream: str) -> str:
    """Where, in the ledger bucket, it is written down how far a stream was read."""
    return f"{POLLS_PREFIX}{source}/{stream}.json"


def poll_schedule(source: str) -> str:
    """The schedule that has a source polled."""
    return f"{PREFIX}-poll-{source}"


def backfill_key(replay: str) -> str:
    """Where, in the ledger bucket, a backfill lists the raw objects that it reads again."""
    return f"{BACKFILLS_PREFIX}{replay}.json"


def rebuilt(table: str, rebuild: str) -> str:
    """The table that a rebuild fills beside `table`, until it takes its place."""
    return f"{table}__{rebuild}"


def is_rebuilt(table: str, name: str) -> bool:
    """Whether `name` is one that `rebuilt` gives for `table`."""
    return name.startswith(f"{table}__") and is_replay(name.removeprefix(f"{table}__"))


def zone_suffix(zone: str) -> str:
    """How the names of a time zone's views end, e.g. `_europe_berlin`."""
    return "_" + re.sub(r"[^a-z0-9]+", "_", zone.lower())


def zoned(table: str, zone: str) -> str:
    """The view of `table` in a time zone, e.g. `sales_europe_berlin` of `Europe/Berlin`."""
    return table + zone_suffix(zone)


def silver_prefix(table: str) -> str:
    """Where a silver table's data and metadata live, without a trailing slash."""
    return f"{table}"


def gold_run_prefix(model: str, run: str) -> str:
    """Where one run of a gold model is written, with a trailing slash. Never written twice."""
    return f"{model}/run={run}/"
