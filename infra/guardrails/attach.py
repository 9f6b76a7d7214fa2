"""All guardrails of a region, each with where it is attached and within what AWS takes."""

from __future__ import annotations

import json
from dataclasses import dataclass

from watershed.errors import ConfigurationError

from infra.guardrails.analysts import analysts
from infra.guardrails.boundary import boundary
from infra.guardrails.database import database
from infra.guardrails.place import Document, Place
from infra.guardrails.principals import own_account, service_control
from infra.guardrails.resources import catalog, resource_control

# AWS counts a policy's characters, for a boundary without blanks.
BOUNDARY_LIMIT, CONTROL_POLICY_LIMIT, CATALOG_LIMIT = 6_144, 5_120, 10_240
ANALYSTS_LIMIT = BOUNDARY_LIMIT  # both are managed policies


@dataclass(frozen=True)
class Guardrail:
    """A policy to attach.

    Args:
        name: What its file is called.
        attach: Where it is attached, for people.
        limit: The most characters that AWS takes.
        document: The policy.
    """

    name: str
    attach: str
    limit: int
    document: Document

    @property
    def text(self) -> str:
        """The policy as it is attached: a statement a line.

        Raises:
            ConfigurationError: if AWS would refuse it for its length.
        """
        statements = ",\n".join(json.dumps(each, separators=(",", ":")) for each in self.document["Statement"])
        text = f'{{"Version":"{self.document["Version"]}","Statement":[\n{statements}\n]}}\n'
        if len(text) > self.limit:
            raise ConfigurationError(
                f"The policy {self.name} has {len(text):,} characters; AWS takes {self.limit:,}.",
                remedy="Shorten it in infra/guardrails, or make two of it.",
            )
        return text


def guardrails(place: Place) -> tuple[Guardrail, ...]:
    """All policies to attach for a region. The catalog's is among them only if the account is given."""
    found: tuple[Guardrail, ...] = (
        Guardrail(
            "permissions-boundary",
            "as the boundary of every other role that reads or writes the lake; the stack's own roles have it",
            BOUNDARY_LIMIT,
            boundary(place),
        ),
        Guardrail(
            "analysts",
            "to roles of analysts and BI tools: it allows them gold, where personal data are masked, and nothing else",
            ANALYSTS_LIMIT,
            analysts(place),
        ),
        Guardrail(
            "service-control-policy",
            "to the account, or the organizational unit that holds it",
            CONTROL_POLICY_LIMIT,
            service_control(place),
        ),
        Guardrail(
            "service-control-policy-own-account",
            "beside it, to an account that holds this region of the lake and nothing else",
            CONTROL_POLICY_LIMIT,
            own_account(place),
        ),
        Guardrail(
            "resource-control-policy",
            "to the account, or the organizational unit that holds it",
            CONTROL_POLICY_LIMIT,
            resource_control(place),
        ),
    )
    if place.database:
        found = (
            *found,
            Guardrail(
                "service-control-policy-database",
                "to the account, or the organizational unit that holds it, of a region with a SQL database",
                CONTROL_POLICY_LIMIT,
                database(place),
            ),
        )
    if place.account is None:
        return found
    return (
        *found,
        Guardrail(
            "catalog-policy",
            "to the account's Glue catalog: aws glue put-resource-policy; merge it with what is there",
            CATALOG_LIMIT,
            catalog(place),
        ),
    )
