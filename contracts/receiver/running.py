"""`receiver`: is anybody there, and then check by check. Nothing here decides what is right; checks do."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from contracts.dice import Dice
from contracts.findings import Findings
from contracts.ledger import Entry, Ledger
from contracts.looking import look
from contracts.mask import Mask
from contracts.people import People
from contracts.receiver.case import Case
from contracts.receiver.checks import CHECKS
from contracts.receiver.letters import Writer
from contracts.receiver.scene import Scene
from contracts.receiver.sender import LATE, Sender
from contracts.receiver.settings import Settings
from contracts.receiver.vendors import VENDORS
from contracts.reporting import Reached
from contracts.settings import named
from contracts.spec import load
from contracts.stops import Gone, OverBudget
from contracts.timing import Clock
from contracts.verdict import Stop, conclude
from contracts.words import RECEIVED

if TYPE_CHECKING:
    from collections.abc import Callable

    from contracts.receiver.registry import Check
    from contracts.reporting import Report

    Progress = Callable[[str, Scene], None]

_NOBODY = ("connection refused", "host name", "TLS")
"""How it sounds when the address is wrong; whoever hangs up without an answer is there."""


def check_receiver(url: str, secret: str | None = None, *, progress: Progress | None = None, **settings: Any) -> Report:
    """Look whether the endpoint at `url` is right. Settings are those of `Settings`; raises WrongUsage."""
    for name in ("only", "skip", "recipients"):
        if name in settings:
            settings[name] = tuple(settings[name])
    return run(Settings(url, secret, **settings), progress)


def run(settings: Settings, progress: Progress | None = None, clock: Clock | None = None) -> Report:
    """The same with settings that were made already."""
    checks = chosen(settings)
    scene = stage(settings, clock or Clock(), checks)
    stop = None
    try:
        if progress is not None:
            progress("greeting", scene)
        _greet(scene)
        for check in checks:
            if progress is not None:
                progress(check.name, scene)
            _look(scene, check)
    except Stop as caught:
        stop = caught
    return replace(conclude(scene, _events(scene, checks), _facts(scene), stop), words=RECEIVED)


def chosen(settings: Settings) -> list[Check]:
    """The checks that apply and were asked for. Raises WrongUsage for a name that is none."""
    vendor = VENDORS[settings.vendor]
    return [CHECKS[name] for name in named(CHECKS, settings.only, settings.skip) if CHECKS[name].applies(vendor)]


def stage(settings: Settings, clock: Clock, checks: list[Check]) -> Scene:
    """Everybody in their place; nothing is posted yet."""
    vendor = VENDORS[settings.vendor]
    people = People(settings.seed, settings.recipients, settings.what_may_be_done)
    dice = Dice(settings.seed, "receiver")
    return Scene(
        settings=settings,
        vendor=vendor,
        client=Sender(settings, vendor, clock),
        writer=Writer(vendor, load(vendor.spec), dice, people, clock.now()),
        dice=dice,
        findings=Findings(),
        mask=Mask((settings.secret, *_in_the_query(settings)), settings.recipients),
        ledger=Ledger(Entry(c.name, c.promise, c.mark.provenance, c.mark.source) for c in checks),
    )


def _in_the_query(settings: Settings) -> list[str]:
    """Many an endpoint has a token in its address, which is a secret too."""
    urls = (settings.url, settings.ledger_url, settings.fail_url)
    values = [value for url in urls if url for _, value in parse_qsl(urlsplit(url).query)]
    return [value for value in values if len(value) >= 8]


def _greet(scene: Scene) -> None:
    """Is anybody there? Raises Stop. What they answer is for the checks to judge."""
    scene.client.part = "greeting"
    try:
        exchange = scene.client.post(scene.writer.write())
    except OverBudget:
        return
    trouble = exchange.trouble or ""
    if trouble != LATE and any(sign in trouble for sign in _NOBODY):
        raise Stop.unreachable(trouble, "--url")


def _look(scene: Scene, check: Check) -> None:
    """One check, whatever becomes of it. Only the end of everything goes further up."""
    case = Case(scene, check)

    def act() -> None:
        if not check.alone:
            case.welcome()
        check.act(case)

    try:
        look(check, scene.ledger, scene.client.record, act)
    except Gone as error:
        raise Stop.unreachable(str(error), "--url") from None


def _events(scene: Scene, checks: list[Check]) -> tuple[Reached, ...]:
    """Each kind of event. When all of them were to be posted, each one has to be taken."""
    required = any(check.name == "event-accepted" for check in checks)
    statuses = scene.client.record.statuses
    return tuple(
        Reached(
            operation=event,
            calls=sum(statuses.get(event, {}).values()),
            successes=sum(n for status, n in statuses.get(event, {}).items() if 200 <= status < 300),
            required=required,
        )
        for event in scene.writer.events
    )


def _facts(scene: Scene) -> dict[str, object]:
    settings, client = scene.settings, scene.client
    return {
        "baseUrl": scene.mask(settings.url),
        "spec": scene.vendor.spec,
        "api": f"endpoint for the webhooks of {scene.vendor.name}",
        "profile": settings.what_may_be_done,
        "seed": settings.seed,
        "requests": client.sent,
        "seconds": round(client.seconds, 1),
        "throttled": 0,
        "cases": 0,
        "laws": sum(1 for entry in scene.ledger if entry.looked),
    }
