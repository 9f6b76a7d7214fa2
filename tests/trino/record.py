"""`python -m tests.trino.record`: writes a real Trino's answers beside the snippets, and which are refused here."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING

from tests.trino import athena, server, snippets, verdict
from tests.trino.verdict import Kind

if TYPE_CHECKING:
    from tests.trino.athena import Athena
    from tests.trino.client import Trino
    from tests.trino.snippets import Snippet


def record(trino: Trino, local: Athena) -> int:
    """Record all snippets; gives the number of those that changed."""
    changed = 0
    for path in snippets.files():
        before = snippets.read(path)
        after = [_recorded(snippet, trino, local) for snippet in before]
        changed += sum(old != new for old, new in zip(before, after, strict=True))
        snippets.write(path, after, trino.version())
    return changed


def _recorded(snippet: Snippet, trino: Trino, local: Athena) -> Snippet:
    asked = replace(snippet, expected=trino.ask(snippet.sql))
    refused = verdict.judge(asked.expected, verdict.ask(local, asked.sql)).kind is Kind.REFUSED
    return replace(asked, refused=refused)


def main() -> None:
    """Record, and say how much changed."""
    with server.running({}) as trino, athena.alone() as local:
        changed = record(trino, local)
        sys.stdout.write(
            f"{changed} of {len(snippets.read_all())} snippets recorded anew from Trino {trino.version()}\n"
        )


if __name__ == "__main__":
    main()
