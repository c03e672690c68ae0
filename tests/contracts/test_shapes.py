"""Which statement of the spec does an answer break, and how sure was it?"""

from __future__ import annotations

from typing import Any

import pytest

from contracts.provenance import DESIGNED, DOCUMENTED, DRIFT, INFERRED, VIOLATION, Mark, weaker
from contracts.shapes import Shapes
from contracts.spec import BrokenSpec, Spec, load

SPEC = load("openapi.yaml")
CONTACT: dict[str, Any] = {
    "id": "cmdzdoc9is0j8ht9lgmxg9edn",
    "phone": "+15551234567",
    "waId": None,
    "name": None,
    "email": None,
    "isOptedOut": False,
    "createdAt": "2025-01-15T10:30:00.000Z",
    "updatedAt": "2025-01-15T10:30:00.000Z",
}
CONVERSATION: dict[str, Any] = {
    "id": CONTACT["id"],
    "status": "OPEN",
    "createdAt": CONTACT["createdAt"],
    "whatsappChannelId": CONTACT["id"],
    "contact": {"id": CONTACT["id"], "phone": CONTACT["phone"], "name": None, "waId": None},
    "lastMessageAt": None,
}


def misfits(operation: str, value: Any) -> list[tuple[str, str]]:
    """Where, and how much it weighs."""
    steps = SPEC.operations[operation].responses["200"].types["application/json"]
    return [(misfit.where, misfit.mark.severity) for misfit in Shapes(SPEC).misfits(value, steps)]


def page(**changes: Any) -> dict[str, Any]:
    """A page of one contact with something else in it."""
    return {"items": [{**CONTACT, **changes}]}


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({}, []),
        ({"isOptedOut": "false"}, [("items[].isOptedOut", VIOLATION)]),  # the field is documented, and so is its type
        ({"id": "123"}, [("items[].id", DRIFT)]),  # that there is an id is documented; its shape is our choice (D8)
        ({"phone": "15551234567"}, [("items[].phone", DRIFT)]),
        ({"createdAt": "yesterday"}, [("items[].createdAt", VIOLATION)]),
        ({"createdAt": 1736937000}, [("items[].createdAt", VIOLATION)]),
    ],
)
def test_a_mark_covers_what_is_inside(changes: dict[str, Any], found: list[tuple[str, str]]) -> None:
    """Until a child, or the schema behind a reference, carries its own."""
    assert misfits("listContacts", page(**changes)) == found


def test_missing_fields_of_one_object_are_one_thing() -> None:
    """As heavy as the heaviest."""
    row = {name: value for name, value in CONTACT.items() if name not in {"email", "phone"}}

    assert misfits("listContacts", {"items": [row]}) == [("items[].phone, items[].email", VIOLATION)]


def test_a_field_is_required_as_surely_as_its_container_says() -> None:
    """The fields of a conversation are documented by a sample, which does not say that they are always there."""
    row = {name: value for name, value in CONVERSATION.items() if name != "status"}

    assert misfits("listConversations", {"items": [row]}) == [("items[].status", DRIFT)]


def test_in_a_choice_the_branch_that_was_meant_is_judged() -> None:
    """A broken button is not called a broken header."""
    template = SPEC.operations["listTemplates"].node["responses"]["200"]["content"]["application/json"]["examples"]
    row = template["page"]["value"]["items"][0]
    broken = {**row, "components": [{"type": "BODY", "text": 7}]}

    assert misfits("listTemplates", {"items": [broken]}) == [("items[].components[].text", DRIFT)]


@pytest.mark.parametrize(
    ("value", "extras"),
    [
        (page(), []),
        (page(tags=[]), [("items[].tags", VIOLATION)]),
        ({**page(), "total": 1}, [("total", VIOLATION)]),
    ],
)
def test_fields_that_nobody_named(value: Any, extras: list[tuple[str, str]]) -> None:
    """As sure as the object that has them."""
    steps = SPEC.operations["listContacts"].responses["200"].types["application/json"]

    assert [(extra.where, extra.mark.severity) for extra in Shapes(SPEC).extras(value, steps)] == extras


def test_every_example_of_the_spec_fits_it() -> None:
    """jsonschema agrees with the document about itself."""
    shapes = Shapes(SPEC)
    for operation in SPEC.operations.values():
        for status, response in operation.responses.items():
            content = operation.node["responses"][status].get("content", {}).get("application/json", {})
            for example in content.get("examples", {}).values():
                steps = response.types["application/json"]
                assert not [*shapes.misfits(example["value"], steps), *shapes.extras(example["value"], steps)]


def test_a_chain_is_as_sure_as_its_weakest_link() -> None:
    """And only what is documented can be violated."""
    marks = [Mark(word) for word in (DOCUMENTED, INFERRED, DESIGNED)]

    assert weaker(marks[0], marks[1]) == weaker(marks[1], marks[0]) == marks[1]
    assert [mark.severity for mark in marks] == [VIOLATION, DRIFT, DRIFT]


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ({}, "not an OpenAPI 3 document"),
        ([], "not an OpenAPI 3 document"),
        ({"swagger": "2.0"}, "not an OpenAPI 3 document"),
        ({"openapi": "3.1.0"}, "describes no operation"),
        (
            {"openapi": "3.1.0", "paths": {"/x": {"get": {"responses": {"200": {"$ref": "#/components/none"}}}}}},
            "cannot be read",
        ),
        (
            {"openapi": "3.1.0", "paths": {"/x": {"get": {"responses": {"200": {"$ref": "other.yaml"}}}}}},
            "leads out of the document",
        ),
    ],
)
def test_a_broken_spec_is_refused(document: Any, words: str) -> None:
    """With what is wrong with it."""
    with pytest.raises(BrokenSpec, match=words):
        Spec(document, "some.yaml")
