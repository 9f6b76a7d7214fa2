"""DuckDB macros that give Trino's answer where DuckDB's own function gives another one: the `.sql` files beside this.

Each macro says how the two differ. No CASE stands inside the condition of a CASE: DuckDB would evaluate it early where
all arguments are constants.
"""

from __future__ import annotations

import functools
import re
from importlib.resources import files

from local.athena.translate.zones import NAMES

_FILES = ("numbers", "texts", "times", "collections", "json", "casts")  # each uses only those before it
_MACRO = re.compile(r"^CREATE MACRO (\w+)\((.*?);$", re.DOTALL | re.MULTILINE)


@functools.cache
def definitions() -> str:
    """The statements that create all macros."""
    zones = ", ".join(f"'{name}'" for name in sorted(NAMES))
    texts = [files(__package__).joinpath(f"{name}.sql").read_text(encoding="utf-8") for name in _FILES]
    return "\n".join([f"CREATE MACRO trino_zones() AS [{zones}];", *texts])


@functools.cache
def incomplete() -> frozenset[str]:
    """The macros that fail with `NOT_SUPPORTED` for some values: TRY() must not turn that into NULL."""
    bodies = dict(_MACRO.findall(definitions()))
    found = {name for name, body in bodies.items() if "NOT_SUPPORTED" in body}
    while True:
        more = {name for name, body in bodies.items() if found & set(re.findall(r"\w+", body))} | found
        if more == found:
            return frozenset(found)
        found = more
