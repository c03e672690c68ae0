"""The report as plain text: the expectations, then the timeline around what went wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mock_server.drills.outcome import FAIL, PASS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mock_server.drills.timeline import Moment
    from mock_server.drills.verdict import Judged, Report

_AROUND = 3
"""Moments before and after evidence that are shown with it."""

_MOST = 60


def text(report: Report) -> str:
    """All of it."""
    return "\n".join(
        (head(report), *(one for j in report.judged for one in judged(j)), *drawn(report), summary(report))
    )


def head(report: Report) -> str:
    """What it is."""
    return f"{report.drill}: {report.title}"


def judged(one: Judged) -> Iterator[str]:
    """One expectation: how it ended, what was seen; where it failed, what that means."""
    yield f"  {one.state:<12} {one.name}: {one.sentence}"
    if one.state == FAIL:
        yield f"               {one.says}"


def drawn(report: Report) -> Iterator[str]:
    """The timeline; all of it where it is short, else what lies around the evidence."""
    if all(one.state == PASS for one in report.judged):
        return
    yield ""
    yield "  what happened (seconds since the beginning; > is where it went wrong)"
    last = -1
    for index in _shown(report.moments):
        if index != last + 1:
            yield "             …"
        yield line(report.moments[index])
        last = index
    if last != len(report.moments) - 1:
        yield "             …"
    yield ""


def line(moment: Moment) -> str:
    """One moment."""
    sign = ">" if moment.evidence else " "
    struck = f"  [{', '.join(moment.struck)}]" if moment.struck else ""
    return f"  {sign} {moment.at:>9.2f}  {moment.lane:<8} {moment.words}{struck}"


def summary(report: Report) -> str:
    """The last line."""
    counts = ", ".join(f"{count:,} {name}" for name, count in report.counts.items())
    lasted = f"{report.lasted:g} s of the organization's time, seed {report.seed}"
    return f"  {counts}; {lasted}\nVerdict: {report.verdict} (exit {report.exit_code})"


def _shown(moments: tuple[Moment, ...]) -> list[int]:
    if len(moments) <= _MOST:
        return list(range(len(moments)))
    marks = [index for index, moment in enumerate(moments) if moment.evidence]
    near = {n for mark in marks[: _MOST // 4] for n in range(mark - _AROUND, mark + _AROUND + 1)}
    steps = {index for index, moment in enumerate(moments) if moment.lane == "step"}
    return sorted(index for index in near | steps if 0 <= index < len(moments))
