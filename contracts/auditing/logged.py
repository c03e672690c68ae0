"""Webhooks that a receiver wrote down: JSON lines, or a folder with a pair of files for each.

A line is `{"at": "2026-11-21T10:00:00Z", "headers": {…}, "body": "…"}`, with `bodyBase64` for bytes that are no text and
`status` for what was answered; `at` and `status` may be missing. In a folder `NAME.body` has the exact bytes, and
`NAME.headers` a `Name: value` on each line; `Received-At` and `Answered` there are the time and the status.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from contracts.auditing.recording import Damaged, hook_of, moment

if TYPE_CHECKING:
    from pathlib import Path

    from contracts.auditing.recording import Recording


def read_lines(rows: list[Any], name: str, recording: Recording) -> None:
    """One webhook each. Raises Damaged."""
    for number, row in enumerate(rows, 1):
        place = f"{name}: line {number}"
        headers = row["headers"]
        if not isinstance(headers, dict):
            raise Damaged(f"{place}: headers is not an object of names and values")
        if not isinstance(row.get("body", row.get("bodyBase64")), str):
            raise Damaged(f"{place}: there is neither body, a text, nor bodyBase64")
        recording.hooks.append(
            hook_of(
                moment(row["at"], f"{place}, at") if row.get("at") is not None else None,
                tuple((str(key), str(value)) for key, value in headers.items()),
                _bytes(row, place),
                place,
                _status(row.get("status"), place),
            )
        )


def read_folder(folder: Path, recording: Recording) -> None:
    """Pairs of files, by name. Raises Damaged for one without the other."""
    bodies, heads = ({file.stem: file for file in sorted(folder.glob(f"*.{kind}"))} for kind in ("body", "headers"))
    if not bodies and not heads:
        raise Damaged(f"{folder}: there is no NAME.headers with a NAME.body in this folder")
    for stem in sorted(bodies.keys() ^ heads.keys()):
        have, lack = ("body", "headers") if stem in bodies else ("headers", "body")
        raise Damaged(f"{folder}: there is {stem}.{have}, but no {stem}.{lack}")
    for stem, file in sorted(heads.items()):
        headers = _headers(file)
        known = {name.lower(): value for name, value in headers}
        at = known.get("received-at")
        recording.hooks.append(
            hook_of(
                moment(at, f"{file}: Received-At") if at else None,
                tuple(pair for pair in headers if pair[0].lower() not in {"received-at", "answered"}),
                bodies[stem].read_bytes(),
                str(bodies[stem]),
                _status(known.get("answered"), str(file)),
            )
        )


def _headers(file: Path) -> list[tuple[str, str]]:
    headers = []
    for number, line in enumerate(file.read_bytes().decode("latin-1").splitlines(), 1):
        name, colon, value = line.partition(":")
        if number == 1 and " HTTP/" in line:
            continue
        if line.strip() and (not colon or not name.strip() or " " in name.strip()):
            raise Damaged(f"{file}: line {number} is not `Name: value`: {line[:60]!r}")
        if line.strip():
            headers.append((name.strip(), value.strip()))
    return headers


def _bytes(row: dict[str, Any], place: str) -> bytes:
    if "bodyBase64" not in row:
        return str(row["body"]).encode("utf-8", "surrogatepass")
    try:
        return base64.b64decode(row["bodyBase64"], validate=True)
    except (TypeError, ValueError):
        raise Damaged(f"{place}: bodyBase64 is not base64") from None


def _status(value: Any, place: str) -> int | None:
    if value is None:
        return None
    try:
        return int(value)
    except (TypeError, ValueError, OverflowError):
        raise Damaged(f"{place}: {value!r} is not a status") from None
