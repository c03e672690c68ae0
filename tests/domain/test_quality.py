"""What becomes of a template that people do not like."""

from __future__ import annotations

from dataclasses import replace

import pytest
from test_templates import TEMPLATE

from mock_server.domain.quality import TemplatePausing, Verdict, fallen, final_verdict, held_id, is_paced, verdict
from mock_server.domain.templates import Quality, Template, TemplateCategory, TemplateStatus

PAUSING = TemplatePausing(first=300, second=600)


def test_the_third_time_is_for_good() -> None:
    """Paused for a while, paused for longer, disabled; each says why."""
    template, seen = TEMPLATE, []
    for at in (1_000, 2_000, 3_000):
        template, until = fallen(replace(template, status=TemplateStatus.APPROVED, reason=None), PAUSING, at)
        seen.append((template.status, template.reason, template.pauses, template.updated_at, until))
    assert seen == [
        (TemplateStatus.PAUSED, "FIRST_PAUSE", 1, 1_000, 1_300),
        (TemplateStatus.PAUSED, "SECOND_PAUSE", 2, 2_000, 2_600),
        (TemplateStatus.DISABLED, "DISABLED", 3, 3_000, None),
    ]


@pytest.mark.parametrize("category", TemplateCategory)
@pytest.mark.parametrize("quality", Quality)
def test_who_is_paced(category: TemplateCategory, quality: Quality) -> None:
    """Marketing that is not yet green."""
    paced = category is TemplateCategory.MARKETING and quality is not Quality.GREEN
    assert is_paced(replace(TEMPLATE, category=category, quality=quality)) == paced


@pytest.mark.parametrize(
    ("quality", "at_once", "in_the_end"),
    [
        (Quality.UNKNOWN, None, Verdict.RELEASE),
        (Quality.YELLOW, None, Verdict.RELEASE),
        (Quality.GREEN, Verdict.RELEASE, Verdict.RELEASE),
        (Quality.RED, Verdict.DROP, Verdict.DROP),
    ],
)
def test_verdicts(quality: Quality, at_once: Verdict | None, in_the_end: Verdict) -> None:
    """Good and bad news count at once; without any the held messages go out, unless the template was stopped."""
    template: Template = replace(TEMPLATE, quality=quality)

    assert verdict(quality) is at_once
    assert final_verdict(template) is in_the_end
    assert final_verdict(replace(template, status=TemplateStatus.PAUSED)) is Verdict.DROP


def test_a_held_message_has_its_place() -> None:
    """In its batch."""
    assert held_id("b1", 7) == "b1/7"
