"""Signatures, right and wrong. Each knows how to make itself, and how a shell makes it, for the `curl` of a finding."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_TURNED = str.maketrans("0123456789abcdef", "123456789abcdef0")


@dataclass(frozen=True, slots=True)
class Seal:
    """`make` says what becomes of the right digest, `shell` says the same of `$SIG`. Without `make` there is no header."""

    shell: str
    make: Callable[[str], str] | None = None
    secret: str | None = None
    """With what it is made, where that is not the endpoint's secret."""

    def of(self, body: bytes, secret: str) -> str | None:
        """The header's value."""
        if self.make is None:
            return None
        return self.make(hmac.new((self.secret or secret).encode(), body, hashlib.sha256).hexdigest())


RIGHT = Seal("$SIG", lambda digest: digest)
NONE = Seal("")
EMPTY = Seal("", lambda _: "")
UPPER = Seal("$(tr a-f A-F <<<$SIG)", str.upper)
PREFIXED = Seal("sha256=$SIG", lambda digest: f"sha256={digest}")


def forged(secret: str) -> Seal:
    """Made with a secret that is not the endpoint's."""
    return Seal("$SIG", lambda digest: digest, secret)


def right_for(count: int) -> Seal:
    """Right in its first characters, and wrong in all that follow."""
    return Seal(
        f"${{SIG:0:{count}}}$(tr 0-9a-f 1-9a-f0 <<<${{SIG:{count}}})",
        lambda digest: digest[:count] + digest[count:].translate(_TURNED),
    )


def cut(count: int) -> Seal:
    """The first characters of the right one, and nothing after."""
    return Seal(f"${{SIG:0:{count}}}", lambda digest: digest[:count])
