"""One poll of one source: each stream from where it stands to now, or as far as the time goes."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from watershed import names
from watershed.alarms import Alarm
from watershed.clock import Clock
from watershed.errors import WatershedError
from watershed.log import logger
from watershed.names import Layer
from watershed.poll import pages, windows
from watershed.poll.client import Client
from watershed.poll.failure import Cause, PollFailed
from watershed.poll.model import POSITIONAL, BodyFormat, Incremental, Paging, Pull, Stream
from watershed.poll.raw import RawObjects, line
from watershed.poll.state import Kept, Overtaken, State
from watershed.poll.windows import SHORTEST, Window
from watershed.s3 import S3
from watershed.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from watershed.poll.message import Poll

MOST_READINGS = 6  # of pages that shift
_DIGEST = 16  # bytes
# What may mean of a place where a poll stopped that it is none any more: the source has forgotten it, or the connector
# names another host or another way of paging by now.
_NO_PLACE = frozenset({Cause.REFUSED, Cause.REDIRECTED})
_LONGEST = 366 * 24 * 3600  # seconds


class _OutOfTime(Exception):
    """The rest is for the next poll."""


@dataclass(frozen=True)
class Poller:
    """Polls one source.

    Args:
        source: Its name.
        pull: How it is asked.
        settings: The region.
        s3: Objects.
        client: The source.
        clock: The time.
        has_time: Whether another page may be asked for.
    """

    source: str
    pull: Pull
    settings: Settings
    s3: S3
    client: Client
    clock: Clock
    has_time: Callable[[], bool]

    def poll(self, asked: Poll) -> None:
        """Read every stream on. One that fails holds up no other; its failure is written down, and is none of this.

        Raises:
            Exception: what nobody foresaw, or what AWS refuses, after all streams had their turn.
        """
        unforeseen: Exception | None = None
        for name, stream in self.pull.streams.items():
            kept = Kept(self.s3, self.settings.bucket(Layer.LEDGER), names.poll_state_key(self.source, name))
            try:
                self._poll(name, stream, kept, asked)
            except Overtaken:
                logger.info("another poll was quicker", extra=self._about(name))
            except Exception as error:  # noqa: BLE001  raised below, once the other streams are read
                unforeseen = unforeseen or error
                self._broke_off(kept, error)
        if unforeseen:
            raise unforeseen

    def _poll(self, name: str, stream: Stream, kept: Kept, asked: Poll) -> None:
        state, now = kept.load(), self.clock()
        if state.polled_at is not None and asked.asked_at <= state.polled_at:
            logger.info("polled since", extra=self._about(name))
            return
        if state.not_before is not None and now < state.not_before:
            logger.info("the source asked to wait", extra=self._about(name))
            return
        try:
            records = self._read_on(stream, kept, now)
        except _OutOfTime:
            kept.save(kept.state.paused(now))
            logger.info("goes on at the next poll", extra=self._about(name))
        except PollFailed as failed:
            self._failed(name, kept, now, failed)
        else:
            kept.save(kept.state.succeeded(now))
            logger.info("polled", extra={**self._about(name), "records": records})

    def _read_on(self, stream: Stream, kept: Kept, now: datetime) -> int:
        """Read up to now, as it was when the poll began: else every second would bring a window. The number of records.

        Raises:
            PollFailed: why it cannot go on.
            _OutOfTime: the state says where the next poll goes on.
        """
        if stream.incremental is None:
            return self._read_all(stream, kept, now)
        records, is_first = 0, True
        while window := _window(stream.incremental, kept.state, now):
            if not self.has_time():
                raise _OutOfTime
            records += self._read_window(stream, stream.incremental, kept, window, is_first=is_first)
            is_first = False
        return records

    def _read_window(
        self, stream: Stream, incremental: Incremental, kept: Kept, window: Window, *, is_first: bool
    ) -> int:
        raw, times = self._raw(stream, kept, window), windows.parameters(incremental, window)
        if stream.pages.kind in POSITIONAL:
            try:
                self._read_shifting(stream, times, raw)
            except _OutOfTime:
                if is_first:  # all the time there is was not enough
                    kept.save(replace(kept.state, span=_narrower(incremental, kept.state, window)))
                raise
        else:
            self._read_following(stream, times, raw, kept, window)
        kept.save(replace(kept.state.through(window.until), span=_wider(incremental, kept.state)))
        return raw.records

    def _read_all(self, stream: Stream, kept: Kept, now: datetime) -> int:
        """Read a stream that knows no times, and keep what differs from the last time."""
        window = Window(kept.state.since or now, kept.state.until or now)
        raw = self._raw(stream, kept, window)
        if stream.pages.kind in POSITIONAL:
            try:
                self._read_shifting(stream, {}, raw)
            except _OutOfTime:
                raise _too_long() from None
        else:
            self._read_following(stream, {}, raw, kept, window)
        kept.save(replace(kept.state, since=None, until=None, token=None, last=tuple(raw.digests)))
        return raw.records

    def _raw(self, stream: Stream, kept: Kept, window: Window) -> RawObjects:
        def forget() -> None:
            # Should this reading break off behind what it wrote, the next one may find all as it was before, and must
            # write it once more.
            if kept.state.last:
                kept.save(replace(kept.state, last=()))

        bucket = self.settings.bucket(Layer.RAW)
        return RawObjects(self.s3, bucket, self.source, stream, window.since, frozenset(kept.state.last), forget)

    def _read_following(
        self, stream: Stream, times: dict[str, str], raw: RawObjects, kept: Kept, window: Window
    ) -> None:
        """Read pages that follow each other by a link or cursor: where this stops, the next poll goes on."""
        token = kept.state.token
        resumed, seen = token is not None, {token}
        while True:
            if not self.has_time():
                raw.write()
                kept.save(kept.state.at(window, token))
                raise _OutOfTime
            try:
                token = self._read_page(stream, times, raw, token)
            except PollFailed as failed:
                if failed.cause is Cause.THROTTLED and token is not None:  # else a source that lets us ask less often
                    raw.write()  # than a window has pages would never be read to its end
                    kept.save(kept.state.at(window, token))
                if not (resumed and failed.cause in _NO_PLACE):
                    raise
                token, seen = None, set()  # the window is read from its beginning
                kept.save(kept.state.at(window, None))
            else:
                if token is None:
                    raw.write()
                    return
                if token in seen:
                    raise PollFailed(Cause.REPEATED_PAGE, "A page leads back to one that was read before.")
                seen.add(token)
            resumed = False
            if raw.is_large:
                raw.write()
                kept.save(kept.state.at(window, token))

    def _read_page(self, stream: Stream, times: dict[str, str], raw: RawObjects, token: str | None) -> str | None:
        """Read one page into raw; where the next one begins."""
        url = pages.address(self.pull, stream, times, token)
        answer = self.client.get(url)
        if stream.format is BodyFormat.JSON:
            page = pages.read(stream, url, answer, token)
            raw.add(line(record) for record in page.records)
            return page.token
        if not pages.is_table(answer):
            raise PollFailed(Cause.MALFORMED_PAGE, "The answer is a page, and not the file that was asked for.")
        if not answer.ends_itself:
            raise PollFailed(Cause.CUT_OFF, "The answer does not say where it ends, so nobody can tell if it is whole.")
        if answer.body.strip():
            raw.put(answer.body)
        return pages.following_link(url, answer) if stream.pages.kind is Paging.LINK else None

    def _read_shifting(self, stream: Stream, times: dict[str, str], raw: RawObjects) -> None:
        """Read pages that are counted, again and again until two readings are equal.

        A record that is changed leaves the window, those behind it move up, and the first of the next page is on the
        page before, which was read already. So one reading may miss a record. Of two that are equal neither did:
        what moved the others up was in the first reading, and is no more in the second.
        """
        seen, before = set[bytes](), b""
        for _ in range(MOST_READINGS):
            reading = hashlib.sha256()
            for lines in self._counted(stream, times):
                digests = [hashlib.sha256(each).digest()[:_DIGEST] for each in lines]
                raw.add(each for each, digest in zip(lines, digests, strict=True) if digest not in seen)
                seen.update(digests)
                reading.update(b"".join(digests))
                if raw.is_large:
                    raw.write()
            if not seen or reading.digest() == before:
                raw.write()
                return
            before = reading.digest()
        raise PollFailed(Cause.MOVING_PAGES, f"The records moved between pages in each of {MOST_READINGS} readings.")

    def _counted(self, stream: Stream, times: dict[str, str]) -> Iterator[list[bytes]]:
        """The records of each page, from the first page to the first empty one."""
        token, before = None, list[bytes]()
        while True:
            if not self.has_time():
                raise _OutOfTime
            url = pages.address(self.pull, stream, times, token)
            page = pages.read(stream, url, self.client.get(url), token)
            lines = [line(record) for record in page.records]
            if lines and lines == before:
                raise PollFailed(Cause.REPEATED_PAGE, "Two pages are one and the same.")
            yield lines
            token, before = page.token, lines
            if token is None:
                return

    def _failed(self, name: str, kept: Kept, began: datetime, failed: PollFailed) -> None:
        """Write a failure down, and ring if it goes on for long."""
        about = {**self._about(name), "cause": str(failed.cause)}
        state, now = kept.state.failed(began, failed), self.clock()
        if state.rings(now, timedelta(hours=self.pull.alarm_after)):
            logger.error(failed.message, extra={**about, "alarm": Alarm.SOURCE_FAILING})
            state = replace(state, rang_at=now)
        else:
            logger.warning(failed.message, extra=about)
        kept.save(state)

    def _broke_off(self, kept: Kept, error: Exception) -> None:
        """Write down what nobody foresaw. The message comes again, so this counts as no poll."""
        failed = PollFailed(Cause.UNFORESEEN, f"The poll broke off ({type(error).__name__}).")
        state = kept.state.failed(self.clock(), failed)
        with contextlib.suppress(Overtaken, WatershedError):  # the state is what could not be written, perhaps
            kept.save(replace(state, polled_at=kept.state.polled_at))

    def _about(self, name: str) -> dict[str, str]:
        return {"source": self.source, "stream": name, "dataset": self.pull.streams[name].dataset}


def _window(incremental: Incremental, state: State, now: datetime) -> Window | None:
    """The window under way, or the next one."""
    if state.since is not None and state.until is not None:
        return Window(state.since, state.until)
    return windows.following(incremental, state.cursor, now, state.span)


def _narrower(incremental: Incremental, state: State, window: Window) -> int:
    """Seconds of a window that may fit into the time of one poll."""
    whole = int((window.until - windows.beginning(incremental, state.cursor)).total_seconds())
    if incremental.until is None or whole <= SHORTEST:
        raise _too_long()
    return max(SHORTEST, whole // 2)


def _wider(incremental: Incremental, state: State) -> int | None:
    """Seconds of the window after one that fit; None: the stream's own."""
    if state.span is None or state.span * 2 >= (incremental.window or _LONGEST):
        return None
    return state.span * 2


def _too_long() -> PollFailed:
    return PollFailed(Cause.WINDOW_TOO_LONG, "Its pages cannot all be read in the time of one poll.")
