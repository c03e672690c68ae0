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
    body, seal, post = f"BODY={_text(letter.body)}", _seal(letter, vendor), _post(letter, vendor, url)
    if letter.copies == 1:
        return f"{body}; {seal}{post}"
    if letter.apart is None:
        return f"{body}; {seal}for i in $(seq {letter.copies}); do {post} & done; wait"
    new = f"BODY=${{BODY//{letter.id}/{letter.id[:-3]}$i}}; " if letter.id else ""
    loop = f"for i in $(seq 100 {99 + letter.copies}); do ({new}{seal}{post}) & sleep {letter.apart:.3f}; done; wait"
    return f"{body}; {loop}"


def _seal(letter: Letter, vendor: Vendor) -> str:
    if not vendor.signs or letter.seal.make is None or letter.seal is EMPTY:
        return ""
    return f"SIG=$(printf %s {_signed(letter)} | openssl dgst -sha256 -hmac {_secret(letter)} | sed 's/.* //'); "


def _post(letter: Letter, vendor: Vendor, url: str) -> str:
    words = ["curl", "-i"] if letter.apart is None else ["curl -s -o /dev/null -w '%{http_code} %{time_total}\\n'"]
    words += ["-X", letter.method, quote(url), *(f"-H {value}" for value in _headers(letter, vendor))]
    if letter.drip:  # curl sends a short body in one piece, so the pipe drips
        halves = f'{{ printf %s "${{BODY:0:20}}"; sleep {letter.drip:g}; printf %s "${{BODY:20}}"; }}'
        length = f'-H "Transfer-Encoding:" -H "Content-Length: {len(letter.body)}"'
        return f"{halves} | {' '.join(words)} {length} -T -"
    return f"""printf %s "$BODY" | {" ".join(words)} --data-binary @-"""


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
