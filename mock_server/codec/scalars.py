"""What JSON has a form for already, or nearly: numbers, texts, times, bytes and words from a list. See `codec`."""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from types import NoneType
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple, NoReturn

from mock_server.domain.errors import Invalid, did_you_mean
from mock_server.domain.instant import EARLIEST, LATEST, SECOND, parse
from mock_server.explain import path, show

if TYPE_CHECKING:
    from collections.abc import Callable
    from enum import StrEnum


class Wrong(Exception):
    """A value is not what its hint says. `steps` lead to it, innermost first."""

    def __init__(self, problem: str, *steps: str | int) -> None:
        super().__init__(problem)
        self.problem = problem
        self.steps = list(steps)

    def refusal(self) -> Invalid:
        """As a refusal that names the place."""
        return Invalid(path(self.steps[::-1]) or "body", self.problem)


class Codec(NamedTuple):
    """Both ways. `plain` values are JSON as they are."""

    encode: Callable[[Any], Any]
    decode: Callable[[Any], Any]
    plain: bool = False


def _same(value: Any) -> Any:
    return value


def refuse(wanted: str, value: Any) -> NoReturn:
    """This is not what is wanted here."""
    raise Wrong(f"must be {wanted}; got {show(value)}")


def _of_type(kind: type, wanted: str) -> Codec:
    def decode(value: Any) -> Any:
        return value if type(value) is kind else refuse(wanted, value)

    return Codec(_same, decode, plain=True)


def _decode_int(value: Any) -> int:
    return value if type(value) is int and -_HUGE < value < _HUGE else refuse("a whole number below 2^63", value)


def _decode_float(value: Any) -> Any:
    return value if type(value) in {int, float} else refuse("a number", value)  # 50 stays 50


def _encode_bytes(value: bytes) -> Any:
    try:
        text = value.decode()
    except UnicodeDecodeError:
        text = "\0"
    return {"base64": b64encode(value).decode()} if "\0" in text else text


def _decode_bytes(value: Any) -> bytes:
    if type(value) is str:
        return value.encode()
    if type(value) is dict and value.keys() == {"base64"} and type(value["base64"]) is str:
        try:
            return b64decode(value["base64"], validate=True)
        except ValueError as error:
            raise Wrong(f"{show(value['base64'])} is not base64: {error}", "base64") from None
    refuse('text or {"base64": "…"}', value)


@lru_cache(maxsize=65_536)
def _encode_instant(value: int) -> str:
    moment = _EPOCH + timedelta(microseconds=value)
    return moment.isoformat(timespec="microseconds" if value % 1000 else "milliseconds") + "Z"


@lru_cache(maxsize=65_536)
def _parse_instant(value: str) -> int:
    instant = parse(value)
    if not EARLIEST <= instant < LATEST + SECOND:  # moved by its zone to where no calendar can write it down
        raise OverflowError(value)
    return instant


def _decode_instant(value: Any) -> int:
    try:
        return _parse_instant(value) if type(value) is str else refuse(_MOMENT, value)
    except (ValueError, OverflowError):
        refuse(_MOMENT, value)


def _encode_duration(value: int) -> str:
    whole, fraction = divmod(value, SECOND)
    return f"PT{whole}{f'.{fraction:06}'.rstrip('0') if fraction else ''}S"


def _decode_duration(value: Any) -> int:
    found = _DURATION.fullmatch(value) if type(value) is str else None
    if found is None:
        refuse("a duration in seconds such as PT0.3S", value)
    return int(found[1]) * SECOND + int((found[2] or "0").ljust(6, "0"))


_HUGE = 1 << 63
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC).replace(tzinfo=None)
_MOMENT = "a moment such as 2026-11-21T10:00:00.000Z"
_DURATION = re.compile(r"PT([0-9]{1,12})(?:\.([0-9]{1,6}))?S")
SCALARS: dict[Any, Codec] = {
    Any: Codec(_same, _same, plain=True),
    str: _of_type(str, "a string"),
    bool: _of_type(bool, "true or false"),
    NoneType: _of_type(NoneType, "null"),
    int: Codec(_same, _decode_int, plain=True),
    float: Codec(_same, _decode_float, plain=True),
    bytes: Codec(_encode_bytes, _decode_bytes),
    Annotated[int, "instant"]: Codec(_encode_instant, _decode_instant),
    Annotated[int, "duration"]: Codec(_encode_duration, _decode_duration),
}


def enum(kind: type[StrEnum]) -> Codec:
    """By value."""
    members: dict[Any, StrEnum] = {member.value: member for member in kind}

    def decode(value: Any) -> StrEnum:
        return members[value] if type(value) is str and value in members else not_among(members, value)

    return Codec(str, decode)


def literal(arguments: tuple[Any, ...]) -> Codec:
    """One of these words."""

    def decode(value: Any) -> Any:
        return value if type(value) is str and value in arguments else not_among(arguments, value)

    return Codec(_same, decode, plain=True)


def not_among(known: Any, value: Any) -> NoReturn:
    """None of the words that are known here."""
    guess = did_you_mean(value, known) if isinstance(value, str) else ""
    raise Wrong(f"must be one of {', '.join(known)}; got {show(value)}{guess}")
