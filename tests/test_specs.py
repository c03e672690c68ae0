"""The two specs, the seeds and the code say the same thing."""

from typing import Any

import yaml

from mock_server import data
from mock_server.orgs import DEFAULT_API_KEY, NewOrg, Orgs
from mock_server.vendors.flowella import FLOWELLA
from mock_server.vendors.registry import DIALECTS
from mock_server.web.control.door import control_door
from mock_server.web.paging import DEFAULT_LIMIT

VENDOR = FLOWELLA.door.spec
PROBES = {"getHealth", "getReady"}
"""Served beside the door: no token, no organization."""
CONTROL = control_door({dialect.document: dialect.door for dialect in DIALECTS}, None)


def test_every_operation_has_a_view_and_every_view_an_operation() -> None:
    """Nothing in a spec is missing, and nothing is served that no spec describes."""
    for door in (*(dialect.door for dialect in DIALECTS), CONTROL):
        probes = PROBES if door is CONTROL else set()
        assert set(door.views) | probes == set(door.spec.operations)


def test_a_page_is_as_long_as_the_specs_say() -> None:
    """What is meant when a call names no `limit` is what the documents say is meant."""
    said = [
        parameter["schema"]["default"]
        for spec in (VENDOR, CONTROL.spec)
        for parameter in spec.document["components"]["parameters"].values()
        if parameter["name"] == "limit"
    ]

    assert said == [DEFAULT_LIMIT] * 3


def test_template_components_are_the_same_in_both_specs() -> None:
    """A template made over the control plane is one that the vendor's list may show."""
    ours, theirs = (spec.document["components"]["schemas"] for spec in (CONTROL.spec, VENDOR))
    shared = [name for name in theirs if name in ours and name.startswith("Template") and name != "TemplateStatus"]
    assert "TemplateComponent" in shared
    for name in shared:
        assert _unmarked(ours[name]) == _unmarked(theirs[name])


def test_examples_name_what_the_default_world_has(orgs: Orgs) -> None:
    """The channel and templates of the spec's request examples exist after `serve` with no arguments."""
    world, _, _ = orgs.create(NewOrg(scale=0, rng_seed="0", api_key=DEFAULT_API_KEY))
    ids = {channel.id for channel in world.store.channels.newest()}
    for template in world.store.templates.newest():
        ids |= {template.id, template.meta_template_id}
    named = set()
    for operation in ("sendMessage", "setOptOut", "queueTemplateSend"):
        for example in _request_examples(operation):
            named |= {example[key] for key in ("whatsappChannelId", "templateId") if key in example}

    assert named
    assert named <= ids


def test_default_seed_has_every_status_category_and_shape() -> None:
    """Templates in every status and category, with body variables, media headers and buttons."""
    seed = yaml.safe_load(data.path("fixtures/seeds/default.yaml").read_text(encoding="utf-8"))
    templates, schemas = seed["templates"], VENDOR.document["components"]["schemas"]
    parts = [part for template in templates for part in template["components"]]

    assert {t.get("status", "APPROVED") for t in templates} == set(schemas["TemplateStatus"]["enum"])
    assert {t["category"] for t in templates} == set(schemas["TemplateCategory"]["enum"])
    assert {"TEXT", "IMAGE", "VIDEO", "DOCUMENT"} <= {part.get("format") for part in parts}
    assert {part["type"] for part in parts} == {"HEADER", "BODY", "FOOTER", "BUTTONS"}


def _unmarked(schema: Any) -> Any:
    if isinstance(schema, dict):
        return {k: _unmarked(v) for k, v in schema.items() if not k.startswith("x-") and k != "examples"}
    return [_unmarked(item) for item in schema] if isinstance(schema, list) else schema


def _request_examples(operation_id: str) -> list[dict[str, Any]]:
    path, method = next(
        (path, method)
        for path, item in VENDOR.document["paths"].items()
        for method, operation in item.items()
        if isinstance(operation, dict) and operation.get("operationId") == operation_id
    )
    content = VENDOR.document["paths"][path][method]["requestBody"]["content"]["application/json"]
    return [example["value"] for example in content["examples"].values()]
