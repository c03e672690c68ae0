"""The report on a terminal: the text, with the states in colour."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mock_server.drills.outcome import FAIL, INCONCLUSIVE, PASS
from mock_server.drills.report.text import text

if TYPE_CHECKING:
    from rich.console import Console

    from mock_server.drills.verdict import Report

_COLOURS = {PASS: "green", FAIL: "red", INCONCLUSIVE: "yellow"}


def show(console: Console, report: Report) -> None:
    """One drill."""
    from rich.text import Text

    told = Text(text(report))
    for state, colour in _COLOURS.items():
        told.highlight_words([state], colour)
    told.highlight_regex(r"(?m)^  > .*$", "bold red")
    console.print(told)
    console.print()
