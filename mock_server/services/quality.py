"""Templates that people like or do not: automatic pauses, and messages held until it is known (D52, D53)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mock_server.domain.journeys import delayed, failing
from mock_server.domain.meta_errors import meta_error
from mock_server.domain.quality import (
    DROPPED,
    PACING_PAUSE,
    UNPAUSE,
    Held,
    Letting,
    Pacing,
    Verdict,
    fallen,
    final_verdict,
    held_id,
    is_paced,
    verdict,
)
from mock_server.domain.tasks import Task, TaskKind
from mock_server.domain.templates import Quality, Template, TemplateStatus, review
from mock_server.services.accounts import standing
from mock_server.services.lookup import existing
from mock_server.services.templates import change

if TYPE_CHECKING:
    from mock_server.domain.journeys import Journey
    from mock_server.domain.messages import Message
    from mock_server.world import Unit, World


def rate(world: World, template_id: str, quality: Quality) -> Template:
    """People's feedback arrives. It decides about held messages, and may pause the template. Raises NotFound."""
    with world.unit() as unit:
        template = existing(unit.store.templates, template_id, "template")
        rated = replace(template, quality=quality)
        unit.store.templates.put(rated)
        said, pacing = verdict(quality), unit.store.pacings.get(template_id)
        if said is not None and pacing is not None and pacing.held:
            return _decide(unit, pacing, rated, said)
        pausing = standing(unit).limits.template_pausing
        if quality is not Quality.RED or pausing is None or rated.status is not TemplateStatus.APPROVED:
            return rated
        paused, until = fallen(rated, pausing, unit.now)
        change(unit, rated, paused)
        if until is not None:
            unit.schedule(TaskKind.UNPAUSE, template_id, until)
        return paused


def unpause(world: World, task: Task) -> None:
    """The end of an automatic pause; whatever Meta said meanwhile has cancelled it."""
    with world.unit() as unit:
        template = unit.store.templates.get(task.subject)
        if template is not None and template.status is TemplateStatus.PAUSED:
            approved = review(template, TemplateStatus.APPROVED, UNPAUSE, unit.now)
            change(unit, template, replace(approved, quality=Quality.UNKNOWN))


def hold(unit: Unit, template: Template, message: Message, journey: Journey) -> Journey:
    """The journey that a message begins now: its own, or none when it is held until the feedback is there."""
    setting = standing(unit).limits.template_pacing
    if setting is None or not is_paced(template):
        return journey
    pacing = unit.store.pacings.get(template.id) or Pacing(template.id)
    if pacing.over:
        return journey
    if pacing.sent < setting.first_batch:
        unit.store.pacings.put(replace(pacing, sent=pacing.sent + 1))
        return journey
    if not pacing.held:
        pacing = replace(pacing, batch=message.id)
        unit.schedule(TaskKind.VERDICT, template.id, unit.now + setting.window)
    unit.store.held.put(Held(held_id(pacing.batch, pacing.held), message.id, journey))
    unit.store.pacings.put(replace(pacing, held=pacing.held + 1))
    return ()


def judge(world: World, task: Task) -> None:
    """The feedback window of a template's first batch is over."""
    with world.unit() as unit:
        pacing, template = unit.store.pacings.get(task.subject), unit.store.templates.get(task.subject)
        if pacing is not None and template is not None and pacing.held:
            _decide(unit, pacing, template, final_verdict(template))


def let_go(world: World, task: Task) -> None:
    """The next held message goes out, or fails. One at a time, so that many of them hold up nobody."""
    with world.unit() as unit:
        letting = unit.store.lettings.get(task.subject)
        if letting is None:
            return
        held = unit.store.held.get(held_id(task.subject, letting.next))
        message = unit.store.messages.get(held.message_id) if held else None
        if held is not None and message is not None:
            released = letting.verdict is Verdict.RELEASE
            journey = delayed(held.journey if released else failing(meta_error(DROPPED)), unit.now - message.created_at)
            unit.store.held.delete(held.id)
            unit.schedule(TaskKind.JOURNEY, message.id, message.created_at + journey[0].after, journey)
        if letting.next + 1 < letting.count:
            _let(unit, replace(letting, next=letting.next + 1))
        else:
            unit.store.lettings.delete(letting.id)


def _let(unit: Unit, letting: Letting) -> None:
    unit.store.lettings.put(letting)
    unit.schedule(TaskKind.LET_GO, letting.id, unit.now)


def _decide(unit: Unit, pacing: Pacing, template: Template, said: Verdict) -> Template:
    """Let the held messages go this way, and pause the template if it was bad. Pacing is over, or begins anew."""
    unit.unschedule(TaskKind.VERDICT, template.id)
    _let(unit, Letting(pacing.batch, 0, pacing.held, said))
    if said is Verdict.RELEASE:
        unit.store.pacings.put(Pacing(template.id, over=True))
        return template
    unit.store.pacings.delete(template.id)
    if template.status is not TemplateStatus.APPROVED:
        return template
    return change(unit, template, review(template, TemplateStatus.PAUSED, PACING_PAUSE, unit.now))
