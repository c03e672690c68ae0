"""A pytest plugin that collects once, and then runs for each mutant the tests that reach it, in a process of its own.

Processes are forked before any test has run, so each mutant begins in the same state. The tests that have caught a
mutant lately come first, then the quickest; the first that fails is enough.
"""

from __future__ import annotations

import importlib
import os
import resource
import signal
import struct
import tempfile
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

import coverage
import pytest

from bench.mutants.making import Mutant, living

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import CodeType, FunctionType

MEMORY = 4 << 30
MOST = 250
"""So many tests may try to catch one mutant; what they let live counts as alive."""


class Fate(StrEnum):
    """What became of a mutant."""

    KILLED = "killed"
    TIMEOUT = "timeout"
    SURVIVED = "survived"
    UNREACHED = "no test"
    INVALID = "not Python"


@dataclass(frozen=True)
class Reach:
    """What the tests do to code as it is: how long each takes, and which of them reach a line."""

    durations: list[float]
    lines: dict[tuple[str, int], set[int]]

    def tests(self, mutant: Mutant) -> set[int]:
        """Those that can notice."""
        return set().union(*(self.lines.get((str(mutant.file), line), ()) for line in mutant.lines))


@dataclass
class Trial:
    """The plugin. `fates` holds the mutants' fates once pytest is done."""

    mutants: Sequence[Mutant]
    told: Callable[[Mutant, Fate], None]
    fates: list[tuple[Mutant, Fate]] = field(default_factory=list)
    _failed: bool = False
    _killers: dict[str, Counter[int]] = field(default_factory=lambda: defaultdict(Counter))

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """In place of running all tests once."""
        files = {str(mutant.file) for mutant in self.mutants}
        session.config.pluginmanager.unregister(name="terminalreporter")  # a dot for every test of every mutant
        for file in {mutant.file for mutant in self.mutants}:  # some are imported on first use
            importlib.import_module(f"mock_server.{file.parent.name}.{file.stem}")
        reach = self._reach(session, files)
        functions = living(files)
        for mutant in self.mutants:
            fate = self._fate(session.items, mutant, reach, functions[str(mutant.file), mutant.place])
            self.fates.append((mutant, fate))
            self.told(mutant, fate)
        return True

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """One that fails is enough."""
        self._failed = self._failed or report.failed

    def _reach(self, session: pytest.Session, files: set[str]) -> Reach:
        with tempfile.TemporaryDirectory() as folder:
            told = Path(folder) / "reach"
            status = _forked(lambda: self._measure(session.items, files, told))
            if status:
                pytest.exit(f"{told.read_text() if told.exists() else status} fails without any mutant", 1)
            durations, lines = eval(told.read_text())  # noqa: S307 (written by ourselves, two lines below)
        return Reach(durations, lines)

    def _measure(self, items: list[pytest.Item], files: set[str], told: Path) -> int:
        durations, lines = [], defaultdict(set)
        cover = coverage.Coverage(data_file=None, config_file=False, include=sorted(files))
        cover.start()
        for number, item in enumerate(items):
            cover.switch_context(str(number))
            started = time.monotonic()
            if not self._passes(items, number):
                told.write_text(item.nodeid)
                return 1
            durations.append(time.monotonic() - started)
        cover.stop()
        for file in files:
            for line, tests in cover.get_data().contexts_by_lineno(file).items():
                lines[file, line] |= {int(test) for test in tests if test}
        told.write_text(repr((durations, dict(lines))))
        return 0

    def _passes(self, items: list[pytest.Item], number: int, following: int | None = None) -> bool:
        item = items[number]
        after = items[following] if following is not None else None
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=after)
        return not self._failed

    def _fate(
        self, items: list[pytest.Item], mutant: Mutant, reach: Reach, functions: list[FunctionType]
    ) -> Fate:
        tests, code = reach.tests(mutant), mutant.code()
        if code is None or any(code.co_freevars != function.__code__.co_freevars for function in functions):
            return Fate.INVALID
        if not tests:
            return Fate.UNREACHED
        killers = self._killers[mutant.place]
        order = sorted(tests, key=lambda test: (-killers[test], reach.durations[test]))[:MOST]
        reading, writing = os.pipe()
        status = _forked(lambda: self._try(items, order, reach, (functions, code), writing))
        os.close(writing)
        with os.fdopen(reading, "rb") as pipe:
            if killer := pipe.read():
                killers[struct.unpack("i", killer)[0]] += 1
        return _FATES.get(status, Fate.KILLED)

    def _try(
        self,
        items: list[pytest.Item],
        order: list[int],
        reach: Reach,
        change: tuple[list[FunctionType], CodeType],
        writing: int,
    ) -> int:
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        for function in change[0]:
            function.__code__ = change[1]
        for test in order:
            signal.setitimer(signal.ITIMER_REAL, 10 + 20 * reach.durations[test])
            if not self._passes(items, test):
                os.write(writing, struct.pack("i", test))
                return 1
        return 0


_FATES = {0: Fate.SURVIVED, -signal.SIGALRM: Fate.TIMEOUT}


def _forked(work: Callable[[], int]) -> int:
    """What this gives in a process of its own; minus the signal that ended it."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    status = 2
    try:
        status = work()
    finally:
        os._exit(status)  # nothing of the parent's is ours to tidy up
