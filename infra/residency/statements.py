"""Policy statements, wherever in a template they are written, in one shape."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


_ELEMENTS = frozenset(
    ["Action", "Condition", "Effect", "NotAction", "NotPrincipal", "NotResource", "Principal", "Resource", "Sid"]
)


class Use(StrEnum):
    """What a statement decides."""

    GRANT = "permission"  # what the roles that hold it may do
    TRUST = "trust"  # who may take a role
    RESOURCE = "resource policy"  # who may use a resource
    PASSAGE = "endpoint policy"  # what a network's endpoint lets through; grants nothing
    BOUNDARY = "boundary"  # the most that a role may do; grants nothing


@dataclass(frozen=True)
class Condition:
    """One test of a statement, e.g. StringEquals, aws:RequestedRegion, (eu-central-1,)."""

    operator: str
    key: str
    values: tuple[str, ...]

    def of(self, *keys: str) -> bool:
        """Whether it tests one of these keys; AWS ignores their case."""
        return self.key.lower() in {key.lower() for key in keys}

    def __str__(self) -> str:
        operator = "=" if self.operator == "StringEquals" else self.operator
        return f"{self.key} {operator} {' or '.join(self.values)}"


@dataclass(frozen=True)
class Statement:
    """One statement.

    Args:
        written: The logical id of the resource that it is written in.
        where: Its path there, e.g. `Policies[0].PolicyDocument.Statement[2]`.
        use: What it decides.
        holders: Logical ids: the roles that it speaks of, or the resources that it protects.
    """

    written: str
    where: str
    use: Use
    holders: tuple[str, ...]
    sid: str
    allow: bool
    principals: tuple[tuple[str, str], ...]  # kind and value, e.g. ("Service", "s3.amazonaws.com")
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    conditions: tuple[Condition, ...]
    negated: tuple[str, ...]  # which of NotAction, NotResource and NotPrincipal it has
    unknown: tuple[
        str, ...
    ] = ()  # elements that IAM does not know, as they are spelt, or that do not say what they must

    @property
    def label(self) -> str:
        """How a finding's path names it."""
        return f"statement {self.sid or self.where}"


def read(document: Any, *, written: str, where: str, use: Use, holders: tuple[str, ...]) -> Iterator[Statement]:
    """The statements of a policy document whose values are resolved."""
    statements = as_list(document.get("Statement", [])) if isinstance(document, dict) else []
    for place, given in enumerate(statements):
        each = given if isinstance(given, dict) else {"Text": given}
        tests = each.get("Condition") or {}
        wrong = [] if each.get("Effect") in {"Allow", "Deny"} else ["Effect"]
        if not isinstance(tests, dict) or not all(isinstance(test, dict) for test in tests.values()):
            wrong, tests = [*wrong, "Condition"], {}
        yield Statement(
            written=written,
            where=f"{where}.Statement[{place}]",
            use=use,
            holders=holders,
            sid=str(each.get("Sid", "")),
            allow=each.get("Effect") != "Deny",
            principals=tuple(_principals(each.get("Principal"))),
            actions=tuple(str(action) for action in as_list(each.get("Action", []))),
            resources=tuple(str(resource) for resource in as_list(each.get("Resource", []))),
            conditions=tuple(_conditions(tests)),
            negated=tuple(key for key in ("NotAction", "NotResource", "NotPrincipal") if key in each),
            unknown=(*sorted(each.keys() - _ELEMENTS), *wrong),
        )


def as_list(value: Any) -> list[Any]:
    """A list of what may stand alone."""
    return value if isinstance(value, list) else [value]


def _principals(principal: Any) -> Iterator[tuple[str, str]]:
    if isinstance(principal, str):
        yield "AWS", principal
    elif isinstance(principal, dict):
        for kind, values in principal.items():
            yield from ((kind, str(value)) for value in as_list(values))


def _conditions(conditions: Mapping[str, Any]) -> Iterator[Condition]:
    for operator, tests in conditions.items():
        for key, values in tests.items():
            yield Condition(operator, str(key), tuple(str(value) for value in as_list(values)))
