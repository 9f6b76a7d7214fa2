"""Many small deliveries become few raw objects: one for each dataset and source of a batch of messages."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from watershed import names
from watershed.door.batch import Batch

if TYPE_CHECKING:
    from collections.abc import Iterable

    from watershed.s3 import S3

Record = dict[str, Any]  # as the event source mapping delivers it
ID_DIGITS = 32


@dataclass(frozen=True)
class Collected:
    """The messages that became one raw object."""

    source: str
    dataset: str
    messages: tuple[Record, ...]
    batches: tuple[Batch, ...]

    @property
    def key(self) -> str:
        """The object's: a function of its messages, so that a batch which is repeated finds itself written."""
        ids = "\n".join(sorted(each["messageId"] for each in self.messages))
        first = min(each.received_at for each in self.batches)
        return names.raw_key(self.dataset, self.source, first, hashlib.sha256(ids.encode()).hexdigest()[:ID_DIGITS])

    @property
    def content(self) -> bytes:
        """The object's: the lines in the order in which they arrived."""
        ordered = sorted(self.batches, key=lambda each: each.received_at)
        return "".join(f"{line}\n" for each in ordered for line in each.lines).encode()


def gather(taken: Iterable[tuple[Record, Batch]]) -> list[Collected]:
    """One for each dataset and source, in the order in which they first come."""
    found: dict[tuple[str, str], list[tuple[Record, Batch]]] = {}
    for record, batch in taken:
        found.setdefault((batch.source, batch.dataset), []).append((record, batch))
    return [
        Collected(source, dataset, tuple(record for record, _ in pairs), tuple(batch for _, batch in pairs))
        for (source, dataset), pairs in found.items()
    ]


def write(collected: Collected, s3: S3, bucket: str) -> bool:
    """Put the raw object, unless it is there. Whether it was put now.

    Raises:
        Terminal: if it may not be written.
        Transient: if S3 does not answer.
    """
    return s3.put_new(bucket, collected.key, collected.content)
