"""`verify` says what a signature is the signature of."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from mock_server.cli import main
from mock_server.webhooks.signing import sign

if TYPE_CHECKING:
    from pathlib import Path

SECRET = "whsec_" + "Ab3" * 10 + "Zz"
BODY = '{"event":"message.sent","createdAt":"2026-11-21T10:00:00.000Z","data":{"text":"où","n":1.0}}'.encode()


def hmac_of(content: bytes, key: bytes = SECRET.encode(), name: str = "sha256") -> str:
    """A digest in hex."""
    return hmac.new(key, content, name).hexdigest()


def run(tmp_path: Path, signature: str, body: bytes = BODY, secret: str = SECRET, *more: str) -> Any:
    """The command on a file with this body."""
    (tmp_path / "body").write_bytes(body)
    command = ["verify", "--secret", secret, "--signature", signature, "--body", str(tmp_path / "body"), *more]
    return CliRunner().invoke(main, command)


RIGHT = sign(SECRET, BODY)
REDONE = json.loads(BODY)

MISTAKES = {
    "sha256=": (f"sha256={RIGHT}", "begins with 'sha256='"),
    "upper case": (RIGHT.upper(), "is in upper case"),
    "base64": (base64.b64encode(bytes.fromhex(RIGHT)).decode(), "is written in base64"),
    "url-safe base64": (
        base64.urlsafe_b64encode(bytes.fromhex(RIGHT)).decode().rstrip("="),
        "base64; Flowella's is hex",
    ),
    "blanks": (f" {RIGHT}\n", "has blanks or a line end around it"),
    "sha1": (hmac_of(BODY, name="sha1"), "is an HMAC-SHA1"),
    "sha512": (hmac_of(BODY, name="sha512"), "is an HMAC-SHA512"),
    "no key": (hashlib.sha256(BODY).hexdigest(), "is a plain SHA-256 without any key"),
    "key first": (hashlib.sha256(SECRET.encode() + BODY).hexdigest(), "is a SHA-256 of secret and body"),
    "wrong way round": (hmac_of(SECRET.encode(), BODY), "has secret and body the wrong way round"),
    "prefix cut": (hmac_of(BODY, SECRET.removeprefix("whsec_").encode()), "was made without the secret's whsec_"),
    "key decoded": (hmac_of(BODY, base64.b64decode(SECRET.removeprefix("whsec_"))), "decoded from base64"),
    "empty key": (hmac_of(BODY, b""), "was made with an empty secret"),
    "key with line end": (hmac_of(BODY, f"{SECRET}\n".encode()), "was made with a line end after the secret"),
    "json.dumps": (
        hmac_of(json.dumps(REDONE).encode()),
        "parsed and written anew (with blanks, as json.dumps writes it)",
    ),
    "compact": (
        hmac_of(json.dumps(REDONE, separators=(",", ":")).encode()),
        "written anew (compact, with \\u escapes)",
    ),
    "trailing newline": (hmac_of(BODY + b"\n"), "with a line end after it"),
    "timestamp": (hmac_of(b"1795255200." + BODY), "is of the timestamp, '.' and the body"),
    "empty body": (hmac_of(b""), "is of an empty body"),
    "several": (
        "sha256="
        + base64.b64encode(hmac.new(SECRET[6:].encode(), json.dumps(REDONE).encode(), "sha1").digest()).decode(),
        "begins with 'sha256='",
    ),
}


def test_a_right_one_is_right(tmp_path: Path) -> None:
    """Exit code 0, and the secret is not shown."""
    result = run(tmp_path, RIGHT)

    assert result.exit_code == 0, result.output
    assert result.output.startswith("right")
    assert SECRET not in result.output


@pytest.mark.parametrize("name", MISTAKES)
def test_a_wrong_one_is_explained(tmp_path: Path, name: str) -> None:
    """Each usual mistake by name, and what would be right."""
    signature, said = MISTAKES[name]
    result = run(tmp_path, signature)

    assert result.exit_code == 1
    assert said in result.output
    assert f"right would be {RIGHT}" in result.output
    assert SECRET not in result.output


def test_only_the_mistakes_that_were_made_are_named(tmp_path: Path) -> None:
    """The fewest deviations win."""
    for name in set(MISTAKES) - {"several"}:
        lines = run(tmp_path, MISTAKES[name][0]).output.splitlines()
        assert len(lines) == 3, lines
    assert len(run(tmp_path, MISTAKES["several"][0]).output.splitlines()) == 2 + 5


def test_the_file_may_have_a_line_end_too_many(tmp_path: Path) -> None:
    """Editors add one."""
    result = run(tmp_path, RIGHT, BODY + b"\n")

    assert "without the line end that FILE has" in result.output


def test_the_timestamp_of_the_header_is_tried(tmp_path: Path) -> None:
    """Where it is given."""
    result = run(tmp_path, hmac_of(b"17:" + BODY), BODY, SECRET, "--timestamp", "17")

    assert "is of the timestamp, ':' and the body" in result.output


@pytest.mark.parametrize("signature", [hmac_of(BODY, b"another"), "", "zz", "é", "sha256="])
def test_another_secret_is_likely(tmp_path: Path, signature: str) -> None:
    """And anything at all may be asked about."""
    result = run(tmp_path, signature)

    assert result.exit_code == 1
    assert "Most likely it is another secret" in result.output


def test_a_body_that_is_no_json_is_looked_at_too(tmp_path: Path) -> None:
    """Or that cannot be read."""
    assert run(tmp_path, sign(SECRET, b"\xff"), b"\xff").exit_code == 0
    assert "is in upper case" in run(tmp_path, sign(SECRET, b"\xff").upper(), b"\xff").output
    missing = CliRunner().invoke(
        main, ["verify", "--secret", "s", "--signature", "x", "--body", str(tmp_path / "none")]
    )
    assert missing.exit_code == 2
    assert "cannot read" in missing.output


def test_stdin_will_do() -> None:
    """For a pipe."""
    result = CliRunner().invoke(main, ["verify", "--secret", SECRET, "--signature", RIGHT, "--body", "-"], input=BODY)

    assert result.exit_code == 0
