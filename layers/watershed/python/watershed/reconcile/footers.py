"""How many rows bronze's Parquet holds, from the footers: the rows are not read."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from pyarrow import parquet

from watershed.ranges import RangeReader

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_NAME = re.compile(r"(?P<batch>[0-9a-f]{32})-(?P<part>\d{5,})\.parquet")


def by_batch(keys: Iterable[str]) -> dict[str, dict[int, str]]:
    """Batch id -> part -> key, of bronze's keys. What has another name is nobody's part."""
    found: dict[str, dict[int, str]] = {}
    for key in keys:
        named = _NAME.fullmatch(key.rpartition("/")[2])
        if named:
            found.setdefault(named["batch"], {})[int(named["part"])] = key
    return found


def rows(client: Any, bucket: str, parts: Mapping[int, str]) -> dict[int, int]:
    """Part -> rows, by the footers of one object version's parts; without those that are gone since they were listed.

    Args:
        client: boto3's S3 client.
        bucket: Bronze's.
        parts: Part -> key.
    """
    found = {}
    for part, key in parts.items():
        with suppress(FileNotFoundError):
            found[part] = int(parquet.read_metadata(RangeReader(client, bucket, key)).num_rows)
    return found
