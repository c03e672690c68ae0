"""Where webhooks may go (D23). The fake posts only where it was told to, and plain HTTP only to this machine."""

import ipaddress
import re
from collections.abc import Collection
from urllib.parse import SplitResult, urlsplit

from mock_server.domain.errors import Invalid

_HOST = re.compile(r"([^@]*@)?(\[[^\[\]@]+\]|[-A-Za-z0-9._~%!$&'()*+,;=]*)(:[0-9]*)?")


def check_url(url: str, allowed_hosts: Collection[str] = (), field: str = "url") -> str:
    """The URL, if webhooks may be posted there. Raises Invalid naming what would be right.

    HTTPS goes anywhere, as with the real service. `http://` goes to loopback, and to `allowed_hosts`.
    """
    parts = _split(url, field)
    host = parts.hostname or ""
    if parts.scheme == "https" or is_loopback(host) or host in allowed_hosts:
        return url
    raise Invalid(
        field,
        f"{url!r} is plain HTTP to a host that is not this machine; use https://, a loopback address, or start the "
        f"server with --allow-webhook-host {host}",
    )


def is_loopback(host: str) -> bool:
    """127.0.0.0/8, ::1, localhost and names below it."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _split(url: str, field: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 (reading it validates it)
        _require_plain_host(parts.netloc)
    except ValueError as error:
        raise Invalid(field, f"{url!r} is not a URL: {error}") from None
    printable = url.isascii() and url.isprintable() and " " not in url
    if parts.scheme not in {"http", "https"} or not parts.hostname or not printable:
        raise Invalid(
            field,
            f"{url!r} is not an absolute http(s) URL such as https://example.com/webhooks{_guess(url, printable)}",
        )
    if parts.fragment or parts.username is not None or parts.password is not None:
        raise Invalid(field, f"{url!r} carries a fragment or credentials; a webhook URL has neither")
    return parts


def _require_plain_host(netloc: str) -> None:
    """urlsplit overlooks some things in a host, and whoever posts there may not, or take it for another one."""
    if netloc.isascii() and netloc.isprintable() and " " not in netloc and not _HOST.fullmatch(netloc):
        raise ValueError(f"{netloc!r} is not a host, or a host and a port")


def _guess(url: str, printable: bool) -> str:
    """Most often just the scheme is missing."""
    host = url.partition("/")[0].rpartition(":")[0] or url.partition("/")[0]
    if "://" in url or not printable or not host or not (is_loopback(host) or "." in host):
        return ""
    return f"; did you mean {'http' if is_loopback(host) else 'https'}://{url}?"
