"""The vocabulary of the table of handlers: a resource type, a request to make one, and what was made."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

from local.aws.clients import Clients
from local.aws.cloudformation import shapes
from local.aws.errors import UnsupportedResource

Properties = dict[str, Any]


@dataclass(frozen=True)
class Made:
    """What a template can say about a resource: `Ref` and `Fn::GetAtt`."""

    ref: str
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Request:
    """One resource to be made, changed or deleted.

    Args:
        name: the physical name: the template's, or a generated one.
        properties: with every intrinsic function resolved.
    """

    type_name: str
    stack: str
    logical_id: str
    name: str
    properties: Properties
    account: str
    region: str
    clients: Clients

    def client(self, service: str) -> Any:
        """The boto3 client of a service in this region."""
        return self.clients.client(service, self.region)

    def call(self, service: str, operation: str, parameters: Properties) -> Any:
        """Call an operation (snake case) through boto3, whose models check every name and type.

        Raises:
            UnsupportedResource: if the operation has no such parameter, at any depth.
        """
        client = self.client(service)
        shape = client.meta.service_model.operation_model(client.meta.method_to_api_mapping[operation]).input_shape
        return getattr(client, operation)(**shapes.coerce(shape, parameters, operation, self.refuse))

    def keep(self, service: str, operation: str, parameters: Properties, read: Callable[[Any], Any]) -> Any:
        """As `call`, then read the resource back and refuse what moto did not keep.

        Args:
            service: boto3's name.
            operation: in snake case.
            parameters: what is sent, and must be kept.
            read: gives what must hold `parameters`, read back; it gets the call's answer. It is called once for each
                set of parameter paths, since what moto drops depends on names, not on values.

        Raises:
            UnsupportedResource: naming the parameters that were dropped.
        """
        answer = self.call(service, operation, parameters)
        paths = frozenset({f"{self.type_name} {operation}", *shapes.paths(parameters)})
        if paths not in self.clients.proven:
            if dropped := shapes.dropped(parameters, read(answer)):
                self.refuse(f"moto's {operation} does not keep {', '.join(dropped)}")
            self.clients.proven.add(paths)
        return answer

    def only(self, value: Mapping[str, Any], known: str, path: str) -> None:
        """Refuse keys of `value` other than `known` (separated by blanks).

        Raises:
            UnsupportedResource: naming them.
        """
        if unknown := sorted(set(value) - set(known.split())):
            self.refuse(f"the laptop does not keep {', '.join(f'{path}.{key}' for key in unknown)}")

    def refuse(self, what: str) -> NoReturn:
        """Raise `UnsupportedResource` about this resource."""
        raise UnsupportedResource(f"{self.stack}/{self.logical_id}", self.type_name, what)

    def tags(self) -> dict[str, str]:
        """The `Tags` property, whichever of CloudFormation's two forms it has."""
        tags = self.properties.get("Tags") or {}
        return dict(tags) if isinstance(tags, dict) else {tag["Key"]: tag["Value"] for tag in tags}

    def without(self, *names: str) -> Properties:
        """The properties except those."""
        return {key: value for key, value in self.properties.items() if key not in names}


@dataclass(frozen=True)
class ResourceType:
    """One row of the table.

    Args:
        name: e.g. `AWS::SQS::Queue`.
        properties: the properties that are kept, separated by blanks; any other is refused.
        create: makes it.
        delete: removes it. None: nothing outlives the stack that could be removed.
        update: applies changed properties in place. None: a change is refused, because AWS would replace the resource.
        name_property: the property that holds the physical name, if the type has one.
        fixed: properties, separated by blanks, whose change means a replacement, which is refused.
        not_imitated: properties that moto cannot hold and that have no effect here, each with what the laptop
            therefore does not show.
    """

    name: str
    properties: str
    create: Callable[[Request], Made]
    delete: Callable[[Request, Made], None] | None = None
    update: Callable[[Request, Made], Made] | None = None
    name_property: str | None = None
    fixed: str = ""
    not_imitated: Mapping[str, str] = field(default_factory=dict)

    def known(self) -> frozenset[str]:
        """All accepted properties."""
        return frozenset(self.properties.split()) | frozenset(self.not_imitated)

    def replacing(self) -> frozenset[str]:
        """The properties whose change cannot be applied in place."""
        return frozenset(self.fixed.split()) | ({self.name_property} if self.name_property else set())
