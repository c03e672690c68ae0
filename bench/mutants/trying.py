"""A pytest plugin that collects once, and then runs for each mutant the tests that reach it, in a process of its own.

Processes are forked before any test has run, so each mutant begins in the same state. The tests that have caught a
mutant lately come first, then the quickest; the first that fails is enough.
"""

from __future__ import annotations

import ast
import hashlib
import importlib
import os
import resource
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING

import coverage
import pytest

from bench.mutants.making import Mutant, living

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import CodeType, FunctionType

MUTATED = Path(__file__).parents[2] / "mock_server"
MEMORY = 4 << 30
PATIENCE = 5.0
"""Seconds that a test may take beyond five times what it takes usually."""

BUDGET = 5.0
"""Seconds that tests may take, as a rule, to catch one mutant: its module's own tests, then as many others as fit, the
quickest first. What they let live counts as alive.
"""


class Fate(StrEnum):
    """What became of a mutant."""

    KILLED = "killed"
    TIMEOUT = "by timeout"
    SURVIVED = "survived"
    UNREACHED = "no test"
    INVALID = "not Python"


@dataclass
class Reach:
    """What the tests do to code as it is, by node id: how long each takes, and which of them reach a line."""

    durations: dict[str, float] = field(default_factory=dict)
    lines: dict[tuple[str, int], set[str]] = field(default_factory=dict)

    def tests(self, mutant: Mutant) -> set[str]:
        """Those that can notice."""
        return set().union(*(self.lines.get((str(mutant.file), line), ()) for line in mutant.lines))

    def order(self, tests: set[str], killers: Counter[str], own: str) -> list[str]:
        """Those that have caught the like before, the module's own, and the quickest others that the budget allows."""
        ranked = sorted(tests, key=lambda test: (-killers[test], own not in test, self.durations[test], test))
        spent = accumulate(self.durations[test] for test in ranked)
        return [test for test, so_far in zip(ranked, spent, strict=True) if own in test or so_far <= BUDGET]


@dataclass(eq=False)
class Trial:
    """The plugin. `fates` holds the mutants' fates once pytest is done."""

    mutants: Sequence[Mutant]
    told: Callable[[Mutant, Fate], None]
    kept: Path | None = None
    fates: list[tuple[Mutant, Fate]] = field(default_factory=list)
    _failed: bool = False
    _killer: str = ""
    _killers: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))

    @pytest.hookimpl(tryfirst=True)
    def pytest_load_initial_conftests(self) -> None:
        """Hypothesis does not look for the smallest example: one is enough. Profiles made later begin with this one."""
        from hypothesis import Phase, settings

        settings.register_profile("mutants", phases=(Phase.explicit, Phase.generate))
        settings.load_profile("mutants")

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """In place of running all tests once."""
        session.config.pluginmanager.unregister(name="terminalreporter")  # a dot for every test of every mutant
        for file in {mutant.file for mutant in self.mutants}:  # some are imported on first use
            importlib.import_module(f"mock_server.{file.parent.name}.{file.stem}")
        items = {item.nodeid: item for item in session.items}
        reach = self._reach(items)
        functions, known = living(self.mutants), self._known()
        for mutant in self.mutants:
            fate = known.get(mutant.name)
            if fate is None:
                fate = self._fate(items, mutant, reach, functions[str(mutant.file), mutant.place])
                self._remember(mutant, fate)
            self.fates.append((mutant, fate))
            self.told(mutant, fate)
        return True

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """One that fails is enough."""
        self._failed = self._failed or report.failed

    def _reach(self, items: dict[str, pytest.Item]) -> Reach:
        """Measured in a process of its own; what `kept` has of these sources is not measured again."""
        reach = self._kept()
        new = [items[test] for test in items if test not in reach.durations]
        if not new:
            return reach
        with tempfile.TemporaryDirectory() as folder:
            told = Path(folder) / "reach"
            status = _forked(lambda: self._measure(new, told))
            if status:
                raise pytest.UsageError(f"{told.read_text() if told.exists() else status} fails without any mutant")
            durations, lines = ast.literal_eval(told.read_text())
        reach.durations |= durations
        for place, tests in lines.items():
            reach.lines.setdefault(place, set()).update(tests)
        if self.kept:
            self.kept.write_text(repr((_digest(), reach.durations, reach.lines)))
        return reach

    def _kept(self) -> Reach:
        if self.kept and self.kept.exists():
            digest, *found = ast.literal_eval(self.kept.read_text())
            if digest == _digest():
                return Reach(*found)
        return Reach()

    def _known(self) -> dict[str, Fate]:
        """What was caught stays caught while the sources are the same."""
        if self._caught is None:
            return {}
        lines = self._caught.read_text().splitlines() if self._caught.exists() else []
        if lines[:1] != [_digest()]:
            lines = [_digest()]
            self._caught.write_text(f"{lines[0]}\n")
        return {name: Fate(fate) for name, _, fate in (line.partition(" ") for line in lines[1:])}

    def _remember(self, mutant: Mutant, fate: Fate) -> None:
        if self._caught and fate in {Fate.KILLED, Fate.TIMEOUT}:
            with self._caught.open("a") as file:
                file.write(f"{mutant.name} {fate}\n")

    @property
    def _caught(self) -> Path | None:
        return self.kept and self.kept.with_suffix(".caught")

    def _measure(self, items: list[pytest.Item], told: Path) -> int:
        durations: dict[str, float] = {}
        lines: dict[tuple[str, int], set[str]] = defaultdict(set)
        cover = coverage.Coverage(data_file=None, config_file=False, include=[f"{MUTATED}/*"])
        cover.start()
        for item, following in zip(items, [*items[1:], None], strict=True):
            cover.switch_context(item.nodeid)
            started = time.monotonic()
            if not self._passes(item, following):
                told.write_text(item.nodeid)
                return 1
            durations[item.nodeid] = time.monotonic() - started
        cover.stop()
        for file in cover.get_data().measured_files():
            for line, tests in cover.get_data().contexts_by_lineno(file).items():
                lines[file, line] |= set(tests) - {""}
        told.write_text(repr((durations, dict(lines))))
        return 0

    def _passes(self, item: pytest.Item, following: pytest.Item | None) -> bool:
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        return not self._failed

    def _fate(self, items: dict[str, pytest.Item], mutant: Mutant, reach: Reach, functions: list[FunctionType]) -> Fate:
        tests, code = reach.tests(mutant) & set(items), mutant.code()
        if code is None or not all(_takes(function, code) for function in functions):
            return Fate.INVALID
        if not tests:
            return Fate.UNREACHED
        killers = self._killers[mutant.place]
        order = reach.order(tests, killers, f"/test_{mutant.file.stem}.py::")
        change = functions, code
        while (fate := self._tried([items[test] for test in order], reach, change)) is Fate.KILLED:
            killer = self._killer
            if not killer or self._tried([items[killer]], reach, change) is not Fate.SURVIVED:
                killers[killer] += 1
                break
            order.remove(killer)  # it had failed for a reason of its own
        return fate

    def _tried(self, items: list[pytest.Item], reach: Reach, change: Change) -> Fate:
        reading, writing = os.pipe()
        status = _forked(lambda: self._try(items, reach, change, writing))
        os.close(writing)
        with os.fdopen(reading, "rb") as pipe:
            self._killer = pipe.read().decode()
        if status == BROKEN:
            raise RuntimeError("trying a mutant raised an error outside of any test")
        return _FATES.get(status, Fate.KILLED)

    def _try(self, items: list[pytest.Item], reach: Reach, change: Change, writing: int) -> int:
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        for function in change[0]:
            function.__code__ = change[1].get(function.__code__.co_qualname, function.__code__)
        for item, following in zip(items, [*items[1:], None], strict=True):
            signal.setitimer(signal.ITIMER_REAL, PATIENCE + 5 * reach.durations[item.nodeid])
            if not self._passes(item, following):
                os.write(writing, item.nodeid.encode())
                return 1
        return 0


Change = tuple[list["FunctionType"], dict[str, "CodeType"]]
"""Living functions, and the codes that they get by their names."""

BROKEN = 2
_FATES = {0: Fate.SURVIVED, -signal.SIGALRM: Fate.TIMEOUT}


def _takes(function: FunctionType, code: dict[str, CodeType]) -> bool:
    """Do both have the same variables of the function around them? Else Python does not take it."""
    return code.get(function.__code__.co_qualname, function.__code__).co_freevars == function.__code__.co_freevars


def _digest() -> str:
    """Of everything a test may run through on its way."""
    digest = hashlib.sha256()
    for file in sorted(MUTATED.rglob("*.py")):
        digest.update(file.read_bytes())
    return digest.hexdigest()


def _forked(work: Callable[[], int]) -> int:
    """What this gives in a process of its own; minus the signal that ended it."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    status = BROKEN
    try:
        status = work()
    except Exception:  # noqa: BLE001 (whatever it is, nobody else would tell of it)
        traceback.print_exc(file=sys.__stderr__)
    finally:
        os._exit(status)  # nothing of the parent's is ours to tidy up
