"""`compare`: two stages, one session, one report. What is right nobody says here; only what is not alike."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from contracts.checking import REST, chosen, clean_up, greet, look_at, stage
from contracts.comparing.answers import Answers
from contracts.comparing.bodies import Bodies, tokens
from contracts.comparing.difference import ASPECTS, MILD, OF_STATE, Difference, differ
from contracts.comparing.groups import Group, Groups
from contracts.comparing.pairs import Pairs
from contracts.comparing.twin import Leading
from contracts.findings import Finding, Findings, curl, severity
from contracts.ledger import Entry, Ledger
from contracts.provenance import DESIGNED, DOCUMENTED, Mark
from contracts.settings import PROFILES, Settings, WrongUsage, digits
from contracts.timing import Clock
from contracts.verdict import Stop, judge
from contracts.words import COMPARED

if TYPE_CHECKING:
    from contracts.checking import Progress
    from contracts.exchange import Exchange
    from contracts.reporting import Report
    from contracts.scene import Scene

_NOT_TOLD = ("response-time", "rate-limit")
"""How fast somebody is, and how often one may ask, is a matter of the machine."""

BOTH = replace(REST, words=COMPARED)
"""What one is asked, and what the other is asked with it."""

_READING = frozenset({"GET", "HEAD", "OPTIONS"})


def settings_of(left: str, left_key: str, right: str, right_key: str, **options: Any) -> tuple[Settings, Settings]:
    """Both sides with one profile: the gentler one of the two. Raises WrongUsage in the words of `compare`."""
    sides = []
    for name, url, key in (("left", left, left_key), ("right", right, right_key)):
        try:
            sides.append(Settings(url, key, **options))
        except WrongUsage as error:
            words = str(error).replace("--base-url", f"--{name}").replace("--api-key", f"--{name}-key")
            raise WrongUsage(words) from None
    gentler = min((side.what_may_be_done for side in sides), key=PROFILES.index)
    return replace(sides[0], profile=gentler), replace(sides[1], profile=gentler)


def run(left: Settings, right: Settings, progress: Progress | None = None, clock: Clock | None = None) -> Report:
    """The whole session. Raises BrokenSpec or WrongUsage."""
    clock = clock or Clock()
    one, other = stage(left, clock, BOTH, Leading), stage(right, clock, BOTH)
    comparison = Comparison(one, other)
    stop: Stop | None = None
    try:
        for scene in (one, other):
            _greet(scene, "left" if scene is one else "right")
        comparison.begin()
        for law in (law for law in chosen(left, one) if law.act is not None and law.name not in _NOT_TOLD):
            if progress is not None:
                progress(law.name, one)
            look_at(one, law)
    except Stop as error:
        stop = error
    finally:
        for scene in (one, other):
            clean_up(scene)
    return comparison.report(stop)


def _greet(scene: Scene, side: str) -> None:
    try:
        greet(scene)
    except Stop as stop:
        words = str(stop).replace("--base-url", f"--{side}").replace("--api-key", f"--{side}-key")
        raise Stop(stop.code, f"the {side} one: {words}") from None


@dataclass
class Comparison:
    """What both answered so far."""

    left: Scene
    right: Scene
    pairs: Pairs = field(default_factory=Pairs)
    groups: Groups = field(default_factory=Groups)
    written: bool = False
    unlike: set[str] = field(default_factory=set)
    """Operations that answered differently before anything was written."""
    people: set[str] = field(default_factory=set)
    """Whom this session wrote to."""

    def __post_init__(self) -> None:
        self.bodies = Bodies(self.pairs)
        self.answers = Answers(self.left.speech, self.bodies)
        self.ledger = Ledger(Entry(name, promise, DESIGNED, "D92") for name, promise in ASPECTS.items())

    def begin(self) -> None:
        """From now on both are asked, and every answer teaches the mask."""
        assert isinstance(self.left.client, Leading)  # noqa: S101 - that is how it was staged
        for secret in (self.right.settings.api_key, self.right.settings.other_key, self.right.settings.revoked_key):
            if secret:
                self.left.mask.learn_secret(secret)
        for scene in (self.left, self.right):
            scene.client.record.watch(self._learn)
        self.left.client.follow(self.right.client, self.pairs, self.compare)

    def _learn(self, exchange: Exchange) -> None:
        self.left.mask.learn_from(exchange.call.json)
        if exchange.answer is not None:
            self.left.mask.learn_from(exchange.answer.json)

    def compare(self, ours: Exchange, theirs: Exchange, final: bool) -> bool:
        """Whether the two answers count: a difference of readings that nobody has seen yet has to show again."""
        changing = ours.call.method not in _READING
        self.written = self.written or changing
        for place in _places(ours):
            found = {one.key: one for one in self._differences(place, ours, theirs, changing)}.values()
            if found and all(self.groups.known(one) for one in found):
                break
        if not final and any(not self.groups.known(one) for one in found):
            return False
        self.bodies.settle()
        for name in ASPECTS:
            self.ledger.looked(name, 1 if self._looked(name, ours, theirs) else 0)
        for one in found:
            self._take(one, ours, theirs, place)
        return True

    def _differences(self, place: str, ours: Exchange, theirs: Exchange, changing: bool) -> list[Difference]:
        if ours.answer is None or theirs.answer is None:
            told = tuple(str(e.answer.status) if e.answer else str(e.trouble) for e in (ours, theirs))
            return [differ("answered", (place,), told)] if told[0] != told[1] else []
        made = changing and ours.answer.ok
        reached = self._reached(ours)
        self.people |= reached
        found = [
            replace(one, about=one.about | reached) if one.aspect in {"status", "code", "ids"} else one
            for one in self.answers.differences(place, ours.answer, theirs.answer, made=made)
        ]
        return [kept for one in found if (kept := self._weighed(one, place)) is not None]

    def _weighed(self, one: Difference, place: str) -> Difference | None:
        """Before anything was written another state is another history; after it, strangers may go on differing."""
        if one.aspect not in OF_STATE or (one.aspect == "nulls" and not one.about):
            return one
        if not self.written:
            self.unlike.add(place)
            return replace(one, aspect="history", cause=(place,))
        strangers = one.aspect in {"rows", "order"} or not one.about & (self.pairs.ours | self.people)
        return None if place in self.unlike and strangers else one

    def _take(self, one: Difference, ours: Exchange, theirs: Exchange, place: str) -> None:
        self.groups.add(one, (ours, theirs), place)
        ended = [exchange.answer.ok if exchange.answer else None for exchange in (ours, theirs)]
        if one.aspect in {"status", "answered"} and ours.call.method not in _READING and ended[0] != ended[1]:
            self.groups.parted(one)
        if one.aspect not in MILD:
            self.ledger.violated(one.aspect)

    def _reached(self, exchange: Exchange) -> frozenset[str]:
        body = exchange.call.json
        if not isinstance(body, dict):
            return frozenset()
        found = {digits(one) or one for one in self.left.speech.reaches(body) if isinstance(one, str)}
        return tokens(body) | found - {""}

    @staticmethod
    def _looked(aspect: str, ours: Exchange, theirs: Exchange) -> bool:
        """Whether two answers say anything about an aspect."""
        if aspect == "answered":
            return True
        one, other = ours.answer, theirs.answer
        if one is None or other is None or aspect == "status":
            return one is not None and other is not None
        refused = one.status >= 400 and one.status == other.status
        if aspect in {"code", "words"}:
            return refused
        if aspect in {"content-type", "headers"}:
            return one.status == other.status
        return one.ok and other.ok and one.json is not None

    def report(self, stop: Stop | None) -> Report:
        """As `check` reports, with two calls for each difference."""
        findings = Findings()
        for group in self.groups.all:
            findings.add(self._finding(group))
        one, other = self.left, self.right
        one.findings, one.ledger = findings, self.ledger
        report = judge(one, stop)
        facts = report.facts | {
            "baseUrl": one.mask(f"{one.settings.base_url} (left) and {other.settings.base_url} (right)"),
            "requests": one.client.sent + other.client.sent,
        }
        exchanges = (*one.client.record.exchanges, *other.client.record.exchanges)
        return replace(report, facts=facts, exchanges=exchanges)

    def _finding(self, group: Group) -> Finding:
        first, (ours, theirs), settings = group.first, group.exchanges, self.left.settings
        mark = Mark(DESIGNED if first.aspect in MILD else DOCUMENTED, "the other one")
        return Finding(
            check=first.aspect,
            operations=tuple(group.operations),
            severity=severity(mark, warning=first.aspect in MILD),
            provenance=mark.provenance,
            source=mark.source,
            promised=f"left: {first.left}",
            came=f"right: {first.right}",
            curl=curl(ours, self.left.speech, settings.api_key).replace("API_KEY", "LEFT_KEY"),
            beside=curl(theirs, self.left.speech, self.right.settings.api_key).replace("API_KEY", "RIGHT_KEY"),
            cause=first.key,
            exchange=ours.number,
            times=group.times,
            also=tuple(group.also),
        )


def _places(exchange: Exchange) -> tuple[str, ...]:
    """The operation; HEAD, OPTIONS and methods that no path takes are the same thing everywhere.

    Where HEAD shows what GET has shown it is that operation's.
    """
    anywhere = f"{exchange.call.method} of anything"
    if exchange.operation is None:
        return (anywhere,)
    return (exchange.operation, anywhere) if exchange.call.method == "HEAD" else (exchange.operation,)
