"""Signatures: what the providers' own documentation computes is taken; whatever differs in one bit is not."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import hmac
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from watershed.connectors.push import HEADERS, Encoding, Push, Scheme, Signature
from watershed.door.signature import is_own, is_presented, sign

if TYPE_CHECKING:
    from collections.abc import Mapping

NOW = 1_700_000_000
SECRET, OTHER, OLD = b"current", b"not it", b"previous"
BODY = b'{"id": 1, "note": "caf\xc3\xa9"}'
SHOPIFY = Signature(Scheme.SHOPIFY, HEADERS[Scheme.SHOPIFY], Encoding.BASE64)
STRIPE = Signature(Scheme.STRIPE, HEADERS[Scheme.STRIPE])
PLAIN = Signature(Scheme.HMAC, "x-signature", prefix="sha256=")
TIMED = Signature(Scheme.HMAC, "x-signature", Encoding.BASE64, timestamp_header="x-timestamp")
ALL = [SHOPIFY, STRIPE, PLAIN, TIMED]
IDS = ["shopify", "stripe", "hmac", "hmac-with-time"]


def own(signature: Signature, headers: Mapping[str, str], body: bytes = BODY, now: float = NOW) -> bool:
    return is_own(Push(signature, {}, window=300), headers, body, (SECRET, OLD), now)


def test_shopifys_own_computation() -> None:
    digest = base64.b64encode(hmac.new(SECRET, BODY, hashlib.sha256).digest()).decode()
    assert own(SHOPIFY, {"x-shopify-hmac-sha256": digest})


def test_stripes_own_computation() -> None:
    digest = hmac.new(SECRET, f"{NOW}.".encode() + BODY, hashlib.sha256).hexdigest()
    assert own(STRIPE, {"stripe-signature": f"t={NOW},v1={digest},v0=6ffbb59b2300aae63f272406069a9788"})
    assert own(STRIPE, {"stripe-signature": f"t={NOW}, v1={'0' * 64}, v1={digest}"}), "one of several is enough"


@pytest.mark.parametrize("signature", ALL, ids=IDS)
def test_both_secrets_are_valid_during_a_rotation_and_no_other(signature: Signature) -> None:
    assert own(signature, sign(signature, SECRET, BODY, NOW))
    assert own(signature, sign(signature, OLD, BODY, NOW))
    assert not own(signature, sign(signature, OTHER, BODY, NOW))


@pytest.mark.parametrize("signature", ALL, ids=IDS)
@given(st.data())
def test_one_changed_bit_of_the_body_or_the_signature_is_refused(signature: Signature, data: st.DataObject) -> None:
    headers = sign(signature, SECRET, BODY, NOW)
    place = data.draw(st.integers(0, len(BODY) * 8 - 1))
    changed = bytearray(BODY)
    changed[place // 8] ^= 1 << place % 8
    assert not own(signature, headers, bytes(changed))
    value = headers[signature.header]
    place = data.draw(st.integers(value.rindex("=") + 1 if signature.encoding is Encoding.HEX else 0, len(value) - 2))
    letter = data.draw(st.sampled_from([each for each in "0123456789abcdef" if each != value[place].lower()]))
    assert not own(signature, {**headers, signature.header: value[:place] + letter + value[place + 1 :]})


@pytest.mark.parametrize("signature", ALL, ids=IDS)
@given(st.text(max_size=80))
def test_any_text_as_a_signature_is_refused_and_breaks_nothing(signature: Signature, text: str) -> None:
    headers = sign(signature, SECRET, BODY, NOW)
    assert not own(signature, {**headers, signature.header: text})
    assert not own(signature, {**headers, signature.header: f"t={NOW},v1={text}"})


@pytest.mark.parametrize("signature", ALL, ids=IDS)
def test_missing_truncated_and_doubled_signatures_are_refused(signature: Signature) -> None:
    headers = sign(signature, SECRET, BODY, NOW)
    value = headers[signature.header]
    assert not own(signature, {})
    assert not is_presented(signature, {})
    assert is_presented(signature, headers)
    for wrong in ("", value[:-1], value[: len(value) // 2], value + "=", f"{value},{value}"[: len(value) * 2]):
        assert not own(signature, {**headers, signature.header: wrong})
    assert not is_presented(signature, {**headers, signature.header: value + "a" * 1024})


@pytest.mark.parametrize("signature", [STRIPE, TIMED], ids=["stripe", "hmac-with-time"])
@pytest.mark.parametrize(("age", "taken"), [(0, True), (300, True), (-300, True), (301, False), (-301, False)])
def test_old_and_future_signatures_are_refused(signature: Signature, *, age: int, taken: bool) -> None:
    assert own(signature, sign(signature, SECRET, BODY, NOW - age)) is taken


def test_a_signed_time_cannot_be_replaced() -> None:
    old = sign(TIMED, SECRET, BODY, NOW - 1000)
    assert not own(TIMED, {**old, "x-timestamp": str(NOW)})
    assert not own(TIMED, {"x-signature": old["x-signature"]})
    digest = sign(STRIPE, SECRET, BODY, NOW - 1000)["stripe-signature"].partition("v1=")[2]
    for header in (f"t={NOW},v1={digest}", f"v1={digest}", f"t={NOW - 1000},t={NOW},v1={digest}", f"t=-1,v1={digest}"):
        assert not own(STRIPE, {"stripe-signature": header})
    many = ",".join([f"v1={'0' * 64}"] * 5)
    assert not own(STRIPE, {"stripe-signature": f"t={NOW},{many},v1={sign(STRIPE, SECRET, BODY, NOW)}"})


def test_the_prefix_belongs_to_the_signature_and_hex_has_no_case() -> None:
    headers = sign(PLAIN, SECRET, BODY, NOW)
    bare = headers["x-signature"].removeprefix("sha256=")
    assert not own(PLAIN, {"x-signature": bare})
    assert own(PLAIN, {"x-signature": f"sha256={bare.upper()}"})
    assert own(dataclasses.replace(PLAIN, prefix=""), {"x-signature": bare})


@pytest.mark.parametrize("signature", ALL, ids=IDS)
@given(body=st.binary(max_size=200), secret=st.binary(min_size=1, max_size=40))
def test_what_is_signed_is_taken(signature: Signature, body: bytes, secret: bytes) -> None:
    assert is_own(Push(signature, {}), sign(signature, secret, body, NOW), body, (secret,), NOW)
