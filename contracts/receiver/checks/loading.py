"""Does it keep up: with a burst, and with a sender who is slow?"""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING

from contracts.receiver.case import came, ok, resealed
from contracts.receiver.registry import check
from contracts.stops import NotReached

if TYPE_CHECKING:
    from contracts.exchange import Exchange
    from contracts.receiver.case import Case
    from contracts.receiver.letters import Letter

_META = "inferred: what Meta expects of WhatsApp webhooks"
_QUEUE = "answer as soon as the event is written down, and work in a queue"


@check(
    "burst-answered",
    "A burst of three times the normal rate is answered, all of it",
    _META,
    risk="a campaign makes three statuses for each message within seconds; what is not answered comes again, on top",
    fix="more workers or threads, no lock around the whole handler, a queue behind it",
)
def burst_answered(case: Case) -> None:
    """Every event different, each on a connection of its own, on time whether or not those before are answered."""
    burst = _burst(case)
    wrong = [(letter, exchange) for letter, exchange in burst if not ok(exchange)]
    letter, exchange = wrong[0] if wrong else burst[0]
    words = f"{len(wrong)} of {len(burst)} were not, the first one: {came(exchange)}"
    case.judge(not wrong, f"all {len(burst)} events of a burst are answered 2xx", words, _shown(case, letter))


@check(
    "burst-median",
    "In a burst, half of the answers come within 250 ms",
    _META,
    risk="events queue up at the sender: what your customers write reaches you minutes later",
    fix=_QUEUE,
    stands_on=("burst-answered",),
)
def burst_median(case: Case) -> None:
    """From the first byte that is sent to the last that is answered."""
    limit = case.scene.settings.median
    letter, seconds = _burst(case)[0][0], _seconds(case)
    middle = median(seconds)
    words = f"half of {len(seconds)} took longer than {middle * 1000:.0f} ms, the slowest {max(seconds):.1f} s"
    promised = f"half of the answers come within {limit * 1000:.0f} ms"
    case.judge(middle <= limit, promised, words, _shown(case, letter))


@check(
    "burst-tail",
    "In a burst, less than 1% of the answers take longer than 1 s",
    _META,
    risk="a few events stall, and with them the connections that others wait for",
    fix=f"{_QUEUE}; look for what a few have to wait for: a lock, a pool that is too small, a cold start",
    stands_on=("burst-answered", "burst-median"),
)
def burst_tail(case: Case) -> None:
    """Those that are slow now and then are the ones that nobody finds by trying."""
    limit = case.scene.settings.late
    seconds = _seconds(case)
    slow = [one for one in seconds if one > limit]
    words = f"{len(slow)} of {len(seconds)} took longer than that, the slowest {max(seconds):.1f} s"
    promised = f"less than 1% of the answers take longer than {limit:g} s"
    case.judge(len(slow) < len(seconds) / 100, promised, words, _shown(case, _burst(case)[0][0]))


@check(
    "slow-sender-accepted",
    "A body that comes bit by bit is waited for",
    "inferred: the vendor allows 10 seconds for all of it",
    risk="over a bad line events break off, and fail again at each retry",
    fix="let the server wait some seconds for a body (10 at least), and read all of it before parsing",
)
def slow_sender_accepted(case: Case) -> None:
    """In six parts, with pauses."""
    case.accepts(_slow(case), "an event whose body comes slowly")


@check(
    "slow-sender-alone",
    "While one body comes slowly, others are answered",
    "inferred: events are delivered concurrently",
    risk="one slow sender, or anybody who opens a connection and says nothing, stops the endpoint for everybody",
    fix="a server with threads, workers or an event loop, behind a proxy that buffers bodies; no development server",
    stands_on=("slow-sender-accepted",),
)
def slow_sender_alone(case: Case) -> None:
    """One that is posted a quarter into the slow one must not wait for its end."""
    drip = case.scene.settings.drip
    quick = case.write()
    slow, other = case.together([_slow(case), quick], apart=drip / 4)
    took = other.answer.seconds if other.answer else drip
    promised = f"an event posted meanwhile is answered 2xx within {drip * 0.6:.1f} s"
    case.judge(ok(other) and took < drip * 0.6, promised, f"{came(other)} after {took:.1f} s", quick)
    if not ok(slow):
        raise NotReached(f"the slow one was answered {came(slow)}; see slow-sender-accepted")


def _slow(case: Case) -> Letter:
    return resealed(case.write(), drip=case.scene.settings.drip)


def _burst(case: Case) -> list[tuple[Letter, Exchange]]:
    """Once for all checks that look at it. Raises Denied where the endpoint is not on this machine."""
    scene = case.scene
    scene.may_burst()
    if scene.burst is None:
        events = [*scene.vendor.statuses, scene.vendor.received]
        letters = [case.write(events[n % len(events)]) for n in range(scene.settings.burst)]
        apart = 1 / (3 * scene.settings.pace)
        scene.burst = list(zip(letters, case.together(letters, apart), strict=True))
    return scene.burst


def _shown(case: Case, letter: Letter) -> Letter:
    """As it goes into the finding: the whole burst."""
    return resealed(letter, copies=case.scene.settings.burst, apart=1 / (3 * case.scene.settings.pace))


def _seconds(case: Case) -> list[float]:
    return [exchange.answer.seconds for _, exchange in _burst(case) if exchange.answer is not None]
