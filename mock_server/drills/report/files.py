"""Reports as files: `json=F`, `junit=F`, `html=F`. A file is written whole or not at all."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mock_server.domain.errors import Invalid
from mock_server.drills.verdict import FAILED_EXIT, HELD_EXIT, INCONCLUSIVE_EXIT, VERDICTS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mock_server.drills.verdict import Report


def wanted(text: str) -> tuple[str, Path]:
    """`html=report.html` taken apart. Raises Invalid."""
    kind, _, name = text.partition("=")
    if kind not in WRITERS or not name:
        raise Invalid("--report", f"{text!r} is not KIND=FILE with KIND one of {', '.join(WRITERS)}")
    file = Path(name)
    if not file.absolute().parent.is_dir():
        raise Invalid("--report", f"there is no folder {file.absolute().parent} to write {file.name} into")
    return kind, file


def write(reports: Sequence[Report], kind: str, file: Path) -> None:
    """All of them into one file."""
    part = file.with_name(f"{file.name}.part")
    part.write_text(WRITERS[kind](reports), encoding="utf-8")
    part.replace(file)


def exit_code(reports: Sequence[Report]) -> int:
    """Of several drills the worst."""
    codes = {report.exit_code for report in reports}
    return next((code for code in (FAILED_EXIT, INCONCLUSIVE_EXIT) if code in codes), HELD_EXIT)


def as_json(reports: Sequence[Report]) -> str:
    """Names are stable; new ones may come."""
    code = exit_code(reports)
    whole = {"verdict": VERDICTS[code], "exitCode": code, "drills": [_as_dict(report) for report in reports]}
    return json.dumps(whole, indent=2, ensure_ascii=False) + "\n"


def _as_dict(report: Report) -> dict[str, Any]:
    numbers = {moment.key: number for number, moment in enumerate(report.moments) if moment.evidence}
    return {
        "drill": report.drill,
        "title": report.title,
        "description": report.description,
        "source": report.source,
        "seed": report.seed,
        "parameters": report.values,
        "verdict": report.verdict,
        "exitCode": report.exit_code,
        "seconds": report.lasted,
        "counts": report.counts,
        "expectations": [
            {
                "name": one.name,
                "check": one.check,
                "state": one.state,
                "seen": one.sentence,
                "says": one.says,
                "moments": sorted(numbers[key] for key in one.moments if key in numbers),
            }
            for one in report.judged
        ],
        "timeline": [
            {
                "at": moment.at,
                "lane": moment.lane,
                "what": moment.words,
                "good": moment.good,
                "faults": list(moment.struck),
                "evidence": moment.evidence,
                "times": moment.times,
                "latency": moment.real_seconds,
            }
            for moment in report.moments
        ],
    }


def _junit(reports: Sequence[Report]) -> str:
    from mock_server.drills.report.junit import junit

    return junit(reports)


def _html(reports: Sequence[Report]) -> str:
    from mock_server.drills.report.page import page

    return page(reports)


WRITERS: dict[str, Callable[[Sequence[Report]], str]] = {"json": as_json, "junit": _junit, "html": _html}
