"""Message templates, as WhatsApp keeps them (D30)."""

import re
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache
from typing import Any

from mock_server.domain.errors import MetaRejected
from mock_server.domain.instant import Instant
from mock_server.domain.meta_errors import meta_error


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


class Quality(StrEnum):
    """How people take it (Meta: template-quality). UNKNOWN is new; a template of any quality sends until it is paused."""

    UNKNOWN = "UNKNOWN"
    GREEN = "GREEN"
    YELLOW = "YELLOW"
    RED = "RED"


@dataclass(frozen=True, slots=True)
class Template:
    """`components` are WhatsApp's own HEADER, BODY, FOOTER and BUTTONS objects. `meta_template_id` is Meta's digits.

    `pauses` counts how often it was paused for its quality.
    """

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
    quality: Quality = Quality.UNKNOWN
    pauses: int = 0


def review(template: Template, status: TemplateStatus, reason: str | None, at: Instant) -> Template:
    """The template after Meta's word on it; unchanged when Meta says what it said before."""
    if (status, reason) == (template.status, template.reason):
        return template
    return replace(template, status=status, reason=reason, updated_at=at)


_VARIABLE = re.compile(r"\{\{\s*([0-9]+|[a-z_][a-z0-9_]*)\s*\}\}")
_MEDIA_FORMATS = {"IMAGE", "VIDEO", "DOCUMENT"}


def component(template: Template, kind: str) -> dict[str, Any]:
    """The component of this type, or an empty one."""
    return next((c for c in template.components if c.get("type") == kind), {})


@lru_cache(maxsize=1_024)  # a campaign asks for the same few texts 50,000 times
def variables(text: str) -> tuple[str, ...]:
    """The names of a text's variables, each once: numbers in their order, names as they come."""
    names = tuple(dict.fromkeys(_VARIABLE.findall(text)))
    return tuple(sorted(names, key=int)) if all(name.isdigit() for name in names) else names


def header_media_type(template: Template) -> str | None:
    """`IMAGE`, `VIDEO` or `DOCUMENT` if the header wants one."""
    wanted = component(template, "HEADER").get("format")
    return wanted if wanted in _MEDIA_FORMATS else None


def require_sendable(template: Template, header_kind: str | None) -> None:
    """Raises MetaRejected unless the template is approved and the header media is what it wants (facts: codes 132xxx)."""
    if template.status is not TemplateStatus.APPROVED:
        raise rejected(_NOT_SENDABLE[template.status], f"template {template.name} is {template.status}")
    wanted = header_media_type(template)
    given = header_kind and header_kind.upper()
    if given != wanted:
        raise rejected(132012, f"header: format mismatch, expected {wanted or 'no media'}, received {given or 'none'}")


_NOT_SENDABLE = {
    TemplateStatus.PENDING: 132001,
    TemplateStatus.REJECTED: 132001,
    TemplateStatus.PAUSED: 132015,
    TemplateStatus.DISABLED: 132016,
}


def rejected(code: int, details: str) -> MetaRejected:
    """WhatsApp's refusal with this code, and what it is about."""
    return MetaRejected(code, meta_error(code).title, details)


def misfit(template: Template, body: tuple[str, ...], buttons: tuple[tuple[int, int], ...]) -> str | None:
    """Why these values do not fit the template, in WhatsApp's words; None when they do.

    `buttons` holds (index, number of values) of each button that is given some.
    """
    expected = len(variables(component(template, "BODY").get("text", "")))
    if len(body) != expected:
        return (
            f"132000: body: number of localizable_params ({len(body)}) does not match the expected number of params "
            f"({expected})"
        )
    wanted = _button_variables(template)
    given = dict(buttons)
    if given != wanted:
        return f"132000: buttons: values for {_show(given)} do not match the expected {_show(wanted)}"
    return None


def render(template: Template, body: tuple[str, ...]) -> str:
    """The body with its variables filled in."""
    text = component(template, "BODY").get("text", "")
    values = dict(zip(variables(text), body, strict=True))
    return _VARIABLE.sub(lambda match: values[match[1]], text)


def _button_variables(template: Template) -> dict[int, int]:
    """How many values each button takes: a link with a variable one, a code to copy one, others none."""
    counts = {
        index: 1 if button.get("type") == "COPY_CODE" else len(variables(button.get("url", "")))
        for index, button in enumerate(component(template, "BUTTONS").get("buttons", []))
    }
    return {index: number for index, number in counts.items() if number}


def _show(counts: dict[int, int]) -> str:
    return ", ".join(f"{number} at index {index}" for index, number in sorted(counts.items())) or "none"
