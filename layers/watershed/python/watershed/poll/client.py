"""Asks one source again and again: as often as it lets, with patience for what passes, within the function's time."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from watershed.clock import Clock
from watershed.poll.credentials import Credentials
from watershed.poll.failure import Cause, PollFailed
from watershed.poll.transport import Answer, Transport

ATTEMPTS = 5
LONGEST_WAIT = 120  # seconds; whoever asks for more is asked by a later poll
_FIRST_WAIT = 1.0
_PASSING = frozenset({Cause.UNREACHABLE, Cause.SLOW, Cause.CUT_OFF, Cause.THROTTLED, Cause.SERVER_ERROR})
_UNAUTHORIZED, _FORBIDDEN, _THROTTLED, _SERVER_ERROR, _UNAVAILABLE = 401, 403, 429, 500, 503
_OK = range(200, 300)
_LONGEST_ASKED = timedelta(days=1)


@dataclass
class Client:
    """A source as it is asked during one poll.

    Args:
        transport: Its connections.
        credentials: What proves who asks.
        pause: Seconds between the beginnings of two requests, at least.
        clock: The time.
        sleep: Waits, in seconds.
        left: Seconds that this poll may still take.
        jitter: A number from 0 to 1.
    """

    transport: Transport
    credentials: Credentials
    pause: float
    clock: Clock
    sleep: Callable[[float], None]
    left: Callable[[], float]
    jitter: Callable[[], float] = random.random
    _next: datetime | None = field(default=None, repr=False)

    def get(self, url: str) -> Answer:
        """The answer to a GET, once it is one of success.

        Raises:
            PollFailed: if none comes in `ATTEMPTS`, or in the time that is left.
        """
        anew = renewed = False
        attempt = 0
        while True:
            try:
                headers = {"Accept": "*/*", **self.credentials.headers(self.post, anew=anew)}
                anew = False
                answer = self._paced("GET", url, headers)
                if answer.status == _UNAUTHORIZED and not renewed:
                    anew = renewed = True  # a token ends, and a secret is changed, between two requests
                    continue
                return self._judged(answer)
            except PollFailed as failed:
                attempt += 1
                if failed.cause not in _PASSING or attempt == ATTEMPTS:
                    raise
                self._wait(failed, attempt)

    def post(self, url: str, headers: dict[str, str], body: bytes) -> Answer:
        """The answer to a POST, be it a refusal.

        Raises:
            PollFailed: if none comes, or one that a later attempt may better.
        """
        answer = self._paced("POST", url, headers, body)
        return answer if answer.status < _SERVER_ERROR and answer.status != _THROTTLED else self._judged(answer)

    def _paced(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None = None) -> Answer:
        if self._next is not None and (wait := (self._next - self.clock()).total_seconds()) > 0:
            self.sleep(wait)
        self._next = self.clock() + timedelta(seconds=self.pause)
        return self.transport.request(method, url, headers, body)

    def _judged(self, answer: Answer) -> Answer:
        if answer.status in _OK:
            return answer
        what = f"The source answered {answer.status}."
        if answer.status in {_THROTTLED, _UNAVAILABLE} and (asked := self._asked_for(answer)):
            cause = Cause.THROTTLED if answer.status == _THROTTLED else Cause.SERVER_ERROR
            raise PollFailed(cause, what, not_before=asked)
        if answer.status == _THROTTLED:
            raise PollFailed(Cause.THROTTLED, what)
        if answer.status >= _SERVER_ERROR:
            raise PollFailed(Cause.SERVER_ERROR, what)
        raise PollFailed(Cause.UNAUTHORIZED if answer.status in {_UNAUTHORIZED, _FORBIDDEN} else Cause.REFUSED, what)

    def _asked_for(self, answer: Answer) -> datetime | None:
        """When the source wants to be asked again: Retry-After in seconds, also broken ones, or as a date.

        One beyond a day is not believed: a stream that waits for it would stand still, and nobody would hear of it.
        """
        said = answer.headers.get("retry-after", "").strip()
        now = self.clock()
        try:
            asked = timedelta(seconds=float(said))
        except (ValueError, OverflowError):
            try:
                asked = parsedate_to_datetime(said).astimezone(UTC) - now
            except (ValueError, IndexError, TypeError, OverflowError):
                return None
        return now + asked if timedelta() <= asked <= _LONGEST_ASKED else None

    def _wait(self, failed: PollFailed, attempt: int) -> None:
        """Wait for the next attempt, or give up: the next poll comes soon enough."""
        if failed.not_before is not None:
            seconds = max(0.0, (failed.not_before - self.clock()).total_seconds())
        else:
            seconds = _FIRST_WAIT * 2 ** (attempt - 1) * (0.5 + self.jitter() / 2)
        if seconds > min(LONGEST_WAIT, self.left()):
            raise failed
        self.sleep(seconds)
