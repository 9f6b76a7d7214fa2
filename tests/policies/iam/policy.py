"""A policy's statements, and which of them speak of a request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from tests.policies.iam import conditions
from tests.policies.iam.conditions import listed
from tests.policies.iam.context import Context
from tests.policies.iam.errors import NotModelled
from tests.policies.iam.patterns import arn_matches, matches

_ELEMENTS = {"Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Principal", "Condition"}


@dataclass(frozen=True)
class Principal:
    """Who asks.

    Args:
        account: Its account; empty for a service of AWS and for nobody in particular.
        arn: The role's, without the session.
        service: The service's name, e.g. `s3.amazonaws.com`.
    """

    account: str = ""
    arn: str = ""
    service: str = ""

    def __str__(self) -> str:
        return self.arn or self.service or "anybody"


@dataclass(frozen=True)
class Request:
    """One question to IAM.

    Args:
        principal: Who asks.
        action: E.g. `s3:GetObject`.
        resource: The ARN; `*` for actions on none.
        account: The account that owns the resource.
        context: The condition keys.
    """

    principal: Principal
    action: str
    resource: str
    account: str
    context: Context

    def __str__(self) -> str:
        return f"{self.principal} {self.action} {self.resource}"


class Named(Enum):
    """How a resource policy's statement names the one who asks."""

    NOT = "not at all"
    ACCOUNT = "by its account, which leaves it to the account's own policies"
    ITSELF = "itself, or everybody"


@dataclass(frozen=True)
class Statement:
    """One statement. `principal` is None in the policies of roles."""

    policy: str
    sid: str
    effect: str
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    other_actions: bool
    other_resources: bool
    principal: Any
    condition: Mapping[str, Mapping[str, object]]

    def __str__(self) -> str:
        return f"{self.policy}: {self.sid}"

    def about(self, request: Request) -> list[tuple[str, str]]:
        """The pairs of action and resource, as the statement spells them, by which it speaks of the request.

        Raises:
            NotModelled: if its conditions hold something that is not known here.
        """
        named = [each for each in self.actions if matches(each.lower(), request.action.lower())]
        actions = (["every other action"] if not named else []) if self.other_actions else named
        if not actions:
            return []
        there = [each for each in self.resources if arn_matches(each, request.resource, request.context)]
        resources = (["every other resource"] if not there else []) if self.other_resources else there
        pairs = [(action, resource) for action in actions for resource in resources]
        return pairs if pairs and conditions.hold(self.condition, request.context) else []

    def names(self, principal: Principal) -> Named:
        """How this statement of a resource's policy names the one who asks.

        Raises:
            NotModelled: for kinds of principals that the lake has no use for.
        """
        if self.principal == "*":
            return Named.ITSELF
        best = Named.NOT
        for kind, wanted in dict(self.principal).items():
            if kind not in {"AWS", "Service"}:
                raise NotModelled(f"{self}: the principal {kind} is not known.")
            for text in map(str, listed(wanted)):
                if text in ("*", principal.service if kind == "Service" else principal.arn):
                    return Named.ITSELF
                if kind == "AWS" and principal.account and text in _accounts(principal.account):
                    best = Named.ACCOUNT
        return best


def _accounts(account: str) -> tuple[str, str]:
    return account, f"arn:aws:iam::{account}:root"


@dataclass(frozen=True)
class Policy:
    """A policy document with a name for messages."""

    name: str
    statements: tuple[Statement, ...]

    @classmethod
    def parse(cls, name: str, document: Mapping[str, Any]) -> Policy:
        """Read a document.

        Raises:
            NotModelled: if a statement has an element whose meaning is not written down here.
        """
        found = (_statement(name, number, each) for number, each in enumerate(listed(document["Statement"]), 1))
        return cls(name, tuple(found))


def _statement(policy: str, number: int, found: Any) -> Statement:
    if unknown := set(found) - _ELEMENTS:
        raise NotModelled(f"{policy}: statement {number} has {', '.join(sorted(unknown))}.")
    if found["Effect"] not in {"Allow", "Deny"}:
        raise NotModelled(f"{policy}: statement {number} has the effect {found['Effect']}.")
    conditions.check(found.get("Condition", {}))
    # A trust policy names no resource: it is about its own role.
    return Statement(
        policy=policy,
        sid=found.get("Sid", f"statement {number}"),
        effect=found["Effect"],
        actions=tuple(map(str, listed(found.get("Action", found.get("NotAction"))))),
        resources=tuple(map(str, listed(found.get("Resource", found.get("NotResource", "*"))))),
        other_actions="NotAction" in found,
        other_resources="NotResource" in found,
        principal=found.get("Principal"),
        condition=found.get("Condition", {}),
    )
