"""The report for people: progress while it runs, a table of promises and the findings at the end."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol

from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from contracts.ledger import HELD, NOT_ALLOWED, NOT_REACHED, VIOLATED
from contracts.report.text import finding, summary

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rich.console import Console

    from contracts.exchange import Exchange
    from contracts.record import Record
    from contracts.reporting import Report
    from contracts.scene import Scene

_COLOURS = {HELD: "green", VIOLATED: "red", NOT_REACHED: "yellow", NOT_ALLOWED: "cyan"}
_VERDICTS = {0: "bold green", 1: "bold red"}


class _Limits(Protocol):
    @property
    def requests(self) -> int: ...


class _Sending(Protocol):
    record: Record

    @property
    def sent(self) -> int: ...


class Watched(Protocol):
    """Whatever is looked at: how many requests it may take, and how many were sent."""

    @property
    def settings(self) -> _Limits: ...

    @property
    def client(self) -> _Sending: ...


@contextmanager
def watching(console: Console) -> Iterator[Callable[[str, Watched], None]]:
    """What is being looked at now, and how many requests that took. Gone when it is over; nothing where it is no terminal."""
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("greeting")
        watched: list[Watched] = []

        def look(law: str, scene: Watched) -> None:
            if not watched:
                watched.append(scene)
                scene.client.record.watch(count)
            progress.update(task, description=law, total=scene.settings.requests, completed=scene.client.sent)

        def count(exchange: Exchange) -> None:
            progress.update(task, completed=exchange.number)

        yield look


def show(console: Console, report: Report) -> None:
    """Promises, findings, verdict."""
    table = Table("promise", "ended", "looked at", "", box=None, pad_edge=False)
    for entry in report.promises:
        colour = _COLOURS[entry.state]
        words = escape(entry.reason or (entry.promise if entry.state == VIOLATED else ""))
        table.add_row(entry.name, f"[{colour}]{entry.state}[/{colour}]", _times(entry.looked), words)
    console.print(table)
    console.print()
    for one in report.findings:
        console.print(finding(one), markup=False, highlight=False, soft_wrap=True)
        console.print()
    style = _VERDICTS.get(report.exit_code, "bold yellow")
    *lines, verdict = summary(report).split("\nVerdict: ", 1)
    console.print("\n".join(lines), markup=False, highlight=False, soft_wrap=True)
    console.print(f"Verdict: {verdict}", style=style, markup=False, highlight=False, soft_wrap=True)


def _times(count: int) -> str:
    return f"{count:,}" if count else "-"


def dry_run(console: Console, scene: Scene, laws: list[Any]) -> None:
    """What would be called, and what not; nothing is."""
    from contracts.stops import Denied

    table = Table("operation", "call", "would be", box=None, pad_edge=False)
    for operation in scene.spec.operations.values():
        try:
            scene.client.guard.judge_operation(operation.method)
            verdict = "called"
        except Denied as denied:
            verdict = str(denied)
        table.add_row(operation.id, f"{operation.method} {operation.path}", escape(verdict))
    console.print(table)
    settings = scene.settings
    whom = ", ".join(scene.mask(number) for number in settings.recipients) or "invented numbers 555-0100 to 555-0199"
    console.print(f"\nChecks: {', '.join(law.name for law in laws)}", soft_wrap=True)
    console.print(
        f"Profile {settings.what_may_be_done}; writes to {whom if scene.may_write else 'nobody'}; at most "
        f"{settings.requests} requests, {settings.pace:g} a second, {settings.seconds:g} s. Nothing was sent.",
        soft_wrap=True,
    )
