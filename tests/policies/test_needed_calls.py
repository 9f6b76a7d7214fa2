"""Everything that the lake does in a day is allowed, and of what is allowed, what it does not do has a reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.policies.access import administrator
from tests.policies.day import OPERATOR, Day, said_by
from tests.policies.requests import requests
from tests.policies.services import acts
from tests.policies.unexercised import KEPT

if TYPE_CHECKING:
    from pathlib import Path

    from tests.policies.access import Access
    from tests.policies.iam.evaluate import Decision
    from tests.policies.iam.policy import Request

Judged = list[tuple["Request", "Decision"]]


@pytest.fixture(scope="module")
def access(shipped: Path) -> Access:
    return said_by(shipped)


@pytest.fixture(scope="module")
def day(shipped: Path, tmp_path_factory: pytest.TempPathFactory) -> Day:
    return Day(shipped, tmp_path_factory.mktemp("files"))


@pytest.fixture(scope="module")
def judged(access: Access, day: Day) -> Judged:
    """Each question that the day's calls ask, once, with its answer."""
    asked = {
        (str(request), request.context): (request, [administrator("operator")] if request.principal == OPERATOR else [])
        for call in (*day.calls, *acts(access))
        for request in requests(call, access)
    }
    return [(request, access.decide(request, extra)) for request, extra in asked.values()]


def test_everyone_who_calls_is_known(day: Day, access: Access) -> None:
    assert day.strays == []
    callers = {call.principal.arn for call in day.calls}
    assert callers >= set(access.roles), "every role did something"


def test_what_is_done_is_allowed(judged: Judged) -> None:
    refused = [f"{request}: {decision.why}" for request, decision in judged if not decision.allowed]
    assert refused == []


def test_what_is_allowed_is_used_or_has_a_reason(access: Access, judged: Judged) -> None:
    used = {
        (statement.policy, statement.sid, action, resource)
        for _, decision in judged
        for statement, action, resource in decision.grants
    }
    unused = [granted for granted in access.granted() if granted not in used]
    assert [granted for granted in unused if not any(kept.covers(granted) for kept in KEPT)] == []
    stale = [kept for kept in KEPT if not any(kept.covers(granted) for granted in unused)]
    assert stale == [], "the day uses these, or nobody has them any more"
