"""Files into a recording: what kind they are of shows in what is in them.

Everything that cannot be read raises Damaged with the file and the place in it; nothing is skipped in silence.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from contracts.auditing.archive import read_archive
from contracts.auditing.journal import read_pages
from contracts.auditing.logged import read_folder, read_lines
from contracts.auditing.recording import Damaged, Recording

if TYPE_CHECKING:
    from collections.abc import Iterable

    from contracts.spec import Spec

_KINDS = (
    "an HTTP archive (HAR), pages of the fake's journal or deliveries, JSON lines of webhooks, or a folder of "
    "NAME.headers and NAME.body"
)


def read(files: Iterable[str], spec: Spec, base: str | None) -> Recording:
    """All of them. Raises Damaged."""
    recording = Recording(spec, base)
    for name in files:
        file = Path(name)
        if file.is_dir():
            read_folder(file, recording)
        else:
            _read_file(file, recording)
    recording.in_order()
    return recording


def _read_file(file: Path, recording: Recording) -> None:
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise Damaged(f"{file}: it cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise Damaged(f"{file}: byte {error.start} is not UTF-8; it takes {_KINDS}") from None
    values, whole = _values(text, file)
    if whole and isinstance(values[0], dict) and "log" in values[0]:
        read_archive(values[0], str(file), recording)
    elif all(_is_page(value) for value in values):
        read_pages(values, str(file), recording)
    elif all(isinstance(value, dict) and "headers" in value for value in values):
        read_lines(values, str(file), recording)
    else:
        raise Damaged(f"{file}: it is JSON, but no recording; it takes {_KINDS}")


def _values(text: str, file: Path) -> tuple[list[Any], bool]:
    """The JSON of a file: one value, or one on each line. A list of pages counts as its pages."""
    try:
        value = json.loads(text)
    except RecursionError:
        raise Damaged(f"{file}: it is nested too deeply to be a recording") from None
    except ValueError as error:
        lines = [line for line in text.splitlines() if line.strip()]
        if len(lines) > 1 and lines[0].lstrip().startswith("{") and lines[0].rstrip().endswith("}"):
            return [_line(line, f"{file}: line {number}") for number, line in enumerate(lines, 1)], False
        raise Damaged(f"{file}: it is not JSON: {error}; it takes {_KINDS}") from None
    return (value, False) if isinstance(value, list) and value else ([value], True)


def _line(line: str, place: str) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError) as error:
        raise Damaged(f"{place} is not JSON: {error}") from None


def _is_page(value: Any) -> bool:
    return isinstance(value, dict) and isinstance(value.get("items"), list)
