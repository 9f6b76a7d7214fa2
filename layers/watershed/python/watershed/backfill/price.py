"""What a backfill through the functions will cost, from what is known before it starts. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING

from watershed.bronze.batch import MEBIBYTE

if TYPE_CHECKING:
    from collections.abc import Sequence

SOURCE = "list prices of us-east-1, 2025; check yours"
THOUSAND, MILLION = 1_000, 1_000_000
LAMBDA_GB_SECOND = 0.0000133334  # USD, arm64
LAMBDA_REQUEST = 0.20 / MILLION
TRANSITION = 0.025 / THOUSAND  # of a standard state machine
S3_WRITE = 0.005 / THOUSAND
S3_READ = 0.0004 / THOUSAND
SQS_REQUEST = 0.40 / MILLION
SQS_FIFO_REQUEST = 0.50 / MILLION


@dataclass(frozen=True)
class Assumptions:
    """What the price takes for granted about the work; none of it is measured on AWS."""

    bronze_rate: float = 8.0  # MiB of raw file a second
    bronze_start: float = 2.0  # seconds an object, whatever its size
    silver_rate: float = 8.0  # MiB of raw file a second
    silver_start: float = 10.0  # seconds a part, for a commit of its own
    part: float = 64.0  # MiB of raw file that become one part
    transitions: int = 4  # an object: its start, landing, judging, end
    writes: int = 12  # S3 writes a part: bronze, quarantine, ledger, replays; data, manifests and metadata of silver
    reads: int = 20  # S3 reads a part
    messages: int = 3  # SQS requests a message: sent, received, deleted


ASSUMED = Assumptions()


@dataclass(frozen=True)
class Line:
    """One position of the price."""

    what: str
    amount: float  # in `unit`
    unit: str
    dollars: float


def parts(sizes: Sequence[int], assumed: Assumptions = ASSUMED) -> int:
    """About how many bronze parts come of objects of these sizes, in bytes: at least one each."""
    return sum(max(1, ceil(size / MEBIBYTE / assumed.part)) for size in sizes)


def price(
    sizes: Sequence[int], *, bronze_memory: int, silver_memory: int, assumed: Assumptions = ASSUMED
) -> list[Line]:
    """The positions of a backfill's price in US dollars; their sum is the price.

    Gold's refresh by Athena afterwards, logs, KMS and storage are not in it.

    Args:
        sizes: Of each raw object, in bytes.
        bronze_memory: Of bronze's function, in MB.
        silver_memory: Of silver's function, in MB.
        assumed: About the work.
    """
    objects, made = len(sizes), parts(sizes, assumed)
    size = sum(sizes) / MEBIBYTE
    bronze = (size / assumed.bronze_rate + objects * assumed.bronze_start) * bronze_memory / 1024
    silver = (size / assumed.silver_rate + made * assumed.silver_start) * silver_memory / 1024
    steps = objects * assumed.transitions
    reads = objects + made * assumed.reads
    return [
        _line("Lambda, bronze", bronze, "GB-seconds", LAMBDA_GB_SECOND),
        _line("Lambda, silver", silver, "GB-seconds", LAMBDA_GB_SECOND),
        _line("Lambda", objects + made, "requests", LAMBDA_REQUEST),
        _line("Step Functions", steps, "transitions", TRANSITION),
        _line("S3", made * assumed.writes, "writes", S3_WRITE),
        _line("S3", reads, "reads", S3_READ),
        _line("SQS FIFO, to silver", made * assumed.messages, "requests", SQS_FIFO_REQUEST),
        _line("SQS, to gold", made * assumed.messages, "requests", SQS_REQUEST),
    ]


def stated(assumed: Assumptions = ASSUMED) -> str:
    """The assumptions in words, for whoever reads the price."""
    return (
        f"Assumed, not measured on AWS: bronze reads {assumed.bronze_rate:g} MiB/s after {assumed.bronze_start:g} s an "
        f"object, silver {assumed.silver_rate:g} MiB/s after {assumed.silver_start:g} s a part; a part holds "
        f"{assumed.part:g} MiB of raw file, and takes {assumed.writes} S3 writes and {assumed.reads} reads. "
        f"Prices: {SOURCE}. Not in it: gold's refresh by Athena, logs, KMS, storage."
    )


def _line(what: str, amount: float, unit: str, each: float) -> Line:
    return Line(what, amount, unit, amount * each)
