"""Nothing names a place outside: no ARN, account, region or host that is not this stack's own."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from infra.residency.arn import EMBEDDED, Arn
from infra.residency.confined import beyond, other_regions
from infra.residency.rule import Flaw, Rule

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from infra.residency.graph import Graph

_ACCOUNT = re.compile(r"(?<![0-9a-zA-Z])\d{12}(?![0-9a-zA-Z])")
_HOST = re.compile(r"\w+://([^/\s\"'?#]+)[^\s\"']*")
_BARE_HOST = re.compile(
    r"(?:[a-z]+:)?[/\\]*(?:[^\s/@]*@)?"  # a scheme and a user, or what looks like it
    r"(?:(?:[a-z0-9-]+\.)+(?:[a-z]{2,}|xn--[a-z0-9-]+)\.?|(?:\d{1,3}\.){3}\d{1,3}|\[[0-9a-f:.]+\]|[0-9a-f]*(?::[0-9a-f]*){3,})"
    r"(?::\d+)?(?:/\S*)?",
    re.IGNORECASE,
)
_ATTRIBUTE = re.compile(r"\$\{(\w+)\.[A-Za-z.]+\}")
_BETWEEN = re.compile(r"[\s,;|=\"'{}]+")  # what may stand between two addresses in one text
Place = tuple[str, str]  # the place that a text names, and what is wrong with that

# ARNs that name no place: a state machine's integrations, which rules of targets read, and what AWS can tell in logs.
_NO_PLACES = {("states", "", ""), ("dataprotection", "", "aws")}
_ENVIRONMENT = "Environment.Variables."


def _each(graph: Graph, judge: Callable[[Graph, str, str], Place | None]) -> Iterator[Flaw]:
    for node, where, text in graph.strings:
        if place := judge(graph, where, text):
            named, what = place
            yield Flaw(node.id, where, what, (node.label, where, named))


def _arns(graph: Graph) -> Iterator[Flaw]:
    def judge(graph: Graph, _where: str, text: str) -> Place | None:
        found = (Arn.parse(each) for each in EMBEDDED.findall(text)) if "arn:" in text else ()
        named = (arn.text for arn in found if arn and (arn.service, arn.region, arn.account) not in _NO_PLACES)
        return next(((arn, what) for arn in named if (what := beyond(graph, arn))), None)

    yield from _each(graph, judge)


def _accounts(graph: Graph) -> Iterator[Flaw]:
    def judge(_graph: Graph, _where: str, text: str) -> Place | None:
        found = _ACCOUNT.search(text)
        what = "It names the account {}, and a template is made for every account."
        return (found[0], what.format(found[0])) if found else None

    yield from _each(graph, judge)


def _regions(graph: Graph) -> Iterator[Flaw]:
    def judge(graph: Graph, _where: str, text: str) -> Place | None:
        found = other_regions(text, graph.stack.region) if "-" in text or "_" in text else ()
        what = "It names {}, and the stack is {}'s."
        return (found[0], what.format(found[0], graph.stack.region or "nowhere")) if found else None

    yield from _each(graph, judge)


def _hosts(graph: Graph) -> Iterator[Flaw]:
    def judge(graph: Graph, where: str, text: str) -> Place | None:
        for found in _HOST.finditer(text) if "://" in text else ():
            address, host = found[0], found[1]
            if not graph.find(address, ("bucket", "queue")):
                return address, f"It names {host}, which is not a queue or bucket of this stack."
        parts = _BETWEEN.split(text) if where.startswith(_ENVIRONMENT) and "://" not in text else ()
        if (own := _ATTRIBUTE.fullmatch(text)) and own[1] in graph.nodes:
            return None  # what AWS will say of a resource of this stack
        named = next((part for part in parts if _BARE_HOST.fullmatch(part)), None)
        return (named, f"It hands the host {named} to the function's code.") if named else None

    yield from _each(graph, judge)


RULES = (
    Rule(
        "foreign-arn",
        "an ARN, in any property, of another region, account or stack",
        "Name a resource of this stack.",
        _arns,
    ),
    Rule(
        "foreign-account",
        "an account's number in any property",
        "Write AWS::AccountId: the lake is in one account, and the template does not say which.",
        _accounts,
    ),
    Rule("foreign-region", "another region's name in any property", "Name this stack's region, or none.", _regions),
    Rule(
        "foreign-host",
        "a URL or host, in any property or environment variable, that is not this stack's",
        "Hand over the address of a resource of this stack; code calls AWS through its SDK, by region.",
        _hosts,
    ),
)
