"""The specs and the server say the same: judged by public tools and by `jsonschema`, not by the server's own validator."""

from __future__ import annotations

import importlib
import os
import re
import subprocess
import sys
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from jsonschema import Draft202012Validator, FormatChecker
from openapi_spec_validator import validate

from .conftest import ADA, Answer, Catcher, Org, call, converse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import ModuleType

    from .conftest import Server

ROOT = Path(__file__).parents[2]
SPECS = ["openapi.yaml", "openapi-flowiq.yaml", "control-openapi.yaml"]
METHODS = {"get", "post", "put", "patch", "delete"}
OPEN = {"$ref": "#/components/schemas/OpenapiDocument"}
"""A schema that describes only the beginnings of what it stands for."""


# ------------------------------------------------------------------------------------------------------ reading a spec


@dataclass(frozen=True)
class Operation:
    """One method on one path, or one webhook."""

    method: str
    path: str
    item: dict[str, Any]

    @property
    def id(self) -> str:
        """The operationId."""
        return str(self.item["operationId"])


class Document:
    """An OpenAPI document, read by nothing of the server's."""

    def __init__(self, name: str) -> None:
        self.root: dict[str, Any] = yaml.safe_load((ROOT / name).read_text(encoding="utf-8"))

    def operations(self, container: str = "paths") -> Iterator[Operation]:
        """All of them, or all webhooks."""
        for path, methods in self.root[container].items():
            for method in METHODS & methods.keys():
                yield Operation(method.upper(), path, methods[method])

    def at(self, node: Any) -> Any:
        """A node, its references followed."""
        while "$ref" in node:
            target: Any = self.root
            for step in node["$ref"].removeprefix("#/").split("/"):
                target = target[step]
            node = target
        return node

    def operation(self, method: str, path: str) -> Operation:
        """The operation that a call means; a path without placeholders is meant first."""
        for operation in sorted(self.operations(), key=lambda operation: operation.path.count("{")):
            template = re.sub(r"\{\w+\}", "[^/]+", operation.path)
            if operation.method == method and re.fullmatch(template, path):
                return operation
        raise AssertionError(f"{method} {path} is in no spec")

    def check(self, schema: dict[str, Any], value: Any) -> None:
        """Is it valid, formats included, and is every field of it in the schema?"""
        rooted = {**schema, "components": self.root["components"]}
        errors = [
            error.message for error in Draft202012Validator(rooted, format_checker=FormatChecker()).iter_errors(value)
        ]
        assert errors == [], value
        assert schema == OPEN or list(self.undeclared(schema, value, "$")) == []

    def undeclared(self, schema: Any, value: Any, where: str) -> Iterator[str]:
        """Fields that the schema does not know: nothing may be offered that the real service is not known to have."""
        declared = dict(self.fields(schema))
        other = self.at(schema).get("additionalProperties")
        if isinstance(value, dict) and declared:
            for name, inner in value.items():
                if name not in declared:
                    yield from () if isinstance(other, dict) else (f"{where}.{name}",)
                else:
                    yield from self.undeclared(declared[name], inner, f"{where}.{name}")
        if isinstance(value, list) and "items" in self.at(schema):
            for index, inner in enumerate(value):
                yield from self.undeclared(self.at(schema)["items"], inner, f"{where}[{index}]")

    def fields(self, schema: Any) -> Iterator[tuple[str, Any]]:
        """The properties of an object, whichever part of a composition they come from."""
        schema = self.at(schema)
        yield from schema.get("properties", {}).items()
        for part in (*schema.get("allOf", ()), *schema.get("oneOf", ()), *schema.get("anyOf", ())):
            yield from self.fields(part)

    def examples(self, content: dict[str, Any]) -> Iterator[Any]:
        """The values of `example` and `examples`."""
        if "example" in content:
            yield content["example"]
        for example in content.get("examples", {}).values():
            yield self.at(example)["value"]


@cache
def document(name: str) -> Document:
    """Read once."""
    return Document(name)


VENDOR = "openapi.yaml"
FLOWIQ = "openapi-flowiq.yaml"
CONTROL = "control-openapi.yaml"


class Tour:
    """Calls to the server, each answer checked against the spec as it comes, and noted."""

    def __init__(self, server: Server, name: str, prefix: str) -> None:
        self._document = document(name)
        self._base = server.api_url.removesuffix("/api/v1")
        self._prefix = prefix
        self.seen: dict[str, set[int]] = defaultdict(set)

    def __call__(self, method: str, path: str, body: Any = None, token: str | None = None, **headers: str) -> Any:
        """Call; the answer's status and body, if any, must be documented for the operation."""
        answer = call(self._base + self._prefix, method, path, body, token=token, headers=headers)
        operation = self._document.operation(method, path.partition("?")[0])
        assert str(answer.status) in operation.item["responses"], (operation.id, answer)
        response = self._document.at(operation.item["responses"][str(answer.status)])
        self._check(response, answer)
        self.seen[operation.id].add(answer.status)
        return answer.json if answer.headers.get_content_type() == "application/json" else None

    def _check(self, response: dict[str, Any], answer: Answer) -> None:
        if "content" not in response:
            assert answer.body == b""
            return
        if (kind := answer.headers.get_content_type()) != "application/json":
            assert kind in response["content"]
            return
        self._document.check(response["content"]["application/json"]["schema"], answer.json)
        if "x-error-codes" in response:
            assert answer.code in response["x-error-codes"]


# ------------------------------------------------------------------------------------------------- the documents alone


@pytest.mark.parametrize("name", SPECS)
def test_spec_is_valid_openapi(name: str) -> None:
    """A public validator has no objection."""
    validate(document(name).root)


@pytest.mark.parametrize(
    ("name", "path"),
    [(VENDOR, "/openapi.json"), (FLOWIQ, "/openapi-flowiq.json"), (CONTROL, "/control-openapi.json")],
)
def test_spec_is_served_as_it_is(server: Server, name: str, path: str) -> None:
    """What the server hands out is the file in the repository, as JSON; the server it names first is itself."""
    answer = server.control("GET", path)
    assert (answer.status, answer.json) == (200, document(name).root)
    assert answer.json["servers"][0]["url"] == ("/api/v1" if name == VENDOR else "/")


@pytest.mark.parametrize("name", [VENDOR, FLOWIQ])
def test_every_statement_of_the_vendors_specs_says_how_sure_it_is(name: str) -> None:
    """Operations, webhooks, responses, parameters and schemas all carry x-provenance and x-source."""
    spec = document(name)
    marked: dict[str, Any] = {}
    for operation in (*spec.operations(), *spec.operations("webhooks")):
        where = f"{operation.method} {operation.path}"
        marked[where] = operation.item
        marked |= {f"{where} {status}": spec.at(node) for status, node in operation.item["responses"].items()}
        marked |= {f"{where} {spec.at(node)['name']}": spec.at(node) for node in operation.item.get("parameters", ())}
        if "requestBody" in operation.item:
            marked[f"{where} body"] = spec.at(operation.item["requestBody"])
    for kind, schema in spec.root["components"]["schemas"].items():
        marked[kind] = schema
        marked |= {f"{kind}.{field}": node for field, node in spec.at(schema).get("properties", {}).items()}
    source = re.compile(r"(/[a-z0-9/-]+|D[0-9]+)(, (/[a-z0-9/-]+|D[0-9]+))*")
    wrong = {
        where: (node.get("x-provenance"), node.get("x-source"))
        for where, node in marked.items()
        if node.get("x-provenance") not in {"documented", "inferred", "designed"}
        or not source.fullmatch(node.get("x-source", ""))
    }
    assert wrong == {}
    assert len(marked) > 300


@pytest.mark.parametrize("name", SPECS)
def test_every_example_fits_its_schema(name: str) -> None:
    """What the spec shows is what it says: bodies of requests, responses and webhooks, and parameters."""
    spec = document(name)
    count = 0
    for operation in (*spec.operations(), *(spec.operations("webhooks") if "webhooks" in spec.root else ())):
        bodies = [spec.at(node) for node in operation.item["responses"].values()]
        bodies += [spec.at(operation.item["requestBody"])] if "requestBody" in operation.item else []
        contents = [content for body in bodies for content in body.get("content", {}).values()]
        for content in (*contents, *map(spec.at, operation.item.get("parameters", ()))):
            for example in spec.examples(content):
                spec.check(content["schema"], example)
                count += 1
    assert count > 50


# ---------------------------------------------------------------------------------------------- the server by the spec


def test_every_request_example_is_accepted(start: Callable[..., Server]) -> None:
    """Pasted from the spec into a fresh server as it stands, each example works; only the cursors are somebody else's."""
    server = start()
    spec, tour = document(VENDOR), Tour(server, VENDOR, "/api/v1")
    count = 0
    for operation in spec.operations():
        for parameter in map(spec.at, operation.item.get("parameters", ())):
            for example in spec.examples(parameter):
                tour(operation.method, f"{operation.path}?{parameter['name']}={example}", token=server.ready["apiKey"])
                count += 1
        content = spec.at(operation.item.get("requestBody", {})).get("content", {}).get("application/json", {})
        for example in spec.examples(content):
            tour(operation.method, operation.path, example, token=server.ready["apiKey"])
            count += 1
    assert count >= 14
    assert set.union(*tour.seen.values()) == {200, 201}


NOBODY = "cmvj50ce9uvw53efr4edt2syw"
"""An id of the right shape that is nobody's."""
GRACE = "+15557654321"


def test_every_documented_answer_of_the_api_is_as_documented(server: Server) -> None:
    """A tour through every status of every operation: each answer fits its schema, to the last field, and none is missed."""
    org = server.org(clock="manual")
    tour = Tour(server, VENDOR, "/api/v1")
    template = next(row["id"] for row in org.all("/templates") if row["name"] == "hello_world")
    channel = org.channel()
    posts: dict[str, dict[str, Any]] = {
        "/messages": {"to": ADA, "text": "Hello"},
        "/contacts": {"phone": ADA, "name": "Ada", "email": "ada@example.com"},
        "/opt-outs": {"action": "set", "phone": ADA, "whatsappChannelId": channel},
        "/templates/send": {"templateId": template, "whatsappChannelId": channel, "recipients": [{"phone": GRACE}]},
    }
    org.inbound(ADA)
    write(tour, org, posts)
    read(tour, org)
    lose_standing(tour, org, posts)
    documented = {
        operation.id: {int(status) for status in operation.item["responses"]} - {500}
        for operation in document(VENDOR).operations()
    }
    assert tour.seen == documented


def write(tour: Tour, org: Org, posts: dict[str, dict[str, Any]]) -> None:
    """What every POST can be told about its body and key; then opt-outs, and what bodies can name."""
    key = org.api_key
    for path, body in posts.items():
        tour("POST", path, body, key)
        tour("POST", path, b"{", key)
        tour("POST", path, b"{}", key)
        tour("POST", path, b" " * (20 * (1 << 20) + 1), key)
        tour("POST", path, b"{}", key, **{"Content-Type": "text/plain"})
        tour("POST", path, body)
        tour("POST", path, body, "flo_nobody")
    message, opt_out, job = posts["/messages"], posts["/opt-outs"], posts["/templates/send"]
    tour("POST", "/messages", message, key)  # opted out by now
    for change in ({"whatsappChannelId": NOBODY}, {"action": "clear"}, {"action": "clear", "phone": GRACE}):
        tour("POST", "/opt-outs", {**opt_out, **change}, key)
    tour("POST", "/contacts", {"phone": GRACE, "email": None}, key)
    tour("POST", "/messages", {**message, "to": GRACE}, key)
    tour("POST", "/messages", {**message, "whatsappChannelId": NOBODY}, key)
    unknown: list[dict[str, Any]] = [{"templateId": NOBODY}, {"recipients": [{"contactId": NOBODY}]}]
    for change in ({"whatsappChannelId": NOBODY}, *unknown):
        tour("POST", "/templates/send", {**job, **change}, key)
    tour("POST", "/templates/send", {**job, "scheduledAt": "2099-01-01T00:00:00Z", "throttlePerHour": 1}, key)
    for row in org.all("/templates"):
        tour("POST", "/templates/send", {**job, "templateId": row["id"]}, key)


LISTS = ("/contacts", "/conversations", "/templates")
READS = ("/ping", "/analytics", *LISTS)


def read(tour: Tour, org: Org) -> None:
    """Every GET with a key and without, every list page by page and by status."""
    key = org.api_key
    for path in READS:
        tour("GET", path, token=key)
        tour("GET", path)
    for path in LISTS:
        page = tour("GET", f"{path}?limit=1", token=key)
        tour("GET", f"{path}?limit=100&cursor={page['nextCursor']}", token=key)
        tour("GET", f"{path}?limit=0", token=key)
        tour("GET", f"{path}?cursor=nobody", token=key)
    for status in ("OPEN", "CLOSED", "PENDING", "SNOOZED", "ARCHIVED"):
        tour("GET", f"/conversations?status={status}", token=key)
    for status in ("PENDING", "APPROVED", "REJECTED", "PAUSED", "DISABLED"):
        assert tour("GET", f"/templates?status={status}", token=key)["items"]
    tour("GET", "/analytics?startDate=2025-01-01&endDate=2025-02-01T00:00:00Z", token=key)
    tour("GET", "/analytics?startDate=2025-02-01&endDate=2025-01-01", token=key)


def lose_standing(tour: Tour, org: Org, posts: dict[str, dict[str, Any]]) -> None:
    """Disconnected, not paying, and over the rate limit."""
    key = org.api_key
    for change in ({"metaConnected": False}, {"billing": "canceled"}):
        org.set("PATCH", "/account", change)
        tour("POST", "/messages", posts["/messages"], key)
        tour("POST", "/templates/send", posts["/templates/send"], key)
    org.set("PATCH", "/account", {"rateLimit": {"perSecond": 1, "burst": 1}})
    org.api("GET", "/ping")
    for path in READS:
        tour("GET", path, token=key)
    for path, body in posts.items():
        tour("POST", path, body, key)


def test_immediate_rejection_is_as_documented(start: Callable[..., Server], tmp_path: Path) -> None:
    """Where policy refuses text outside the window at once, META_REJECTED has Meta's code, and nothing is made (D12)."""
    seed = tmp_path / "reject.yaml"
    seed.write_text('channels: [{name: Shop, phone: "+34612345678"}]\npolicy: {closedWindow: reject}\n')
    org = start("--seed", str(seed)).default
    tour = Tour(org.server, VENDOR, "/api/v1")
    before = org.counts()
    refusal = tour("POST", "/messages", {"to": ADA, "text": "Hello"}, org.api_key)
    assert refusal["error"]["code"] == "META_REJECTED"
    assert "131047" in refusal["error"]["message"]
    assert org.counts() == before


def test_every_answer_of_the_control_plane_is_as_documented(server: Server, catcher: Catcher) -> None:
    """A tour through every operation of the control plane; each answer fits its schema, to the last field."""
    tour = Tour(server, CONTROL, "")
    made = tour("POST", "/_mock/orgs", {"name": "tour", "clock": "manual", "rngSeed": 7, "seed": "demo"})
    org = Org(server, made["id"], made["apiKey"], made["webhookSecret"])
    base = f"/_mock/orgs/{org.id}"
    for path in (
        "health",
        "ready",
        "metrics",
        "openapi.json",
        "openapi-flowiq.json",
        "control-openapi.json",
        "magic-recipients",
        "fault-targets",
        "orgs",
        f"orgs/{org.id}",
        f"orgs/{org.id}/analytics?buckets=3",
        f"orgs/{org.id}/analytics?buckets=0",
    ):
        tour("GET", f"/_mock/{path}")
    order_failures(tour, org, base)
    hook = play(tour, org, base, catcher.url)
    settle_things(tour, base)
    look_back(tour, base)
    known = tour("GET", f"{base}/contacts?isOptedOut=false")["items"][0]
    tour("GET", f"{base}/contacts/{known['id']}")
    tour("PUT", f"{base}/snapshot", tour("GET", f"{base}/snapshot"))
    tour("PUT", f"{base}/snapshot", {"kind": "postcard"})
    tour("GET", f"{base}/events?kinds=massage")
    for method, path in (("DELETE", hook), ("GET", hook), ("POST", f"{base}/reset"), ("DELETE", base), ("GET", base)):
        tour(method, path)
    tour("DELETE", "/_mock/orgs/default")
    assert set(tour.seen) == {operation.id for operation in document(CONTROL).operations()}


def order_failures(tour: Tour, org: Org, base: str) -> None:
    """Rules for calls and webhooks, which strike before the rest of the tour looks back."""
    rule = tour("POST", f"{base}/faults", {"on": "ping", "effect": {"type": "reset"}, "match": {"method": "GET"}})
    tour("POST", f"{base}/faults", {"on": "webhook:*", "effect": {"type": "respaced"}, "probability": 0.5})
    tour("POST", f"{base}/faults", {"on": "pong", "effect": {"type": "reset"}})
    one = f"{base}/faults/{rule['id']}"
    tour("PATCH", one, {"effect": {"type": "status", "status": 503}, "forSeconds": 60, "times": 1, "label": "tour"})
    tour("PATCH", one, {"match": {"methud": "GET"}})
    assert org.api("GET", "/ping").status == 503
    assert tour("GET", one)["hits"] == 1
    assert tour("GET", f"{base}/faults?label=tour")["items"]
    tour("GET", f"{base}/faults?labl=tour")
    for method in ("DELETE", "DELETE", "GET"):
        tour(method, one)


def play(tour: Tour, org: Org, base: str, url: str) -> str:
    """Webhooks, messages in and out, a bulk send, and time; the webhook's path."""
    hook = tour("POST", f"{base}/webhooks", {"url": url, "events": ["message.received", "message.read"]})
    one = f"{base}/webhooks/{hook['id']}"
    tour("GET", one)
    tour("PATCH", one, {"events": ["*"]})
    tour("POST", f"{one}/rotate-secret")
    tour("POST", f"{one}/test")
    tour("GET", f"{base}/clock")
    tour("PUT", f"{base}/clock", {"mode": "scaled", "scale": 60})
    tour("PUT", f"{base}/clock", {"mode": "manual"})
    message = tour("POST", f"{base}/inbound", {"from": ADA, "text": "hello", "profileName": "Ada"})
    tour("GET", f"{base}/messages/{message['id']}")
    say(tour, base, message["metaMessageId"])
    sent = org.ok("POST", "/messages", {"to": ADA, "text": "Hello"})
    for status in ({"status": "sent"}, {"status": "FAILED", "error": {"code": 131026}}, {"status": "READ"}):
        tour("POST", f"{base}/messages/{sent['id']}/status", status)
    template = tour("GET", f"{base}/templates")["items"][-1]["id"]
    bulk = {"templateId": template, "whatsappChannelId": org.channel(), "recipients": [{"phone": ADA}] * 2}
    tour("GET", f"{base}/jobs/{org.ok('POST', '/templates/send', bulk)['id']}")
    assert "nextCursor" in tour("GET", f"{base}/tasks?limit=1")
    tour("GET", f"{base}/tasks?kind=nap")
    for body in ({"seconds": 2}, {"to": "2099-01-01T00:00:00Z"}, {"until": "idle"}, {"to": "2020-01-01T00:00:00Z"}):
        tour("POST", f"{base}/clock/advance", body)
    return one


def say(tour: Tour, base: str, wamid: str) -> None:
    """Everything else that people do: on WhatsApp, on the phone, on the web, in the shop."""
    payloads: dict[str, dict[str, Any]] = {
        "image": {"url": "https://example.com/kettle.jpg", "caption": "This one?"},
        "location": {"latitude": 1, "longitude": 2},
        "contacts": {"contacts": [{"name": {"formatted_name": "Grace"}}]},
        "button": {"text": "Confirm"},
        "interactive": {"type": "button_reply", "id": "1", "title": "Yes"},
        "reaction": {"messageId": wamid, "emoji": "+"},
        "call": {"event": "connect"},
    }
    for kind, payload in payloads.items():
        tour("POST", f"{base}/inbound", {"from": ADA, "type": kind, "payload": payload, "replyTo": wamid})
        tour("POST", f"{base}/inbound", {"from": ADA, "type": kind, "payload": {"speed": 1}})
    said = tour("POST", f"{base}/inbound", {"platform": "web", "text": "Do you ship?"})
    tour("POST", f"{base}/web-messages", {"visitorId": said["visitorId"], "text": "We do."})
    tour("POST", f"{base}/web-messages", {"visitorId": "nobody", "text": "We do."})
    assert len(tour("GET", f"{base}/web-messages?visitorId={said['visitorId']}")["items"]) == 2
    tour("POST", f"{base}/orders", {"id": "42", "number": "#1042"})
    assert tour("GET", f"{base}/orders")["items"]


def settle_things(tour: Tour, base: str) -> None:
    """The settings pages: keys, channels, templates, conversations, the account."""
    key = tour("POST", f"{base}/api-keys", {"label": "CI", "role": "ADMIN"})
    tour("POST", f"{base}/api-keys", {"label": "CI", "role": "MEMBER"})
    tour("DELETE", f"{base}/api-keys/{key['id']}")
    tour("DELETE", f"{base}/api-keys/{key['id']}")
    channel = tour("POST", f"{base}/channels", {"phone": "+34612345678", "name": "Tienda"})
    tour("POST", f"{base}/channels", {"phone": "+34612345678"})
    tour("PATCH", f"{base}/channels/{channel['id']}", {"isDefault": True, "connected": False})
    template = tour(
        "POST",
        f"{base}/templates",
        {"name": "new", "category": "UTILITY", "components": [{"type": "BODY", "text": "Hello"}]},
    )
    tour(
        "POST",
        f"{base}/templates",
        {"name": "new", "category": "UTILITY", "components": [{"type": "BODY", "text": "Hello"}]},
    )
    tour("PATCH", f"{base}/templates/{template['id']}", {"status": "REJECTED", "reason": "PROMOTIONAL"})
    conversation = tour("GET", f"{base}/conversations")["items"][0]
    tour("PATCH", f"{base}/conversations/{conversation['id']}", {"status": "CLOSED"})
    tour("GET", f"{base}/account")
    tour("PATCH", f"{base}/account", {"billing": "past_due", "metaConnected": False, "rateLimit": None})


def look_back(tour: Tour, base: str) -> None:
    """The logs, page by page, and waiting for what is there and what is not."""
    delivery = tour("GET", f"{base}/deliveries")["items"][0]
    tour("GET", f"{base}/deliveries/{delivery['id']}")
    tour("POST", f"{base}/deliveries/{delivery['id']}/redeliver")
    for kind in ("message", "delivery", "request", "job"):
        tour("GET", f"{base}/wait?kind={kind}")
        tour("GET", f"{base}/wait?kind={kind}&count=1000&timeout=0")
    tour("GET", f"{base}/wait?kind=massage")
    for name in (
        "api-keys",
        "channels",
        "templates",
        "messages",
        "conversations",
        "webhooks",
        "deliveries",
        "requests",
    ):
        assert tour("GET", f"{base}/{name}?limit=1")["items"]
        tour("GET", f"{base}/{name}?limit=0")
        tour("GET", f"{base}/{name}?curser=x")
    assert tour("GET", f"{base}/jobs?limit=1")["items"]
    for name in ("requests", "faults"):
        tour("DELETE", f"{base}/{name}")


def test_conflict_of_two_advances_is_as_documented(org: Org, catcher: Catcher) -> None:
    """A receiver that advances the clock while it is being advanced gets a status that the spec lists."""
    statuses: list[int] = []
    catcher.then = lambda _: statuses.append(org.control("POST", "/clock/advance", {"seconds": 1}).status)
    org.subscribe(catcher.url, "message.sent")
    org.inbound(ADA)
    org.ok("POST", "/messages", {"to": ADA, "text": "Hello"})
    org.advance(1)
    operation = document(CONTROL).operation("POST", "/_mock/orgs/x/clock/advance")
    assert statuses == [409]
    assert "409" in operation.item["responses"]


def test_every_webhook_is_as_documented(org: Org, catcher: Catcher) -> None:
    """One of each kind of event: body and headers fit `webhooks:`, to the last field, and none is missed."""
    spec = document(VENDOR)
    described = {operation.path: operation.item for operation in spec.operations("webhooks")}
    hook = org.subscribe(catcher.url)
    converse(org)
    org.set("POST", f"/webhooks/{hook['id']}/test")
    org.advance(0)
    seen = set()
    for post in catcher.take(13):
        described_here = described[post.json["event"]]
        content = spec.at(described_here["requestBody"])["content"]
        assert post.headers["Content-Type"] in content
        spec.check(content["application/json"]["schema"], post.json)
        parameters = [spec.at(parameter) for parameter in described_here["parameters"]]
        for parameter in parameters:
            spec.check(parameter["schema"], post.headers[parameter["name"]])
        own = {name for name in post.headers if name.startswith("X-")}
        assert own <= {parameter["name"] for parameter in parameters}
        seen.add(post.json["event"])
    assert seen == set(described)
    assert catcher.posts.empty()


# ----------------------------------------------------------------------------------------------------- a generated client


@pytest.fixture(scope="session")
def generated(tmp_path_factory: pytest.TempPathFactory) -> ModuleType:
    """A client that a public generator makes of the spec, without a warning."""
    directory = tmp_path_factory.mktemp("generated")
    package = directory / "flowella_client"
    generator = str(Path(sys.executable).with_name("openapi-python-client"))
    options = ["--path", str(ROOT / VENDOR), "--output-path", str(package), "--meta", "none", "--fail-on-warning"]
    beside = {**os.environ, "PATH": f"{Path(generator).parent}:{os.environ['PATH']}"}  # where it finds ruff
    made = subprocess.run(
        [generator, "generate", *options], capture_output=True, text=True, check=False, cwd=directory, env=beside
    )
    assert made.returncode == 0, made.stdout + made.stderr
    sys.path.insert(0, str(directory))
    return importlib.import_module("flowella_client")


def test_a_generated_client_drives_the_server(generated: ModuleType, org: Org) -> None:
    """Every built operation, called through generated code, gives the generated type with the right values."""

    def run(module: str, **arguments: Any) -> Any:
        function = importlib.import_module(f"flowella_client.api.{module}")
        return function.sync(client=client, **arguments)

    models = importlib.import_module("flowella_client.models")
    with generated.AuthenticatedClient(
        base_url=org.server.api_url, token=org.api_key, raise_on_unexpected_status=True
    ) as client:
        assert run("account.ping").organization_id == org.id

        contact = run("contacts.upsert_contact", body=models.UpsertContactRequest(phone=ADA, name="Ada"))
        assert (contact.phone, contact.name, contact.email) == (ADA, "Ada", None)

        org.inbound(ADA)
        sent = run("messages.send_message", body=models.SendMessageRequest(to=ADA, text="Hello"))
        assert sent.contact_id == contact.id
        assert sent.meta_message_id.startswith("wamid.")

        page = run("contacts.list_contacts", limit=1)
        assert [row.id for row in page.items] == [contact.id]

        channel = org.channel()
        state = run("contacts.set_opt_out", body=models.OptOutSet(action="set", whatsapp_channel_id=channel, phone=ADA))
        assert state.active is True
        refusal = run("messages.send_message", body=models.SendMessageRequest(to=ADA, text="Hello"))
        assert isinstance(refusal, models.Error)
        assert refusal.error.code == "CONTACT_OPTED_OUT"
        state = run(
            "contacts.set_opt_out", body=models.OptOutClear(action="clear", whatsapp_channel_id=channel, phone=ADA)
        )
        assert (state.active, state.opt_out_id is None) == (False, False)

        conversations = run("conversations.list_conversations", status=models.ConversationStatus.OPEN)
        assert [row.id for row in conversations.items] == [sent.conversation_id]
        assert conversations.items[0].contact.name == "Ada"

        media = models.HeaderMedia(type_=models.HeaderMediaType.IMAGE, link="https://example.com/summer.jpg")
        recipient = models.TemplateSendRecipient(phone=ADA, body_parameters=["Ada", "20 %"])
        send = models.TemplateSendRequest("nobody", channel, [recipient], header_media=media)
        assert run("templates.queue_template_send", body=send).error.code == "TEMPLATE_NOT_FOUND"
        org.advance(10)
        report = run("analytics.get_outbound_analytics").outbound_messages
        assert (report.total, report.counts.read, report.read_rate) == (1, 1, 1.0)

        templates = run("templates.list_templates", status=models.TemplateStatus.APPROVED, limit=100)
        assert {row.name for row in templates.items} >= {"hello_world", "order_update"}
