"""The app's configuration: the `watershed` context of cdk.json, checked once and then frozen."""

from __future__ import annotations

import importlib.resources
import re
import zoneinfo
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from watershed.errors import ConfigurationError
from watershed.names import Stage

from infra.prefix_lists import S3_PREFIX_LISTS
from infra.quicksight.setting import QuickSight, faults, read

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-\d")
_PLACE = re.compile(r"(?!Etc/)[A-Z][A-Za-z]+(/[A-Z][A-Za-z_-]+)+")
_ORGANIZATION = re.compile(r"o-[a-z0-9]{10,32}")
_SETTINGS = ("regions", "organization")
_FIELDS = ("name", "jurisdiction", "time_zones")
_OPTIONAL = ("object_lock_days", "postgres", "quicksight")
_MOST_LOCKED_DAYS = 36_500  # S3's own limit
_LONGEST_NAME = 100  # it is a heading, and part of the stack's description, which CloudFormation ends at 1,024 bytes


@dataclass(frozen=True)
class RegionConfig:
    """One region of the lake."""

    region: str  # the AWS region, e.g. eu-central-1
    name: str  # for people, e.g. Frankfurt
    jurisdiction: tuple[str, ...]  # ISO 3166 alpha-2 codes of the countries whose rows belong here
    time_zones: tuple[str, ...]  # IANA names, the first is the region's own
    object_lock_days: int | None = None  # for how long nobody may overwrite or delete what came into raw; None: no lock
    organization: str | None = None  # the id of the AWS organization that the lake is confined to, if any
    quicksight: QuickSight | None = None  # who sees gold in QuickSight; None: nothing is made there
    postgres: bool = False  # whether gold is published to a SQL database

    @property
    def stages(self) -> tuple[Stage, ...]:
        """The region's stages."""
        return tuple(stage for stage in Stage if self.postgres or not stage.needs_database)


def regions(context: Any) -> tuple[RegionConfig, ...]:
    """The regions that the value of the `watershed` context describes, in its order.

    Raises:
        ConfigurationError: listing every fault with its path in cdk.json and its remedy.
    """
    given = context.get("regions") if isinstance(context, dict) else None
    if not isinstance(given, dict) or not given:
        raise ConfigurationError(
            "cdk.json: context.watershed.regions names no region.",
            remedy='Write {"eu-central-1": {"name": …, "jurisdiction": […], "time_zones": […]}}.',
        )
    faults = [*_context_faults(context)]
    faults += [f"regions.{fault}" for region, fields in given.items() for fault in _faults(region, fields)]
    if not faults:
        found = tuple(
            RegionConfig(
                region,
                fields["name"],
                tuple(fields["jurisdiction"]),
                tuple(fields["time_zones"]),
                fields.get("object_lock_days"),
                context.get("organization"),
                read(fields.get("quicksight")),
                fields.get("postgres", False),
            )
            for region, fields in given.items()
        )
        faults = [f"regions.{fault}" for fault in (*_shared_names(found), *_shared_countries(found))]
    if faults:
        raise ConfigurationError("\n".join(f"cdk.json: context.watershed.{fault}" for fault in faults), remedy="")
    return found


def _context_faults(context: dict[str, Any]) -> Iterator[str]:
    for unknown in sorted(context.keys() - set(_SETTINGS)):
        yield f"{unknown}: there is no such setting. The settings are {', '.join(_SETTINGS)}."
    organization = context.get("organization")
    if "organization" in context and not (isinstance(organization, str) and _ORGANIZATION.fullmatch(organization)):
        yield (
            f"organization: {organization!r} is not the id of an AWS organization. Write one like o-a1b2c3d4e5, as "
            "`aws organizations describe-organization` shows it, or leave the setting out."
        )


def _faults(region: str, fields: Any) -> Iterator[str]:
    if not _REGION.fullmatch(region):
        yield f"{region}: this is not an AWS region's name. Write one like eu-central-1."
    if not isinstance(fields, dict):
        yield f"{region}: this is not an object. Write name, jurisdiction and time_zones."
        return
    for unknown in sorted(fields.keys() - {*_FIELDS, *_OPTIONAL}):
        yield f"{region}.{unknown}: there is no such setting. The settings are {', '.join((*_FIELDS, *_OPTIONAL))}."
    if not isinstance(fields.get("name"), str) or not fields["name"].strip():
        yield f"{region}.name: a name for people is missing. Write the city, e.g. Frankfurt."
    elif len(fields["name"]) > _LONGEST_NAME or not fields["name"].isprintable():
        yield f"{region}.name: it is longer than {_LONGEST_NAME} letters or has others than can be read. Shorten it."
    yield from _list_faults(f"{region}.jurisdiction", fields.get("jurisdiction"), _countries(), "ISO 3166 alpha-2 code")
    yield from _list_faults(f"{region}.time_zones", fields.get("time_zones"), _zones(), "IANA time zone of a place")
    days = fields.get("object_lock_days")
    if "object_lock_days" in fields and (type(days) is not int or not 1 <= days <= _MOST_LOCKED_DAYS):
        yield (
            f"{region}.object_lock_days: {days!r} is not a whole number of days from 1 to {_MOST_LOCKED_DAYS}. "
            "Write one, or leave the setting out: then raw is not locked."
        )
    if "quicksight" in fields:
        yield from (f"{region}.quicksight{fault}" for fault in faults(fields["quicksight"], region))
    yield from _postgres_faults(f"{region}.postgres", region, fields.get("postgres", False))


def _postgres_faults(path: str, region: str, value: Any) -> Iterator[str]:
    if type(value) is not bool:
        yield f"{path}: {value!r} is neither true nor false. Write true for a SQL database, or leave the setting out."
    elif value and region not in S3_PREFIX_LISTS:
        yield (
            f"{path}: nobody has written down which addresses S3 has in {region}. Add what `aws ec2 "
            "describe-prefix-lists` says of S3 there to infra/prefix_lists.py, or leave the setting out."
        )


def _list_faults(path: str, values: Any, known: Iterable[str], kind: str) -> Iterator[str]:
    if not isinstance(values, list) or not values:
        yield f"{path}: this is not a list with at least one {kind}. Write one."
        return
    for position, value in enumerate(values):
        if not isinstance(value, str) or value not in known:
            yield f"{path}[{position}]: {value!r} is not an {kind}. Correct it."
        elif value in values[:position]:
            yield f"{path}[{position}]: {value} is listed twice. Remove one."


def _shared_names(found: tuple[RegionConfig, ...]) -> Iterator[str]:
    """Of regions called alike: a page of all regions could not tell one from the other."""
    taken: dict[str, str] = {}
    for each in found:
        name = " ".join(each.name.casefold().split())
        if name in taken:
            yield f"{each.region}.name: {taken[name]} is called {each.name!r} already. Call one of the two otherwise."
        taken.setdefault(name, each.region)


def _shared_countries(found: tuple[RegionConfig, ...]) -> Iterator[str]:
    claimed: dict[str, str] = {}
    for each in found:
        for country in each.jurisdiction:
            if country in claimed:
                yield (
                    f"{each.region}.jurisdiction: {country} already belongs to {claimed[country]}. "
                    "A country's rows have one home: remove it from one of the two."
                )
            claimed.setdefault(country, each.region)


def _zones() -> frozenset[str]:
    """Those of the IANA database that Athena knows as well and whose views' names are told apart; and UTC."""
    return frozenset(zone for zone in zoneinfo.available_timezones() if _PLACE.fullmatch(zone)) | {"UTC"}


def _countries() -> frozenset[str]:
    """The codes in use, from the table that the IANA time zone database carries."""
    table = importlib.resources.files("tzdata").joinpath("zoneinfo", "iso3166.tab").read_text(encoding="utf-8")
    return frozenset(line.split("\t")[0] for line in table.splitlines() if not line.startswith("#"))
