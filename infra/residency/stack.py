"""A synthesized template with what is known of the place that it is deployed to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

ACCOUNT = "${AWS::AccountId}"  # stands for the account that the stack is deployed to
_PARTITIONS = {"cn-": ("aws-cn", "amazonaws.com.cn"), "us-gov-": ("aws-us-gov", "amazonaws.com")}


@dataclass(frozen=True)
class Stack:
    """One stack.

    Args:
        name: The stack's name.
        region: The AWS region that it is deployed to; empty if the app leaves that open.
        template: The CloudFormation template.
        account: The account's number, if the app names one.
    """

    name: str
    region: str
    template: Mapping[str, Any]
    account: str = ""

    @property
    def partition(self) -> str:
        """The first part of its ARNs, e.g. `aws`."""
        return self._partition[0]

    @property
    def suffix(self) -> str:
        """The domain of its partition's services."""
        return self._partition[1]

    @property
    def _partition(self) -> tuple[str, str]:
        found = (place for prefix, place in _PARTITIONS.items() if self.region.startswith(prefix))
        return next(found, ("aws", "amazonaws.com"))
