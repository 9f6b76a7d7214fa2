"""Works out CloudFormation's functions, as far as a template alone allows: names and ARNs with the account symbolic."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from infra.residency.kinds import KINDS
from infra.residency.paths import values
from infra.residency.stack import ACCOUNT

if TYPE_CHECKING:
    from infra.residency.stack import Stack

_VARIABLE = re.compile(r"\$\{(!?)([^}]+)\}")
_REFERENCES = {"QueueUrl", "GroupId"}  # attributes that give what `Ref` gives
_ZONES = 2  # how many a region has at least
_NOTHING = object()  # what AWS::NoValue gives


@dataclass(frozen=True)
class Unknown:
    """A value that the template does not tell."""

    where: str  # the property's path within its resource
    what: str  # e.g. `Fn::ImportValue`


class Resolver:
    """Resolves the values of one template. What it cannot know becomes `${?…}`, and is listed in `unknown`."""

    def __init__(self, stack: Stack) -> None:
        self.unknown: list[Unknown] = []
        self._stack = stack
        self._resources = {
            logical: resource if isinstance(resource, dict) else {}  # Fn::ForEach
            for logical, resource in stack.template.get("Resources", {}).items()
        }
        self._pseudo = {
            "AWS::AccountId": ACCOUNT,
            "AWS::Region": stack.region,
            "AWS::Partition": stack.partition,
            "AWS::URLSuffix": stack.suffix,
            "AWS::StackName": stack.name,
            "AWS::StackId": f"arn:{stack.partition}:cloudformation:{stack.region}:{ACCOUNT}:stack/{stack.name}",
        }
        self._functions = {
            "Ref": self._ref,
            "Fn::GetAtt": self._attribute,
            "Fn::Join": self._join,
            "Fn::Sub": self._sub,
            "Fn::Select": self._select,
            "Fn::Split": self._split,
            "Fn::GetAZs": self._zones,
        }
        self._naming: list[str] = []

    def value(self, value: Any, where: str) -> Any:
        """The value with all functions worked out; `where` is its path, for what is unknown."""
        found = self._value(value, where)
        return None if found is _NOTHING else found

    def name(self, logical: str) -> str:
        """A resource's physical name; `${LogicalId}` where CloudFormation makes one up."""
        resource = self._resources[logical]
        kind = KINDS.get(resource.get("Type", ""))
        if not kind or not kind.name or logical in self._naming:
            return f"${{{logical}}}"
        self._naming.append(logical)
        found = [text for path in kind.name.split() for _, text in values(resource.get("Properties"), path)]
        parts = [str(self.value(text, kind.name)) for text in found]
        self._naming.pop()
        return "/".join(parts) or f"${{{logical}}}"

    def arn(self, logical: str) -> str:
        """A resource's ARN, or `${LogicalId.Arn}` for a type that is not known."""
        kind = KINDS.get(self._resources[logical].get("Type", ""))
        return (
            self._filled(f"arn:{self._stack.partition}:{kind.arn}", logical)
            if kind and kind.arn
            else (f"${{{logical}.Arn}}")
        )

    def reference(self, logical: str) -> str:
        """What `Ref` gives."""
        kind = KINDS.get(self._resources[logical].get("Type", ""))
        return self._filled(kind.ref, logical) if kind else f"${{{logical}}}"

    def _filled(self, pattern: str, logical: str) -> str:
        arn = self.arn(logical) if "{arn}" in pattern else ""
        place = {"region": self._stack.region, "account": ACCOUNT, "suffix": self._stack.suffix}
        return pattern.format(name=self.name(logical), arn=arn, **place)

    def _value(self, value: Any, where: str) -> Any:
        if isinstance(value, str):
            return self._text(value, where)
        if isinstance(value, list):
            items = [self._value(item, f"{where}[{place}]") for place, item in enumerate(value)]
            return [item for item in items if item is not _NOTHING]
        return self._object(value, where) if isinstance(value, dict) else value

    def _text(self, text: str, where: str) -> str:
        given = self._told(text, where)
        return given.replace(self._stack.account, ACCOUNT) if self._stack.account else given

    def _told(self, text: str, where: str) -> str:
        """The text, if it is no reference that CloudFormation follows after it has put the text together."""
        return self._not_known(where, "a dynamic reference") if "{{resolve:" in text else text

    def _object(self, value: dict[str, Any], where: str) -> Any:
        if len(value) == 1:
            ((function, argument),) = value.items()
            if function in self._functions:
                return self._functions[function](argument, where)
        for function in value:
            if str(function).startswith("Fn::"):  # also beside other keys: a macro adds to them
                return self._not_known(where, str(function))
        pairs = {key: self._value(item, f"{where}.{key}" if where else str(key)) for key, item in value.items()}
        return {key: item for key, item in pairs.items() if item is not _NOTHING}

    def _not_known(self, where: str, what: str) -> str:
        self.unknown.append(Unknown(where, what))
        return f"${{?{what}}}"

    def _ref(self, name: Any, where: str) -> Any:
        if name == "AWS::NoValue":
            return _NOTHING
        if name in self._pseudo:
            return self._pseudo[name]
        if name in self._resources:
            return self.reference(name)
        return self._not_known(where, f"the parameter {name}")

    def _attribute(self, argument: Any, where: str) -> str:
        logical, _, attribute = argument.partition(".") if isinstance(argument, str) else (argument[0], "", argument[1])
        if logical not in self._resources:
            return self._not_known(where, f"an attribute of {logical}")
        if attribute == "Arn":
            return self.arn(logical)
        if attribute in _REFERENCES:
            return self.reference(logical)
        return self.name(logical) if str(attribute).endswith("Name") else f"${{{logical}.{attribute}}}"

    def _join(self, argument: Any, where: str) -> str:
        separator, parts = argument
        found = self._value(parts, where)
        if not isinstance(found, list):
            return self._not_known(where, "Fn::Join of something that is no list")
        return self._told(str(separator).join(str(part) for part in found), where)

    def _sub(self, argument: Any, where: str) -> str:
        text, given = (argument, {}) if isinstance(argument, str) else argument

        def replaced(match: re.Match[str]) -> str:
            literal, name = match.groups()
            if literal:
                return f"${{{name}}}"
            if name in given:
                return str(self._value(given[name], where))
            return self._attribute(name, where) if "." in name else str(self._ref(name, where))

        return self._told(_VARIABLE.sub(replaced, str(text)), where)

    def _select(self, argument: Any, where: str) -> Any:
        index, items = argument
        found = self._value(items, where)
        if not isinstance(found, list) or not str(index).isdigit() or int(index) >= len(found):
            return self._not_known(where, "Fn::Select")
        return found[int(index)]

    def _zones(self, region: Any, where: str) -> Any:
        """A region's zones. Which letters an account has is not known, and does not matter: they are the region's."""
        if self._value(region, where) not in {"", self._stack.region}:
            return self._not_known(where, "Fn::GetAZs of another region")
        return [f"{self._stack.region}${{zone {number}}}" for number in range(1, _ZONES + 1)]

    def _split(self, argument: Any, where: str) -> list[str]:
        separator, text = argument
        return str(self._value(text, where)).split(separator)
