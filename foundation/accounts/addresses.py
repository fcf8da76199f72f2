"""Network addresses: needed to slow guessing down, never kept."""

from ipaddress import ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest

from foundation.accounts.secrets import digest

DIGEST_LENGTH = 16


def address_of(request: HttpRequest) -> str:
    """Whose try it is. Our own proxy, if there is one, adds the address at the end of its header."""
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "") if settings.BEHIND_PROXY else ""
    return forwarded.rpartition(",")[2].strip() or request.META.get("REMOTE_ADDR", "")


def network_of(request: HttpRequest) -> str:
    """A keyed digest of the network that the address belongs to: enough to tell 'here' from 'elsewhere'."""
    return digest("network", _network(address_of(request)))[:DIGEST_LENGTH]


def _network(address: str) -> str:
    try:
        version = ip_address(address).version
    except ValueError:
        return ""
    return str(ip_network(f"{address}/{24 if version == 4 else 48}", strict=False))
