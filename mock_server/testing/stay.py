"""From the fixture's request to a handle, and from the end of the test to its verdict."""

from __future__ import annotations

import logging
import traceback
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, fields
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

import pytest

from mock_server.config import rate_limit
from mock_server.domain.errors import Refusal, did_you_mean
from mock_server.domain.instant import iso, parse
from mock_server.testing import travel
from mock_server.testing.handle import Handle

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mock_server.testing.lab import Lab, Vendor

LOGGERS = ("flowella_mock", "mock_server")
"""Where the fake says that something of its own went wrong."""
_TIME_MACHINE = (3, 0)
"""The first that leaves the monotonic clock alone, by which the fake's own threads wait."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """What `@pytest.mark.flowella(...)` may say.

    `seed` a name or file; `clock` where time starts, as ISO text or seconds since the epoch; `faults` a list of what
    `faults.add` takes, as dicts; `rate_limit` like `50/s`, none unless said, as the clock stands still; `travel` takes the
    test's own clock along; `sleep` `real` lets sleepers sleep.
    """

    seed: str = "default"
    clock: str | float | None = None
    faults: tuple[dict[str, Any], ...] = ()
    rate_limit: str = "off"
    travel: bool = False
    sleep: str = "virtual"


def wishes(node: pytest.Item | pytest.Collector) -> Wishes:
    """The markers of a test, class or module, the nearest one last. Raises UsageError for words it does not know."""
    known = [field.name for field in fields(Wishes)]
    said: dict[str, Any] = {}
    for marker in reversed(list(node.iter_markers("flowella"))):
        for name in marker.kwargs:
            if name not in known:
                raise pytest.UsageError(
                    f"@pytest.mark.flowella({name}=…): there is no such option{did_you_mean(name, known)} "
                    f"(known: {', '.join(known)})"
                )
        if marker.args:
            raise pytest.UsageError(f"@pytest.mark.flowella takes keywords only: {', '.join(known)}")
        said |= marker.kwargs
    return Wishes(**said)


@contextmanager
def stay(lab: Lab, vendor: Vendor, request: pytest.FixtureRequest) -> Iterator[Handle]:
    """One organization, from set-up to verdict."""
    wanted = wishes(request.node)
    failed = request.session.testsfailed
    name = f"{request.node.nodeid} {request.fixturename}"
    with ExitStack() as stack, _log() as mistakes:
        try:
            tenancy = lab.move_in(vendor, name, wanted.seed, rate_limit(wanted.rate_limit))
        except Refusal as refusal:
            raise pytest.UsageError(f"@pytest.mark.flowella: {refusal}") from None
        stack.callback(lab.move_out, tenancy)
        handle = Handle(lab, tenancy, vendor)
        _start(handle, wanted, stack, live=lab.live_url is not None)
        handle.open()
        stack.callback(handle.close)
        if lab.live_url is None:
            lab.intercept(vendor.origin)
            stack.callback(lab.release, vendor.origin)
        strangers = lab.orgs.default_id
        lab.orgs.default_id = tenancy.world.org.id  # calls with a wrong key belong into this test's journal
        stack.callback(setattr, lab.orgs, "default_id", strangers)
        yield handle
        handle.raise_errors()
        _verdict(handle, mistakes, passed=request.session.testsfailed == failed)


def _start(handle: Handle, wanted: Wishes, stack: ExitStack, *, live: bool) -> None:
    if wanted.clock is not None:
        start = wanted.clock if isinstance(wanted.clock, str) else iso(int(wanted.clock * 1_000_000))
        handle.control("PUT", "/clock", {"now": iso(parse(start))})
    for fault in wanted.faults:
        handle.faults.add(**fault)
    if wanted.travel:
        stack.enter_context(_travel(handle))
    if wanted.sleep not in {"virtual", "real"}:
        raise pytest.UsageError(f"@pytest.mark.flowella(sleep={wanted.sleep!r}): it is virtual or real")
    if wanted.sleep == "virtual" and not live:
        stack.enter_context(travel.naps(handle))
    else:
        handle.real_time = True


@contextmanager
def _travel(handle: Handle) -> Iterator[None]:
    try:
        here = version("time-machine")
    except PackageNotFoundError:
        here = "0.0"
    if tuple(map(int, here.split(".")[:2])) < _TIME_MACHINE:
        least = ".".join(map(str, _TIME_MACHINE))
        raise pytest.UsageError(
            f"@pytest.mark.flowella(travel=True) needs time-machine {least} or newer: "
            f"pip install 'time-machine>={least}'"
        )
    with travel.along(handle):
        yield


def _verdict(handle: Handle, mistakes: list[logging.LogRecord], *, passed: bool) -> None:
    """A test that ran into an error of the fake's own, or that did not test what it set out to test, has failed."""
    __tracebackhide__ = True
    for record in mistakes:
        trace = "".join(traceback.format_exception(record.exc_info[1])) if record.exc_info else ""
        pytest.fail(f"Something went wrong inside the fake: {record.getMessage()}\n{trace}", pytrace=False)
    loose = handle.loose_ends() if passed else []
    if loose:
        pytest.fail("\n".join(loose), pytrace=False)


@contextmanager
def _log() -> Iterator[list[logging.LogRecord]]:
    """The fake's own errors while this holds."""
    found: list[logging.LogRecord] = []
    handler = logging.Handler(logging.ERROR)
    handler.emit = found.append  # type: ignore[method-assign, assignment]
    for name in LOGGERS:
        logging.getLogger(name).addHandler(handler)
    try:
        yield found
    finally:
        for name in LOGGERS:
            logging.getLogger(name).removeHandler(handler)
