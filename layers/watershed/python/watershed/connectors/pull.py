"""The `pull` part of a connector: which API of a source is asked, how often, and how its pages and times work."""

from __future__ import annotations

import re
import zoneinfo
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from watershed import names
from watershed.poll.model import (
    EPOCH,
    EPOCH_MILLIS,
    ISO,
    POSITIONAL,
    Auth,
    AuthKind,
    BodyFormat,
    Incremental,
    Pages,
    Paging,
    Pull,
    Stream,
)

if TYPE_CHECKING:
    from watershed.contracts.document import Node, Report

__all__ = ["Pull", "read"]

_KEYS = ("address", "every", "paused", "auth", "requestsPerMinute", "alarmAfter", "streams")
_AUTH = ("kind", "member", "header", "prefix", "tokenUrl", "scope")
_STREAM = ("dataset", "path", "parameters", "format", "records", "pages", "incremental")
_PAGES = ("kind", "parameter", "next", "lastRecord", "more", "first", "size")
_TIMES = ("start", "since", "until", "format", "timeZone", "overlap", "window")
# What each kind needs beside `kind`, and what it may have.
_AUTH_OF = {
    AuthKind.NONE: ((), ()),
    AuthKind.HEADER: (("header",), ("member", "prefix")),
    AuthKind.BASIC: ((), ()),
    AuthKind.CLIENT_CREDENTIALS: (("tokenUrl",), ("scope",)),
}
_PAGES_OF = {
    Paging.NONE: ((), ()),
    Paging.LINK: ((), ("more", "size")),
    Paging.CURSOR: (("parameter",), ("next", "lastRecord", "more", "size")),
    Paging.PAGE: (("parameter",), ("first", "more", "size")),
    Paging.OFFSET: (("parameter",), ("first", "more", "size")),
}
_FORMATS = {"json": BodyFormat.JSON, "csv": BodyFormat.CSV, "tsv": BodyFormat.TSV}
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_SPAN = re.compile(r"([1-9][0-9]{0,5})([smhd])")
_HOST = re.compile(r"(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")
_HEADER = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,63}")
_PREFIX = re.compile(r"[ -~]{0,64}")
_PATH = re.compile(r"[A-Za-z0-9._~!$&'()*+,;=:@%-]+(/[A-Za-z0-9._~!$&'()*+,;=:@%-]+)*")
_RESERVED_HEADERS = {"host", "content-length", "transfer-encoding", "connection", "accept-encoding"}
_LONGEST_EVERY, _HIGHEST_RATE, _LONGEST_ALARM = 7 * 86400, 6000, 7 * 86400


def read(node: Node, report: Report) -> Pull | None:
    """The `pull` part; None if it cannot be read. Faults go to `report`."""
    before = len(report.findings)
    fields = report.mapping(node, _KEYS, required=("address", "every", "streams"))
    address = _address(report, fields.get("address"))
    every = _span(report, fields.get("every"), least=60, most=_LONGEST_EVERY)
    auth = _auth(report, fields["auth"]) if "auth" in fields else Auth()
    rate = report.number(fields.get("requestsPerMinute")) or Pull.requests_per_minute
    if rate > _HIGHEST_RATE:
        report.add(fields["requestsPerMinute"], "This is too much.", f"Write at most {_HIGHEST_RATE}.")
    alarm = _span(report, fields.get("alarmAfter"), least=3600, most=_LONGEST_ALARM)
    pull = Pull(
        address=address.rstrip("/"),
        every=(every or 60) // 60,
        auth=auth,
        streams=_streams(report, fields["streams"]) if "streams" in fields else {},
        requests_per_minute=rate,
        alarm_after=alarm // 3600 if alarm else Pull.alarm_after,
        paused=report.flag(fields.get("paused")),
    )
    return pull if len(report.findings) == before else None


def _address(report: Report, node: Node | None) -> str:
    """An HTTPS address of a named host: no port, user, query or number of its own."""
    text = report.text(node)
    if node is None or not text:
        return ""
    try:
        parts = urlsplit(text)
        odd = bool(parts.port or parts.query or parts.fragment or "@" in parts.netloc)
    except ValueError:
        parts, odd = urlsplit(""), True
    path = parts.path.strip("/")
    if odd or parts.scheme != "https" or not _HOST.fullmatch(parts.netloc) or (path and not _PATH.fullmatch(path)):
        report.add(
            node,
            "This is not the HTTPS address of a host by its name.",
            "Write `https://`, the host's name in small letters, and a path; no port, user, query or IP address.",
        )
    return text


def _auth(report: Report, node: Node) -> Auth:
    fields = report.mapping(node, _AUTH, required=("kind",))
    kind = AuthKind(report.choice(fields.get("kind"), [str(each) for each in AuthKind], AuthKind.NONE))
    _fitting(report, node, fields, kind, _AUTH_OF[kind])
    header, prefix = report.text(fields.get("header"), Auth.header), report.text(fields.get("prefix"))
    if "header" in fields and (not _HEADER.fullmatch(header) or header.lower() in _RESERVED_HEADERS):
        report.add(fields["header"], "This header cannot be set.", "Write e.g. `Authorization`.")
    if not _PREFIX.fullmatch(prefix):
        report.add(fields["prefix"], "This cannot stand in a header.", "Write plain characters, e.g. `Bearer `.")
    return Auth(
        kind=kind,
        member=report.text(fields.get("member")) or None,
        header=header,
        prefix=prefix,
        token_url=_address(report, fields.get("tokenUrl")),
        scope=report.text(fields.get("scope")),
    )


def _streams(report: Report, node: Node) -> dict[str, Stream]:
    if not node.mapping:
        report.add(node, "There is no stream.", "Write `<stream>: {path: …}`, one for each kind of record.")
        return {}
    return {name: _stream(report, name, each) for name, each in node.mapping.items()}


def _stream(report: Report, name: str, node: Node) -> Stream:
    if not names.is_identifier(name):
        report.add(node, f"`{name}` cannot be a stream's name.", "Use lower-case letters, digits and underscores.")
    fields = report.mapping(node, _STREAM)
    body_format = _FORMATS[report.choice(fields.get("format"), tuple(_FORMATS), "json")]
    pages = _pages(report, fields["pages"]) if "pages" in fields else Pages()
    if body_format is not BodyFormat.JSON:
        if "records" in fields:
            report.add(fields["records"], "A file has no records of JSON.", "Remove `records`.")
        if pages.kind not in {Paging.NONE, Paging.LINK} or pages.more:
            report.add(fields["pages"], "A file says nothing about the next page.", "Use the kind `none` or `link`.")
    path = report.text(fields.get("path")).strip("/")
    if path and (not _PATH.fullmatch(path) or ".." in path.split("/")):
        report.add(fields["path"], "This is not a path.", "Write e.g. `orders.json`; what follows `?` is `parameters`.")
    incremental = _incremental(report, fields["incremental"]) if "incremental" in fields else None
    stream = Stream(
        dataset=report.text(fields.get("dataset"), name),
        path=path,
        parameters=_parameters(report, fields.get("parameters")),
        format=body_format,
        records=report.text(fields.get("records")),
        pages=pages,
        incremental=incremental,
    )
    _own_parameters(report, node, stream)
    return stream


def _pages(report: Report, node: Node) -> Pages:
    fields = report.mapping(node, _PAGES, required=("kind",))
    kind = Paging(report.choice(fields.get("kind"), [str(each) for each in Paging], Paging.NONE))
    _fitting(report, node, fields, kind, _PAGES_OF[kind])
    following, last = report.text(fields.get("next")) or None, report.text(fields.get("lastRecord")) or None
    if kind is Paging.CURSOR and (following is None) == (last is None):
        report.add(node, "It is not said, or said twice, where the next cursor is.", "Write `next` or `lastRecord`.")
    size = report.mapping(fields["size"], ("parameter", "value"), ("parameter", "value")) if "size" in fields else {}
    first = 0 if kind is Paging.OFFSET else 1
    if "first" in fields:
        written = report.scalar(fields["first"]) or ""
        if written in {"0", "1"}:
            first = int(written)
        else:
            report.add(fields["first"], "Counting begins with 0 or 1.", "Write `0` or `1`.")
    return Pages(
        kind=kind,
        parameter=report.text(fields.get("parameter")),
        next=following,
        last_record=last,
        more=report.text(fields.get("more")) or None,
        first=first,
        size_parameter=report.text(size.get("parameter")) or None,
        size=report.number(size.get("value")),
    )


def _incremental(report: Report, node: Node) -> Incremental:
    fields = report.mapping(node, _TIMES, required=("start", "since"))
    form, zone = report.text(fields.get("format"), ISO), report.text(fields.get("timeZone"), "UTC")
    if form not in {ISO, EPOCH, EPOCH_MILLIS} and not _is_whole(form):
        report.add(
            fields["format"],
            "This does not tell a day.",
            f"Write `{ISO}`, `{EPOCH}`, `{EPOCH_MILLIS}`, or e.g. `%Y-%m-%d %H:%M:%S`: from `%Y` down, none left out.",
        )
    if zone not in zoneinfo.available_timezones():
        report.add(fields["timeZone"], f"`{zone}` is not an IANA time zone.", "Write e.g. `Europe/Berlin`.")
    until = report.text(fields.get("until")) or None
    if "window" in fields and until is None:
        report.add(fields["window"], "Without `until` there is no end to a window.", "Add `until`, or remove `window`.")
    return Incremental(
        start=_moment(report, fields.get("start")).isoformat(),
        since=report.text(fields.get("since")),
        until=until,
        format=form,
        time_zone=zone,
        overlap=_span(report, fields.get("overlap")) or 0,
        window=_span(report, fields.get("window"), least=60),
    )


def _is_whole(form: str) -> bool:
    """Whether a format tells times from the year down, so that reading back what it wrote is the same or earlier."""
    parts = ["%Y", "%m", "%d", "%H", "%M", "%S"]
    told = [part for part in parts if part in form]
    known = {*parts, "%z"}
    return (
        told == parts[: len(told)]
        and "%d" in told
        and all(f"%{sign}" in known for sign in re.findall("%(.)", form))
        and form.isascii()
    )


def _moment(report: Report, node: Node | None) -> datetime:
    written = report.scalar(node) or ""
    try:
        found = datetime.fromisoformat(written)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        if node is not None and written:
            report.add(node, "This is not a time.", "Write e.g. `2026-01-01T00:00:00Z`.")
        return datetime(2000, 1, 1, tzinfo=UTC)


def _parameters(report: Report, node: Node | None) -> dict[str, str]:
    if node is None:
        return {}
    if node.mapping is None:
        report.add(node, "This is not a mapping.", "Write `parameter: value` lines.")
        return {}
    return {name: report.scalar(each) or "" for name, each in node.mapping.items()}


def _own_parameters(report: Report, node: Node, stream: Stream) -> None:
    """What pages and times set, nobody else may."""
    times = stream.incremental
    set_by = [stream.pages.parameter, stream.pages.size_parameter, times and times.since, times and times.until]
    own = [name for name in set_by if name]
    for name in sorted({name for name in own if name in stream.parameters or own.count(name) > 1}):
        report.add(node, f"The parameter `{name}` is set twice.", "Leave it to `pages` and `incremental`, once.")
    if stream.pages.kind in POSITIONAL and stream.pages.size_parameter is None and stream.pages.size:
        report.add(node, "It is not said how a page's size is asked for.", "Write `size: {parameter: …, value: …}`.")


def _span(report: Report, node: Node | None, *, least: int = 1, most: int = 3660 * 86400) -> int | None:
    """Seconds of a time span such as `15m`."""
    if node is None:
        return None
    found = _SPAN.fullmatch(report.scalar(node) or "")
    seconds = int(found[1]) * _SECONDS[found[2]] if found else 0
    if not least <= seconds <= most:
        report.add(
            node,
            "This is not a span of time that is allowed here.",
            f"Write e.g. `15m`, `6h` or `1d`, {_bounds(least, most)}.",
        )
        return None
    return seconds


def _bounds(least: int, most: int) -> str:
    return f"from {least} to {most} seconds"


def _fitting(
    report: Report,
    node: Node,
    fields: dict[str, Node],
    kind: AuthKind | Paging,
    keys: tuple[tuple[str, ...], tuple[str, ...]],
) -> None:
    """See that a kind has what it needs, and nothing that it would not use."""
    needed, allowed = keys
    written = fields.get("kind")
    if written is None or written.text != kind:
        return  # that is said already, and what another kind would use nobody knows
    for key in needed:
        if key not in fields:
            report.add(node, f"`{key}` is missing for the kind `{kind}`.", f"Add `{key}`.")
    for key in sorted(fields.keys() - {"kind", *needed, *allowed}):
        report.add(fields[key], f"The kind `{kind}` does not use `{key}`.", "Remove it.")
