"""`audit`: the laws that look on, before what was recorded. Nothing is sent: there is no client that could."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from contracts.auditing.case import RecordedCase, as_answer
from contracts.auditing.hooks import AS_A_WHOLE
from contracts.auditing.reading import read
from contracts.auditing.recorded import RECORDED
from contracts.checking import REST, stage
from contracts.laws import LAWS
from contracts.ledger import Entry, Ledger
from contracts.settings import READONLY, Settings
from contracts.timing import Clock
from contracts.verdict import Stop, judge, operations
from contracts.webhooks.checking import BOOK
from contracts.words import AUDITED, INCONCLUSIVE_EXIT

if TYPE_CHECKING:
    from collections.abc import Iterable

    from contracts.auditing.recording import Recording
    from contracts.exchange import Exchange
    from contracts.laws.registry import Law
    from contracts.reporting import Reached, Report
    from contracts.scene import Scene
    from contracts.webhooks.delivery import Delivery

_NOWHERE = "http://127.0.0.1/"
_OF_BOTH = ("wamid-well-formed", "timestamps-sane")
"""Laws that look at ids and times in whatever comes."""
_NEED_SECRET = ("delivery-signature", "delivery-no-secret")
_ASKING = "it takes calls made for it, and a recording cannot be asked"
_WITHOUT_SECRET = "it takes the signing secret: --secret"  # noqa: S105 - these are words
_UNRECORDED = "nothing of this kind was recorded"


def _whatever_there_is(scene: Scene) -> tuple[Reached, ...]:
    return tuple(replace(one, required=False) for one in operations(scene))


RECORDING = replace(REST, reached=_whatever_there_is, words=AUDITED)
"""The same laws, before what somebody happened to record."""


def audit(
    files: Iterable[str],
    *,
    spec: str = "openapi.yaml",
    base_url: str | None = None,
    secret: str | None = None,
    strict: bool = False,
) -> Report:
    """Judge recorded traffic. Raises WrongUsage for a file that is no recording, and BrokenSpec."""
    settings = Settings(base_url or _NOWHERE, "nobody-is-asked", spec=spec, profile=READONLY, strict=strict)
    scene = stage(settings, Clock(), RECORDING)
    recording = read(files, scene.spec, base_url)
    _prepare(scene, recording, secret)
    for exchange in recording.exchanges:
        _look_at(scene, exchange)
    for hook in recording.hooks:
        _look_at_hook(scene, hook)
    for name, look in AS_A_WHOLE.items():
        look(RecordedCase(scene, BOOK.laws[name]), recording.hooks)
    return _report(scene, recording, list(files), secret)


def _prepare(scene: Scene, recording: Recording, secret: str | None) -> None:
    laws = [law for law in LAWS.values() if law.applies(scene.speech)]
    laws += BOOK.laws.values()
    scene.ledger = Ledger(
        Entry(law.name, law.promise, law.mark.provenance, law.mark.source, required=False) for law in laws
    )
    if secret:
        scene.mask.learn_secret(secret)
    for exchange in recording.exchanges:
        scene.client.record.add(exchange)
        scene.mask.learn_from(exchange.call.json)
        scene.mask.learn_from(exchange.answer.json if exchange.answer else None)
        for name, value in exchange.sent:
            if name.lower() == "authorization" and len(value.split()) == 2:
                scene.mask.learn_secret(value.split()[1])
                scene.seen["keys recorded"] = True
    recording.hooks[:] = [replace(hook, secret=secret or "") for hook in recording.hooks]
    for hook in recording.hooks:
        scene.mask.learn_from(hook.json)


def _look_at(scene: Scene, exchange: Exchange) -> None:
    """What is broken in shape is blamed for that only, as in a check."""
    judged = exchange.tags.get("judged")
    if judged is not None:
        scene.seen["lacking"] = exchange.tags["why"]
    for law in LAWS.values():
        if not law.applies(scene.speech) or (judged is not None and law.name not in judged):
            continue
        if exchange.number not in scene.spoiled or law.name in scene.book.always:
            _watching(scene, law, exchange)


def _look_at_hook(scene: Scene, hook: Delivery) -> None:
    for law in BOOK.laws.values():
        if law.watch is not None and (hook.number not in scene.spoiled or law.name in BOOK.always):
            law.watch(RecordedCase(scene, law), hook)
    for name in _OF_BOTH:
        _watching(scene, LAWS[name], as_answer(hook))


def _watching(scene: Scene, law: Law, exchange: Exchange) -> None:
    more = RECORDED.get(law.name)
    if law.watch is not None:
        law.watch(RecordedCase(scene, law), exchange)
    if more is not None:
        looking = replace(law, watch=law.watch or more)
        more(RecordedCase(scene, looking), exchange)


def _report(scene: Scene, recording: Recording, files: list[str], secret: str | None) -> Report:
    for entry in scene.ledger:
        law = LAWS.get(entry.name) or BOOK.laws[entry.name]
        if not entry.looked:
            able = law.watch is not None or entry.name in RECORDED or entry.name in AS_A_WHOLE
            needs_secret = entry.name in _NEED_SECRET and not secret and recording.hooks
            unrecorded = scene.seen.get("lacking", _UNRECORDED) if entry.name in LAWS else _UNRECORDED
            reason = _WITHOUT_SECRET if needs_secret else unrecorded if able else _ASKING
            scene.ledger.not_reached(entry.name, reason, required=False)
    stop = None if any(entry.looked for entry in scene.ledger) else Stop(INCONCLUSIVE_EXIT, _nothing(recording))
    report = judge(scene, stop)
    return replace(report, facts=report.facts | _facts(scene, recording, files))


def _nothing(recording: Recording) -> str:
    if recording.masked:
        return f"all {recording.masked} answers are masked, so nothing could be judged; record without a mask"
    return "nothing in it belongs to this API; name the API's address with --base-url, or its --spec"


def _facts(scene: Scene, recording: Recording, files: list[str]) -> dict[str, Any]:
    calls, hooks = len(recording.exchanges), len(recording.hooks)
    words = f"{len(files)} file{'s' * (len(files) != 1)}: {calls} calls and {hooks} webhooks; nothing was sent"
    for count, why in ((recording.left_out, "of others or with faults"), (recording.masked, "masked")):
        words += f"; {count} {why}, left out" if count else ""
    return {"baseUrl": scene.mask(", ".join(files)), "requests": calls, "webhooks": hooks, "told": words}
