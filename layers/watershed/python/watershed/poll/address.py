"""Which address a host's name stands for, and that it is one of the public internet: nothing else is ever asked."""

from __future__ import annotations

import ipaddress
import socket
from typing import TYPE_CHECKING

from watershed.poll.failure import Cause, PollFailed

if TYPE_CHECKING:
    from collections.abc import Iterator

    Address = ipaddress.IPv4Address | ipaddress.IPv6Address

PORT = 443
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_IPV4_BITS = 0xFFFFFFFF


def resolve(host: str) -> str:
    """One public address of `host`. Whoever connects must use this address and not ask again: names change.

    Raises:
        PollFailed: if the name has no address, or one that is not public, be it among others.
    """
    try:
        found = socket.getaddrinfo(host, PORT, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise PollFailed(Cause.UNREACHABLE, f"The name {host} has no address.") from error
    addresses = [ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]
    if not addresses or not all(is_public(each) for each in addresses):
        raise PollFailed(
            Cause.FORBIDDEN_ADDRESS, f"The name {host} stands for an address that is not of the public internet."
        )
    addresses.sort(key=lambda each: each.version)  # a function outside of a network of ours has no IPv6
    return str(addresses[0])


def is_public(address: Address) -> bool:
    """Whether an address, and each that is written into it, is one of the public internet."""
    return all(_is_one(each) for each in _meant(address))


def _is_one(address: Address) -> bool:
    site_local = isinstance(address, ipaddress.IPv6Address) and address.is_site_local  # retired, and still private
    return address.is_global and not (address.is_multicast or address.is_reserved or site_local)


def _meant(address: Address) -> Iterator[Address]:
    """The address, and what gateways would take it for."""
    if isinstance(address, ipaddress.IPv4Address):
        yield address
        return
    written = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
    if address in _NAT64:
        written.append(ipaddress.IPv4Address(int(address) & _IPV4_BITS))
    found = [each for each in written if each is not None]
    yield from found
    if not (address.ipv4_mapped or address in _NAT64):  # these two are nothing but the IPv4 address
        yield address
