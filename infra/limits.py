"""What AWS takes of a template: what it would refuse only in the middle of a deployment is refused by the synthesis."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from watershed import names

from infra.residency.resolve import Resolver
from infra.residency.stack import ACCOUNT, Stack

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# Characters of all inline policies of a role, without white space: "Role inline policies" in
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
MOST_OF_POLICIES = 10_240
_MADE_UP = re.compile(r"\$\{[^}]+\}")  # an id that AWS makes up; a key's is the longest
_LONGEST_ID, _ACCOUNT = "x" * 36, "1" * 12
_SECRET, _SECRET_SUFFIX = ":secret:", 7  # characters that Secrets Manager adds to a name


def exceeded(path: Path) -> Iterator[str]:
    """What of a region's synthesized template AWS would refuse, in words."""
    name = path.name.removesuffix(".template.json")
    stack = Stack(name, name.removeprefix(names.stack("")), json.loads(path.read_text(encoding="utf-8")))
    resolver = Resolver(stack)
    for logical, resource in stack.template["Resources"].items():
        if resource["Type"] == "AWS::IAM::Role":
            documents = [each["PolicyDocument"] for each in resource["Properties"].get("Policies", ())]
            length = sum(_length(resolver.value(document, "")) for document in documents)
            if length > MOST_OF_POLICIES:
                yield (
                    f"{name}: the role {resolver.name(logical)} has policies of {length:,} characters, and IAM takes "
                    f"{MOST_OF_POLICIES:,}. Each source of the region takes up some 200: have fewer there."
                )


def _length(document: object) -> int:
    text = json.dumps(document, separators=(",", ":")).replace(ACCOUNT, _ACCOUNT)
    return len(_MADE_UP.sub(_LONGEST_ID, text)) + text.count(_SECRET) * _SECRET_SUFFIX
