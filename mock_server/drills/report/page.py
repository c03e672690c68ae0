"""The report as one HTML page that needs nothing else: to attach to a build, for people who never saw the tool."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from mock_server.drills.outcome import FAIL
from mock_server.drills.report.drawing import clock, drawing
from mock_server.drills.report.files import exit_code
from mock_server.drills.verdict import VERDICTS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mock_server.drills.timeline import Moment
    from mock_server.drills.verdict import Judged, Report

_STYLE = """
:root{--ink:#1b1f24;--paper:#fff;--soft:#f3f5f7;--line:#d8dee4;
--good:#116329;--bad:#a40e26;--open:#8a4600;--quiet:#59636e}
@media(prefers-color-scheme:dark){:root{--ink:#e4e8ec;--paper:#15181c;--soft:#22272e;--line:#39414b;--good:#6bd68a;
--bad:#ff8a96;--open:#f0b36a;--quiet:#9aa5b1}}
body{font:16px/1.5 system-ui,sans-serif;max-width:72rem;margin:2rem auto;padding:0 1rem;
color:var(--ink);background:var(--paper)}
h1{font-size:1.5rem;margin-bottom:.2rem} h2{font-size:1.2rem;margin:2.5rem 0 .3rem} p{margin:.4rem 0}
.PASS{color:var(--good)}.FAIL{color:var(--bad)}.INCONCLUSIVE{color:var(--open)} small,.quiet{color:var(--quiet)}
table{border-collapse:collapse;width:100%} td,th{text-align:left;vertical-align:top;padding:.25rem .8rem .25rem 0;
border-bottom:1px solid var(--line)} td.at{white-space:nowrap;font-variant-numeric:tabular-nums;text-align:right}
tr.evidence td{background:var(--soft);font-weight:600}
tr.evidence td:first-child{border-left:4px solid var(--bad);padding-left:.4rem}
.draw{overflow-x:auto;background:var(--soft);border:1px solid var(--line);border-radius:6px;margin:.8rem 0}
svg text{font:12px system-ui,sans-serif;fill:var(--quiet)} svg text.lane{fill:var(--ink)} svg line{stroke:var(--line)}
svg .good{fill:var(--good)} svg .bad{fill:var(--bad)} svg rect.good{fill:var(--quiet)} svg .fault{fill:var(--open)}
svg .ring{fill:none;stroke:var(--bad);stroke-width:2.5} details{margin:.6rem 0} summary{cursor:pointer}
tr:target td{outline:2px solid var(--open)}
"""

_LEGEND = (
    "Squares are what the drill does; green dots went well, red ones did not; a triangle is a fault that was ordered; "
    "large dots stand for many; a red ring is where it went wrong. Time is not to scale."
)
_MOST = 1_000


def page(reports: Sequence[Report]) -> str:
    """Verdict, then drill after drill."""
    verdict = VERDICTS[exit_code(reports)]
    title = f"{verdict}: {reports[0].drill if len(reports) == 1 else f'{len(reports)} failure drills'}"
    body = [f"<h1 class={verdict}>{escape(title)}</h1>", f"<p class=quiet>{_introduction(reports)}</p>"]
    if len(reports) > 1:
        body.append(_overview(reports))
    body += [_drill(number, report) for number, report in enumerate(reports)]
    head = f"<meta charset=utf-8><meta name=viewport content='width=device-width'><title>{escape(title)}</title>"
    return (
        f"<!doctype html><html lang=en><head>{head}<style>{_STYLE}</style></head><body>{''.join(body)}</body></html>\n"
    )


def _introduction(reports: Sequence[Report]) -> str:
    return (
        "A failure drill has a disaster happen to an integration of the Flowella WhatsApp API, on a fake of it: nobody got "
        f"a message. It says whether the integration coped, and shows when it did not. Seed {escape(reports[0].seed)}."
    )


def _overview(reports: Sequence[Report]) -> str:
    rows = (
        f"<tr><td><a href='#d{number}'>{one.drill}</a><td class={one.verdict}>{one.verdict}<td>{escape(one.title)}"
        for number, one in enumerate(reports)
    )
    return f"<table>{''.join(rows)}</table>"


def _drill(number: int, report: Report) -> str:
    values = ", ".join(f"{name} {value}" for name, value in report.values.items())
    counts = ", ".join(f"{count:,} {name}" for name, count in report.counts.items())
    return "".join(
        (
            f"<h2 id=d{number}><span class={report.verdict}>{report.verdict}</span> {escape(report.title)}</h2>",
            f"<p>{escape(report.description)}</p>",
            f"<details><summary>As in reality</summary><p>{escape(report.source)}</p></details>",
            f"<table>{''.join(_judged(one) for one in report.judged)}</table>",
            f"<div class=draw>{drawing(report.moments, f'm{number}-')}</div><p><small>{_LEGEND}</small></p>",
            f"<details{'' if report.ok else ' open'}><summary>Moment by moment</summary>",
            f"{_list(report.moments, f'm{number}-')}</details>",
            f"<p class=quiet>{counts}; {clock(report.lasted)} of virtual time. {escape(values)}</p>",
        )
    )


def _judged(one: Judged) -> str:
    meaning = f"<br><b>{escape(one.says)}</b>" if one.state == FAIL else ""
    return f"<tr><td class={one.state}>{one.state}<td>{escape(one.name)}<td>{escape(one.sentence)}{meaning}"


def _list(moments: Sequence[Moment], prefix: str) -> str:
    rows = [_row(f"{prefix}{number}", moment) for number, moment in enumerate(moments[:_MOST])]
    if len(moments) > _MOST:
        rows.append(f"<tr><td><td><td>and {len(moments) - _MOST:,} more")
    return f"<table>{''.join(rows)}</table>"


def _row(name: str, moment: Moment) -> str:
    evidence = " class=evidence" if moment.evidence else ""
    struck = f" <small>[{', '.join(moment.struck)}]</small>" if moment.struck else ""
    tone = "" if moment.good else " class=FAIL"
    return f"<tr id={name}{evidence}><td class=at>{clock(moment.at)}<td>{moment.lane}<td{tone}>{escape(moment.words)}{struck}"
