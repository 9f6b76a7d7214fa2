"""What a recount has to say: differences, each with what to do about it, and notes. Never a value of a row."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Where:
    """What it is about; what does not apply is empty."""

    dataset: str
    key: str = ""  # the raw object's
    version: str = ""  # the raw object's
    part: int | None = None
    table: str = ""

    def __str__(self) -> str:
        """For people."""
        named = (
            f"{self.key} (version {self.version})" if self.key else "",
            "" if self.part is None else f"part {self.part}",
            self.table,
        )
        return ", ".join(filter(None, named)) or self.dataset


@dataclass(frozen=True)
class Difference:
    """Something is not as the raw objects say."""

    where: Where
    what: str
    expected: str
    found: str
    remedy: str

    def __str__(self) -> str:
        """One sentence for each of: where and what, the two numbers, what to do."""
        return f"{self.where}: {self.what}. Expected {self.expected}, found {self.found}. {self.remedy}"


@dataclass(frozen=True)
class Note:
    """Something that could not be compared, and is no difference."""

    where: Where
    what: str

    def __str__(self) -> str:
        """One sentence."""
        return f"{self.where}: {self.what}."


Findings = list[Difference | Note]

WAIT = (
    "Wait until the queues are empty and run this again. If `watershed status` shows that it was given up, mend the "
    "cause and run `watershed redrive`."
)
BACKFILL = "Run `watershed backfill` for the dataset."
REBUILD = "Run `watershed rebuild` for the dataset: a backfill takes no row away."
INTRUDER = "Find out by the table's snapshots who wrote them, delete them in Athena, and run `watershed backfill`."
