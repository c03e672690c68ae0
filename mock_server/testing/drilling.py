"""`flowella.drill(…)`: a failure drill in a test, with the code under test as its client and receiver."""

from __future__ import annotations

import inspect
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from mock_server.drills import drill as drills
from mock_server.drills import play
from mock_server.drills.cast import Cast, Ended
from mock_server.drills.verdict import judge
from mock_server.testing.backstage import Backstage

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from mock_server.drills.cast import Job
    from mock_server.drills.drill import Drill, Step
    from mock_server.drills.verdict import Report
    from mock_server.testing.handle import Handle
    from mock_server.testing.lab import Lab

STAND_IN = "stand-in"
"""A `client` that is the drill itself, for who wants to drill a receiver alone."""

OWN = ("client", "receiver", "path", "ledger", "tell_secret", "skip", "check")
"""What `drill` takes beside the drill's parameters."""


def start(handle: Handle, lab: Lab, name: str, wanted: dict[str, Any]) -> Report | Drilling:
    """Play it now, or, where the client is the body of a `with`, when that is entered."""
    __tracebackhide__ = True
    own = {key: wanted[key] for key in OWN if key in wanted}
    drill = drills.load(name, {key: value for key, value in wanted.items() if key not in OWN})
    if own.get("receiver") is not None:
        handle.subscribe(own["receiver"], path=own.get("path", "/"))
    drilling = Drilling(handle, lab, drill, own)
    if own.get("client") == STAND_IN:
        own["client"] = None
    elif own.get("client") is None and drill.client_steps:
        handle.drills.append(drilling)
        return drilling
    return drilling.whole()


class Drilling:
    """One drill in one test."""

    def __init__(self, handle: Handle, lab: Lab, drill: Drill, own: dict[str, Any]) -> None:
        self.name = drill.name
        self.played = False
        self.report: Report | None = None
        self._drill = drill
        self._own = own
        self._backstage = Backstage(handle, lab)
        self._handle = handle

    def whole(self) -> Report:
        """All of it, with a function for a client."""
        __tracebackhide__ = True
        client, self.played = self._own.get("client"), True
        with self._backstage.open() as stage:
            record = play.play(self._drill, stage, self._cast(_called(client) if client else None))
        return self._judged(record)

    # With the body of a `with` for a client

    def __enter__(self) -> Job:
        """Up to where the client's turn is; what it is to do."""
        __tracebackhide__ = True
        if self._drill.client_steps != 1:
            raise ValueError(
                f"drill {self.name} asks the client {self._drill.client_steps} times: give it as a function, client=…"
            )
        self.played = True
        with ExitStack() as stack:
            self._play = play.Play(self._drill, stack.enter_context(self._backstage.open()), self._cast(_nobody))
            self._rest = self._play.steps()
            self._step: Step = next(step for step in self._rest if not self._take(step))
            self._begun = self._play.begin()
            job = self._play.job(self._step.settings)
            if self._backstage.real_time:
                self._play.clock_runs()
            self._opened = stack.pop_all()
        return job

    def _take(self, step: Step) -> bool:
        """Everything but the client's own."""
        if step.action == "client":
            return False
        self._play.take(step)
        return True

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """The rest, and the verdict."""
        __tracebackhide__ = True
        with self._opened:
            if error is not None:
                return
            if self._backstage.real_time:
                self._play.clock_stands()
            self._play.note(self._step, self._begun)
            for step in self._rest:
                self._play.take(step)
            record = self._play.record()
        self._judged(record)

    def _cast(self, client: Callable[[Job], Ended] | None) -> Cast:
        ledger = self._own.get("ledger")
        read = ledger if ledger is None or callable(ledger) else lambda: ledger
        return Cast(client, read, self._own.get("tell_secret"))

    def _judged(self, record: Any) -> Report:
        __tracebackhide__ = True
        handle = self._handle
        secrets = (handle.api_key, handle.webhook_secret)
        self.report = judge(record, seed=handle.org_id, secrets=secrets, skip=self._own.get("skip", ()))
        if self._own.get("check", True) and not self.report.ok:
            raise AssertionError(self.report.text())
        return self.report


def _nobody(_: Job) -> Ended:
    return Ended("")


def _called(client: Callable[..., Any]) -> Callable[[Job], Ended]:
    """A function of nothing, or of the job."""
    takes_job = bool(inspect.signature(client).parameters)

    def call(job: Job) -> Ended:
        try:
            client(job) if takes_job else client()
        except Exception as error:  # noqa: BLE001 (what the client raises is evidence)
            return Ended(f"raised {type(error).__name__}: {error}", well=False)
        return Ended("")

    return call
