"""Runs a reconciliation. It changes nothing, and may run while files come."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from watershed import names
from watershed.athena import Athena
from watershed.contracts.model import Contract
from watershed.listing import Listing
from watershed.names import Layer
from watershed.object_version import ObjectVersion
from watershed.reconcile import accounts, footers, recount, silver, standing, store
from watershed.reconcile.accounts import Entry, Held
from watershed.reconcile.compare import Comparison, Evidence
from watershed.reconcile.difference import WAIT, Difference, Findings, Note, Where
from watershed.reconcile.objects import Days, Known, State, dataset_of, is_done, known
from watershed.reconcile.silver import Pinned
from watershed.reconcile.standing import Standing
from watershed.s3 import S3
from watershed.settings import Settings
from watershed.silver import engine
from watershed.silver.lakehouse import Lakehouse

if TYPE_CHECKING:
    from watershed.reconcile.recount import Recount
    from watershed.reconcile.store import Store
    from watershed.silver.transform import TypedRows

_NOBODYS = "names an object that neither raw nor the ledger knows"


@dataclass
class Reconciled:
    """One dataset.

    Attributes:
        dataset: Its name.
        objects: Object versions that were recounted.
        records: Their records, good or bad.
        held: Rows, elements and files that must be in quarantine.
        tables: Silver's tables.
        findings: Everything that differs or could not be compared.
    """

    dataset: str
    objects: int = 0
    records: int = 0
    held: int = 0
    tables: list[Standing] = field(default_factory=list)
    findings: Findings = field(default_factory=list)

    @property
    def differences(self) -> list[Difference]:
        """What differs."""
        return [each for each in self.findings if isinstance(each, Difference)]

    @property
    def notes(self) -> list[Note]:
        """What could not be compared."""
        return [each for each in self.findings if isinstance(each, Note)]

    def count(self, found: Recount) -> None:
        """Add one object's numbers."""
        self.objects += 1
        self.records += found.records
        self.held += int(found.rejected) + sum(part.malformed for part in found.parts)
        self.held += sum(table.quarantined for part in found.parts for table in part.tables)


@dataclass(frozen=True)
class _Seen:
    """What there was at the start, read in an order in which nothing that is under way looks lost.

    Bronze and quarantine are written before the ledger, silver is committed before it, and raw is there before all.
    """

    entries: Mapping[str, list[Entry]]  # by dataset, as the rest
    held: Mapping[str, dict[str, Held]]
    held_rows: Mapping[str, list[tuple[str, int]]]
    pinned: Mapping[str, Pinned]
    bronze: Mapping[str, dict[str, dict[int, str]]]  # batch id -> part -> key
    raw: Mapping[str, list[ObjectVersion]]


@dataclass(frozen=True)
class Reconciliation:
    """A reconciliation of one region.

    Args:
        settings: Where it is.
        contracts: The lake's, by dataset.
        athena: The region's.
        client: boto3's client of a service in the region.
        days: When the files came that are recounted.
        say: Told what is being done.
    """

    settings: Settings
    contracts: Mapping[str, Contract]
    athena: Athena
    client: Callable[[str], Any]
    days: Days
    say: Callable[[str], None] = lambda _: None

    def run(self, datasets: Sequence[str]) -> Iterator[Reconciled]:
        """Reconcile the datasets, one after the other.

        Raises:
            ConfigurationError: if a silver table does not fit its contract.
            QueryFailed: if Athena refused a query.
            Terminal: if an object or bucket may not be read.
            Transient: if S3 does not answer.
        """
        seen = self._look(datasets)
        with engine.connect() as connection:
            counter = recount.Counter(self.settings, self.contracts, S3(self.client("s3")), connection)
            for dataset in datasets:
                yield _Dataset(self, dataset, seen, counter).reconciled()

    def _look(self, datasets: Sequence[str]) -> _Seen:
        self.say("reading the ledger and quarantine")
        # Of all: another dataset may have taken a file when it came.
        entries = {name: accounts.entries(self.athena, name) for name in {*self.contracts, names.UNKNOWN_DATASET}}
        held = {name: accounts.held(self.athena, name) for name in datasets}
        held_rows = {name: accounts.held_rows(self.athena, name) for name in datasets}
        self.say("looking at silver and listing bronze and raw")
        lakehouse = Lakehouse(self.client("glue"), self.client("s3"), self.settings.bucket(Layer.SILVER))
        contracts = [self.contracts[name] for name in datasets if name in self.contracts]
        pinned = {contract.name: silver.pin(lakehouse, contract) for contract in contracts}
        listing = Listing(self.client("s3"))
        bronze = {
            name: footers.by_batch(listing.keys(self.settings.bucket(Layer.BRONZE), f"{name}/")) for name in datasets
        }
        raw: dict[str, list[ObjectVersion]] = {}
        for version in listing.versions(self.settings.bucket(Layer.RAW)):
            if not (version.key.endswith("/") and version.size == 0):  # how consoles show an empty folder
                taker = dataset_of(version, self.settings.region, self.contracts)
                raw.setdefault(taker, []).append(version)
        return _Seen(entries, held, held_rows, pinned, bronze, raw)


class _Dataset:
    """One dataset's reconciliation."""

    def __init__(self, run: Reconciliation, dataset: str, seen: _Seen, counter: recount.Counter) -> None:
        self._run, self._dataset, self._seen, self._counter = run, dataset, seen, counter
        self._contract = run.contracts.get(dataset)
        self._tables = tuple(table.name for table in self._contract.tables) if self._contract else ()
        self._version = self._contract.version if self._contract else ""
        self._objects = known(dataset, seen.raw.get(dataset, []), self._entries(seen.entries), self._run.days)
        self._done = Reconciled(dataset)

    def reconciled(self) -> Reconciled:
        done = self._done
        if self._contract is None:
            done.findings += self._recheck(self._recount(None))
        else:
            with store.opened(self._contract, self._objects) as rows:
                differing = self._recount(rows)
                self._read_silver(rows, self._contract)
                done.tables += standing.compare(rows, self._contract)
            done.findings += self._recheck(differing)
            done.findings += [each for table in done.tables for each in table.findings]
        done.findings += [*self._nobodys(), *self._notes()]
        return done

    def _recount(self, rows: Store | None) -> dict[str, list[Difference]]:
        """Recount every object that can be; what differs, by batch id."""
        comparison = Comparison(self._dataset, self._version, self._tables)
        differing = {}
        todo = [(i, each) for i, each in enumerate(self._objects) if each.state is State.RECOUNTED]
        for place, (arrival, each) in enumerate(todo, start=1):
            self._run.say(f"{self._dataset}: object {place:,} of {len(todo):,}: {each.version.key}")
            if self._was_refused(each):
                continue
            found = self._recount_one(arrival, each, rows)
            self._done.count(found)
            differences = comparison.differences(Evidence(each, found, self._bronze(each), self._held(each)))
            if differences:
                differing[each.batch_id] = differences
        return differing

    def _recount_one(self, arrival: int, each: Known, rows: Store | None) -> Recount:
        if rows is None:
            return self._counter.recount(each.version, lambda *_: None)

        def keep(_part: int, typed: list[TypedRows]) -> None:
            for table, one in enumerate(typed):
                rows.keep(table, arrival, one.good)

        with rows.keeping() as keeping:
            found = self._counter.recount(each.version, keep)
            if found.rejected:
                keeping.forget()
        return found

    def _read_silver(self, rows: Store, contract: Contract) -> None:
        for place, (iceberg, table) in enumerate(zip(self._seen.pinned[self._dataset], contract.tables, strict=True)):
            self._run.say(f"{self._dataset}: reading {names.SILVER_DB}.{table.name}")
            for piece in silver.rows(iceberg, table):
                rows.find(place, piece)
        if any(each.is_older(contract.name, contract.version) for each in self._objects):
            rows.hold(self._seen.held_rows[self._dataset])
        self._run.say(f"{self._dataset}: comparing")

    def _recheck(self, differing: Mapping[str, list[Difference]]) -> Iterator[Difference | Note]:
        """What differs still after a second look at the ledger; and what is not done by then."""
        pending = [each for each in self._objects if each.state is State.PENDING and each.asked_for]
        if not pending and not differing:
            return
        self._run.say(f"{self._dataset}: looking at the ledger again")
        now: dict[str, list[Entry]] = {}
        read = {name: accounts.entries(self._run.athena, name) for name in self._seen.entries}
        for entry in self._entries(read):
            now.setdefault(entry.batch_id, []).append(entry)
        for each in self._objects:
            entries = now.get(each.batch_id, [])
            if each in pending and not is_done(entries):
                yield from self._not_done(each, entries)
            elif each in pending or (each.batch_id in differing and Counter(entries) != Counter(each.entries)):
                yield Note(self._where(each), "was processed while this ran; run it again to compare it")
            else:
                yield from differing.get(each.batch_id, [])

    def _not_done(self, each: Known, entries: Sequence[Entry]) -> Iterator[Difference]:
        if not entries:
            yield Difference(self._where(each), "not processed yet: no entry in the ledger", "1 or more", "0", WAIT)
        silver_has = {entry.part for entry in entries if entry.stage == names.Stage.SILVER}
        for part in sorted(entry.part for entry in entries if entry.stage == names.Stage.BRONZE and entry.rows_out):
            for table in self._tables if part not in silver_has else ():
                where = self._where(each, part, table)
                yield Difference(where, "not processed yet: no entry in silver's ledger", "1", "0", WAIT)

    def _nobodys(self) -> Iterator[Difference]:
        """What bronze and quarantine hold of objects that nobody knows."""
        ours = {each.batch_id for each in self._objects}
        ours |= {entry.batch_id for entries in self._seen.entries.values() for entry in entries}
        for batch, parts in self._seen.bronze[self._dataset].items():
            if batch not in ours:
                for part, key in parts.items():
                    where = Where(self._dataset, f"bronze: {key}", "-", part)
                    yield Difference(where, f"a part {_NOBODYS}", "none", "1", "Delete it from bronze's bucket.")
        for batch, held in self._seen.held[self._dataset].items():
            if batch not in ours:
                where = Where(self._dataset, held.source_key, held.source_version, table="ops.quarantine")
                what = f"what is held back {_NOBODYS}"
                yield Difference(where, what, "0", str(held.rows.total()), "Delete it from quarantine's bucket.")

    def _notes(self) -> Iterator[Note]:
        for each in self._objects:
            if not each.in_raw and each.asked_for:
                yield Note(self._where(each), "raw is gone; what silver has of it was not compared")
            elif each.state is State.RECOUNTED and self._was_refused(each):
                what = "was refused whole under another contract, and a contract takes it now; land it again"
                yield Note(self._where(each), what)
        older = Counter(
            made_by
            for each in self._objects
            if each.state is State.RECOUNTED
            for made_by in {self._other_contract(entry) for entry in each.entries}
            if made_by
        )
        for version, count in sorted(older.items()):
            what = f"{count:,} objects were made under contract {version}, now it is {self._version}"
            yield Note(Where(self._dataset), f"{what}: compared in rows only")

    def _entries(self, read: Mapping[str, list[Entry]]) -> list[Entry]:
        """The dataset's; and of its objects that have none, those that it has elsewhere."""
        own = read[self._dataset]
        done = {entry.batch_id for entry in own}
        raw = self._seen.raw.get(self._dataset, [])
        lacking = {names.batch_id(each.bucket, each.key, each.version) for each in raw} - done
        others = (entry for name, entries in read.items() if name != self._dataset for entry in entries)
        return own + [entry for entry in others if entry.batch_id in lacking]

    def _bronze(self, each: Known) -> dict[int, int]:
        bucket, client = self._run.settings.bucket(Layer.BRONZE), self._run.client("s3")
        parts = self._seen.bronze[self._dataset].get(each.batch_id, {})
        return footers.rows(client, bucket, parts)

    def _held(self, each: Known) -> Counter[str]:
        held = self._seen.held[self._dataset].get(each.batch_id)
        return held.rows if held else Counter()

    def _where(self, each: Known, part: int | None = None, table: str = "") -> Where:
        return Where(self._dataset, each.version.key, each.version.version, part, table)

    def _was_refused(self, each: Known) -> bool:
        """Whether another contract, or none, refused the whole file, and no later pass took it."""
        refused = any(entry.rejected_file and self._other_contract(entry) for entry in each.entries)
        return refused and each.batch_id not in self._seen.bronze[self._dataset]

    def _other_contract(self, entry: Entry) -> str:
        """What made it, if not the contract at hand."""
        if entry.is_by(self._dataset, self._version):
            return ""
        ours = entry.dataset in {self._dataset, names.UNKNOWN_DATASET}
        return (entry.contract_version or "-") if ours else f"{entry.contract_version} of {entry.dataset}"
