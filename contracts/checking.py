"""`check`: is anybody there, do they know us, and then law by law. Nothing here decides what is right; laws do."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from contracts.book import Book
from contracts.client import Client
from contracts.findings import Findings
from contracts.guard import Guard
from contracts.laws import LAWS, TOUR
from contracts.laws.case import Case
from contracts.ledger import Entry, Ledger
from contracts.looking import look
from contracts.mask import Mask
from contracts.people import People
from contracts.record import Record
from contracts.scene import Scene
from contracts.settings import Settings, named
from contracts.shapes import Shapes
from contracts.spec import load
from contracts.speech import speech_of
from contracts.stops import Denied, Gone, NotReached, OverBudget, Unanswered
from contracts.timing import Clock
from contracts.verdict import Stop, judge, operations

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from contracts.exchange import Exchange
    from contracts.laws.registry import Law
    from contracts.reporting import Report

    Progress = Callable[[str, Scene], None]


REST = Book(
    LAWS,
    operations,
    provoking=(TOUR, "error-envelope"),
    always=frozenset({"response-time", "no-secrets-echoed", "ids-unique"}),
    lost_by=TOUR,
)
"""Whether the REST API keeps the contract."""


def check(base_url: str, api_key: str, *, progress: Progress | None = None, **settings: Any) -> Report:
    """Look whether the server at `base_url` keeps the contract. Settings are those of `Settings`; raises WrongUsage.

    `only=["opt-out-blocks"]` looks at some laws and is done in a second.
    """
    for name in ("only", "skip", "recipients"):
        if name in settings:
            settings[name] = tuple(settings[name])
    return run(Settings(base_url, api_key, **settings), progress)


def run(settings: Settings, progress: Progress | None = None, clock: Clock | None = None, book: Book = REST) -> Report:
    """The same with settings that were made already."""
    scene = stage(settings, clock or Clock(), book)
    laws = chosen(settings, scene)
    try:
        greet(scene)
        with book.opening(scene):
            _watch(scene, laws)
            for law in laws:
                if law.act is not None:
                    if progress is not None:
                        progress(law.name, scene)
                    look_at(scene, law)
    except Stop as stop:
        return judge(scene, stop)
    finally:
        clean_up(scene)
    return judge(scene)


def stage(settings: Settings, clock: Clock, book: Book = REST, making: type[Client] = Client) -> Scene:
    """Everybody in their place; no request is made yet. Raises BrokenSpec or WrongUsage."""
    spec = load(settings.spec)
    speech = speech_of(spec)
    record = Record()
    client = making(settings, spec, Guard(settings, spec, speech), record, clock)
    scene = Scene(
        settings=settings,
        book=book,
        spec=spec,
        speech=speech,
        shapes=Shapes(spec),
        client=client,
        people=People(settings.seed, settings.recipients, settings.what_may_be_done),
        findings=Findings(),
        ledger=Ledger(()),
        mask=Mask(
            (settings.api_key, settings.other_key, settings.revoked_key, settings.control_token), settings.recipients
        ),
    )
    scene.ledger = Ledger(_entry(law) for law in chosen(settings, scene))
    return scene


def chosen(settings: Settings, scene: Scene) -> list[Law]:
    """The laws that apply and were asked for. Raises WrongUsage for a name that is none."""
    laws = scene.book.laws
    names = named(laws, settings.only, settings.skip)
    return [laws[name] for name in names if laws[name].applies(scene.speech)]


def _entry(law: Law) -> Entry:
    return Entry(law.name, law.promise, law.mark.provenance, law.mark.source)


def greet(scene: Scene) -> None:
    """Is it there, is it this API, is the key good? Raises Stop with what to do."""
    call = scene.speech.knock() if scene.speech.knock else None
    if call is None:
        return
    scene.client.part = "greeting"
    last: Exception | None = None
    for _ in range(2):
        try:
            scene.who = scene.client.send(call)
            break
        except Unanswered as error:
            last = error
    if scene.who is None:
        raise Stop.unreachable(str(last))
    Stop.unless_ours(scene)


def _watch(scene: Scene, laws: Iterable[Law]) -> None:
    """From now on every exchange is looked at by the laws that look on, those so far included."""
    watching = [(Case(scene, law), law.watch) for law in laws if law.watch is not None]

    def look_on(exchange: Exchange) -> None:
        if exchange.answer is not None:
            scene.mask.learn_from(exchange.answer.json)
        scene.mask.learn_from(exchange.call.json)
        for case, watch in watching:
            if exchange.number not in scene.spoiled or case.law.name in scene.book.always:
                watch(case, exchange)

    for exchange in scene.client.record.exchanges:
        look_on(exchange)
    scene.client.record.watch(look_on)
    if watching and scene.settings.only:
        for provoking in scene.book.provoking:
            look_at(scene, scene.book.laws[provoking])


def look_at(scene: Scene, law: Law) -> None:
    """One law, whatever becomes of it. Only the end of everything goes further up."""

    def act() -> None:
        assert law.act is not None  # noqa: S101 - only those are looked at
        try:
            law.act(Case(scene, law, before))
        except NotReached as error:
            if law.name == scene.book.lost_by:
                scene.seen["lost"] = str(error)
            raise

    before = scene.client.sent
    try:
        look(law, scene.ledger, scene.client.record, act)
    except Gone as error:
        raise Stop.unreachable(str(error)) from None


def clean_up(scene: Scene) -> None:
    """Organizations that were made for the check go again, if there is still somebody to ask."""
    scene.client.part = "cleaning up"
    for org in scene.made_orgs:
        with suppress(Unanswered, OverBudget, Denied):
            scene.client.send(scene.control_of(org).drop())
