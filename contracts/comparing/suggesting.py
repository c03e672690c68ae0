"""What a comparison taught, as rows for a list of decisions: somebody has to say who is right."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contracts.provenance import VIOLATION

if TYPE_CHECKING:
    from contracts.findings import Finding
    from contracts.reporting import Report

_HEAD = "| | decision |\n| --- | --- |\n"


def suggestions(report: Report) -> str:
    """Markdown, one row for each difference; without any, a sentence."""
    rows = [_row(one) for one in report.findings if one.severity == VIOLATION]
    return _HEAD + "".join(rows) if rows else "Nothing to decide: no difference was seen.\n"


def _row(one: Finding) -> str:
    left, right = one.promised.removeprefix("left: "), one.came.removeprefix("right: ")
    times = f" ({one.check}, {one.times} times)" if one.times > 1 else f" ({one.check})"
    sentence = f"{', '.join(one.operations)}: the right one does *{right}* where the left one does *{left}*{times}."
    return f"| D? | {' '.join(sentence.split()).replace('|', '&#124;')} |\n"
