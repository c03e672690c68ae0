"""A letter as a line for bash: it signs anew each time, so that it shows the same again on any day."""

from __future__ import annotations

import re
from shlex import quote
from typing import TYPE_CHECKING

from contracts.receiver.seals import EMPTY

if TYPE_CHECKING:
    from contracts.receiver.letters import Letter
    from contracts.receiver.vendors import Vendor

_LONG_RUN = re.compile(r"(.)\1{999,}", re.DOTALL)


def again(letter: Letter, vendor: Vendor, url: str) -> str:
    """Set SECRET, and paste."""
    lines = [f"BODY={_text(letter.body)}"]
    if vendor.signs and letter.seal.make is not None and letter.seal is not EMPTY:
        lines.append(
            f"SIG=$(printf %s {_signed(letter)} | openssl dgst -sha256 -hmac {_secret(letter)} | sed 's/.* //')"
        )
    return "; ".join([*lines, f'printf %s "$BODY" | {_curl(letter, vendor, url)}'])


def _curl(letter: Letter, vendor: Vendor, url: str) -> str:
    words = ["curl", "-i"]
    if letter.drip:
        words.append(f"--limit-rate {max(1, round(len(letter.body) / letter.drip))}")
    words += ["-X", letter.method, quote(url)]
    words += [f"-H {value}" for value in _headers(letter, vendor)]
    return " ".join([*words, "--data-binary @-"])


def _headers(letter: Letter, vendor: Vendor) -> list[str]:
    known = {
        "event": quote(letter.value.get(vendor.event, letter.event)),
        "delivery": quote(letter.delivery),
        "time": None if letter.age is None else _time(letter.age),
        "signature": None if letter.seal.make is None else letter.seal.shell,
    }
    told = [f'"Content-Type: {letter.type}"']
    for what, name in vendor.headers.items():
        if known[what] is not None:
            told.append(f'"{_spelled(name, letter)}: {known[what]}"' if known[what] else f'"{name};"')
    return told


def _spelled(name: str, letter: Letter) -> str:
    return name.lower() if letter.small_headers else name


def _time(age: int) -> str:
    return f"$(($(date +%s)-{age}))" if age >= 0 else f"$(($(date +%s)+{-age}))"


def _secret(letter: Letter) -> str:
    return quote(letter.seal.secret) if letter.seal.secret else '"$SECRET"'


def _signed(letter: Letter) -> str:
    return '"$BODY"' if letter.sealed is None else _text(letter.sealed)


def _text(body: bytes) -> str:
    """In quotes; what is said a thousand times is said by the shell."""
    text = body.decode("utf-8", "replace")
    run = _LONG_RUN.search(text)
    if run is None:
        return quote(text)
    before, after = quote(text[: run.start()]), quote(text[run.end() :])
    return f"{before}$(head -c {len(run[0])} /dev/zero | tr '\\0' {quote(run[1])}){after}"
