"""`check`: is anybody there, do they know us, and then law by law. Nothing here decides what is right; laws do."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from contracts.client import Client
from contracts.dice import Dice
from contracts.findings import Findings
from contracts.guard import Guard
from contracts.laws import LAWS, TOUR
from contracts.laws.case import Case
from contracts.ledger import VIOLATED, Entry, Ledger
from contracts.mask import Mask
from contracts.people import People
from contracts.record import Record
from contracts.scene import Scene
from contracts.settings import Settings, WrongUsage
from contracts.shapes import Shapes
from contracts.spec import load
from contracts.speech import speech_of
from contracts.stops import Denied, Gone, NotReached, OverBudget, Unanswered
from contracts.timing import Clock
from contracts.verdict import Stop, judge

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from contracts.exchange import Exchange
    from contracts.laws.registry import Law
    from contracts.reporting import Report

    Progress = Callable[[str, Scene], None]


ALWAYS = frozenset({"response-time", "no-secrets-echoed", "ids-unique"})
"""These look at every answer; the others leave one alone that is broken in shape, or it would be blamed twice."""


def check(base_url: str, api_key: str, *, progress: Progress | None = None, **settings: Any) -> Report:
    """Look whether the server at `base_url` keeps the contract. Settings are those of `Settings`; raises WrongUsage.

    `only=["opt-out-blocks"]` looks at some laws and is done in a second.
    """
    for name in ("only", "skip", "recipients"):
        if name in settings:
            settings[name] = tuple(settings[name])
    return run(Settings(base_url, api_key, **settings), progress)


def run(settings: Settings, progress: Progress | None = None, clock: Clock | None = None) -> Report:
    """The same with settings that were made already."""
    scene = stage(settings, clock or Clock())
    laws = chosen(settings, scene)
    try:
        greet(scene)
        _watch(scene, laws)
        for law in laws:
            if law.act is not None:
                if progress is not None:
                    progress(law.name, scene)
                look(scene, law)
    except Stop as stop:
        return judge(scene, stop)
    finally:
        clean_up(scene)
    return judge(scene)


def stage(settings: Settings, clock: Clock, making: type[Client] = Client) -> Scene:
    """Everybody in their place; no request is made yet. Raises BrokenSpec or WrongUsage."""
    spec = load(settings.spec)
    speech = speech_of(spec)
    record = Record()
    client = making(settings, spec, Guard(settings, spec, speech), record, clock)
    scene = Scene(
        settings=settings,
        spec=spec,
        speech=speech,
        shapes=Shapes(spec),
        client=client,
        people=People(settings.seed, settings.recipients, settings.what_may_be_done),
        dice=Dice(settings.seed, "laws"),
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
    for name in (*settings.only, *settings.skip):
        if name not in LAWS:
            from difflib import get_close_matches

            near = get_close_matches(name, LAWS, n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
            raise WrongUsage(f"--only, --skip: there is no check {name!r}{hint}")
    wanted = [law for law in LAWS.values() if not settings.only or law.name in settings.only]
    return [law for law in wanted if law.name not in settings.skip and law.applies(scene.speech)]


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

    def see(exchange: Exchange) -> None:
        if exchange.answer is not None:
            scene.mask.learn_from(exchange.answer.json)
        scene.mask.learn_from(exchange.call.json)
        for case, watch in watching:
            if exchange.number not in scene.spoiled or case.law.name in ALWAYS:
                watch(case, exchange)

    for exchange in scene.client.record.exchanges:
        see(exchange)
    scene.client.record.watch(see)
    if watching and scene.settings.only:
        for provoking in (TOUR, "error-envelope"):
            look(scene, LAWS[provoking])


def look(scene: Scene, law: Law) -> None:
    """One law, whatever becomes of it. Only the end of everything goes further up."""
    ledger, before = scene.ledger, scene.client.sent
    try:
        assert law.act is not None  # noqa: S101 - only those are looked at
        _stand(scene, law)
        law.act(Case(scene, law, before))
        if scene.client.sent > before and not ledger[law.name].looked:
            ledger.looked(law.name)
    except Denied as denied:
        if not ledger[law.name].looked:
            ledger.not_allowed(law.name, str(denied))
    except NotReached as error:
        ledger.not_reached(law.name, str(error), required=error.required and not law.optional)
        if law.name == TOUR:
            scene.seen["lost"] = str(error)
    except (OverBudget, Unanswered) as error:
        ledger.not_reached(law.name, str(error))
        if isinstance(error, Gone):
            raise Stop.unreachable(str(error)) from None


def _stand(scene: Scene, law: Law) -> None:
    """Raises NotReached for a law that would only repeat what another one found."""
    for name in law.stands_on:
        if scene.ledger[name].state == VIOLATED:
            raise NotReached(f"{name} is violated, and this law stands on it")


def clean_up(scene: Scene) -> None:
    """Organizations that were made for the check go again, if there is still somebody to ask."""
    scene.client.part = "cleaning up"
    for org in scene.made_orgs:
        with suppress(Unanswered, OverBudget, Denied):
            scene.client.send(scene.control_of(org).drop())
