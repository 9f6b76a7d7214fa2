"""From one page to the next: which address is asked, and what an answer says about going on. No network here."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urljoin

from watershed.jsonvalue import NotARecord, decode
from watershed.poll.failure import Cause, PollFailed
from watershed.poll.model import Paging

if TYPE_CHECKING:
    from collections.abc import Mapping

    from watershed.poll.model import Pages, Pull, Stream
    from watershed.poll.transport import Answer

_LINK = re.compile(r"<([^<>]*)>((?:\s*;\s*[^\s\"=;,]+\s*(?:=\s*(?:\"[^\"]*\"|[^\s\";,]*))?)*)")
_REL = re.compile(r";\s*rel\s*=\s*(?:\"([^\"]*)\"|([^\s\";,]+))", re.IGNORECASE)
_PAGES = {"text/html", "application/json", "application/problem+json", "application/xhtml+xml"}
_NO_MORE = (False, None, "", "0", "false")  # as sources write it; numbers are text here
_HALF = re.compile("[\ud800-\udfff]")  # JSON can write it, and UTF-8 cannot
_MISSING = object()


@dataclass(frozen=True)
class Page:
    """What one answer held.

    Args:
        records: JSON's, in order.
        token: Where the next page begins; None: this was the last.
    """

    records: tuple[Any, ...]
    token: str | None


def address(pull: Pull, stream: Stream, times: Mapping[str, str], token: str | None) -> str:
    """The address of a page: the first one's if there is no token.

    Args:
        pull: The source.
        stream: What is asked for.
        times: The window, as query parameters.
        token: What the page before gave.
    """
    pages = stream.pages
    if pages.kind is Paging.LINK and token is not None:
        return token  # whole, by whoever wrote it; the transport sees to its host
    asked = {**stream.parameters, **times}
    if pages.size_parameter and pages.size:
        asked[pages.size_parameter] = str(pages.size)
    if pages.kind in {Paging.PAGE, Paging.OFFSET}:
        asked[pages.parameter] = token if token is not None else str(pages.first)
    elif token is not None:
        asked[pages.parameter] = token
    url = f"{pull.address}/{stream.path}" if stream.path else pull.address
    return f"{url}?{urlencode(asked)}" if asked else url


def read(stream: Stream, url: str, answer: Answer, token: str | None) -> Page:
    """What a JSON answer holds, and how to go on.

    Args:
        stream: What was asked for.
        url: The page's address.
        answer: To it.
        token: The page's own token.

    Raises:
        PollFailed: if the answer is not what the connector says.
    """
    document = _decoded(answer.body)
    records = _at(document, stream.records)
    if not isinstance(records, list) or not all(isinstance(each, dict) for each in records):
        where = f"`{stream.records}`" if stream.records else "the answer"
        raise PollFailed(Cause.MALFORMED_PAGE, f"A page has no array of objects in {where}.")
    return Page(tuple(records), _next(stream.pages, document, records, token, following_link(url, answer)))


def following_link(url: str, answer: Answer) -> str | None:
    """The address that the answer's Link header calls `next` (RFC 8288), if any."""
    for target, parameters in _LINK.findall(answer.headers.get("link", "")):
        found = _REL.search(parameters)
        if found and "next" in (found[1] or found[2]).lower().split():
            return _joined(url, target)
    return None


def _joined(url: str, target: str) -> str:
    try:
        return str(urljoin(url, target))
    except ValueError:
        return target  # no address at all, so the transport refuses it


def _next(pages: Pages, document: Any, records: list[Any], token: str | None, link: str | None) -> str | None:
    if pages.more and _at(document, pages.more) in _NO_MORE:
        return None
    match pages.kind:
        case Paging.NONE:
            return None
        case Paging.LINK:
            return link
        case Paging.CURSOR:
            return _cursor(pages, document, records)
        case Paging.PAGE | Paging.OFFSET:
            # A short page is no sign of the end: sources give fewer records a page than they are asked for.
            if not records:
                return None
            at = int(token) if token is not None else pages.first
            return str(at + (1 if pages.kind is Paging.PAGE else len(records)))


def _cursor(pages: Pages, document: Any, records: list[Any]) -> str | None:
    if pages.last_record is None:
        found = _at(document, pages.next or "", default=None)
    elif records:
        found = _at(records[-1], pages.last_record)
    elif pages.more:
        raise PollFailed(Cause.MALFORMED_PAGE, "A page without records says that there are more.")
    else:
        found = None
    if found is None or found == "":
        return None
    if not isinstance(found, str):  # numbers are text here
        raise PollFailed(Cause.MALFORMED_PAGE, "A page's cursor is neither text nor a number.")
    if _HALF.search(found):
        raise PollFailed(Cause.MALFORMED_PAGE, "A page's cursor has half of a character, which no address can hold.")
    return str(found)


def _decoded(body: bytes) -> Any:
    try:
        return decode(body.decode("utf-8-sig"))
    except NotARecord as error:
        # Its rule names what JSON lacks and where, and nothing of what the answer says.
        raise PollFailed(Cause.MALFORMED_PAGE, "A page is not JSON, or nested too deeply.") from error
    except UnicodeDecodeError:
        raise PollFailed(Cause.MALFORMED_PAGE, "A page is not UTF-8.") from None


def _at(value: Any, path: str, default: Any = _MISSING) -> Any:
    """What is at a path with dots.

    Raises:
        PollFailed: if nothing is, unless a default is given.
    """
    for name in path.split(".") if path else ():
        if not isinstance(value, dict) or name not in value:
            if default is not _MISSING:
                return default
            raise PollFailed(Cause.MALFORMED_PAGE, f"A page has no `{path}`.")
        value = value[name]
    return value


def is_table(answer: Answer) -> bool:
    """Whether an answer may be the file that was asked for, and not a page that says in words what is wrong."""
    kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    return not (kind in _PAGES or answer.body.lstrip()[:1] in {b"<", b"{"})
