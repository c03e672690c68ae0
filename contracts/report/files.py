"""Reports as files: `json=F`, `junit=F`, `har=F`, `html=F`. A file is written whole or not at all."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from contracts.settings import WrongUsage

if TYPE_CHECKING:
    from collections.abc import Callable

    from contracts.reporting import Report


def wanted(text: str) -> tuple[str, Path]:
    """`html=report.html` taken apart. Raises WrongUsage."""
    kind, _, name = text.partition("=")
    if kind not in WRITERS or not name:
        raise WrongUsage(f"--report: {text!r} is not KIND=FILE with KIND one of {', '.join(WRITERS)}")
    file = Path(name)
    if not file.absolute().parent.is_dir():
        raise WrongUsage(f"--report: there is no folder {file.absolute().parent} to write {file.name} into")
    return kind, file


def write(report: Report, kind: str, file: Path) -> None:
    """One report into one file."""
    part = file.with_name(f"{file.name}.part")
    part.write_text(WRITERS[kind](report), encoding="utf-8")
    part.replace(file)


def _json(report: Report) -> str:
    return json.dumps(report.as_dict(), indent=2, ensure_ascii=False) + "\n"


def _junit(report: Report) -> str:
    from contracts.report.junit import junit

    return junit(report)


def _har(report: Report) -> str:
    from contracts.report.har import har

    return json.dumps(har(report), indent=1, ensure_ascii=False) + "\n"


def _html(report: Report) -> str:
    from contracts.report.page import page

    return page(report)


WRITERS: dict[str, Callable[[Report], str]] = {"json": _json, "junit": _junit, "har": _har, "html": _html}
