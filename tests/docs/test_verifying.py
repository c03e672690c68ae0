"""Each sample that verifies signatures is run, on signatures that are right and on those that are not."""

from __future__ import annotations

import base64
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from mock_server.webhooks.signing import sign

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "examples" / "verify"
SECRET = "whsec_thisisafakewebhooksecret00000000"
NOW = 1_795_255_201
BODY = b'{"event":"message.read","createdAt":"2026-11-21T10:00:01.300Z","data":{"id":"cm1"}}'
PRETTY = b'{\n  "event": "message.read",\n  "data": {"text": "caf\xc3\xa9 \xf0\x9f\x91\x8d"}\n}\n'

RIGHT: dict[str, tuple[bytes, int]] = {
    "as it comes": (BODY, NOW),
    "letters and blanks of all kinds": (PRETTY, NOW),
    "no body": (b"", NOW),
    "bytes that are no text": (b"\xff\x00\xfe\r\n", NOW),
    "just not too old": (BODY, NOW - 300),
    "a clock that is behind": (BODY, NOW + 300),
}
GOOD = sign(SECRET, BODY)
WRONG: dict[str, tuple[bytes, str, str]] = {
    "another secret": (BODY, sign("whsec_another", BODY), str(NOW)),
    "another body": (BODY.replace(b"read", b"sent"), GOOD, str(NOW)),
    "JSON written anew": (BODY.replace(b":", b": "), GOOD, str(NOW)),
    "a prefix": (BODY, f"sha256={GOOD}", str(NOW)),
    "capitals": (BODY, GOOD.upper(), str(NOW)),
    "half of it": (BODY, GOOD[:32], str(NOW)),
    "nothing": (BODY, "", str(NOW)),
    "no hex": (BODY, "é" * 32, str(NOW)),
    "the timestamp signed along": (BODY, sign(SECRET, f"{NOW}.".encode() + BODY), str(NOW)),
    "too old": (BODY, GOOD, str(NOW - 301)),
    "from the future": (BODY, GOOD, str(NOW + 301)),
    "no time": (BODY, GOOD, ""),
    "no number": (BODY, GOOD, "soon"),
    "milliseconds": (BODY, GOOD, f"{NOW}000"),
    "a number for nobody": (BODY, GOOD, "9" * 30),
    "less than nothing": (BODY, GOOD, f"-{NOW}"),
}
COMMANDS = {
    "python": [sys.executable, "verify.py"],
    "node": ["node", "verify.mjs"],
    "php": ["php", "verify.php"],
    "ruby": ["ruby", "verify.rb"],
    "go": ["go", "run", "verify.go"],
    "java": ["java", "Verify.java"],
}


def _line(body: bytes, signature: str, timestamp: str) -> str:
    return "\t".join([SECRET, str(NOW), timestamp, signature, base64.b64encode(body).decode()])


def _vectors() -> str:
    right = [_line(body, sign(SECRET, body), str(sent)) for body, sent in RIGHT.values()]
    return "\n".join([*right, *(_line(*one) for one in WRONG.values())]) + "\n"


def test_the_vectors_are_what_the_fake_signs() -> None:
    """`vectors.tsv` is the fake's own signatures; the first lines are genuine, the others are each wrong in one thing."""
    assert (FOLDER / "vectors.tsv").read_text(encoding="utf-8") == _vectors()


@pytest.mark.parametrize("language", COMMANDS)
def test_each_sample_tells_right_from_wrong(language: str, tmp_path: Path) -> None:
    """The same verdict on every vector, whatever it is written in."""
    command = COMMANDS[language]
    if shutil.which(command[0]) is None:
        pytest.skip(f"there is no {command[0]} on this machine")
    done = subprocess.run(
        command,
        cwd=FOLDER / language,
        input=_vectors().encode(),
        capture_output=True,
        check=False,
        env={**os.environ, "GOCACHE": str(tmp_path)},
    )

    assert done.stderr == b""
    verdicts = dict(zip([*RIGHT, *WRONG], done.stdout.decode().split(), strict=True))
    assert verdicts == {**dict.fromkeys(RIGHT, "genuine"), **dict.fromkeys(WRONG, "refused")}


def test_what_the_page_shows_is_what_was_run() -> None:
    """Each sample of docs/verifying.md is a piece of its file, line by line."""
    page = (ROOT / "docs" / "verifying.md").read_text(encoding="utf-8")
    shown = re.findall(r"\(\.\./examples/verify/(\w+)/([\w.]+)\).*?```\w+\n(.*?)```", page, re.DOTALL)

    assert [language for language, _, _ in shown] == list(COMMANDS)
    for language, file, sample in shown:
        assert sample in (FOLDER / language / file).read_text(encoding="utf-8"), language
