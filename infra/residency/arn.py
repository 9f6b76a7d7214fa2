"""ARNs, read with the account and the region symbolic."""

from __future__ import annotations

import re
from dataclasses import dataclass

_PARTS = 6
EMBEDDED = re.compile(r"arn:[a-z*-]*:[^\s\"']+")


@dataclass(frozen=True)
class Arn:
    """`arn:partition:service:region:account:resource`."""

    text: str
    partition: str
    service: str
    region: str
    account: str
    resource: str

    @classmethod
    def parse(cls, text: str) -> Arn | None:
        """The ARN that `text` is, or None."""
        # The account stands as ${AWS::AccountId}, whose colons are no separators.
        parts = text.replace("::AccountId}", "\x00").split(":", _PARTS - 1)
        if len(parts) < _PARTS or parts[0] != "arn":
            return None
        return cls(text, *(part.replace("\x00", "::AccountId}") for part in parts[1:]))
