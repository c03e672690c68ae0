"""docs/benchmarks.md and its charts, from docs/benchmarks/results.json, which keeps the latest result of each benchmark."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.aims import AIMS, judged
from bench.charts import LIMIT, OURS, PEER, Bar, bars
from bench.sections import SECTIONS

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = Path(__file__).parent.parent

HEAD = """# Benchmarks

    python -m bench --peers DIR        # everything, writes this page; some minutes
    python -m bench --quick            # a look, prints only
    python -m bench --only rates       # one of: {names}

This page is written by that command. The machine's processors were shared with other work, so **trust ratios, not
absolutes**: every comparison is made of short rounds in turn, the figures are medians, the ratios medians of the ratios
within one round. Servers share one processor, the load generator has the other. CPU is the processor time that a server used
for a request, which other work disturbs less.

{machine}

## The aims

{aims}

What stands between: WireMock answers a constant for a path, from Java compiled while it runs; the fake reads, checks,
decides, stores and keeps a journal, in Python, on a server in Python, and a bare Flask route that does nothing is far behind
WireMock, too. More than half of what a delivery costs is the HTTP client's. Of the start, five sixths are importing.
"""


class Results:
    """What was measured, with when and on what."""

    def __init__(self, root: Path = ROOT) -> None:
        self.page = root / "docs" / "benchmarks.md"
        self.folder = root / "docs" / "benchmarks"
        file = self.folder / "results.json"
        self.all: dict[str, Any] = json.loads(file.read_text()) if file.exists() else {}

    def add(self, name: str, figures: Mapping[str, Any], on: str, machine: list[str]) -> None:
        """In place of the earlier ones of that benchmark."""
        self.all[name] = dict(figures) | {"on": on}
        self.all["machine"] = machine

    def write(self) -> None:
        """The results, the charts and the page."""
        self.folder.mkdir(parents=True, exist_ok=True)
        found = _rounded(self.all)
        (self.folder / "results.json").write_text(json.dumps(found, indent=1) + "\n")
        for name, drawing in _charts(found).items():
            (self.folder / f"{name}.svg").write_text(drawing)
        self.page.write_text(page(found))


def page(found: Mapping[str, Any]) -> str:
    """The whole page."""
    machine = "\n".join(f"- {line}" for line in found.get("machine", []))
    aims = ["| aim | reached | |", "| --- | --- | --- |"]
    aims += [f"| {aim.text} | {figure} | {verdict} |" for aim in AIMS for figure, verdict in [judged(aim, found)]]
    head = HEAD.format(names=", ".join(SECTIONS), machine=machine, aims="\n".join(aims))
    return head + "".join(f"\n{section(found[name])}" for name, section in SECTIONS.items() if name in found)


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _rounded(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_rounded(inner) for inner in value]
    return float(f"{value:.4g}") if isinstance(value, float) else value


def _charts(found: Mapping[str, Any]) -> dict[str, str]:
    drawn = {}
    for kind in ("send", "list"):
        rows = [r for r in found.get("rates", {}).get("rows", ()) if (r["kind"], r["connections"]) == (kind, 16)]
        if rows:
            title = f"{kind}: requests a second at 16 connections, one processor"
            drawn[f"{kind}-16"] = bars(title, [_bar(r["name"], r.get("rate", 0), "{:,.0f}") for r in rows])
    starts = found.get("start", {}).get("rows", ())
    if starts:
        title = "milliseconds from starting the process to its first answer"
        drawn["start"] = bars(title, [_bar(r["name"], r["seconds"] * 1e3, "{:,.0f}") for r in starts])
    return drawn


def _bar(name: str, value: float, form: str) -> Bar:
    color = OURS if name.startswith("flowella") else LIMIT if name.startswith("bare") else PEER
    return Bar(name, value, form.format(value) if value else "gave up", color)
