"""The report as one HTML page that needs nothing else: to attach to a build."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from contracts.report.text import extent

if TYPE_CHECKING:
    from contracts.findings import Finding
    from contracts.reporting import Report

_STYLE = """
body{font:16px/1.5 system-ui,sans-serif;max-width:64rem;margin:2rem auto;padding:0 1rem;color:#1b1f24;background:#fff}
h1{font-size:1.5rem;margin-bottom:.2rem} h2{font-size:1.15rem;margin-top:2rem}
table{border-collapse:collapse;width:100%}
td,th{text-align:left;vertical-align:top;padding:.3rem .8rem .3rem 0;border-bottom:1px solid #d8dee4}
pre{background:#f3f5f7;padding:.7rem;overflow-x:auto;white-space:pre-wrap;word-break:break-all;font-size:.85rem}
.s0,.held{color:#116329}.s1,.violated,.violation{color:#a40e26}.drift,.notreached,.s3,.s4{color:#8a4600}.notallowed,.warning{color:#0a5394}
article{border:1px solid #d8dee4;border-radius:6px;padding:.4rem 1rem;margin:1rem 0}
dt{font-weight:600} summary{cursor:pointer;padding:.3rem 0} code{white-space:nowrap} dd{margin:0 0 .4rem}
@media(prefers-color-scheme:dark){body{background:#15181c;color:#e4e8ec}pre{background:#22272e}td,th,article{border-color:#39414b}
.s0,.held{color:#6bd68a}.s1,.violated,.violation{color:#ff8a96}.drift,.notreached,.s3,.s4{color:#f0b36a}.notallowed,.warning{color:#7dbdf5}}
"""


_STATES = {
    "held": "looked at, and nothing was wrong",
    "violated": "looked at, and something was wrong: see the findings",
    "not reached": "could not be looked at; the reason stands there",
    "not allowed": "would have changed something, which the profile forbids",
}
_SEVERITIES = {
    "violation": "breaks what the vendor documents",
    "drift": "differs from what was inferred or chosen where the vendor is silent; fails only with --strict",
    "warning": "worth knowing",
}


def page(report: Report) -> str:
    """Verdict, findings, promises, operations; and what the words mean, for whoever sees it for the first time."""
    facts = report.facts
    parts = (
        f"<h1 class=s{report.exit_code}>{_upper(report.verdict)}</h1>",
        f"<p>{escape(report.words.about)}</p>",
        f"<p><small>{_upper(str(facts['api']))} at {escape(str(facts['baseUrl']))}, profile {facts['profile']}. ",
        f"{_upper(extent(report))}.</small></p>",
        _list(report.reasons),
        "<h2>Findings</h2>" if report.findings else "<h2>No findings</h2>",
        _legend(_SEVERITIES, {one.severity for one in report.findings}),
        *(_finding(one) for one in report.findings),
        "<h2>Promises</h2>",
        _legend(_STATES, {entry.state for entry in report.promises}),
        _promises(report),
        "<h2>What was asked</h2>",
        _operations(report),
    )
    head = (
        f"<meta charset=utf-8><meta name=viewport content='width=device-width'><title>{_upper(report.verdict)}</title>"
    )
    return (
        f"<!doctype html><html lang=en><head>{head}<style>{_STYLE}</style></head><body>{''.join(parts)}</body></html>\n"
    )


def _legend(words: dict[str, str], used: set[str]) -> str:
    rows = (f"<b class={name.replace(' ', '')}>{name}</b>: {told}" for name, told in words.items() if name in used)
    return f"<p><small>{'; '.join(rows)}.</small></p>" if used else ""


def _finding(one: Finding) -> str:
    times = f", {one.times} times" if one.times > 1 else ""
    lines = "\n".join((*one.before, one.curl, *filter(None, [one.beside])))
    return (
        f"<article><h3><span class={one.severity}>{one.severity}</span> {one.check}: "
        f"{escape(', '.join(one.operations))}{times}</h3><dl>"
        f"<dt>promised</dt><dd>{escape(one.promised)} <small>({one.provenance}: {escape(one.source)})</small></dd>"
        f"<dt>came</dt><dd>{escape(one.came)}</dd>{_also(one)}{_mend(one)}</dl>"
        f"<details><summary>See it again: lines for a shell</summary><pre>{escape(lines)}</pre></details></article>"
    )


def _also(one: Finding) -> str:
    return f"<dt>also</dt>{''.join(f'<dd>{escape(words)}' for words in one.also)}" if one.also else ""


def _mend(one: Finding) -> str:
    told = (("what may come of it", one.risk), ("how to mend it", one.fix))
    return "".join(f"<dt>{name}</dt><dd>{escape(words)}</dd>" for name, words in told if words)


def _promises(report: Report) -> str:
    rows = (
        f"<tr><td><code>{entry.name}</code><td class={entry.state.replace(' ', '')}>{entry.state}<td>{entry.looked:,}"
        f"<td>{escape(entry.promise)}<br><small>{escape(entry.reason)}</small>"
        for entry in report.promises
    )
    return f"<table><tr><th>check<th>ended<th>looked at<th>promise{''.join(rows)}</table>"


def _operations(report: Report) -> str:
    rows = (f"<tr><td>{escape(one.operation)}<td>{one.calls:,}<td>{one.successes:,}" for one in report.operations)
    return f"<table><tr><th>operation<th>calls<th>successes{''.join(rows)}</table>"


def _list(reasons: tuple[str, ...]) -> str:
    listed = "".join(f"<li>{escape(reason)}" for reason in reasons)
    return f"<p>Worth knowing about this verdict:</p><ul>{listed}</ul>" if reasons else ""


def _upper(text: str) -> str:
    return escape(text[:1].upper() + text[1:])
