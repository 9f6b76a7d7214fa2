"""Patches of moto's CloudFormation."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from moto.cloudformation import models, parsing

from local.aws.cloudformation.registry import resource_type
from local.aws.cloudformation.stack import Resource, Stacks

if TYPE_CHECKING:
    from local.aws.patches.patcher import Patcher


def use_handlers(patcher: Patcher, stacks: Stacks) -> None:
    """Moto skips unknown types with a warning and drops properties of known ones; its updates follow no references."""

    def create(logical_id: str, definition: Any, resources: Any, account_id: str, region_name: str) -> Any:
        return stacks.make(logical_id, definition, resources, account_id, region_name)

    def known(type_name: str) -> type[Resource]:
        resource_type({"Type": type_name}, "Outputs")
        return Resource

    patcher.replace(parsing, "parse_and_create_resource", create)
    patcher.replace(parsing, "resource_class_from_type", known)

    def update(resources: Any, template: Any, parameters: Any = None) -> None:
        stacks.update(resources, template, parameters)

    def delete(resources: Any) -> None:
        stacks.delete(resources)

    patcher.replace(parsing.ResourceMap, "update", update)
    patcher.replace(parsing.ResourceMap, "delete", delete)


def parse_json_as_json(patcher: Patcher) -> None:
    """Moto reads templates with PyYAML's Python loader, 0.2 s for a stack; the templates that CDK writes are JSON."""
    yaml = models.Stack.parse_template

    def parse_template(template: str) -> Any:
        return json.loads(template) if template.lstrip().startswith("{") else yaml(template)

    patcher.replace(models.Stack, "parse_template", staticmethod(parse_template))
