"""The Glue catalog: four databases, a bronze table for each dataset, and the tables that account for every row.

Silver's and gold's tables are made by their functions, which also change them. Partitions are projected, never
registered: which ones exist follows from dates and dataset names.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

import aws_cdk as cdk
from aws_cdk import aws_glue as glue
from constructs import Construct
from watershed import names, records
from watershed.names import Layer

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from aws_cdk import aws_s3 as s3
    from watershed.catalog import Catalog
    from watershed.contracts.model import Contract

FIRST_DATE = "2025-01-01"  # no lake has taken a file before
_INGEST_DATE = {
    "projection.ingest_date.type": "date",
    "projection.ingest_date.format": "yyyy-MM-dd",
    "projection.ingest_date.range": f"{FIRST_DATE},NOW",
    "projection.ingest_date.interval": "1",
    "projection.ingest_date.interval.unit": "DAYS",
}

Columns = list[tuple[str, str]]


class FileFormat(NamedTuple):
    """What Glue is told about a table's files."""

    classification: str
    input_format: str
    output_format: str
    serde: str


_HIVE = "org.apache.hadoop.hive"
_PARQUET = FileFormat(
    "parquet",
    f"{_HIVE}.ql.io.parquet.MapredParquetInputFormat",
    f"{_HIVE}.ql.io.parquet.MapredParquetOutputFormat",
    f"{_HIVE}.ql.io.parquet.serde.ParquetHiveSerDe",
)
_CSV = FileFormat(
    "csv",
    "org.apache.hadoop.mapred.TextInputFormat",
    f"{_HIVE}.ql.io.HiveIgnoreKeyTextOutputFormat",
    f"{_HIVE}.serde2.OpenCSVSerde",
)


def bronze_columns(contract: Contract) -> Columns:
    """The columns that the contract's sources may have, all text, then the lineage, as (name, Glue type).

    Files may hold others; bronze keeps those too, and this table does not show them.
    """
    columns = [column.name for column in contract.table.columns]
    arrays = [child.explode for child in contract.children if child.explode]
    found = dict.fromkeys(
        name.partition(".")[0]
        for wanted in (columns, arrays)
        for source in contract.sources
        for each in wanted
        for name in source.names_of(each)
    )
    return [*((name, "string") for name in found), *records.LINEAGE_COLUMNS]


class Tables(Construct):
    """The region's part of the Glue catalog that is known before any row has come."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        catalog: Catalog,
        buckets: Mapping[Layer, s3.Bucket],
        rules: Iterable[str] = (),
    ) -> None:
        super().__init__(scope, construct_id)
        self._buckets = buckets
        stores = {names.BRONZE_DB: Layer.BRONZE, names.SILVER_DB: Layer.SILVER, names.GOLD_DB: Layer.GOLD}
        self._databases = {name: self._database(name, stores.get(name)) for name in (*stores, names.OPS_DB)}
        for contract in catalog.contracts.values():
            self._bronze(contract)
        datasets = [*sorted(catalog.contracts), names.UNKNOWN_DATASET]
        self._accounts(
            names.LEDGER_TABLE,
            Layer.LEDGER,
            records.LedgerEntry,
            datasets,
            "What became of every row, by part and step.",
        )
        self._accounts(
            names.QUARANTINE_TABLE,
            Layer.QUARANTINE,
            records.QuarantinedRow,
            datasets,
            "Rows and files held back, with reason, rule and remedy.",
        )
        self._accounts(
            names.REPLAYS_TABLE,
            Layer.LEDGER,
            records.ReplayedRow,
            datasets,
            "Rows and files of quarantine that were taken again.",
        )
        self._masking_key()
        for column in rules:
            self._rules(column)

    def _database(self, name: str, store: Layer | None) -> glue.CfnDatabase:
        return glue.CfnDatabase(
            self,
            name.title(),
            catalog_id=cdk.Aws.ACCOUNT_ID,
            database_input=glue.CfnDatabase.DatabaseInputProperty(
                name=name, location_uri=f"s3://{self._buckets[store].bucket_name}/" if store else None
            ),
        )

    def _bronze(self, contract: Contract) -> None:
        location = f"s3://{self._buckets[Layer.BRONZE].bucket_name}/{contract.name}/"
        self._table(
            names.BRONZE_DB,
            contract.name,
            description=f"{contract.description} As it came: every column as text.",
            location=location,
            columns=bronze_columns(contract),
            partitions=[("ingest_date", "date")],
            parameters={**_INGEST_DATE, "storage.location.template": f"{location}ingest_date=${{ingest_date}}"},
        )

    def _accounts(
        self,
        name: str,
        store: Layer,
        record: type[records.Record],
        datasets: Sequence[str],
        description: str,
    ) -> None:
        location = f"s3://{self._buckets[store].bucket_name}/{name}/"
        self._table(
            names.OPS_DB,
            name,
            description=description,
            location=location,
            columns=records.glue_columns(record),
            partitions=records.PARTITION_COLUMNS,
            parameters={
                **_INGEST_DATE,
                "projection.dataset.type": "enum",
                "projection.dataset.values": ",".join(datasets),
                "storage.location.template": f"{location}dataset=${{dataset}}/ingest_date=${{ingest_date}}",
            },
        )

    def _masking_key(self) -> None:
        """The key's own table: the statements that mask name it, so that no statement's text holds the key."""
        folder = names.MASKING_KEY.rpartition("/")[0]
        self._table(
            names.OPS_DB,
            names.MASKING_KEY_TABLE,
            description="With what gold's masked tables hash personal data. Readable with silver's bucket only.",
            location=f"s3://{self._buckets[Layer.SILVER].bucket_name}/{folder}/",
            columns=[(names.MASKING_KEY_TABLE, "string")],
            files=_CSV,
        )

    def _rules(self, column: str) -> None:
        """Who sees which rows in QuickSight; without a file it is empty, and then nobody sees any."""
        folder = names.rules_key(column).rpartition("/")[0]
        self._table(
            names.OPS_DB,
            names.rules_table(column),
            description=f"Which of QuickSight's users and groups see the rows of which {column}.",
            location=f"s3://{self._buckets[Layer.LEDGER].bucket_name}/{folder}/",
            columns=[("username", "string"), ("groupname", "string"), (column, "string")],
            parameters={"skip.header.line.count": "1"},
            files=_CSV,
        )

    def _table(
        self,
        database: str,
        name: str,
        *,
        description: str,
        location: str,
        columns: Iterable[tuple[str, str]],
        partitions: Iterable[tuple[str, str]] = (),
        parameters: Mapping[str, str] = MappingProxyType({}),
        files: FileFormat = _PARQUET,
    ) -> None:
        table = glue.CfnTable(
            self,
            f"{database.title()}{name.title().replace('_', '')}",
            catalog_id=cdk.Aws.ACCOUNT_ID,
            database_name=database,
            table_input=glue.CfnTable.TableInputProperty(
                name=name,
                description=description,
                table_type="EXTERNAL_TABLE",
                parameters={
                    "EXTERNAL": "TRUE",
                    "classification": files.classification,
                    **({"projection.enabled": "true"} if partitions else {}),
                    **parameters,
                },
                partition_keys=_columns(partitions),
                storage_descriptor=glue.CfnTable.StorageDescriptorProperty(
                    location=location,
                    columns=_columns(columns),
                    input_format=files.input_format,
                    output_format=files.output_format,
                    serde_info=glue.CfnTable.SerdeInfoProperty(serialization_library=files.serde),
                ),
            ),
        )
        table.add_resource_dependency(self._databases[database])


def _columns(columns: Iterable[tuple[str, str]]) -> list[glue.CfnTable.ColumnProperty]:
    return [glue.CfnTable.ColumnProperty(name=name, type=kind) for name, kind in columns]
