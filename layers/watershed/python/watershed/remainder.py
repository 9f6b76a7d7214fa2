"""What is left of a raw object once a person's rows were erased from it: a remainder, which stands for that object.

A remainder lies under a key of its own and says in its metadata for which object version it stands. To whoever reads
raw it is that version: the same key, version and time of arrival, and each other row in the same place. So what bronze,
silver and the ledger made of the object stays true. `docs/decisions/erasure.md` says why.
"""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from watershed import names

if TYPE_CHECKING:
    from collections.abc import Mapping

    from watershed.object_version import ObjectVersion

PREFIX = "_erased/"  # no dataset's folder, as those begin with a letter
_KEY, _VERSION, _CAME = "stands-for-key", "stands-for-version", "stands-for-time"


def key(of: ObjectVersion) -> str:
    """Where the remainder of an object version lies. A function of the version, so that a repeat overwrites itself."""
    return f"{PREFIX}{names.batch_id(of.bucket, of.key, of.version)}/{of.key.rpartition('/')[2]}"


def metadata(of: ObjectVersion) -> dict[str, str]:
    """What is noted beside a remainder. S3 takes ASCII only, and a key may be anything."""
    return {
        _KEY: base64.b64encode(of.key.encode("utf-8", "surrogatepass")).decode(),
        _VERSION: of.version,
        _CAME: of.last_modified.isoformat(),
    }


def resolved(found: ObjectVersion, noted: Mapping[str, str]) -> ObjectVersion:
    """The object version that `found` stands for; itself, unless it is a remainder.

    Only what lies where the remainder of that very version must lie counts. Versions' ids cannot be guessed, so who may
    only write cannot pass a file off as somebody else's.
    """
    if not found.key.startswith(PREFIX) or not {_KEY, _VERSION, _CAME} <= noted.keys():
        return found
    try:
        of = replace(
            found,
            key=base64.b64decode(noted[_KEY], validate=True).decode("utf-8", "surrogatepass"),
            version=noted[_VERSION],
            last_modified=datetime.fromisoformat(noted[_CAME]),
            place=(found.key, found.version),
        )
    except ValueError:  # nobody's but a stranger's
        return found
    return of if key(of) == found.key else found
