"""One delivery, from the request to the answer. Nothing is read out of a body before its signature is right."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from watershed import names
from watershed.connectors.model import Connector
from watershed.connectors.push import Action
from watershed.door import batch, lines, signature
from watershed.door.batch import Batch
from watershed.door.request import Answer, Refused, Request, refusal
from watershed.door.secrets import MIN_AGE, Secrets
from watershed.door.seen import Seen
from watershed.jsonvalue import NotARecord

if TYPE_CHECKING:
    from watershed.connectors.push import Place, Push

LARGEST_BODY = 2 * 1024 * 1024  # bytes; as JSON within an event it may double, and Lambda takes 6 MiB
_JSON = re.compile(r"application/(?:[a-z0-9!#$&^_.+-]+\+)?json")
_CHARSETS = frozenset({"", "utf-8", "utf8"})
_CHARSET = re.compile(r"charset\s*=\s*\"?([^\";\s]*)", re.IGNORECASE)
_EPOCH_SECONDS = re.compile(r"[0-9]{1,11}")
_DELIVERY_ID = 256  # characters of a delivery id that count


@dataclass(frozen=True)
class Surroundings:
    """What receiving needs from outside."""

    region: str
    connectors: Mapping[str, Connector]  # by source
    secrets: Secrets
    seen: Seen
    send: Callable[[str], None]  # a message's body to the collecting queue; raises Transient
    put: Callable[[str, bytes], None]  # a raw object, by key; raises Transient or Terminal
    clock: Callable[[], datetime]  # UTC, with its zone


def receive(request: Request, around: Surroundings) -> Answer:
    """Take a delivery: 202 with a receipt once it is safe, or a refusal.

    The same delivery gives the same receipt, whether it is the first or a repeat.

    Raises:
        Transient: if AWS did not answer; nothing was accepted then, or will be accepted again.
        ConfigurationError: if the source's secret is not what it should be.
    """
    try:
        connector, push = _known(request, around)
        _require_readable(request)
        _require_presented(request, push)
        if connector.region != around.region:  # neither its secrets nor its data are here
            raise refusal(421, "This source's door is in another region.", "elsewhere", region=connector.region)
        now = around.clock()
        _require_own(request, push, around, now)
        return _accept(request, push, around, now)
    except Refused as refused:
        return refused.answer


def _known(request: Request, around: Surroundings) -> tuple[Connector, Push]:
    """The source's connector, if it sends the dataset. Whichever of the two is unknown, the answer is the same."""
    connector = around.connectors.get(request.source)
    if connector is None or connector.push is None or request.dataset not in connector.push.datasets:
        raise refusal(404, "Not Found", "unknown")
    return connector, connector.push


def _require_readable(request: Request) -> None:
    """Nothing is ever unpacked here, so a small body stays small."""
    charset = _CHARSET.search(request.headers.get("content-type", ""))
    if not _JSON.fullmatch(request.media_type) or (charset and charset[1].lower() not in _CHARSETS):
        raise refusal(415, "Send application/json in UTF-8.", "media_type")
    if request.headers.get("content-encoding", "identity").strip().lower() != "identity":
        raise refusal(415, "Send the body as it is, not compressed.", "content_encoding")
    if len(request.body) > LARGEST_BODY:
        raise refusal(413, f"Send at most {LARGEST_BODY} bytes.", "too_large")


def _require_presented(request: Request, push: Push) -> None:
    if not signature.is_presented(push.signature, request.headers):
        raise refusal(401, "Unauthorized", "no_signature")


def _require_own(request: Request, push: Push, around: Surroundings, now: datetime) -> None:
    """Also with a secret that was put there since: once more, but not for every wrong signature."""

    def is_own(secrets: tuple[bytes, ...]) -> bool:
        return signature.is_own(push, request.headers, request.body, secrets, now.timestamp())

    known = around.secrets.of(request.source)
    if not is_own(known):
        fresh = around.secrets.of(request.source, older_than=MIN_AGE)
        if fresh == known or not is_own(fresh):
            raise refusal(401, "Unauthorized", "wrong_signature")


def _accept(request: Request, push: Push, around: Surroundings, now: datetime) -> Answer:
    try:
        value = lines.parse(request.body)
    except NotARecord as error:
        raise refusal(400, "The body is not JSON that can be read.", "not_json") from error
    topic = _said(push.topic, request, value)
    action = _action(request, push, topic)
    found = lines.records(value, push.datasets[request.dataset].records)
    if found is None:
        raise refusal(422, "The records are not where the connector says.", "no_records")
    receipt = _receipt(request, _said(push.delivery_id, request, value))
    accepted = Answer(202, {"receipt": receipt}, "accepted")
    if around.seen.has(receipt):
        return Answer(202, accepted.document, "repeated")
    if found:
        occurred = _occurred(_said(push.occurred_at, request, value), now)
        beside = _beside(receipt, topic, action, now, occurred)
        written = tuple(lines.line(each, beside) for each in found)
        _hand_on(Batch(request.source, request.dataset, now, written), receipt, around)
    around.seen.remember(receipt, now)
    return accepted


def _action(request: Request, push: Push, topic: str | None) -> Action:
    topics = push.datasets[request.dataset].topics
    if topics is None:
        return Action.UPSERT
    if topic not in topics:
        raise refusal(422, "The connector does not take this topic.", "unknown_topic")
    return topics[topic]


def _beside(receipt: str, topic: str | None, action: Action, now: datetime, occurred: datetime) -> dict[str, str]:
    """What is said of a delivery in each of its lines; the names are `names.DELIVERY_FIELDS`."""
    said = {names.RECEIPT: receipt, names.RECEIVED_AT: now.isoformat(), names.OCCURRED_AT: occurred.isoformat()}
    if topic:
        said[names.TOPIC] = topic
    if action is Action.DELETE:
        # Whatever the record says of its last change: that was before.
        said[names.DELETED_AT] = said[names.VERSION_AT] = said[names.OCCURRED_AT]
    return said


def _hand_on(taken: Batch, receipt: str, around: Surroundings) -> None:
    body = taken.to_body()
    if len(body.encode()) <= batch.LARGEST:
        around.send(body)
    else:
        key = names.raw_key(taken.dataset, taken.source, taken.received_at, receipt)
        around.put(key, ("\n".join(taken.lines) + "\n").encode())


def _said(place: Place | None, request: Request, value: Any) -> str | None:
    """What a header or a field says."""
    if place is None:
        return None
    return request.headers.get(place.header) if place.header else lines.text_at(value, str(place.field))


def _receipt(request: Request, delivery_id: str | None) -> str:
    """What the delivery is known by: 32 hexadecimal digits.

    Of the id and the body: a sender that gives two deliveries one id loses neither.
    """
    digest = hashlib.sha256()
    for part in (request.source, request.dataset, (delivery_id or "")[:_DELIVERY_ID]):
        digest.update(part.encode("utf-8", "surrogatepass") + b"\x00")
    digest.update(request.body)
    return digest.hexdigest()[:32]


def _occurred(text: str | None, now: datetime) -> datetime:
    """When it happened, as the delivery says; not after it arrived, and then if it says nothing that can be read."""
    try:
        if text and _EPOCH_SECONDS.fullmatch(text):
            said = datetime.fromtimestamp(int(text), UTC)
        else:
            said = datetime.fromisoformat(text or "")
        return min(said.astimezone(UTC), now) if said.tzinfo else now
    except (ValueError, OverflowError, OSError):
        return now
