"""Bars as SVG, readable on light and dark pages alike. Small enough to be read as text."""

from __future__ import annotations

from typing import NamedTuple

OURS, LIMIT, PEER = "#1a7f5a", "#888", "#4a7bb5"
LEFT, WIDTH, ROW = 230, 720, 24


class Bar(NamedTuple):
    """One line. `note` stands behind the figure."""

    name: str
    value: float
    text: str
    color: str = PEER


def bars(title: str, rows: list[Bar]) -> str:
    """A horizontal bar for each, longest first as they come."""
    most = max(row.value for row in rows)
    height = 34 + ROW * len(rows)
    drawn = "".join(_row(place, row, most) for place, row in enumerate(rows))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" font-family="sans-serif" '
        f'font-size="12" fill="#777"><title>{_safe(title)}</title>'
        f'<text x="0" y="14" font-size="13" font-weight="bold">{_safe(title)}</text>{drawn}</svg>\n'
    )


def _row(place: int, row: Bar, most: float) -> str:
    top = 26 + ROW * place
    length = max(1.0, round((WIDTH - LEFT - 90) * row.value / most, 1))
    return (
        f'<text x="{LEFT - 8}" y="{top + 13}" text-anchor="end">{_safe(row.name)}</text>'
        f'<rect x="{LEFT}" y="{top}" width="{length}" height="17" rx="2" fill="{row.color}"/>'
        f'<text x="{LEFT + length + 6}" y="{top + 13}">{_safe(row.text)}</text>'
    )


def _safe(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
