"""Whose signature is this? For people whose verification fails: what was signed, with which key, how, in which letters.

A right signature is the lower-case hex HMAC-SHA256 of the exact bytes with the exact secret. Every usual mistake is one
deviation in one of four places. All combinations are tried, those with the fewest deviations first.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any, TypeVar

from mock_server.webhooks.signing import sign, to_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator

T = TypeVar("T")

Step = tuple[T, str]
"""A way to do it, and what is wrong with that; an empty text is the right way."""

PREFIXES = ("sha256=", "sha1=", "sha512=", "v1=", "v0=", "hmac-sha256=")


@dataclass(frozen=True, slots=True)
class Finding:
    """`right`, or what it is a signature of. No mistakes and not right: nothing that is known."""

    right: bool
    mistakes: tuple[str, ...]
    expected: str
    tried: int


def diagnose(secret: str, signature: str, body: bytes, timestamps: tuple[str, ...] = ()) -> Finding:
    """What this signature is the signature of. `timestamps` are values that may have been signed along with the body."""
    expected = sign(secret, body)
    if hmac.compare_digest(expected.encode(), signature.encode(errors="surrogatepass")):
        return Finding(True, (), expected, 1)
    spellings = list(_spellings(signature))
    ways = product(_bodies(body, timestamps), _keys(secret), _DIGESTS)
    ordered = sorted(ways, key=lambda way: sum(bool(step[1]) for step in way))
    for content, key, digest in ordered:
        made = digest[0](key[0], content[0])
        for raw, spelling in spellings:
            if hmac.compare_digest(made, raw):
                mistakes = (content[1], key[1], digest[1], *spelling)
                return Finding(False, tuple(mistake for mistake in mistakes if mistake), expected, len(ordered))
    return Finding(False, (), expected, len(ordered))


def _spellings(signature: str) -> Iterator[tuple[bytes, tuple[str, ...]]]:
    """The digests that this text may stand for, and what is wrong with the writing."""
    text, wrong = signature.strip(), []
    if text != signature:
        wrong.append("has blanks or a line end around it")
    for prefix in PREFIXES:
        if text.lower().startswith(prefix):
            text = text[len(prefix) :]
            wrong.append(f"begins with {prefix!r}; Flowella's is bare")
    try:
        raw = bytes.fromhex(text)
        yield raw, (*wrong, *(["is in upper case; Flowella's is lower"] if text != text.lower() else []))
    except ValueError:
        pass
    for decode, name in ((base64.b64decode, "base64"), (base64.urlsafe_b64decode, "URL-safe base64")):
        try:
            yield decode(text + "=" * (-len(text) % 4)), (*wrong, f"is written in {name}; Flowella's is hex")
        except (binascii.Error, ValueError):
            continue


def _bodies(body: bytes, timestamps: tuple[str, ...]) -> Iterator[Step[bytes]]:
    yield body, ""
    if body.rstrip(b"\r\n") != body:
        yield body.rstrip(b"\r\n"), "is of the body without the line end that FILE has; save the bytes as they came"
    yield body + b"\n", "is of the body with a line end after it"
    if b"\r\n" in body:
        yield body.replace(b"\r\n", b"\n"), "is of the body with its line ends changed"
    yield b"", "is of an empty body: it was read before, or not at all"
    yield from _rewritten(body)
    for stamp in timestamps:
        for between in (".", "", ":"):
            content = to_bytes(f"{stamp}{between}") + body
            yield content, f"is of the timestamp, {between!r} and the body; Flowella signs the body alone"


def _rewritten(body: bytes) -> Iterator[Step[bytes]]:
    """The body, parsed and written anew, as languages write JSON unless told otherwise."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return
    styles: dict[str, dict[str, Any]] = {
        "compact, as JSON.stringify writes it": {"separators": (",", ":"), "ensure_ascii": False},
        "with blanks, as json.dumps writes it": {},
        "with blanks and ensure_ascii=False": {"ensure_ascii": False},
        "compact, with \\u escapes": {"separators": (",", ":")},
        "indented by 2": {"indent": 2, "ensure_ascii": False},
        "with sorted keys": {"separators": (",", ":"), "sort_keys": True, "ensure_ascii": False},
        "with sorted keys and blanks": {"sort_keys": True},
    }
    for style, settings in styles.items():
        content = json.dumps(value, **settings).encode(errors="surrogatepass")
        if content != body:
            yield content, f"is of the JSON parsed and written anew ({style}); sign the bytes as they came"


def _keys(secret: str) -> Iterator[Step[bytes]]:
    yield to_bytes(secret), ""
    bare = secret.removeprefix("whsec_")
    if bare != secret:
        yield to_bytes(bare), "was made without the secret's whsec_; the whole text is the key"
    if secret.strip() != secret:
        yield to_bytes(secret.strip()), "was made with the secret without the blanks around it"
    yield to_bytes(f"{secret}\n"), "was made with a line end after the secret"
    yield to_bytes(secret[1:-1]), "was made with the secret without its first and last letter"
    for decode, name in ((base64.b64decode, "base64"), (bytes.fromhex, "hex")):
        for text, whole in ((bare, ""), (secret, " as a whole")):
            try:
                padded = text + "=" * (-len(text) % 4) if name == "base64" else text
                yield decode(padded), f"was made with the secret{whole} decoded from {name}; its letters are the key"
            except (binascii.Error, ValueError):
                continue
    yield b"", "was made with an empty secret; the setting is not read, or not set"


def _hmac(name: str) -> Any:
    return lambda key, content: hmac.new(key, content, name).digest()


_DIGESTS: tuple[Step[Any], ...] = (
    (_hmac("sha256"), ""),
    (_hmac("sha1"), "is an HMAC-SHA1; Flowella's is HMAC-SHA256"),
    (_hmac("sha512"), "is an HMAC-SHA512; Flowella's is HMAC-SHA256"),
    (_hmac("sha384"), "is an HMAC-SHA384; Flowella's is HMAC-SHA256"),
    (_hmac("md5"), "is an HMAC-MD5; Flowella's is HMAC-SHA256"),
    (lambda _, content: hashlib.sha256(content).digest(), "is a plain SHA-256 without any key"),
    (
        lambda key, content: hashlib.sha256(key + content).digest(),
        "is a SHA-256 of secret and body; HMAC is more than that",
    ),
    (
        lambda key, content: hashlib.sha256(content + key).digest(),
        "is a SHA-256 of body and secret; HMAC is more than that",
    ),
    (lambda key, content: hmac.new(content, key, "sha256").digest(), "has secret and body the wrong way round"),
)
