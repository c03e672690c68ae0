"""Every error that FlowIQ's pages show, produced over its doors and compared letter for letter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from mock_server.services import contacts
from mock_server.vendors.flowiq import FLOWIQ

from .conftest import DIGITS, KEY, THANDI

if TYPE_CHECKING:
    from collections.abc import Callable

    from .conftest import Answer, FlowIq

NO_TENANT = "YOUR_TENANT_ID"
POSTS: dict[str, Any] = {
    "/contact": {"phone_number": THANDI, "name": "Thandi"},
    "/send-whatsapp": {"phone_number": THANDI, "message_type": "text", "text": "Hello"},
    "/send-template": {"templateName": "hello_world", "whatsappNumber": THANDI},
    "/set-webhooks": {"url": "https://your-server.com/webhook", "type": "all"},
}
B_CALLS = [*(("POST", path) for path in POSTS), ("GET", "/contact")]

EMPTY: dict[str, Any] = {}
PLACES: list[dict[str, Any]] = [EMPTY, {"location": {}}, {"location": {"latitude": 1}}, {"location": {"longitude": 1}}]
CARDS: list[dict[str, Any]] = [EMPTY, {"contacts": []}]
REACTIONS: list[dict[str, Any]] = [EMPTY, {"reaction": {}}, {"reaction": {"emoji": "x"}}]
MISSING = "Missing required field"
SEND_ROWS: list[tuple[dict[str, Any], tuple[int, str, str]]] = [
    ({"phone_number": None, "message_type": "text", "text": "x"}, (400, MISSING, "phone_number is required")),
    ({"message_type": "text"}, (400, MISSING, "text is required for text messages")),
    ({"message_type": "text", "text": ""}, (400, MISSING, "text is required for text messages")),
    *(
        ({"message_type": kind}, (400, MISSING, "media_url is required for media messages"))
        for kind in ("image", "video", "audio", "document")
    ),
    *(
        (
            {"message_type": "location", **location},
            (400, MISSING, "location.latitude and location.longitude are required for location messages"),
        )
        for location in PLACES
    ),
    *(
        ({"message_type": "contacts", **cards}, (400, MISSING, "contacts array is required for contact messages"))
        for cards in CARDS
    ),
    *(
        (
            {"message_type": "interactive", "interactive": {"type": "button", **offer}},
            (400, MISSING, "interactive.body and interactive.buttons are required for button messages"),
        )
        for offer in ({}, {"body": "Which?"}, {"buttons": [{"title": "A"}]}, {"body": "", "buttons": [{"title": "A"}]})
    ),
    *(
        (
            {"message_type": "interactive", "interactive": {"type": "list", **offer}},
            (
                400,
                MISSING,
                "interactive.body, interactive.button, and interactive.sections are required for list messages",
            ),
        )
        for offer in (
            {},
            {"body": "Which?"},
            {"body": "Which?", "button": "Choose"},
            {"button": "Choose", "sections": []},
        )
    ),
    *(
        ({"message_type": "reaction", **it}, (400, MISSING, "reaction.message_id is required for reaction messages"))
        for it in REACTIONS
    ),
    (
        {"message_type": "unknown"},
        (
            400,
            "Invalid message type",
            (
                "Unsupported message_type: unknown. Supported types: text, image, video, audio, document, location, "
                "contacts, interactive, reaction"
            ),
        ),
    ),
]


@pytest.mark.parametrize(("body", "row"), SEND_ROWS, ids=str)
def test_what_a_send_lacks(flowiq: FlowIq, body: dict[str, Any], row: tuple[int, str, str]) -> None:
    """One sentence for each type, whichever of its fields is missing; shape B, and nothing more."""
    flowiq.contact()
    fields = {"phone_number": THANDI, **body}
    answer = flowiq.api("POST", "/send-whatsapp", {name: value for name, value in fields.items() if value is not None})
    assert answer.row == row
    assert set(answer.body) == {"error", "message"}


def _send_as(flowiq: FlowIq, **account: Any) -> Answer:
    flowiq.contact()
    flowiq.control("PATCH", "/account", account)
    return flowiq.send(message_type="text", text="Hello")


def _send_media(flowiq: FlowIq, url: str) -> Answer:
    flowiq.contact()
    return flowiq.send(message_type="image", media_url=url)


def _twice(flowiq: FlowIq) -> Answer:
    flowiq.contact()
    return flowiq.api("POST", "/contact", POSTS["/contact"])


def _send_magic(flowiq: FlowIq) -> Answer:
    flowiq.contact("+15000131056")
    return flowiq.api("POST", "/send-whatsapp", {**POSTS["/send-whatsapp"], "phone_number": "+15000131056"})


DOCUMENTED: list[tuple[Callable[[FlowIq], Answer], tuple[int, str, str | None]]] = [
    (
        lambda f: f.api("GET", "/conversations?tenantId="),
        (400, "Tenant ID is required", "Please provide tenantId query parameter"),
    ),
    (
        lambda f: f.api("GET", "/conversations?action=everything"),
        (400, "Invalid action", "Use: conversation-messages, contacts, or find-by-phone"),
    ),
    (
        lambda f: f.call("GET", "/conversations", None, {}),
        (401, "Authorization required", "Please provide Authorization bearer token"),
    ),
    (
        lambda f: f.call("GET", "/conversations", None, {"Authorization": "Bearer nobody"}),
        (401, "AuthenticationError", "Invalid bearer token provided"),
    ),
    (
        lambda f: f.api("GET", "/conversations?tenantId=neighbour"),
        (401, "Authentication mismatch", "Bearer token does not match the provided tenantId"),
    ),
    (
        lambda f: f.api("GET", f"/conversations?tenantId={NO_TENANT}"),
        (404, "Organization not found", f"No organization found with tenantId: {NO_TENANT}"),
    ),
    (
        lambda f: f.api("GET", f"/conversations?action=find-by-phone&whatsappNumber={DIGITS}"),
        (404, "Contact not found for the provided phone number", None),
    ),
    (
        lambda f: f.api("GET", f"/conversations?whatsappNumber={DIGITS}&orderId=9"),
        (404, "Shopify order not found", None),
    ),
    (lambda f: f.api("POST", "/contact", {"name": "x"}), (400, MISSING, "phone_number is required")),
    (lambda f: f.api("POST", "/contact", {"phone_number": THANDI}), (400, MISSING, "name is required")),
    (
        lambda f: f.api("POST", "/contact", {"phone_number": "+1 (500) 555-0013", "name": "x"}),
        (400, "Invalid WhatsApp number", "The provided phone number is not registered on WhatsApp"),
    ),
    (
        lambda f: f.api("POST", "/contact", {"phone_number": "12345", "name": "x"}),
        (400, "Invalid phone number", "Phone number must include country code and be at least 10 digits"),
    ),
    (_twice, (409, "Contact already exists", "A contact with this phone number already exists")),
    (
        lambda f: _send_as(f, provider="wati"),
        (400, "Invalid provider", "Organization must use Meta WhatsApp provider. Current: wati"),
    ),
    (
        lambda f: _send_as(f, metaConnected=False),
        (400, "Meta not configured", "Organization Meta WhatsApp credentials are not configured"),
    ),
    (
        lambda f: f.send(message_type="text", text="Hello"),
        (
            404,
            "Contact not found",
            (
                f"No contact exists with WhatsApp number {DIGITS}. Please create the contact first using the /api/contact "
                "endpoint."
            ),
        ),
    ),
    (
        lambda f: _send_media(f, "https://example.com/moving.gif"),
        (500, "Meta upload failed", "Failed to upload media to Meta"),
    ),
    (
        lambda f: _send_media(f, "https://storage.invalid/kettle.png"),
        (500, "Storage upload failed", "Failed to upload to storage"),
    ),
    (
        _send_magic,
        (
            500,
            "Failed to send message",
            (
                "(#131056) (Business Account, Consumer Account) pair rate limit hit: Too many messages to the same recipient "
                "in a short time."
            ),
        ),
    ),
]


@pytest.mark.parametrize(("wrong", "row"), DOCUMENTED, ids=[f"{row[1]}-{n}" for n, (_, row) in enumerate(DOCUMENTED)])
def test_documented_errors(flowiq: FlowIq, wrong: Callable[[FlowIq], Answer], row: tuple[int, str, str | None]) -> None:
    """Status, title and text as on the page."""
    _neighbour(flowiq)
    assert wrong(flowiq).row == row


def _neighbour(flowiq: FlowIq) -> None:
    from mock_server.orgs import NewOrg

    flowiq.orgs.create(NewOrg(name="Neighbour", scale=0))


def test_the_shapes_of_errors(flowiq: FlowIq) -> None:
    """Shape A says `success: false` and carries what it looked for; shape B carries no `success`."""
    lost = flowiq.api("GET", "/conversations?action=find-by-phone&whatsappNumber=%2B27 12 345 6789").body
    assert lost == {
        "success": False,
        "error": "Contact not found for the provided phone number",
        "normalized_phone": DIGITS,
    }
    order = flowiq.api("GET", f"/conversations?whatsappNumber={DIGITS}&orderId=9").body
    assert order == {"success": False, "error": "Shopify order not found", "orderId": "9"}
    assert flowiq.send(message_type="text", text="Hello").body["whatsapp_id"] == DIGITS
    made = flowiq.contact()
    assert flowiq.api("POST", "/contact", POSTS["/contact"]).body == {
        "error": "Contact already exists",
        "message": "A contact with this phone number already exists",
        "existing_contact": {"id": made["id"], "full_name": "Thandi Nkosi", "whatsapp_id": DIGITS},
    }


@pytest.mark.parametrize(("method", "path"), B_CALLS)
def test_keys_elsewhere(flowiq: FlowIq, method: str, path: str) -> None:
    """No key, one that is none of FlowIQ's, an unknown one, a revoked one, another organization's: five answers."""
    _neighbour(flowiq)

    def told(token: str | None, tenant: str = "") -> tuple[int, str, str | None]:
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        return flowiq.call(method, f"{path}{tenant}", POSTS.get(path) if method == "POST" else None, headers).row

    assert told(None) == (401, "Authorization required", "Please provide Authorization bearer token")
    assert told("flo_" + "k" * 24) == (401, "Invalid token format", "Bearer token must be an API key (fiq_...)")
    assert told("fiq_" + "x" * 24) == (401, "Invalid API key", "API key not found")
    mismatch = (401, "API key mismatch", "API key does not belong to the specified tenant")
    assert told(KEY, "?tenantId=neighbour") == mismatch
    unknown = (404, "Organization not found", f"No organization found with tenantId: {NO_TENANT}")
    assert told(KEY, f"?tenantId={NO_TENANT}") == unknown
    key = next(k for k in flowiq.world.store.api_keys.newest() if k.label == "FlowIQ")
    flowiq.control("DELETE", f"/api-keys/{key.id}")
    assert told(KEY) == (401, "Invalid API key", "API key has been revoked")


def test_a_key_opens_its_own_vendors_door_only(flowiq: FlowIq) -> None:
    """A FlowIQ key is no key of Flowella's."""
    refused = flowiq.call("GET", "/api/v1/ping", None, {"Authorization": f"Bearer {KEY}"})
    assert (refused.status, refused.body["error"]["code"]) == (401, "UNAUTHORIZED")


@pytest.mark.parametrize("tenant", ["kettle-shop", "id"])
def test_the_own_tenant_is_accepted(flowiq: FlowIq, tenant: str) -> None:
    """`tenantId` is checked where it is given, and never required (D26)."""
    slug = flowiq.world.org.id if tenant == "id" else tenant
    assert flowiq.api("GET", f"/conversations?action=contacts&tenantId={slug}").status == 200
    assert flowiq.api("GET", "/conversations?action=contacts").status == 200


def test_inner_failures(flowiq: FlowIq, monkeypatch: pytest.MonkeyPatch) -> None:
    """A mistake of ours is 500 in the words of the page: with no message on /conversations, with its own on /contact."""

    def broken(*_: Any, **__: Any) -> Any:
        raise RuntimeError("broken")

    monkeypatch.setattr(contacts, "verify_and_create", broken)
    monkeypatch.setattr(contacts, "find", broken)
    assert flowiq.api("POST", "/contact", POSTS["/contact"]).row == (
        500,
        "Internal server error",
        "Failed to create contact",
    )
    asked = flowiq.api("GET", f"/conversations?whatsappNumber={DIGITS}")
    assert (asked.status, asked.body) == (500, {"success": False, "error": "Internal server error"})


def test_rate_limit(flowiq: FlowIq) -> None:
    """Over the limit it is 429 in either shape."""
    flowiq.control("PATCH", "/account", {"rateLimit": {"perSecond": 1, "burst": 1}})
    flowiq.api("GET", "/conversations?action=contacts")
    asked = flowiq.api("GET", "/conversations?action=contacts")
    assert (asked.status, asked.body["success"], asked.body["error"]) == (429, False, "Too Many Requests")
    assert flowiq.api("GET", "/contact").row == (429, "Too Many Requests", "Rate limit exceeded")


@pytest.mark.parametrize(
    ("method", "path", "raw", "headers", "status"),
    [
        ("POST", "/contact", b"{", {}, 400),
        ("POST", "/contact", b"{}", {"Content-Type": "text/plain"}, 415),
        ("POST", "/contact", b" " * (1 << 20) + b"{}", {}, 413),
        ("DELETE", "/contact", None, {}, 405),
        ("POST", "/conversations", b"{}", {}, 405),
        ("GET", "/set-webhooks", None, {}, 405),
        ("GET", "/contact/nobody", None, {}, 404),
    ],
)
def test_what_is_no_call_at_all(
    flowiq: FlowIq, method: str, path: str, raw: bytes | None, headers: dict[str, str], status: int
) -> None:
    """Answered in FlowIQ's shape too."""
    answer = flowiq.api(method, path, raw, **headers)
    assert answer.status == status
    assert set(answer.body) == {"error", "message"}


def test_every_example_of_an_error_in_the_spec_is_produced_here() -> None:
    """The spec shows no documented error that this file does not compare."""
    here = {row[1:] for _, row in [*SEND_ROWS, *DOCUMENTED]}
    elsewhere = {
        ("Invalid token format", "Bearer token must be an API key (fiq_...)"),
        ("Invalid API key", "API key has been revoked"),
        ("Invalid API key", "API key not found"),
        ("API key mismatch", "API key does not belong to the specified tenant"),
        ("Internal server error", None),
        ("Internal server error", "Failed to create contact"),
        ("Too Many Requests", "Rate limit exceeded"),
    }
    shown = {
        (example["value"]["error"], example["value"].get("message"))
        for response in FLOWIQ.door.spec.document["components"]["responses"].values()
        if response["x-provenance"] == "documented"
        for example in response["content"]["application/json"]["examples"].values()
    }
    ours = {"Invalid JSON", "Invalid request", "Invalid parameter", "Missing required parameter"}  # D67
    assert {row for row in shown if row[0] not in ours} <= here | elsewhere
