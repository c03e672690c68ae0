"""Ids, secrets and dice. The only module that makes anything random, and none of it is: it all follows from the seed.

Draw number n of a stream is BLAKE2b(key = seed, n). The whole state is one counter, so a snapshot keeps one number, a
rollback sets it back, and the same calls in the same order give the same ids.
"""

import hashlib
import string
from functools import lru_cache

from mock_server.domain.instant import Instant

_BASE36 = string.digits + string.ascii_lowercase
_HEX = string.digits + "ABCDEF"
_COUNTS = 36**5
_ALNUM = string.ascii_letters + string.digits


def _picker(alphabet: str) -> bytes:
    """A table from random bytes to letters; a little uneven, which matters to no test."""
    return bytes(ord(alphabet[byte % len(alphabet)]) for byte in range(256))


_TO_BASE36, _TO_HEX, _TO_ALNUM, _TO_DIGITS = map(_picker, (_BASE36, _HEX, _ALNUM, string.digits))


class Dice:
    """One seeded stream."""

    def __init__(self, seed: str) -> None:
        self.seed = seed
        self.drawn = 0
        self._key = _key_of(seed)

    def record_id(self, now: Instant) -> str:
        """A cuid-shaped id (D8): c, 8 letters of time in ms, 5 of the stream's count, 11 drawn. They sort by creation."""
        draw = self._draw(11)
        return f"{time_prefix(now)}{_base36(self.drawn % _COUNTS, 5)}{draw.translate(_TO_BASE36).decode()}"

    def api_key(self, prefix: str) -> str:
        """`prefix` and 24 of [a-z0-9] (D5)."""
        return prefix + self._draw(24).translate(_TO_BASE36).decode()

    def signing_secret(self) -> str:
        """`whsec_` and 32 letters and digits (D24)."""
        return "whsec_" + self._draw(32).translate(_TO_ALNUM).decode()

    def upper_hex(self, length: int) -> str:
        """The inner id of a wamid."""
        return self._draw(length).translate(_TO_HEX).decode()

    def digits(self, length: int) -> str:
        """Meta's numeric ids; never a leading zero."""
        return "1" + self._draw(length - 1).translate(_TO_DIGITS).decode()

    def _draw(self, size: int) -> bytes:
        self.drawn += 1
        return hashlib.blake2b(self.drawn.to_bytes(8), digest_size=size, key=self._key).digest()


def as_uuid(record_id: str) -> str:
    """A record id as a UUID of version 7, for whoever speaks UUIDs: time, count and most of what was drawn are in it."""
    milliseconds, turn, drawn = (int(part, 36) for part in (record_id[1:9], record_id[9:14], record_id[14:]))
    high = milliseconds << 16 | 7 << 12 | turn >> 14
    low = 2 << 62 | (turn & 0x3FFF) << 48 | drawn & (1 << 48) - 1
    text = f"{high:016x}{low:016x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def start_of_uuid(uuid: str) -> str:
    """How the record id starts that would give this UUID. Raises ValueError for what is no UUID."""
    number = int(uuid.replace("-", ""), 16)
    turn = (number >> 64 & 0xFFF) << 14 | number >> 48 & 0x3FFF
    return f"c{_base36(number >> 80, 8)}{_base36(turn, 5)}"


def chance(seed: str, stream: int, turn: int) -> float:
    """A number in [0, 1) that follows from these three and nothing else: turn `turn` of stream `stream`."""
    digest = hashlib.blake2b(f"{stream}/{turn}".encode(), digest_size=7, key=_key_of(seed), person=b"chance").digest()
    return (int.from_bytes(digest) >> 3) / 2**53


def time_prefix(now: Instant) -> str:
    """How the ids of this millisecond begin: all earlier ids sort before it, all of this one and later ones after."""
    return _prefix_of_millisecond(max(now, 0) // 1000)


@lru_cache(maxsize=8)
def _prefix_of_millisecond(millisecond: int) -> str:
    return f"c{_base36(millisecond, 8)}"


def _key_of(seed: str) -> bytes:
    return hashlib.blake2b(seed.encode("utf-8", "surrogatepass"), digest_size=32).digest()


def _base36(number: int, width: int) -> str:
    letters = ""
    while number:
        number, index = divmod(number, 36)
        letters = _BASE36[index] + letters
    return letters.rjust(width, "0")
