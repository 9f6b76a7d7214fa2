"""What may change between two states of a contract, and what follows from it: a closed list. No code decides anew.

`docs/contracts.md` prints it. `diff` finds the changes.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple


class ChangeKind(StrEnum):
    """Every change that makes a difference."""

    DATASET_ADDED = "dataset_added"
    DATASET_REMOVED = "dataset_removed"
    TABLE_ADDED = "table_added"
    TABLE_REMOVED = "table_removed"
    COLUMN_ADDED = "column_added"
    REQUIRED_COLUMN_ADDED = "required_column_added"
    COLUMN_REMOVED = "column_removed"
    COLUMN_RENAMED = "column_renamed"
    COLUMNS_JOINED = "columns_joined"
    RENAME_NOTED = "rename_noted"
    RENAME_FORGOTTEN = "rename_forgotten"
    COLUMNS_REORDERED = "columns_reordered"
    TYPE_WIDENED = "type_widened"
    TYPE_NARROWED = "type_narrowed"
    TYPE_CHANGED = "type_changed"
    REQUIRED_ADDED = "required_added"
    REQUIRED_DROPPED = "required_dropped"
    CHECK_TIGHTENED = "check_tightened"
    CHECK_LOOSENED = "check_loosened"
    PERSONAL_ADDED = "personal_added"
    PERSONAL_DROPPED = "personal_dropped"
    MONEY_CHANGED = "money_changed"
    FIELD_CHANGED = "field_changed"
    KEY_CHANGED = "key_changed"
    VERSION_COLUMN_CHANGED = "version_column_changed"
    PARTITION_CHANGED = "partition_changed"
    PARENT_CHANGED = "parent_changed"
    EXPLODE_CHANGED = "explode_changed"
    RESIDENCY_CHANGED = "residency_changed"
    SUBJECT_CHANGED = "subject_changed"
    SOURCE_ADDED = "source_added"
    SOURCE_REMOVED = "source_removed"
    SOURCE_TAKES_OVER = "source_takes_over"
    SOURCE_READS_MORE = "source_reads_more"
    SOURCE_READS_OTHERWISE = "source_reads_otherwise"
    FILES_WIDENED = "files_widened"
    FILES_NARROWED = "files_narrowed"
    MORE_TOLERANT = "more_tolerant"
    LESS_TOLERANT = "less_tolerant"
    FRESHNESS_CHANGED = "freshness_changed"
    REWORDED = "reworded"
    VERSION_CHANGED = "version_changed"
    VERSION_KEPT = "version_kept"


class Rule(NamedTuple):
    """What follows from a change.

    Attributes:
        is_breaking: Whether files that were taken, rows that passed, or queries that ran no longer do, or the table
            must be made again, or a promise gets weaker.
        is_noticed: Whether readers of silver may notice it; then the contract needs a new `version`.
        what: The change, for people.
        consequence: What happens when it is deployed.
        remedy: What to do.
    """

    is_breaking: bool
    is_noticed: bool
    what: str
    consequence: str
    remedy: str


@dataclass(frozen=True, order=True)
class Change:
    """One difference between two states of a dataset's contract.

    Attributes:
        dataset: The dataset.
        path: Where in the contract, e.g. `schema.customers.properties.email.required`.
        kind: What sort of change.
        detail: From what to what.
    """

    dataset: str
    path: str
    kind: ChangeKind
    detail: str = ""

    @property
    def rule(self) -> Rule:
        """What follows."""
        return RULES[self.kind]

    def __str__(self) -> str:
        """E.g. `customers version: breaking: A change … (1.0.0). It … Give …`."""
        rule = self.rule
        effect = "breaking" if rule.is_breaking else "compatible"
        detail = f" ({self.detail})" if self.detail else ""
        remedy = rule.remedy.replace("DATASET", self.dataset)
        place = f"{self.dataset} {self.path}".strip()
        return f"{place}: {effect}: {rule.what}{detail}. {rule.consequence} {remedy}".rstrip()


_BACKFILL = "`watershed backfill REGION DATASET` reads its files again."
_REBUILD = "`watershed rebuild REGION DATASET` makes it from bronze."
_COUNT_FIRST = "Count them first: `watershed backfill REGION DATASET --engine athena --dry-run`."
_BREAKS, _PASSES = True, False
_NOTICED, _UNSEEN = True, False

RULES: dict[ChangeKind, Rule] = {
    ChangeKind.DATASET_ADDED: Rule(
        _PASSES, _UNSEEN, "A dataset is added", "Its tables are made, empty.", "Deploy, then send its files."
    ),
    ChangeKind.DATASET_REMOVED: Rule(
        _BREAKS, _NOTICED, "A dataset is removed", "Its files are refused; its tables stay as they are.",
        "Stop its deliveries and change its readers first.",
    ),
    ChangeKind.TABLE_ADDED: Rule(
        _PASSES, _NOTICED, "A child table is added", "It is filled from the rows that come.", _BACKFILL
    ),
    ChangeKind.TABLE_REMOVED: Rule(
        _BREAKS, _NOTICED, "A child table is removed", "It stays as it is, and grows old.", "Change its readers first."
    ),
    ChangeKind.COLUMN_ADDED: Rule(
        _PASSES, _NOTICED, "A column is added", "It is empty in the rows that are there.", _BACKFILL
    ),
    ChangeKind.REQUIRED_COLUMN_ADDED: Rule(
        _BREAKS, _NOTICED, "A required column is added",
        "Files without it are refused, rows without a value held back; it is empty in the rows that are there.",
        "Have every source send it first, or leave out `required`.",
    ),
    ChangeKind.COLUMN_REMOVED: Rule(
        _BREAKS, _NOTICED, "A column is removed", "It stays in the table, empty in new rows.",
        "Change its readers first: `watershed gold lint` names the models.",
    ),
    ChangeKind.COLUMN_RENAMED: Rule(
        _BREAKS, _NOTICED, "A column is renamed",
        "Its data come along and old files are still read; whoever asks for the old name fails.",
        "Change its readers with it: `watershed gold lint` names the models.",
    ),
    ChangeKind.COLUMNS_JOINED: Rule(
        _BREAKS, _NOTICED, "A column becomes another that exists", "Silver refuses the table, which has both.", _REBUILD
    ),
    ChangeKind.RENAME_NOTED: Rule(
        _PASSES, _UNSEEN, "An older name of a column is told", "A table and files that still have it are followed.", ""
    ),
    ChangeKind.RENAME_FORGOTTEN: Rule(
        _BREAKS, _UNSEEN, "An older name of a column is forgotten",
        "A table that still has it gets a new, empty column.", "Deploy the rename to every region first.",
    ),
    ChangeKind.COLUMNS_REORDERED: Rule(
        _PASSES, _UNSEEN, "Columns change places", "The table keeps them as they are.", ""
    ),
    ChangeKind.TYPE_WIDENED: Rule(
        _PASSES, _NOTICED, "A decimal gets more digits before the point", "The table is widened, its rows stay.",
        "`watershed gold lint` names the models that state the old type.",
    ),
    ChangeKind.TYPE_NARROWED: Rule(
        _BREAKS, _NOTICED, "A decimal gets fewer digits", "Silver refuses the table.", _REBUILD
    ),
    ChangeKind.TYPE_CHANGED: Rule(
        _BREAKS, _NOTICED, "A column gets another type", "Silver refuses the table.", _REBUILD
    ),
    ChangeKind.REQUIRED_ADDED: Rule(
        _BREAKS, _NOTICED, "A column becomes required",
        "Files without it are refused, rows without a value held back; rows that are there stay.", _COUNT_FIRST,
    ),
    ChangeKind.REQUIRED_DROPPED: Rule(
        _PASSES, _NOTICED, "A column becomes optional", "Readers may meet rows without a value.", _BACKFILL
    ),
    ChangeKind.CHECK_TIGHTENED: Rule(
        _BREAKS, _NOTICED, "A check of values gets stricter", "More rows are held back; rows that are there stay.",
        _COUNT_FIRST,
    ),
    ChangeKind.CHECK_LOOSENED: Rule(
        _PASSES, _NOTICED, "A check of values gets looser", "Readers may meet values that there were not.", _BACKFILL
    ),
    ChangeKind.PERSONAL_ADDED: Rule(
        _PASSES, _NOTICED, "A column is personal data from now on", "Gold models that show it must say so.",
        "`watershed gold lint` names them.",
    ),
    ChangeKind.PERSONAL_DROPPED: Rule(
        _BREAKS, _NOTICED, "A column is no personal data any more", "Nothing tells its readers to take care.",
        "Ask whoever answers for personal data.",
    ),
    ChangeKind.MONEY_CHANGED: Rule(
        _PASSES, _UNSEEN, "A column is summed in the ledger, or no longer", "So it is for the parts that come.", ""
    ),
    ChangeKind.FIELD_CHANGED: Rule(
        _BREAKS, _NOTICED, "A child's column is read from another field", "Rows that are there stay as they were read.",
        _BACKFILL,
    ),
    ChangeKind.KEY_CHANGED: Rule(_BREAKS, _NOTICED, "The key changes", "Silver refuses the table.", _REBUILD),
    ChangeKind.VERSION_COLUMN_CHANGED: Rule(
        _BREAKS, _NOTICED, "The version column changes", "Rows that are there stand by the old rule.", _REBUILD
    ),
    ChangeKind.PARTITION_CHANGED: Rule(
        _BREAKS, _UNSEEN, "The partition changes", "Silver refuses the table.", _REBUILD
    ),
    ChangeKind.PARENT_CHANGED: Rule(
        _BREAKS, _NOTICED, "A child table gets another parent", "Rows that are there belong to the old one.", _REBUILD
    ),
    ChangeKind.EXPLODE_CHANGED: Rule(
        _BREAKS, _NOTICED, "A child table is read from another array", "Rows that are there stay as they were read.",
        _BACKFILL,
    ),
    ChangeKind.RESIDENCY_CHANGED: Rule(
        _BREAKS, _NOTICED, "Where a row belongs is told otherwise", "Rows that are there were judged by the old rule.",
        f"Ask whoever answers for residency. {_REBUILD}",
    ),
    ChangeKind.SUBJECT_CHANGED: Rule(
        _PASSES, _UNSEEN, "Whom a row is about is told otherwise", "`watershed erase` looks for people there.", ""
    ),
    ChangeKind.SOURCE_ADDED: Rule(
        _PASSES, _UNSEEN, "A source is added, for files that none took", "They are read from now on.",
        "Send again what was refused.",
    ),
    ChangeKind.SOURCE_REMOVED: Rule(
        _BREAKS, _UNSEEN, "A source is removed", "Its parts that still wait, or are redriven, fail.",
        "Stop its deliveries first, and let the queues run empty.",
    ),
    ChangeKind.SOURCE_TAKES_OVER: Rule(
        _BREAKS, _UNSEEN, "A source takes files that another took", "They are read with its habits, old files too.",
        "Move it down, or make its patterns narrower, unless that is meant.",
    ),
    ChangeKind.SOURCE_READS_MORE: Rule(
        _PASSES, _UNSEEN, "A source reads what it could not read", "Fewer rows are held back.", _BACKFILL
    ),
    ChangeKind.SOURCE_READS_OTHERWISE: Rule(
        _BREAKS, _NOTICED, "A source's files are read otherwise", "Rows that are there stay as they were read.",
        f"{_BACKFILL} If keys or versions are read otherwise, {_REBUILD}",
    ),
    ChangeKind.FILES_WIDENED: Rule(
        _PASSES, _UNSEEN, "More file names or regions are taken", "What was refused is taken from now on.",
        "Send again what was refused.",
    ),
    ChangeKind.FILES_NARROWED: Rule(
        _BREAKS, _UNSEEN, "Fewer file names or regions are taken", "The others are refused, or go to another source.",
        "Change the deliveries first.",
    ),
    ChangeKind.MORE_TOLERANT: Rule(
        _PASSES, _UNSEEN, "`schemaChange` or `badRows` gets looser", "What was refused or stopped passes from now on.",
        "Send again what was refused.",
    ),
    ChangeKind.LESS_TOLERANT: Rule(
        _BREAKS, _UNSEEN, "`schemaChange` or `badRows` gets stricter", "Files, rows or parts that passed no longer do.",
        "Look at what comes: `watershed status REGION`.",
    ),
    ChangeKind.FRESHNESS_CHANGED: Rule(
        _PASSES, _UNSEEN, "The promised freshness changes",
        "The alarm, `watershed status` and the dashboard follow.", "",
    ),
    ChangeKind.REWORDED: Rule(
        _PASSES, _UNSEEN, "The same is said in other words or another order", "Nothing else changes.", ""
    ),
    ChangeKind.VERSION_CHANGED: Rule(
        _PASSES, _UNSEEN, "The contract gets another version", "Ledger and quarantine name it from now on.", ""
    ),
    ChangeKind.VERSION_KEPT: Rule(
        _BREAKS, _UNSEEN, "A change that readers notice has no new version",
        "Nobody can tell by which contract a row was judged.", "Give the contract a new `version`.",
    ),
}  # fmt: skip
