"""Which network addresses the importer may connect to: only those of the open internet.

A web address that somebody names must not become a way to the machines behind us (server-side request forgery). So a
name is resolved once, every address it has is checked, and the connection goes to a checked address and no other.
"""

import ipaddress
import re
import socket
from collections.abc import Callable

Resolve = Callable[[str, int], list[str]]  # (host, port) -> addresses as text; raises OSError

_CARRIERS = tuple(  # networks of IPv6 that stand for an IPv4 address inside them
    ipaddress.ip_network(net)
    for net in ("::/96", "64:ff9b::/96", "64:ff9b:1::/48", "2001::/32", "2002::/16", "fec0::/10", "5f00::/16")
)
_MORE = tuple(  # that Python counts as public, or did until lately
    ipaddress.ip_network(net) for net in ("192.0.0.0/24", "192.88.99.0/24", "3fff::/20")
)
_NUMERIC = re.compile(r"(?:0x[0-9a-f]*|\d+)(?:\.(?:0x[0-9a-f]*|\d+))*\.?", re.IGNORECASE)


class Unreachable(Exception):  # noqa: N818 -- reads as what happened
    """The host may not or cannot be reached; the message says why."""


def resolve(host: str, port: int) -> list[str]:
    """Every address of a host, by the system's resolver. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(info[4][0]).split("%")[0] for info in found))


def checked_address(host: str, port: int, look_up: Resolve = resolve, *, allow_loopback: bool = False) -> str:
    """One address of the host to connect to, when *all* its addresses are public. Raises Unreachable."""
    host = host.strip("[]")
    if _NUMERIC.fullmatch(host) and not _dotted(host):
        raise Unreachable("an address written as a number is not followed; write the name of the site")
    try:
        found = look_up(host, port)
    except (OSError, UnicodeError):
        raise Unreachable("the name is not known; check the address and the network") from None
    if not found:
        raise Unreachable("the name has no address")
    for address in found:
        if not is_public(address) and not (allow_loopback and ipaddress.ip_address(address).is_loopback):
            raise Unreachable("it lies in a private network; only addresses of the open internet are imported")
    return found[0]


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the open internet, also when it is an IPv4 address dressed up as IPv6."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped is not None:
            return is_public(str(ip.ipv4_mapped))
        if any(ip in net for net in _CARRIERS):
            return False
    if any(ip in net for net in _MORE if net.version == ip.version):
        return False
    barred = ip.is_private or ip.is_loopback or ip.is_link_local or ip.is_multicast or ip.is_reserved
    return ip.is_global and not barred and not ip.is_unspecified


def _dotted(host: str) -> bool:
    """Whether it is four plain decimal numbers; 0177.0.0.1 and 127.1 are not."""
    try:
        ipaddress.IPv4Address(host)
    except ValueError:
        return False
    return True
