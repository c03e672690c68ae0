"""Which pages are made, and by what. The same sources give the same bytes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from scribe import commands, control, fidelity, marks

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parent.parent

MADE: dict[str, Callable[[], str]] = {
    "docs/cli-reference.md": commands.page,
    "docs/control-reference.md": control.page,
    "docs/fidelity.md": fidelity.page,
    "docs/fidelity-fields.md": marks.page,
    "docs/pictures/fidelity.svg": fidelity.picture,
}
"""Each made file of the repository, and the function that says what is in it."""


def stale() -> list[str]:
    """The made files that are not as they would be made now."""
    return [name for name, make in MADE.items() if _text(ROOT / name) != make()]


def write() -> None:
    """Make them all."""
    for name, make in MADE.items():
        (ROOT / name).write_text(make(), encoding="utf-8")


def _text(file: Path) -> str | None:
    return file.read_text(encoding="utf-8") if file.exists() else None
