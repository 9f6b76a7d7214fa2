"""Whether a delivery is its source's own: HMAC-SHA256 over the body as it came, compared in constant time.

Schemes: https://shopify.dev/docs/apps/build/webhooks/subscribe/https (base64, of the body),
https://docs.stripe.com/webhooks#verify-manually (`t=…,v1=…`, of "<t>.<body>"), and the generic one of the connector.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from typing import TYPE_CHECKING

from watershed.connectors.push import Encoding, Scheme

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from watershed.connectors.push import Push, Signature

_LONGEST_HEADER = 1024  # characters
_MOST_SIGNATURES = 5  # in one header: Stripe sends one for each secret that is valid
_SECONDS = re.compile(r"[0-9]{1,11}")
_FIELD = re.compile(r"\s*([A-Za-z0-9_]{1,16})=([^,=\s]+)\s*")


def is_presented(signature: Signature, headers: Mapping[str, str]) -> bool:
    """Whether a delivery has what this scheme needs, well-formed; says nothing about whether it is right."""
    return _claim(signature, headers) is not None


def is_own(push: Push, headers: Mapping[str, str], body: bytes, secrets: Sequence[bytes], now: float) -> bool:
    """Whether a delivery is signed by one of the secrets and, if its time is signed, is of now.

    Args:
        push: The source's.
        headers: By lower-case name.
        body: As it came.
        secrets: Those that are valid: the present one, and during a rotation the one before.
        now: Seconds since 1970.
    """
    claim = _claim(push.signature, headers)
    if claim is None:
        return False
    timestamp, given = claim
    signed = body if timestamp is None else timestamp.encode() + b"." + body
    matches = 0
    for secret in secrets:  # all of them, and all that was given: how long it takes tells nothing
        expected = _written(push.signature, hmac.new(secret, signed, hashlib.sha256).digest())
        for each in given:
            matches += hmac.compare_digest(expected, each)
    fresh = timestamp is None or abs(now - int(timestamp)) <= push.window
    return bool(matches) and fresh


def sign(signature: Signature, secret: bytes, body: bytes, now: int) -> dict[str, str]:
    """The headers with which a source signs: what `is_own` takes. For tests and the sample shop."""
    timed = signature.signs_time
    signed = f"{now}.".encode() + body if timed else body
    text = _written(signature, hmac.new(secret, signed, hashlib.sha256).digest()).decode()
    if signature.scheme is Scheme.STRIPE:
        return {signature.header: f"t={now},v1={text}"}
    stamp = {signature.timestamp_header: str(now)} if signature.timestamp_header else {}
    return {signature.header: signature.prefix + text, **stamp}


def _claim(signature: Signature, headers: Mapping[str, str]) -> tuple[str | None, list[bytes]] | None:
    """The signed time, if one is, and the signatures given; None if they are missing or malformed."""
    text = headers.get(signature.header, "")
    if not text or len(text) > _LONGEST_HEADER or not text.isascii():
        return None
    if signature.scheme is Scheme.STRIPE:
        return _listed(text)
    given = text[len(signature.prefix) :] if text.startswith(signature.prefix) else ""
    if signature.encoding is Encoding.HEX:
        given = given.lower()
    timestamp = None
    if signature.timestamp_header:
        timestamp = headers.get(signature.timestamp_header, "")
        if not _SECONDS.fullmatch(timestamp):
            return None
    return (timestamp, [given.encode()]) if given else None


def _listed(text: str) -> tuple[str, list[bytes]] | None:
    """Stripe's header: one `t`, and the `v1` among schemes of other versions."""
    pairs = [found.groups() if (found := _FIELD.fullmatch(part)) else ("", "") for part in text.split(",")]
    times = [value for name, value in pairs if name == "t"]
    given = [value.lower().encode() for name, value in pairs if name == "v1"]
    if len(times) != 1 or not _SECONDS.fullmatch(times[0]) or not 0 < len(given) <= _MOST_SIGNATURES:
        return None
    return times[0], given


def _written(signature: Signature, digest: bytes) -> bytes:
    return base64.b64encode(digest) if signature.encoding is Encoding.BASE64 else digest.hex().encode()
