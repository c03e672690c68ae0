"""Meta's word on a template."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest

from mock_server.domain.errors import MetaRejected
from mock_server.domain.templates import (
    Template,
    TemplateCategory,
    TemplateStatus,
    button_values,
    fit,
    misfit,
    render,
    require_sendable,
    review,
    variables,
)

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


ORDER = replace(
    TEMPLATE,
    components=(
        {"type": "HEADER", "format": "IMAGE"},
        {"type": "BODY", "text": "Hi {{2}}, order {{1}} of {{ 2 }}"},
        {
            "type": "BUTTONS",
            "buttons": [
                {"type": "QUICK_REPLY", "text": "Stop"},
                {"type": "URL", "url": "https://a.b/{{1}}"},
                {"type": "COPY_CODE"},
            ],
        },
    ),
)
BARE = replace(TEMPLATE, components=())


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", ()),
        ("{{10}} {{2}} {{10}}", ("2", "10")),
        ("{{ b }} {{a}} {{b}}", ("b", "a")),
        ("{{b}} {{1}}", ("b", "1")),
        ("{{B}} {1} {{}}", ()),
    ],
)
def test_variables(text: str, names: tuple[str, ...]) -> None:
    """Each once; numbers in their order, names as they come."""
    assert variables(text) == names


def test_a_body_is_filled_in() -> None:
    """In the places of the variables, however often; a template without a body has no text."""
    assert render(ORDER, ("A7", "Ada")) == "Hi Ada, order A7 of Ada"
    assert render(BARE, ()) == ""
    with pytest.raises(ValueError, match="shorter"):
        render(ORDER, ("A7",))


@pytest.mark.parametrize(
    ("values", "fitted"),
    [
        ({"2": "Ada", "1": "A7"}, ("A7", "Ada")),
        ({"2": "Ada", "1": "A7", "3": "x"}, ("A7", "Ada")),
        ({"id": "A7", "who": "Ada"}, ("A7", "Ada")),
        ({"id": "A7", "2": "Ada"}, ("Ada",)),
        ({"id": "A7"}, ()),
    ],
)
def test_values_by_name(values: dict[str, str], fitted: tuple[str, ...]) -> None:
    """In the order of the variables; as they come where only their number fits."""
    assert fit(ORDER, values) == fitted
    assert fit(BARE, {}) == ()


def test_values_of_buttons() -> None:
    """For the link and the code; one too many is put where it does not fit."""
    assert [(b.index, b.values) for b in button_values(ORDER, ["a", "b", "c", "d"])] == [
        (1, ("a",)),
        (2, ("b",)),
        (3, ("c",)),
        (4, ("d",)),
    ]
    assert [b.index for b in button_values(ORDER, ["a"])] == [1]
    assert button_values(ORDER, []) == ()
    assert [b.index for b in button_values(BARE, ["a"])] == [0]


@pytest.mark.parametrize(
    ("body", "buttons", "why"),
    [
        (("A7", "Ada"), ((1, 1), (2, 1)), None),
        (
            ("A7",),
            ((1, 1), (2, 1)),
            "132000: body: number of localizable_params (1) does not match the expected number of params (2)",
        ),
        (
            ("A7", "Ada"),
            ((2, 1), (0, 3)),
            "132000: buttons: values for 3 at index 0, 1 at index 2 do not match the expected 1 at index 1, 1 at index 2",
        ),
        (("A7", "Ada"), (), "132000: buttons: values for none do not match the expected 1 at index 1, 1 at index 2"),
    ],
)
def test_misfits(body: tuple[str, ...], buttons: tuple[tuple[int, int], ...], why: str | None) -> None:
    """In WhatsApp's words, with what would fit."""
    assert misfit(ORDER, body, buttons) == why
    assert misfit(BARE, (), ()) is None


FORMAT = "(#132012) Template Parameter Format Mismatch: header: format mismatch, expected"


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        (TemplateStatus.PENDING, "(#132001) Template name does not exist in the translation: template order_update is"),
        (
            TemplateStatus.REJECTED,
            "(#132001) Template name does not exist in the translation: template order_update is",
        ),
        (TemplateStatus.PAUSED, "(#132015) Template is Paused: template order_update is"),
        (TemplateStatus.DISABLED, "(#132016) Template is Disabled: template order_update is"),
    ],
)
def test_what_is_not_approved_cannot_be_sent(status: TemplateStatus, sentence: str) -> None:
    """And says how it stands."""
    with pytest.raises(MetaRejected) as refused:
        require_sendable(replace(ORDER, status=status), "image")
    assert str(refused.value) == f"{sentence} {status}"


@pytest.mark.parametrize(
    ("template", "header", "sentence"),
    [
        (ORDER, None, f"{FORMAT} IMAGE, received none"),
        (ORDER, "video", f"{FORMAT} IMAGE, received VIDEO"),
        (BARE, "video", f"{FORMAT} no media, received VIDEO"),
    ],
)
def test_a_header_has_what_it_wants(template: Template, header: str | None, sentence: str) -> None:
    """And nothing else."""
    with pytest.raises(MetaRejected) as refused:
        require_sendable(template, header)
    assert str(refused.value) == sentence


def test_what_can_be_sent() -> None:
    """Approved, and with the header's kind of media, if it wants any."""
    require_sendable(ORDER, "image")
    require_sendable(BARE, None)
    require_sendable(replace(ORDER, components=({"type": "HEADER", "format": "TEXT"},)), None)
