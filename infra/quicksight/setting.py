"""The optional setting `quicksight` of a region in cdk.json: who sees the dashboards, and who may build on them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from infra.guardrails.place import partition

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_KEYS = ("principals", "authors", "spice")
# A user's name may have slashes (`role/session`) and what e-mail addresses have; a group's, blanks as well.
_PRINCIPAL = re.compile(
    r"arn:(?P<partition>aws[a-z-]*):(?P<service>[a-z0-9-]+):(?P<region>[a-z]{2}(?:-[a-z]+)+-\d):(?P<account>\d{12})"
    r":(?P<kind>user|group)/(?P<namespace>[A-Za-z0-9._-]{1,64})/(?P<name>[\w+=,.@/ -]{1,200})",
    re.ASCII,
)
_EXAMPLE = "arn:aws:quicksight:eu-central-1:111122223333:group/default/analysts"
_MOST = 64  # QuickSight's own limit of permissions on one thing


@dataclass(frozen=True)
class Identity:
    """A user or group of QuickSight, without the account: a template is made for every account.

    Args:
        region: Where the subscription keeps its users, which need not be the lake's region: names, and no rows.
        resource: `group/default/analysts`.
    """

    region: str
    resource: str


@dataclass(frozen=True)
class QuickSight:
    """One region's setting."""

    readers: tuple[Identity, ...]  # see the dashboards
    authors: tuple[Identity, ...] = ()  # change the analyses and build others, on what the rules let them see
    spice: bool = False  # whether QuickSight keeps a copy of gold, or asks Athena each time

    @property
    def namespace(self) -> str:
        """The one of all users and groups: the rules name them without it."""
        return self.readers[0].resource.split("/")[1]


def read(value: Mapping[str, Any] | None) -> QuickSight | None:
    """The setting, of a value that has no faults."""
    if value is None:
        return None
    readers, authors = (tuple(_identity(each) for each in value.get(key, ())) for key in ("principals", "authors"))
    return QuickSight(readers, authors, value.get("spice", False))


def faults(value: Any, region: str) -> Iterator[str]:
    """What is wrong with the setting's value: each fault as its path below the setting, what it is, and the remedy.

    Args:
        value: What cdk.json says.
        region: The AWS region of the lake.
    """
    if not isinstance(value, dict):
        yield f': this is not an object. Write {{"principals": ["{_EXAMPLE}"]}}, or leave the setting out.'
        return
    for unknown in sorted(value.keys() - set(_KEYS)):
        yield f".{unknown}: there is no such setting. The settings are {', '.join(_KEYS)}."
    if "spice" in value and not isinstance(value["spice"], bool):
        yield f".spice: {value['spice']!r} is neither true nor false. Write one of them, or leave it out: it is false."
    found: list[re.Match[str]] = []
    for key in ("principals", "authors"):
        if key in value or key == "principals":
            yield from _list_faults(f".{key}", value.get(key), region, found)
    yield from _differing(found)


def _list_faults(path: str, values: Any, region: str, found: list[re.Match[str]]) -> Iterator[str]:
    if not isinstance(values, list) or not values:
        yield f"{path}: this is not a list with at least one user or group. Write one like {_EXAMPLE}."
        return
    if len(values) > _MOST:
        yield f"{path}: QuickSight takes {_MOST} users and groups, and these are {len(values)}. Put them into a group."
    for position, value in enumerate(values):
        here = f"{path}[{position}]"
        match = _PRINCIPAL.fullmatch(value) if isinstance(value, str) else None
        if match is None:
            yield f"{here}: {value!r} is not the ARN of a QuickSight user or group. Write one like {_EXAMPLE}."
        elif match["service"] != "quicksight":
            yield f"{here}: {value} belongs to {match['service']}. Name a user or group of QuickSight."
        elif match["partition"] != partition(region):
            yield f"{here}: {value} is in {match['partition']}, and {region} in {partition(region)}. Name one there."
        elif value in values[:position]:
            yield f"{here}: {value} is listed twice. Remove one."
        else:
            found.append(match)


def _differing(found: list[re.Match[str]]) -> Iterator[str]:
    """All are of one account, which is the lake's; and of one namespace, since the rules name users without it."""
    for part in ("account", "namespace"):
        different = sorted({each[part] for each in found})
        if len(different) > 1:
            yield f": the users and groups are of more than one {part}: {', '.join(different)}. Name those of one."


def _identity(arn: str) -> Identity:
    _, _, _, region, _, resource = arn.split(":", 5)
    return Identity(region, resource)
