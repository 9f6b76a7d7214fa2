"""CDK's own bookkeeping, which is not a resource."""

from __future__ import annotations

from local.aws.cloudformation.resource import Made, Request, ResourceType


def _create(request: Request) -> Made:
    return Made(request.name)


def _update(_request: Request, made: Made) -> Made:
    return made


TYPES = (ResourceType("AWS::CDK::Metadata", "Analytics", _create, update=_update),)
