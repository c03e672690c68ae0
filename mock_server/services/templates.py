"""Templates and Meta's review of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mock_server.domain.errors import Conflict
from mock_server.domain.events import EventKind, TemplateReviewed
from mock_server.domain.tasks import TaskKind
from mock_server.domain.templates import Template, TemplateCategory, TemplateStatus, review
from mock_server.services import channels
from mock_server.services.lookup import existing
from mock_server.services.outbox import announce

if TYPE_CHECKING:
    from mock_server.world import Unit, World


def create(world: World, fields: dict[str, Any]) -> Template:
    """`fields`: name, language, category, components, status, and waba_id or None for the default channel's.

    Raises Conflict when the name is taken: it is unique per WABA and language.
    """
    with world.unit() as unit:
        waba_id = fields["waba_id"] or channels.default(unit).waba_id
        wanted = (fields["name"], fields["language"], waba_id)
        if any((t.name, t.language, t.waba_id) == wanted for t in unit.store.templates.newest()):
            raise Conflict(f"A template named {wanted[0]!r} in {wanted[1]} exists on WABA {waba_id} already")
        template = Template(
            id=unit.new_id(),
            meta_template_id=world.dice.digits(16),
            waba_id=waba_id,
            name=fields["name"],
            language=fields["language"],
            category=TemplateCategory(fields["category"]),
            status=TemplateStatus(fields["status"]),
            components=tuple(fields["components"]),
            created_at=unit.now,
            updated_at=unit.now,
            reason=fields.get("reason"),
        )
        unit.store.templates.put(template)
        return template


def set_status(world: World, template_id: str, status: TemplateStatus, reason: str | None) -> Template:
    """Meta says something new about a template; announced when its status changed. Raises NotFound."""
    with world.unit() as unit:
        template = existing(unit.store.templates, template_id, "template")
        return change(unit, template, review(template, status, reason, unit.now))


def change(unit: Unit, old: Template, new: Template) -> Template:
    """Store it; a new status is announced, and ends an automatic pause. After any pause pacing begins anew (D53)."""
    unit.store.templates.put(new)
    if new.status is not old.status:
        announce(unit, EventKind.TEMPLATE_STATUS_UPDATED, TemplateReviewed(new, old.status))
        unit.unschedule(TaskKind.UNPAUSE, new.id)
        pacing = unit.store.pacings.get(new.id)
        if old.status is TemplateStatus.PAUSED and pacing is not None and pacing.over:
            unit.store.pacings.delete(new.id)
    return new
