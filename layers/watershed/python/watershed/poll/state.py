"""How far each stream has been read, and how its polls fare: one JSON object each, changed by one poll at a time."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from watershed import names
from watershed.errors import Terminal
from watershed.s3 import S3

if TYPE_CHECKING:
    from watershed.poll.failure import PollFailed
    from watershed.poll.windows import Window

_ONCE_A = timedelta(days=1)  # an alarm that goes on ringing is switched off


@dataclass(frozen=True)
class State:
    """What is known of one stream. Times are UTC with their zone.

    Attributes:
        cursor: Everything that changed before it is in raw.
        since: Of the window under way: its beginning.
        until: Of the window under way: its end; the cursor, once it is read.
        token: Where in the window, or in the whole stream, the next page begins.
        span: Seconds of a window, when the stream's own was too long for one poll.
        last: Digests of the raw objects that the last reading of a stream without times gave.
        polled_at: When the last poll that came to an end began.
        succeeded_at: When a poll last read everything there was to read.
        failing_since: When the first of the polls that failed since then began.
        cause: Why the last one failed: a `Cause`.
        why: The same in a sentence.
        rang_at: When an alarm last rang about it.
        not_before: When the source wants to be asked again.
    """

    cursor: datetime | None = None
    since: datetime | None = None
    until: datetime | None = None
    token: str | None = None
    span: int | None = None
    last: tuple[str, ...] = ()
    polled_at: datetime | None = None
    succeeded_at: datetime | None = None
    failing_since: datetime | None = None
    cause: str = ""
    why: str = ""
    rang_at: datetime | None = None
    not_before: datetime | None = None

    def at(self, window: Window, token: str | None) -> State:
        """Within a window, at a page."""
        return replace(self, since=window.since, until=window.until, token=token)

    def through(self, until: datetime) -> State:
        """Behind a window. A cursor never goes back, whatever a clock says."""
        cursor = until if self.cursor is None else max(self.cursor, until)
        return replace(self, cursor=cursor, since=None, until=None, token=None)

    def succeeded(self, began: datetime) -> State:
        """After a poll that read all there was to read."""
        return replace(
            self,
            polled_at=began,
            succeeded_at=began,
            failing_since=None,
            cause="",
            why="",
            rang_at=None,
            not_before=None,
        )

    def paused(self, began: datetime) -> State:
        """After a poll that ran out of time, with all in order."""
        return replace(self, polled_at=began, failing_since=None, cause="", why="", rang_at=None, not_before=None)

    def failed(self, began: datetime, failure: PollFailed) -> State:
        """After a poll that failed."""
        return replace(
            self,
            polled_at=began,
            failing_since=self.failing_since or began,
            cause=str(failure.cause),
            why=failure.message,
            not_before=failure.not_before,
        )

    def rings(self, now: datetime, after: timedelta) -> bool:
        """Whether it has failed for so long that somebody must hear, and nobody was told today."""
        return (
            self.failing_since is not None
            and now - self.failing_since >= after
            and (self.rang_at is None or now - self.rang_at >= _ONCE_A)
        )

    def to_json(self) -> str:
        """The document."""
        return json.dumps(asdict(self), sort_keys=True, default=datetime.isoformat)

    @classmethod
    def from_json(cls, text: str | bytes) -> State:
        """The inverse of `to_json`.

        Raises:
            Terminal: if it is none.
        """
        try:
            found: dict[str, Any] = json.loads(text)
            for each in fields(cls):
                if "datetime" in str(each.type) and found.get(each.name) is not None:
                    found[each.name] = datetime.fromisoformat(found[each.name])
            found["last"] = tuple(found.get("last", ()))
            return cls(**found)
        except (AttributeError, TypeError, ValueError) as error:
            raise Terminal(
                "The state of a stream is not one that a poll wrote.",
                remedy=f"Delete it, below {names.POLLS_PREFIX} in the ledger's bucket: the stream begins anew.",
            ) from error


class Overtaken(Exception):
    """Another poll of the same stream has written its state meanwhile; this one has nothing more to do."""


@dataclass
class Kept:
    """A stream's state as it lies in the ledger's bucket; writing it fails if anybody else wrote it since.

    Args:
        s3: Objects.
        bucket: The ledger's.
        key: `names.poll_state_key`.
    """

    s3: S3
    bucket: str
    key: str
    state: State = field(default_factory=State)
    _tag: str | None = None

    def load(self) -> State:
        """Read it; a stream that was never polled has an empty one."""
        found = self.s3.read(self.bucket, self.key)
        if found is not None:
            body, tag = found
            self.state, self._tag = State.from_json(body), tag  # what cannot be read is not written over either
        return self.state

    def save(self, state: State) -> None:
        """Write it.

        Raises:
            Overtaken: if somebody else did so first.
        """
        if state == self.state and self._tag is not None:
            return
        tag = self.s3.put_if(self.bucket, self.key, state.to_json().encode(), self._tag)
        if tag is None:
            raise Overtaken
        self.state, self._tag = state, tag
