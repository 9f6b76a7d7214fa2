"""What a change of a template is, and how to write one."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.infra.resources import flat

Template = dict[str, Any]
ACCOUNT = {"Ref": "AWS::AccountId"}
VIRGINIA = "us-east-1"
STRANGER = "999999999999"
BRONZE_ROLE = {"Fn::GetAtt": ["BronzeFunctionRoleEA545423", "Arn"]}
FUNCTION = "function watershed-bronze"
MACHINE = "state machine watershed-backfill"


@dataclass(frozen=True)
class Mutation:
    """One change.

    Args:
        name: What it does.
        change: Does it, in place.
        rule: The rule that must refuse it.
        resource: The noun and name that the finding must begin with.
        path: The ends that the finding's path must have, one after the other.
    """

    name: str
    change: Callable[[Template], None]
    rule: str
    resource: str
    path: tuple[str, ...]


def named(template: Template, kind: str, name: str) -> tuple[str, dict[str, Any]]:
    """The logical id and properties of the one resource of a type whose name, of whichever property, has `name`."""
    found = [
        (logical, each["Properties"])
        for logical, each in template["Resources"].items()
        if each["Type"] == f"AWS::{kind}" and (name in logical or _called(each["Properties"], name))
    ]
    assert found, (kind, name)
    return found[0]


def _called(properties: dict[str, Any], name: str) -> bool:
    return any(name == flat(value) for key, value in properties.items() if key.endswith("Name"))


def put(kind: str, name: str, path: str, value: Any) -> Callable[[Template], None]:
    """Sets a property; a last step of `+` adds to the list there, `-` removes the property."""

    def change(template: Template) -> None:
        place: Any = named(template, kind, name)[1]
        *steps, last = path.split(".")
        for step in steps:
            place = place[int(step)] if isinstance(place, list) else place.setdefault(step, {})
        if last == "+":
            place.append(value)
        elif last.startswith("-"):
            del place[last[1:]]
        else:
            place[int(last) if isinstance(place, list) else last] = value

    return change


def add(logical: str, kind: str, **properties: Any) -> Callable[[Template], None]:
    """Adds a resource."""

    def change(template: Template) -> None:
        template["Resources"][logical] = {"Type": kind, "Properties": properties}

    return change


def both(*changes: Callable[[Template], None]) -> Callable[[Template], None]:
    def change(template: Template) -> None:
        for each in changes:
            each(template)

    return change


def section(name: str, value: Any) -> Callable[[Template], None]:
    def change(template: Template) -> None:
        template[name] = value

    return change


STATEMENT = "Policies.0.PolicyDocument.Statement"


def grant(**parts: Any) -> Callable[[Template], None]:
    """Gives bronze's role one more statement, good but for what is changed."""
    statement = {
        "Sid": "Added",
        "Effect": "Allow",
        "Action": "s3:GetObject",
        "Resource": {"Fn::Join": ["", ["arn:aws:s3:::watershed-raw-", ACCOUNT, "-eu-central-1/*"]]},
        "Condition": {"StringEquals": {"aws:ResourceAccount": ACCOUNT, "aws:RequestedRegion": "eu-central-1"}},
        **parts,
    }
    kept = {key: value for key, value in statement.items() if value is not None}
    return put("IAM::Role", "BronzeFunctionRole", f"{STATEMENT}.+", kept)


def let(kind: str, name: str, document: str = "PolicyDocument", **parts: Any) -> Callable[[Template], None]:
    """Adds a statement to a resource policy."""
    statement = {"Sid": "Added", "Effect": "Allow", "Resource": "*", **parts}
    return put(kind, name, f"{document}.Statement.+", statement)


def foreign(service: str, resource: str, *, region: str = VIRGINIA, account: Any = ACCOUNT) -> dict[str, Any]:
    return {"Fn::Join": [":", ["arn", {"Ref": "AWS::Partition"}, service, region, account, resource]]}


ROLE = "role watershed-bronze-eu-central-1"
RAW = "bucket watershed-raw-${AWS::AccountId}-eu-central-1"
TOPIC = {"Ref": "AlarmsTopic3A2DFEBA"}


def variable(name: str, value: Any) -> Callable[[Template], None]:
    """Sets a variable of bronze's function."""
    return put("Lambda::Function", "BronzeFunction", f"Environment.Variables.{name}", value)


def defined(definition: dict[str, Any] | str) -> Callable[[Template], None]:
    """Sets the backfill's definition."""
    made = definition if isinstance(definition, str) else json.dumps(definition)
    return put("StepFunctions::StateMachine", "Backfill", "DefinitionString", made)


def unknown(name: str, change: Callable[[Template], None], resource: str, rule: str = "unknown-property") -> Mutation:
    """A change that brings what the check does not know."""
    return Mutation(name, change, rule, resource, ())
