"""The page's sections: one function for the results of each benchmark."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Section = Callable[[Mapping[str, Any]], str]


TURNS = (
    "All servers run at once and take turns; a send is `POST /messages`, a list one page of 25 contacts. ×: how many times "
    "as fast the fake is. Peers are started as their READMEs say (but json-server without `--watch`, under which its own "
    "writes make it reload and drop connections), and warmed up."
)


def rates(found: Mapping[str, Any]) -> str:
    """Requests a second, side by side."""
    lines = [
        "## Requests, side by side",
        "",
        f"{found['on']}. {TURNS}",
        "",
        "![Sends a second](benchmarks/send-16.svg)",
        "![Lists a second](benchmarks/list-16.svg)",
        "",
    ]
    for kind in ("send", "list"):
        for connections in sorted({row["connections"] for row in found["rows"]}):
            rows = [r for r in found["rows"] if (r["kind"], r["connections"]) == (kind, connections)]
            plural = "connection" if connections == 1 else "connections"
            lines += [f"### {kind}, {connections} {plural}", "", "| | a second | p50 ms | p99 ms | CPU µs | × |"]
            lines += ["| --- | --: | --: | --: | --: | --: |", *map(_rate, rows), ""]
    lines += ["| server | version | what it does for a send |", "| --- | --- | --- |"]
    lines += [f"| {who['name']} | {who['version']} | {who['about']} |" for who in found["servers"]]
    lines += [f"| {name} | not installed here | |" for name in found["missing"]]
    reached = ", ".join(f"{rate:,.0f} with {n}" for n, rate in found["ceiling"].items())
    lines += [
        "",
        f"The generator itself reaches, against a server that answers the same bytes to anything: {reached}.",
        "",
    ]
    return "\n".join(lines)


def _rate(row: Mapping[str, Any]) -> str:
    if "rate" not in row:
        return f"| {row['name']} | gave up | | | | |"
    figures = f"{row['rate']:,.0f} | {row['p50']:.2f} | {row['p99']:.2f} | {row['cpu']:,.0f} | {row['ahead']:.2f}"
    return f"| {row['name']} | {figures} |"


def start(found: Mapping[str, Any]) -> str:
    """Start to first answer."""
    lines = [
        "## From starting the process to its first answer",
        "",
        f"{found['on']}. Medians of {found['rounds']} starts in turn; memory at rest with all its children.",
        "",
        "![Start to first answer](benchmarks/start.svg)",
        "",
        "| | ms | CPU ms | MB |",
        "| --- | --: | --: | --: |",
        *(
            f"| {r['name']} | {r['seconds'] * 1e3:,.0f} | {r['cpu'] * 1e3:,.0f} | {r['memory']:,.0f} |"
            for r in found["rows"]
        ),
        "",
    ]
    return "\n".join(lines)


class Told(NamedTuple):
    """A title, and what the figures are put into."""

    title: str
    text: str


TOLD = {
    "deliveries": Told(
        "Webhooks delivered",
        "{on}. To a receiver in another process on loopback: **{ours:,.0f}** deliveries a second, each "
        "signed, posted, recorded and settled; a bare `http.client` loop that posts prepared bytes on one "
        "kept connection makes {bare:,.0f}. Ratio {ratio:.2f}.",
    ),
    "retries": Told(
        "Retries in virtual time",
        "{on}. {deliveries:,} deliveries to a receiver that answers 500 for seven days, {attempts:,.0f} "
        "attempts: **{seconds:.2f} s** of real time ({cpu:.2f} s of processor time), {per_second:,.0f} "
        "attempts a second, each signed, recorded and settled on its own virtual instant.",
    ),
    "campaign": Told(
        "A campaign to 50,000 people",
        "{on}. Accepted in {accepted:.2f} s; an hour of virtual time, {work:,} pieces of work and {events:,} "
        "webhooks, in **{hour:.1f} s**; {memory:,.0f} MB at the peak, every message, event and attempt kept.",
    ),
    "memory": Told(
        "Memory",
        "{on}. {messages:,} messages that went their whole way, and their history: {grown:,.0f} MB, "
        "{bytes:,.0f} bytes each; the whole process then has **{process:,.0f} MB**.",
    ),
    "fixtures": Told(
        "In pytest",
        "{on}. Processor time. An empty test {empty:.1f} ms; one that takes the `flowella` fixture and sends "
        "a message through `requests` {sending:.1f} ms. A run that does not use the plugin takes "
        "{without:.0f} ms without it and {with:.0f} ms with it.",
    ),
}
"""A title and a sentence or two, where no table is needed."""


def told(name: str, found: Mapping[str, Any]) -> str:
    """Such a section."""
    return f"## {TOLD[name].title}\n\n{TOLD[name].text.format(**found)}\n"


SECTIONS: dict[str, Section] = {"rates": rates, "start": start, **{name: partial(told, name) for name in TOLD}}
