"""Who is to be erased, and which datasets are about people known in that way."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from watershed.contracts.model import BIGINTS, Kind
from watershed.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from watershed.contracts.model import Column, Contract

_WHOLE = re.compile(r"[+-]?[0-9]{1,100}")
_IN_WORDS = r"\w.@/+-"  # what does not end a word; any other sign may be a file's delimiter


@dataclass(frozen=True)
class Subject:
    """One person. Its text form is not to be logged."""

    column: str
    value: str

    @classmethod
    def parse(cls, text: str) -> Subject:
        """`customer_id=17`.

        Raises:
            ConfigurationError: if it is not of that form.
        """
        column, equals, value = (part.strip() for part in text.partition("="))
        if not (column and equals and value):
            raise ConfigurationError("--subject names nobody.", remedy="Write a column and a value: customer_id=17.")
        return cls(column, value)

    def typed(self, column: Column) -> int | str:
        """The value in the column's type.

        Raises:
            ConfigurationError: if it cannot be a value of it.
        """
        if column.kind is not Kind.INTEGER:
            return self.value
        # Python reads 1_7 as 17, who is somebody else.
        if not _WHOLE.fullmatch(self.value) or int(self.value) not in BIGINTS:
            raise ConfigurationError(
                f"{self.column} is an integer of 64 bits, and the value given is none.",
                remedy="Give the person's number.",
            )
        return int(self.value)

    def plain(self, held_in: Iterable[Contract]) -> Subject:
        """The same person in the form in which silver has the value: 17 for 017, unless it is text somewhere."""
        said = {str(self.typed(contract.table.column(self.column))) for contract in held_in}
        return Subject(self.column, said.pop()) if len(said) == 1 else self

    def literal(self, column: Column) -> str:
        """The value as SQL says it."""
        value = self.typed(column)
        if isinstance(value, int):
            return str(value)
        quoted = value.replace("'", "''")
        return f"'{quoted}'"

    def is_named_in(self, text: str) -> bool:
        """Whether the value is one of the words of a row that could be read only as text, or some in a row.

        In JSON it may be written with escapes.
        """
        spellings = {self.value, *(json.dumps(self.value, ensure_ascii=each)[1:-1] for each in (True, False))}
        spellings |= {each.replace("/", r"\/") for each in spellings}
        wanted = "|".join(map(re.escape, spellings))
        return re.search(f"(?<![{_IN_WORDS}])(?:{wanted})(?![{_IN_WORDS}])", text) is not None

    def fingerprint(self, key: bytes) -> str:
        """What receipts name the person by: without the key, nobody can tell who it is, nor try who it might be."""
        return hmac.new(key, f"{self.column}={self.value}".encode(), hashlib.sha256).hexdigest()


def holders(contracts: Mapping[str, Contract], subject: Subject) -> list[Contract]:
    """The contracts whose rows are about people known by the subject's column.

    Raises:
        ConfigurationError: if there is none, naming the columns that there are; or if the value does not fit.
    """
    found = [contract for _, contract in sorted(contracts.items()) if contract.subject == subject.column]
    if not found:
        known = sorted({contract.subject for contract in contracts.values() if contract.subject})
        raise ConfigurationError(
            f"No dataset is about people known by {subject.column}.",
            remedy=f"Use one of: {', '.join(known) or 'none yet'}; or name the `subject` in a contract.",
        )
    for contract in found:
        subject.typed(contract.table.column(subject.column))
    return found
