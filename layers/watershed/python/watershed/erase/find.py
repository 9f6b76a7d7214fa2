"""Looks for a person's rows: in every object version that raw holds, and in bronze for those that raw has let go."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pyarrow.compute as pc
from duckdb import DuckDBPyConnection

from watershed import names
from watershed.bronze import readers
from watershed.bronze.erased import empty
from watershed.bronze.format import Format, format_of
from watershed.bronze.parts import parts
from watershed.bronze.route import route
from watershed.contracts.model import Contract, Source
from watershed.erase.match import Matcher
from watershed.erase.plan import Affected
from watershed.erase.store import Store
from watershed.errors import ConfigurationError, FileRejected
from watershed.names import Layer, Stage
from watershed.reconcile import footers
from watershed.reconcile.objects import dataset_of
from watershed.silver import lineage

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import pyarrow as pa

    from watershed.erase.subject import Subject
    from watershed.object_version import ObjectVersion


@dataclass
class Found:
    """What a search came upon."""

    objects: list[Affected] = field(default_factory=list)
    not_searched: list[str] = field(default_factory=list)  # as Receipt.not_searched
    arrived: dict[str, list[str]] = field(default_factory=dict)  # dataset -> batch ids of all objects in raw
    now: dict[str, str] = field(default_factory=dict)  # batch id of an object in raw -> what it is to the contracts
    bronze: int = 0  # the person's rows there
    held: int = 0  # rows in quarantine that come from the person's


@dataclass(frozen=True)
class Search:
    """One search of one region.

    Args:
        store: The region's buckets.
        contracts: All of the lake's, by dataset.
        connection: From silver's `engine.connect`.
        say: Told what is being done.
    """

    store: Store
    contracts: Mapping[str, Contract]
    connection: DuckDBPyConnection
    say: Callable[[str], None]

    def run(self, holders: Iterable[Contract], subject: Subject) -> Found:
        """Look for the person in the datasets `holders`.

        Raises:
            ConfigurationError: if a dataset took rows about the person from a file in which nobody finds them any more.
        """
        found, datasets = Found(), {contract.name: contract for contract in holders}
        for version in self.store.listing.versions(self.store.settings.bucket(Layer.RAW)):
            if version.key.endswith("/") and version.size == 0:  # how consoles show an empty folder
                continue
            dataset = dataset_of(version, self.store.settings.region, self.contracts)
            batch = names.batch_id(version.bucket, version.key, version.version)
            found.now[batch] = f"a file of {dataset}"
            if dataset in datasets:
                self.say(f"{dataset}: looking into {version.key}")
                self._in_raw(version, datasets[dataset], subject, found)
            elif dataset == names.UNKNOWN_DATASET:
                found.not_searched.append(_told(version))
        for contract in datasets.values():
            self._in_bronze(contract, subject, found)
        self._require_found_in_raw(found)
        for affected in found.objects:
            self._place(affected, found)
        return found

    def _in_raw(self, version: ObjectVersion, contract: Contract, subject: Subject, found: Found) -> None:
        batch = names.batch_id(version.bucket, version.key, version.version)
        chosen = route(version.key, self.store.settings.region, self.contracts)
        matcher = Matcher(self.connection, contract, chosen.source, subject)
        rows: list[int] = []
        try:
            with self.store.s3.open(version.bucket, *version.stored) as stream:
                read = readers.read(stream, stream.version.size, chosen, is_remainder=version.place is not None)
                nothing: list[int] = []
                for part in parts(read):
                    rows += matcher.rows(part.table)
                    rows += [row.row_number for row in part.bad if subject.is_named_in(row.raw)]
                    if format_of(chosen.file_name)[0] is Format.PARQUET:
                        nothing += _empty(part.table)
        except FileRejected:
            found.not_searched.append(_told(version))
            found.now[batch] = "a file that cannot be read"
            return
        found.arrived.setdefault(contract.name, []).append(batch)
        if rows:  # in a remainder a row without any value is an erased one
            came, numbers = version.last_modified.isoformat(), sorted({*rows, *nothing})
            found.objects.append(Affected(contract.name, version.key, version.version, came, version.stored, numbers))

    def _in_bronze(self, contract: Contract, subject: Subject, found: Found) -> None:
        """What came in objects that raw has let go: their rows, and by quarantine those that could not be read.

        So too of those that another dataset takes now, or that cannot be read any more.
        """
        raw, origins = set(found.arrived.get(contract.name, [])), dict[str, Affected]()
        bucket = self.store.settings.bucket(Layer.BRONZE)
        for batch, keys in footers.by_batch(self.store.listing.keys(bucket, f"{contract.name}/")).items():
            for key in keys.values() if batch not in raw else ():
                self.say(f"{contract.name}: looking into bronze's {key}")
                table = self.store.table(Layer.BRONZE, key)
                origin = origins.setdefault(batch, _origin(contract, table))
                matcher = Matcher(self.connection, contract, self.source(contract, origin), subject)
                origin.rows += matcher.rows(table)
        bucket = self.store.settings.bucket(Layer.QUARANTINE)
        for key in self.store.listing.keys(bucket, f"{names.QUARANTINE_TABLE}/dataset={contract.name}/"):
            if key.rpartition("/")[2].partition("-")[0] in raw:
                continue
            for row in self.store.table(Layer.QUARANTINE, key).to_pylist():
                if row["stage"] == Stage.BRONZE and subject.is_named_in(row["raw"] or ""):
                    origins.setdefault(row["batch_id"], _held(contract, row)).rows.append(row["row_number"])
        for origin in origins.values():
            if origin.rows:
                origin.rows = sorted({*origin.rows})
                found.objects.append(origin)

    def _require_found_in_raw(self, found: Found) -> None:
        """Refuse to leave a row in raw because the contracts of now do not find it there, as those did that took it."""
        bucket = self.store.settings.bucket(Layer.RAW)
        in_raw = {each.batch(bucket): {*each.rows} for each in found.objects if each.place}
        for each in (each for each in found.objects if not each.place):
            batch = each.batch(bucket)
            if batch in found.now and not in_raw.get(batch, set()).issuperset(each.rows):
                raise ConfigurationError(
                    f"Of {each.key} the dataset {each.dataset} took rows about the person; to the contracts of now it "
                    f"is {found.now[batch]}, and raw would keep them.",
                    remedy=f"Have {each.dataset} take it again until the erasure is done; nothing was changed.",
                )

    def _place(self, affected: Affected, found: Found) -> None:
        """Add in which parts bronze has the rows, and count them there and in quarantine."""
        for part, key in self.store.parts(affected).items():
            numbers = self.store.table(Layer.BRONZE, key)[lineage.ROW_NUMBER].to_pylist()
            here = sorted({*numbers} & {*affected.rows})
            if here:
                affected.good[part] = here
                found.bronze += len(here)
        for key in self.store.accounts(names.QUARANTINE_TABLE, affected):
            held = self.store.table(Layer.QUARANTINE, key)
            rows = held.filter(pc.is_valid(held["raw"])).to_pylist()
            found.held += sum(row["row_number"] in affected.rows and bool(row["raw"]) for row in rows)

    def source(self, contract: Contract, origin: Affected) -> Source:
        """The source by which an object came, by the contracts as they are now; also if another dataset takes it now.

        Raises:
            ConfigurationError: if none takes it any more.
        """
        region = self.store.settings.region
        try:
            chosen = route(origin.key, region, self.contracts)
        except FileRejected:
            source = None
        else:
            ours = chosen.contract.name == contract.name
            source = chosen.source if ours else contract.source_for(region, chosen.file_name)
        if source is None:
            raise ConfigurationError(
                f"No source of {contract.name} takes {origin.key} any more, which bronze holds rows of.",
                remedy="Put a source for it back into the contract; nothing was changed.",
            )
        return source


def _empty(rows: pa.Table) -> Iterator[int]:
    yield from rows.filter(empty(rows))[lineage.ROW_NUMBER].to_pylist()


def _origin(contract: Contract, table: pa.Table) -> Affected:
    row = table.slice(0, 1).select(lineage.COLUMNS).to_pylist()[0]
    came = f"{row[lineage.INGESTED_AT].isoformat()}+00:00"
    return Affected(contract.name, row[lineage.SOURCE_KEY], row[lineage.SOURCE_VERSION], came, None, [])


def _held(contract: Contract, row: Mapping[str, Any]) -> Affected:
    came = f"{row['quarantined_at'].isoformat()}+00:00"
    return Affected(contract.name, row["source_key"], row["source_version"], came, None, [])


def _told(version: ObjectVersion) -> str:
    return f"{version.key} ({version.version})"
