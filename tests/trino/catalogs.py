"""Trino's connectors on a region of the local AWS: one catalog for Hive tables, which hands Iceberg tables on."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

CREDENTIAL = "local"  # what signs the requests; the local AWS takes any


def of(region: str, endpoint: str) -> dict[str, dict[str, str]]:
    """Two catalogs, the first of which sees every table, as Athena's one catalog does.

    Args:
        region: the AWS region.
        endpoint: the local AWS's address.
    """
    hive, iceberg = name(region), f"{name(region)}_iceberg"
    files = {
        "fs.native-s3.enabled": "true",
        "s3.endpoint": endpoint,
        "s3.region": region,
        "s3.path-style-access": "true",
        "s3.aws-access-key": CREDENTIAL,
        "s3.aws-secret-key": CREDENTIAL,
    }
    glue = {
        "hive.metastore.glue.region": region,
        "hive.metastore.glue.endpoint-url": endpoint,
        "hive.metastore.glue.aws-access-key": CREDENTIAL,
        "hive.metastore.glue.aws-secret-key": CREDENTIAL,
    }
    return {
        hive: {
            "connector.name": "hive",
            "hive.metastore": "glue",
            "hive.iceberg-catalog-name": iceberg,
            "hive.partition-projection-enabled": "true",
            "hive.table-statistics-enabled": "false",
            "hive.collect-column-statistics-on-write": "false",
            "hive.non-managed-table-writes-enabled": "true",  # as Athena, whose tables are all external
            "hive.parquet.time-zone": "UTC",
            **files,
            **glue,
        },
        iceberg: {
            "connector.name": "iceberg",
            "iceberg.catalog.type": "glue",
            "iceberg.table-statistics-enabled": "false",
            **files,
            **glue,
        },
    }


def of_all(regions: Iterable[str], endpoint: str) -> dict[str, dict[str, str]]:
    """The catalogs of several regions."""
    return {catalog: properties for region in regions for catalog, properties in of(region, endpoint).items()}


def name(region: str) -> str:
    """The catalog in which all tables of the region are found."""
    return region.replace("-", "_")
