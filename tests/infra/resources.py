"""Reads a template's resources by what they are called."""

from __future__ import annotations

from typing import Any

from watershed.names import Stage

STAGES = tuple(stage for stage in Stage if not stage.needs_database)  # those that every region has


class Resources:
    """A template's resources."""

    def __init__(self, template: dict[str, Any]) -> None:
        self._all: dict[str, dict[str, Any]] = template["Resources"]

    def of(self, kind: str) -> dict[str, dict[str, Any]]:
        """Those of one type, by logical id."""
        return {name: each for name, each in self._all.items() if each["Type"] == f"AWS::{kind}"}

    def named(self, kind: str, name_property: str) -> dict[str, dict[str, Any]]:
        """The properties of those of one type, by physical name, with the account as 1234."""
        return {flat(each["Properties"][name_property]): each["Properties"] for each in self.of(kind).values()}

    def arn_of(self, kind: str, name_property: str, name: str) -> dict[str, Any]:
        """How the template refers to the ARN of the resource with a physical name."""
        (found,) = [
            logical for logical, each in self.of(kind).items() if flat(each["Properties"][name_property]) == name
        ]
        return {"Fn::GetAtt": [found, "Arn"]}


def flat(value: Any) -> str:
    """A name or ARN as text: the account is 1234, the partition aws, and references are `<LogicalId>`."""
    if isinstance(value, str):
        return value
    if "Fn::Join" in value:
        return str(value["Fn::Join"][0]).join(flat(part) for part in value["Fn::Join"][1])
    if "Fn::GetAtt" in value:
        return f"<{value['Fn::GetAtt'][0]}>"
    return {"AWS::AccountId": "1234", "AWS::Partition": "aws"}.get(value["Ref"], f"<{value['Ref']}>")
