"""Meta's word on a template."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest

from mock_server.domain.templates import Template, TemplateCategory, TemplateStatus, review

TEMPLATE = Template(
    id="t1",
    meta_template_id="1234567890123456",
    waba_id="102290129340398",
    name="order_update",
    language="en_US",
    category=TemplateCategory.UTILITY,
    status=TemplateStatus.APPROVED,
    components=({"type": "BODY", "text": "Hi {{1}}"},),
    created_at=1,
    updated_at=2,
)


@pytest.mark.parametrize(
    ("old", "new", "reason"), list(product(TemplateStatus, TemplateStatus, [None, "INVALID_FORMAT"]))
)
def test_review(old: TemplateStatus, new: TemplateStatus, reason: str | None) -> None:
    """Any verdict may follow any other; updated_at moves when the status or its reason is another."""
    template = replace(TEMPLATE, status=old)
    changed = (new, reason) != (old, None)
    assert review(template, new, reason, 9) == replace(
        template, status=new, reason=reason, updated_at=9 if changed else 2
    )


def test_the_same_word_again() -> None:
    """A rejection repeated with its reason changes nothing; with another reason it does."""
    rejected = review(TEMPLATE, TemplateStatus.REJECTED, "INVALID_FORMAT", 5)
    assert review(rejected, TemplateStatus.REJECTED, "INVALID_FORMAT", 9) == rejected
    again = review(rejected, TemplateStatus.REJECTED, "SCAM", 9)
    assert (again.reason, again.updated_at) == ("SCAM", 9)


def test_a_reason_goes_with_its_verdict() -> None:
    """Approved after all, it carries no reason any more."""
    rejected = review(TEMPLATE, TemplateStatus.REJECTED, "INVALID_FORMAT", 5)
    assert review(rejected, TemplateStatus.APPROVED, None, 9) == replace(TEMPLATE, updated_at=9)
