"""FlowIQ's speech: one path for reading, titles for errors, pages by number."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from contracts.exchange import Call, get, post
from contracts.provenance import DOCUMENTED, Mark
from contracts.speech.base import GREETING, Listing, Speech

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from contracts.laws.case import Case

_READING = "getConversationMessages"
_WEBHOOK = {"url": "https://flowella-contract.example.com/hooks", "type": "message_failed"}


def _envelope(operation: str | None, body: Any) -> str | None:
    """`{"success": false, "error"}` for reading, `{"error", "message"}` elsewhere; a title is never empty."""
    if not isinstance(body, dict) or not isinstance(body.get("error"), str) or not body["error"]:
        return 'the body is not {"error": …} with a title'
    if operation == _READING and body.get("success") is not False:
        return 'the body has no "success": false'
    if operation not in {None, _READING} and not isinstance(body.get("message"), str):
        return "message is not a text"
    return None


def _code(body: Any) -> str | None:
    title = body.get("error") if isinstance(body, dict) else None
    return title if isinstance(title, str) else None


def _reaches(body: Mapping[str, Any]) -> Iterator[Any]:
    for name in ("phone_number", "whatsappNumber", "whatsapp_id", "contactId"):
        if body.get(name) is not None:
            yield body[name]


def _narrow(document: dict[str, Any], numbers: list[str]) -> None:
    for schema in document["components"]["schemas"].values():
        for name in {"phone_number", "whatsappNumber"} & schema.get("properties", {}).keys():
            schema["properties"][name] = {"type": "string", "enum": numbers}


def _page(limit: Any = None, page: Any = None) -> Call:
    return get("/conversations", action="contacts", limit=limit, page=page)


def _contacts(body: Any) -> list[Any]:
    rows = body.get("contacts") if isinstance(body, dict) else None
    return rows if isinstance(rows, list) else []


def _following(body: Any) -> Any:
    pagination = body.get("pagination") if isinstance(body, dict) else None
    if not isinstance(pagination, dict) or not pagination.get("hasNextPage"):
        return None
    return pagination.get("currentPage", 0) + 1


def _create(number: str, name: str = "Thandi Nkosi") -> Call:
    return post("/contact", {"phone_number": number, "name": name})


def _text(number: str) -> Call:
    return post("/send-whatsapp", {"phone_number": number, "message_type": "text", "text": GREETING})


def _template(number: str) -> Call:
    return post(
        "/send-template",
        {"templateName": "hello_world", "whatsappNumber": number, "bodyParameters": {"name": "Thandi"}},
    )


def _known(case: Case) -> str:
    """A number that is a contact: this API sends to nobody else."""
    number = case.scene.people.somebody()
    case.ask(_create(number))  # 409 if it is one already
    return number


def _samples(case: Case) -> Iterator[Call]:
    yield _page(5)
    if not case.scene.may_write:
        return
    number = _known(case)
    yield get("/conversations", whatsappNumber=number.removeprefix("+"))
    yield get("/contact", phone_number=number)
    yield _create(case.scene.people.somebody())
    yield _text(number)
    yield _template(number)
    if case.scene.people.invented:
        yield post("/set-webhooks", _WEBHOOK)


def _tour(case: Case) -> None:
    """Every operation once; reading in its three ways."""
    case.ask(_page())
    if not case.scene.may_write:
        return
    number = _known(case)
    for _ in range(4 if case.scene.people.invented else 0):
        case.ask(_create(case.scene.people.somebody()))
    case.ask(_text(number))
    case.ask(_template(number))
    case.ask(get("/conversations", whatsappNumber=number.removeprefix("+")))
    case.ask(get("/conversations", action="find-by-phone", whatsappNumber=number.removeprefix("+")))
    case.ask(get("/contact", phone_number=number))
    if case.scene.people.invented:
        case.ask(post("/set-webhooks", _WEBHOOK))


FLOWIQ = Speech(
    name="flowiq",
    operations=frozenset({_READING, "createContact", "sendWhatsAppMessage"}),
    knock=lambda: _page(1),
    envelope=_envelope,
    code=_code,
    reaches=_reaches,
    tour=_tour,
    samples=_samples,
    narrow=_narrow,
    listings=(
        Listing(
            _READING,
            _page,
            _contacts,
            _following,
            Mark(DOCUMENTED, "/flowiq-api-reference/endpoint/conversations"),
            default=50,
        ),
    ),
    key_shape="fiq_{}",
    owns_its_root=False,
    controlled=False,
    not_in_sandbox=frozenset({"createWebhook"}),
    unreached_in_readonly=frozenset({"getContact"}),
)
