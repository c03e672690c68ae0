"""The timeline as a picture: three lanes, a dot for each moment, and rings around those that show what went wrong.

Time is not drawn to scale, or an hour of waiting would be all there is: a gap grows with the logarithm of what passed.
"""

from __future__ import annotations

from html import escape
from itertools import pairwise
from math import log10
from typing import TYPE_CHECKING

from mock_server.drills.timeline import CALL, LANES, STEP, WEBHOOK

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mock_server.drills.timeline import Moment

_TITLES = {STEP: "what happens", CALL: "calls of your client", WEBHOOK: "webhooks to your receiver"}
_LEFT, _TOP, _LANE, _BESIDE, _LONGEST = 190, 34, 54, 15, 34
_MOST = 400
"""Moments that are drawn; the list below the picture has all of them."""


def drawing(moments: Sequence[Moment], prefix: str) -> str:
    """An SVG. `prefix` and its number are what a moment is called in the list."""
    drawn = moments[:_MOST]
    places = _places(drawn)
    width, height = (places[-1] if places else 0) + _LEFT + 60, _TOP + _LANE * len(LANES) + 6
    parts = [
        f"<svg viewBox='0 0 {width} {height}' width={width} height={height} role=img aria-label='timeline'>",
        *_lanes(width),
        *_seconds(drawn, places),
        *(
            _dot(f"{prefix}{number}", moment, x + _LEFT)
            for number, (moment, x) in enumerate(zip(drawn, places, strict=True))
        ),
        "</svg>",
    ]
    return "".join(parts)


def _places(moments: Sequence[Moment]) -> list[int]:
    """How far to the right each one is."""
    places = [0] if moments else []
    for one, other in pairwise(moments):
        passed = max(0.0, other.at - one.at)
        places.append(places[-1] + _BESIDE + min(_LONGEST, round(9 * log10(1 + 10 * passed))))
    return places


def _lanes(width: int) -> Iterator[str]:
    for number, lane in enumerate(LANES):
        y = _y(lane)
        yield f"<text x=8 y={y + 4} class=lane>{_TITLES[lane]}</text>"
        yield f"<line x1={_LEFT - 14} x2={width - 10} y1={y} y2={y} class=l{number} />"


def _seconds(moments: Sequence[Moment], places: list[int]) -> Iterator[str]:
    """When that is, above, wherever there is room."""
    last, free = "", -100
    for moment, x in zip(moments, places, strict=True):
        told = clock(moment.at)
        if told != last and x >= free:
            yield f"<text x={x + _LEFT} y=16 class=time>{told}</text>"
            last, free = told, x + 12 + 8 * len(told)


def _dot(name: str, moment: Moment, x: int) -> str:
    y = _y(moment.lane)
    kind = "good" if moment.good else "bad"
    shape = (
        f"<rect x={x - 5} y={y - 5} width=10 height=10 class={kind} />"
        if moment.lane == STEP
        else f"<circle cx={x} cy={y} r={5 if moment.times == 1 else 8} class={kind} />"
    )
    struck = f"<path d='M{x - 4} {y - 14}l4 6 4-6z' class=fault />" if moment.struck else ""
    ring = f"<circle cx={x} cy={y} r=11 class=ring />" if moment.evidence else ""
    told = f"{clock(moment.at)} {moment.words}" + (f" [{', '.join(moment.struck)}]" if moment.struck else "")
    return f"<a href='#{name}'><title>{escape(told)}</title>{shape}{struck}{ring}</a>"


def _y(lane: str) -> int:
    return _TOP + _LANE * LANES.index(lane) + _LANE // 2


def clock(at: float) -> str:
    """`0.30 s`, `12:05 min`, `1:00:10 h`."""
    if at < 100:
        return f"{at:.2f} s"
    minutes, seconds = divmod(round(at), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02} h" if hours else f"{minutes}:{seconds:02} min"
