"""Message templates, as WhatsApp keeps them (D30)."""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from mock_server.domain.instant import Instant


class TemplateCategory(StrEnum):
    """Vendor: /app/template-reference."""

    MARKETING = "MARKETING"
    UTILITY = "UTILITY"
    AUTHENTICATION = "AUTHENTICATION"


class TemplateStatus(StrEnum):
    """The states Meta's review can give. Only APPROVED sends."""

    PENDING = "PENDING"
    APPROVED = "APPROVED"
    REJECTED = "REJECTED"
    PAUSED = "PAUSED"
    DISABLED = "DISABLED"


@dataclass(frozen=True, slots=True)
class Template:
    """`components` are WhatsApp's own HEADER, BODY, FOOTER and BUTTONS objects. `meta_template_id` is Meta's digits."""

    id: str
    meta_template_id: str
    waba_id: str
    name: str
    language: str
    category: TemplateCategory
    status: TemplateStatus
    components: tuple[dict[str, Any], ...]
    created_at: Instant
    updated_at: Instant
    reason: str | None = None


def review(template: Template, status: TemplateStatus, reason: str | None, at: Instant) -> Template:
    """The template after Meta's word on it; unchanged when Meta says what it said before."""
    if (status, reason) == (template.status, template.reason):
        return template
    return replace(template, status=status, reason=reason, updated_at=at)
