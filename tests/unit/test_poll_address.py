"""Only addresses of the public internet are asked, however they are written."""

from __future__ import annotations

import ipaddress
import socket
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from watershed.poll import address
from watershed.poll.failure import Cause, PollFailed

PRIVATE = (
    "127.0.0.1", "127.255.255.254", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254",
    "169.254.170.2", "100.64.0.1", "0.0.0.0", "192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.1",  # noqa: S104
    "224.0.0.1", "240.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fec0::1", "fc00::1", "fd00:ec2::254",
    "ff02::1", "2001:db8::1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "64:ff9b::10.0.0.1", "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::a00:1", "2002:a00:1::1", "2002:a9fe:a9fe::1", "2001:0:a00:1::",
)  # fmt: skip
PUBLIC = ("93.184.215.14", "8.8.8.8", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "64:ff9b::808:808", "::ffff:8.8.8.8")


@pytest.mark.parametrize("text", PRIVATE)
def test_these_are_not_public(text: str) -> None:
    assert not address.is_public(ipaddress.ip_address(text))


@pytest.mark.parametrize("text", PUBLIC)
def test_these_are(text: str) -> None:
    assert address.is_public(ipaddress.ip_address(text))


@given(st.integers(0, 2**32 - 1))
def test_an_address_within_another_is_judged_as_itself(number: int) -> None:
    inner = ipaddress.IPv4Address(number)
    for prefix in ("::ffff:", "64:ff9b::"):
        assert address.is_public(ipaddress.ip_address(f"{prefix}{inner}")) <= address.is_public(inner)


def named(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    def getaddrinfo(*_: Any, **__: Any) -> list[Any]:
        return [(0, 0, 0, "", (each, 443)) for each in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)


def test_one_address_that_is_not_public_spoils_the_name(monkeypatch: pytest.MonkeyPatch) -> None:
    named(monkeypatch, "8.8.8.8", "10.0.0.1")
    with pytest.raises(PollFailed) as failed:
        address.resolve("shop.example")
    assert failed.value.cause is Cause.FORBIDDEN_ADDRESS
    assert "10.0.0.1" not in str(failed.value)


def test_ipv4_is_taken_first(monkeypatch: pytest.MonkeyPatch) -> None:
    named(monkeypatch, "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "8.8.8.8")
    assert address.resolve("shop.example") == "8.8.8.8"


def test_a_name_without_an_address_is_unreachable(monkeypatch: pytest.MonkeyPatch) -> None:
    def getaddrinfo(*_: Any, **__: Any) -> Any:
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    with pytest.raises(PollFailed) as failed:
        address.resolve("shop.example")
    assert failed.value.cause is Cause.UNREACHABLE
