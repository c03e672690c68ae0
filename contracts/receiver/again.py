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
    """Set SECRET, and paste. Its ids are new as long as RUN is, or the endpoint would know the event already."""
    body, seal, post = _set("BODY", letter.body, letter), _seal(letter, vendor), _post(letter, vendor, url)
    begin = f": ${{RUN:=$(date +%s)}}; {body}"
    if letter.copies == 1:
        return f"{begin}{seal}{post}"
    if letter.apart is None:
        return f"{begin}{seal}for i in $(seq {letter.copies}); do {post} & done; wait"
    each = f"(BODY=${{BODY//$RUN/$RUN$i}}; {seal}{post})"
    return f"{begin}for i in $(seq {letter.copies}); do {each} & sleep {letter.apart:.3f}; done; wait"


def _set(name: str, body: bytes, letter: Letter) -> str:
    """The body as a variable. What all ids of a run have in them becomes RUN."""
    return f"{name}={_text(body)}; {name}=${{{name}//{_stamp(letter)}/$RUN}}; "


def _stamp(letter: Letter) -> str:
    return letter.delivery[1:9]


def _seal(letter: Letter, vendor: Vendor) -> str:
    if not vendor.signs or letter.seal.make is None or letter.seal is EMPTY:
        return ""
    secret = quote(letter.seal.secret) if letter.seal.secret else '"$SECRET"'
    other = "" if letter.sealed is None else _set("SIGNED", letter.sealed, letter)
    signed = "BODY" if letter.sealed is None else "SIGNED"
    return f"{other}SIG=$(printf %s \"${signed}\" | openssl dgst -sha256 -hmac {secret} | sed 's/.* //'); "


def _post(letter: Letter, vendor: Vendor, url: str) -> str:
    words = ["curl", "-i"] if letter.apart is None else ["curl -s -o /dev/null -w '%{http_code} %{time_total}\\n'"]
    words += ["-X", letter.method, quote(url), *(f"-H {value}" for value in _headers(letter, vendor))]
    if letter.drip:  # curl sends a short body in one piece, so the pipe drips; a mask may have made it shorter
        halves = f'{{ printf %s "${{BODY:0:20}}"; sleep {letter.drip:g}; printf %s "${{BODY:20}}"; }}'
        length = '-H "Transfer-Encoding:" -H "Content-Length: $(printf %s "$BODY" | wc -c)"'
        return f"{halves} | {' '.join(words)} {length} -T -"
    return f"""printf %s "$BODY" | {" ".join(words)} --data-binary @-"""


def _headers(letter: Letter, vendor: Vendor) -> list[str]:
    known = {
        "event": quote(letter.value.get(vendor.event, letter.event)),
        "delivery": letter.delivery.replace(_stamp(letter), "$RUN-"),
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
    return f"$(($(date +%s){-age:+}))" if age else "$(date +%s)"


def _text(body: bytes) -> str:
    """In quotes; what is said a thousand times is said by the shell."""
    text = body.decode("utf-8", "replace")
    run = _LONG_RUN.search(text)
    if run is None:
        return quote(text)
    before, after = quote(text[: run.start()]), quote(text[run.end() :])
    return f"{before}$(head -c {len(run[0])} /dev/zero | tr '\\0' {quote(run[1])}){after}"
