"""What moto's CloudFormation keeps per logical id, and how a template becomes resources: create, update, delete."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from moto.cloudformation import parsing

from local.aws.cloudformation.registry import resource_type
from local.aws.cloudformation.resource import Made, Request, ResourceType
from local.aws.errors import UnsupportedResource

if TYPE_CHECKING:
    from local.aws.clients import Clients

_RETAINED = {"Retain", "RetainExceptOnCreate"}


@dataclass
class Resource:
    """A deployed resource, with the attributes that moto's CloudFormation reads."""

    kind: ResourceType
    request: Request
    made: Made
    retained: bool

    @property
    def physical_resource_id(self) -> str:
        """What `Ref` gives."""
        return self.made.ref

    @property
    def logical_resource_id(self) -> str:
        """Its key in the template."""
        return self.request.logical_id

    @property
    def cf_resource_type(self) -> str:
        """Its type in the template."""
        return self.kind.name

    def is_created(self) -> bool:
        """Resources are complete as soon as they are made."""
        return True

    @classmethod
    def has_cfn_attr(cls, _name: str) -> bool:
        """Attributes are checked when they are read."""
        return True

    def get_cfn_attribute(self, name: str) -> str:
        """What `Fn::GetAtt` gives.

        Raises:
            UnsupportedResource: if the handler gives no such attribute.
        """
        if name not in self.made.attributes:
            self.request.refuse(f"the laptop does not know the attribute {name}")
        return self.made.attributes[name]


class Stacks:
    """Makes, changes and deletes the resources of stacks, in place of moto's own code.

    Args:
        clients: what handlers call.
    """

    def __init__(self, clients: Clients) -> None:
        self._clients = clients

    def make(self, logical_id: str, definition: dict[str, Any], resources: Any, account: str, region: str) -> Any:
        """Make one resource, or bring the one of an earlier deployment up to date. None if its condition is false.

        Args:
            logical_id: its key in the template.
            definition: its `Type`, `Properties` and so on.
            account: where.
            region: where.
            resources: moto's `ResourceMap`, which resolves references by making what they refer to first.

        Raises:
            UnsupportedResource: if the type, a property, an attribute or a function is not supported.
        """
        condition = definition.get("Condition")
        if condition and not resources.lazy_condition_map[condition]:
            return None
        depends_on = definition.get("DependsOn", [])
        for other in [depends_on] if isinstance(depends_on, str) else depends_on:
            resources[other]
        stack = resources["AWS::StackName"]
        kind = resource_type(definition, f"{stack}/{logical_id}")
        properties = parsing.clean_json(definition.get("Properties", {}), resources)
        _refuse_unresolved(properties, f"{stack}/{logical_id}", kind.name)
        before: Resource | None = getattr(resources, "before", {}).get(logical_id)
        if before and before.kind is not kind:
            before.request.refuse(f"a change of type to {kind.name} is not imitated")
        named = properties.get(kind.name_property) if kind.name_property else None
        name = named or (
            before.request.name if before else parsing.generate_resource_name(kind.name, stack, logical_id)
        )
        request = Request(kind.name, stack, logical_id, str(name), properties, account, region, self._clients)
        made = _update(before, request) if before else kind.create(_imitated(request, kind))
        return Resource(kind, request, made, definition.get("DeletionPolicy") in _RETAINED)

    def update(self, resources: Any, template: dict[str, Any], parameters: dict[str, Any] | None = None) -> None:
        """Bring a stack to a new template: every resource is resolved again, so a change reaches all that refer to it.

        Raises:
            UnsupportedResource: if a change cannot be applied in place.
        """
        before = {key: value for key, value in resources._parsed_resources.items() if isinstance(value, Resource)}  # noqa: SLF001 - moto's map
        for logical_id in before:
            del resources._parsed_resources[logical_id]  # noqa: SLF001 - moto's map
        resources.before = before
        resources._template, resources._resource_json_map = template, template["Resources"]  # noqa: SLF001 - moto's map
        resources.input_parameters = parameters or resources.input_parameters
        try:
            resources.load_mapping()
            resources.load_parameters()
            resources.load_conditions()
            for logical_id in template["Resources"]:
                resources[logical_id]
            removed = {key: value for key, value in before.items() if key not in resources._parsed_resources}  # noqa: SLF001 - moto's map
            _delete(removed.values())
        except BaseException:
            for logical_id, resource in before.items():
                resources._parsed_resources.setdefault(logical_id, resource)  # noqa: SLF001 - moto's map
            raise
        finally:
            resources.before = {}

    def delete(self, resources: Any) -> None:
        """Delete a stack's resources, dependents first; retained ones stay."""
        parsed = resources._parsed_resources  # noqa: SLF001 - moto's map
        _delete([value for value in parsed.values() if isinstance(value, Resource)])


def _update(before: Resource, request: Request) -> Made:
    old, new = before.request.properties, request.properties
    changed = {key for key in {*old, *new} if old.get(key) != new.get(key)}
    if not changed:
        return before.made
    update = before.kind.update
    if update is None or (blocked := changed & before.kind.replacing()):
        request.refuse(f"a change of {', '.join(sorted(changed if update is None else blocked))} replaces the resource")
    if removed := sorted(set(old) - set(new)):
        request.refuse(f"taking {', '.join(removed)} back to its default is not imitated")
    if changed <= set(before.kind.not_imitated):
        return before.made
    return update(_imitated(request, before.kind), before.made)


def _imitated(request: Request, kind: ResourceType) -> Request:
    """The request without the properties that have no effect here."""
    return replace(request, properties=request.without(*kind.not_imitated)) if kind.not_imitated else request


def _delete(resources: Any) -> None:
    """Delete in reverse order of making: what refers to something was made after it."""
    for resource in reversed(list(resources)):
        if resource.kind.delete and not resource.retained:
            resource.kind.delete(_imitated(resource.request, resource.kind), resource.made)


def _refuse_unresolved(value: Any, where: str, type_name: str) -> None:
    """Moto leaves functions that it does not know as they are."""
    if isinstance(value, dict):
        for key, item in value.items():
            if key.startswith("Fn::") or key == "Ref":
                raise UnsupportedResource(where, type_name, f"moto does not resolve {key}")
            _refuse_unresolved(item, where, type_name)
    elif isinstance(value, list):
        for item in value:
            _refuse_unresolved(item, where, type_name)
