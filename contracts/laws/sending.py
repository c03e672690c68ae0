"""Messages and bulk sends: ids that agree everywhere, and books that balance."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from contracts.laws.registry import law
from contracts.provenance import DESIGNED, INFERRED, Mark
from contracts.scene import find
from contracts.stops import NotReached

if TYPE_CHECKING:
    from contracts.laws.case import Case


@law(
    "ids-agree",
    "A contact and a conversation have the same id wherever they are named",
    "D13",
    INFERRED,
    needs=("send", "upsert", "conversations"),
    stands_on=("upsert-idempotent",),
)
def ids_agree(case: Case) -> None:
    """Upsert, send twice, list: one contact, one conversation."""
    number = case.scene.people.somebody()
    contact = case.must(case.verb("upsert", number, name="Agreed"), "an upsert")
    sent = [case.must(case.scene.send(case, number), "sending a message") for _ in range(2)]
    case.expect(sent[0].get("contactId") == contact.get("id"), "the contactId of the upsert", "another id")
    one = sent[0].get("conversationId") == sent[1].get("conversationId")
    case.expect(
        one, "one open conversation per contact and channel", "a second conversation", mark=Mark(DESIGNED, "D13")
    )
    row = find(
        case, "conversations", "the list of conversations", lambda row: row.get("id") == sent[1].get("conversationId")
    )
    if not case.expect(row is not None, "the conversation is in the list", "it is not") or row is None:
        return
    whose = row.get("contact") or {}
    case.expect(whose.get("id") == contact.get("id"), "the conversation names the contact by its id", "another id")
    for field in ("phone", "name", "waId"):
        promised = f"the conversation shows the contact's {field}"
        case.expect(whose.get(field) == contact.get(field), promised, f"another {field}")


@law(
    "job-books",
    "A bulk send's books balance: recipients = pending + accepted + suppressed + rejected",
    "D14",
    DESIGNED,
    needs=("queue", "opt_out"),
    optional=True,
)
def job_books(case: Case) -> None:
    """One good recipient, one twice, one who opted out, one with too many values."""
    scene = case.scene
    _ = scene.control  # without one there is nothing to look at
    channel, template = scene.channel(case), scene.template(case)
    good, twice, out, wrong = scene.people.several(4)
    case.must(case.verb("opt_out", "set", out, channel), "an opt-out")
    recipients = [scene.recipient(case, number) for number in (good, twice, twice, out)]
    recipients.append({"phone": wrong, "bodyParameters": ["too", "many", "values", "for", "any", "template"]})
    job = case.must(case.verb("queue", template["id"], channel, recipients), "queueTemplateSend")
    case.expect(job.get("templateId") == template["id"], "the templateId that was asked for", "another templateId")
    books = _books(case, str(job.get("id")))
    total = sum(books.get(part, 0) for part in ("pending", "accepted", "suppressed", "rejected"))
    case.expect(
        books.get("recipients") == total == 5, "recipients = pending + accepted + suppressed + rejected = 5", f"{total}"
    )
    books = _until_done(case, str(job.get("id")), books)
    for part, count in (("accepted", 2), ("suppressed", 2), ("rejected", 1)):
        case.expect(books.get(part) == count, f"{count} {part}", f"{books.get(part)} {part}")
    case.verb("opt_out", "clear", out, channel)


def _books(case: Case, job: str) -> dict[str, Any]:
    books = case.must(case.ask(case.scene.control.job(job)), "the control plane's job")
    assert isinstance(books, dict)  # noqa: S101 - `must` saw to it
    return books


def _until_done(case: Case, job: str, books: dict[str, Any]) -> dict[str, Any]:
    """Until nothing is pending: time is moved on a clock that stands still, and waited for on one that goes."""
    clock = case.must(case.ask(case.scene.control.clock()), "the control plane's clock")
    for _ in range(20):
        if not books.get("pending"):
            return books
        if clock.get("mode") == "manual":
            case.ask(case.scene.control.advance(1))
        else:
            case.scene.client.wait(0.2)
        books = _books(case, job)
    raise NotReached("the bulk send did not finish in time")
