"""Athena on the laptop: moto's API in front, Trino SQL translated to DuckDB behind, Glue and S3 from moto itself."""

from local.athena.install import install, uninstall

__all__ = ["install", "uninstall"]
