"""Whose signature is this? Every usual mistake is named, in a whole sentence, and no other."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json

import pytest

from mock_server.webhooks.diagnosis import PREFIXES, diagnose
from mock_server.webhooks.signing import sign

SECRET = "whsec_" + "Ab3" * 10 + "Zz"
BODY = '{"type":"message.sent","data":{"text":"où","n":1.0}}'.encode()
LINES = b'{"a":1,\r\n"b":[2]}\r\n'
RIGHT = sign(SECRET, BODY)
RAW = bytes.fromhex(RIGHT)


def made(body: bytes = BODY, key: bytes | str = SECRET, name: str = "sha256") -> str:
    """A digest in hex."""
    return hmac.new(key.encode() if isinstance(key, str) else key, body, name).hexdigest()


def anew(body: bytes = BODY, **layout: object) -> str:
    """Signed after the body was parsed and written anew."""
    return made(json.dumps(json.loads(body), **layout).encode())  # type: ignore[arg-type]


def test_a_right_one() -> None:
    """Nothing else is tried."""
    found = diagnose(SECRET, RIGHT, BODY)

    assert (found.right, found.mistakes, found.expected, found.tried) == (True, (), RIGHT, 1)


@pytest.mark.parametrize(
    ("signature", "mistake"),
    [
        *((f"{prefix}{RIGHT}", f"begins with '{prefix}'; Flowella's is bare") for prefix in PREFIXES),
        (f"SHA256={RIGHT}", "begins with 'sha256='; Flowella's is bare"),
        (f" {RIGHT}\n", "has blanks or a line end around it"),
        (RIGHT.upper(), "is in upper case; Flowella's is lower"),
        (base64.b64encode(RAW).decode(), "is written in base64; Flowella's is hex"),
        (base64.b64encode(RAW).decode().rstrip("="), "is written in base64; Flowella's is hex"),
    ],
)
def test_spellings(signature: str, mistake: str) -> None:
    """The right digest in other letters."""
    found = diagnose(SECRET, signature, BODY)

    assert (found.right, found.mistakes, found.expected) == (False, (mistake,), RIGHT)


def test_base64_for_urls() -> None:
    """Told from the other where their letters differ."""
    bodies = [b"%d" % number for number in range(99)]
    spelt = [base64.urlsafe_b64encode(bytes.fromhex(sign(SECRET, body))).decode().rstrip("=") for body in bodies]
    body, signature = next((b, s) for b, s in zip(bodies, spelt, strict=True) if "-" in s and "_" in s)

    assert diagnose(SECRET, signature, body).mistakes == ("is written in URL-safe base64; Flowella's is hex",)


ANEW = "is of the JSON parsed and written anew ({}); sign the bytes as they came"


@pytest.mark.parametrize(
    ("signature", "body", "mistake"),
    [
        (made(b""), BODY, "is of an empty body: it was read before, or not at all"),
        (made(BODY + b"\n"), BODY, "is of the body with a line end after it"),
        (made(BODY), BODY + b"\r\n", "is of the body without the line end that FILE has; save the bytes as they came"),
        (made(LINES.replace(b"\r\n", b"\n")), LINES, "is of the body with its line ends changed"),
        (anew(), BODY, ANEW.format("with blanks, as json.dumps writes it")),
        (anew(ensure_ascii=False), BODY, ANEW.format("with blanks and ensure_ascii=False")),
        (anew(separators=(",", ":")), BODY, ANEW.format("compact, with \\u escapes")),
        (anew(indent=2, ensure_ascii=False), BODY, ANEW.format("indented by 2")),
        (anew(separators=(",", ":"), sort_keys=True, ensure_ascii=False), BODY, ANEW.format("with sorted keys")),
        (anew(sort_keys=True), BODY, ANEW.format("with sorted keys and blanks")),
        (
            anew(json.dumps(json.loads(BODY)).encode(), separators=(",", ":"), ensure_ascii=False),
            json.dumps(json.loads(BODY)).encode(),
            ANEW.format("compact, as JSON.stringify writes it"),
        ),
    ],
)
def test_bodies(signature: str, body: bytes, mistake: str) -> None:
    """Something else than the bytes that came was signed."""
    assert diagnose(SECRET, signature, body).mistakes == (mistake,)


@pytest.mark.parametrize("between", [".", "", ":"])
def test_timestamps(between: str) -> None:
    """Any of those given, and how it was joined."""
    found = diagnose(SECRET, made(f"18{between}".encode() + BODY), BODY, ("17", "18"))

    assert found.mistakes == (f"is of the timestamp, {between!r} and the body; Flowella signs the body alone",)


KEY = SECRET.removeprefix("whsec_")
LETTERS = "its letters are the key"


@pytest.mark.parametrize(
    ("secret", "key", "mistake"),
    [
        (SECRET, KEY, "was made without the secret's whsec_; the whole text is the key"),
        (f" {SECRET} ", SECRET, "was made with the secret without the blanks around it"),
        (SECRET, f"{SECRET}\n", "was made with a line end after the secret"),
        (f"'{SECRET}'", SECRET, "was made with the secret without its first and last letter"),
        (SECRET, "", "was made with an empty secret; the setting is not read, or not set"),
        (SECRET, base64.b64decode(KEY), f"was made with the secret decoded from base64; {LETTERS}"),
        ("whsec_QUJDRA", b"ABCD", f"was made with the secret decoded from base64; {LETTERS}"),
        ("whsec_00ff7f", b"\x00\xff\x7f", f"was made with the secret decoded from hex; {LETTERS}"),
        ("whsecAAA", base64.b64decode("whsecAAA"), f"was made with the secret decoded from base64; {LETTERS}"),
        (
            "whsec_zzz",
            base64.b64decode("whsec_zzz==="),
            f"was made with the secret as a whole decoded from base64; {LETTERS}",
        ),
    ],
)
def test_keys(secret: str, key: bytes | str, mistake: str) -> None:
    """The right body under another key."""
    assert diagnose(secret, made(key=key), BODY).mistakes == (mistake,)


@pytest.mark.parametrize(
    ("signature", "mistake"),
    [
        *(
            (made(name=name), f"is an HMAC-{name.upper()}; Flowella's is HMAC-SHA256")
            for name in ("sha1", "sha512", "sha384", "md5")
        ),
        (hashlib.sha256(BODY).hexdigest(), "is a plain SHA-256 without any key"),
        (hashlib.sha256(SECRET.encode() + BODY).hexdigest(), "is a SHA-256 of secret and body; HMAC is more than that"),
        (hashlib.sha256(BODY + SECRET.encode()).hexdigest(), "is a SHA-256 of body and secret; HMAC is more than that"),
        (made(SECRET.encode(), BODY), "has secret and body the wrong way round"),
    ],
)
def test_digests(signature: str, mistake: str) -> None:
    """The right body and key in another machine."""
    assert diagnose(SECRET, signature, BODY).mistakes == (mistake,)


def test_several_at_once() -> None:
    """In the order body, key, digest, spelling."""
    found = diagnose(SECRET, f" v1={made(b'', KEY, 'sha1').upper()}", BODY)

    assert [mistake.split()[0:3] for mistake in found.mistakes] == [
        ["is", "of", "an"],
        ["was", "made", "without"],
        ["is", "an", "HMAC-SHA1;"],
        ["has", "blanks", "or"],
        ["begins", "with", "'v1=';"],
        ["is", "in", "upper"],
    ]


@pytest.mark.parametrize("signature", ["", "zz", "é", "\udcff", made(key="another"), f"sha256={made(key='another')}"])
@pytest.mark.parametrize("body", [BODY, b"\xff", b"[", b"", b'"\\ud800"'])
def test_nothing_that_is_known(signature: str, body: bytes) -> None:
    """Then all there is has been tried, and what would be right is said."""
    found = diagnose(SECRET, signature, body)

    assert (found.right, found.mistakes, found.expected) == (False, (), sign(SECRET, body))
    assert found.tried > 100


def test_the_fewest_mistakes_are_told() -> None:
    """Also where others make the same digest: this one is of the secret with a line end, the wrong way round, as well."""
    found = diagnose(SECRET, made(f"{SECRET}\n".encode()), SECRET.encode())

    assert found.mistakes == ("is of the body with a line end after it",)
    assert found.tried > 100


def test_only_line_ends_are_taken_off() -> None:
    """Letters and blanks before them were in the body."""
    found = diagnose(SECRET, made(BODY + b"X "), BODY + b"X \r\n")

    assert found.mistakes == ("is of the body without the line end that FILE has; save the bytes as they came",)
