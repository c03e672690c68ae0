"""Is a valid event taken, whatever it looks like?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from contracts.receiver.case import came, late, ok, resealed
from contracts.receiver.letters import compact, escaped, indented, spaced
from contracts.receiver.registry import check
from contracts.receiver.vendors import NAMED, RETRIED, SIGNED
from contracts.stops import NotReached

if TYPE_CHECKING:
    from contracts.receiver.case import Case
    from contracts.receiver.letters import Letter

_WRITTEN = "what is written differently is refused, and with it every event from the day the vendor writes differently"

_GREETINGS = ("Zażółć gęślą jaźń", "שלום עולם", "日本語 👩‍👩‍👧‍👦", "line\u2028paragraph\u2029end", "e\u0301 and é")


@check(
    "answered-in-time",
    "A valid event is answered before the vendor hangs up, after 10 seconds",
    "documented: /api-reference/webhooks, /settings/webhooks",
    risk="each event counts as failed and comes again, and after ten failures in a row the endpoint is switched off",
    fix="verify, write the event down, answer 200, and do the work after that, in a queue or a thread",
    alone=True,
)
def answered_in_time(case: Case) -> None:
    """Of each kind that people wait for, one."""
    letters = [case.write(), *case.scene.writer.story()[:1]]
    promised = f"an answer comes within {case.scene.settings.timeout:g} s"
    for letter in letters:
        exchange = case.post(letter)
        if not case.judge(not late(exchange), promised, came(exchange), letter):
            case.scene.welcome = came(exchange)
            return


@check(
    "raw-bytes-verified",
    "The signature is that of the bytes that came: the same event in other spacing and order is taken",
    "documented: /api-reference/webhooks",
    risk=_WRITTEN,
    fix="read the body as bytes before any framework parses it (express.raw, request.get_data), and verify those bytes",
    stands_on=("answered-in-time",),
    alone=True,
)
def raw_bytes_verified(case: Case) -> None:
    """Whichever is taken is what the other checks use, so that this is said once."""
    writer = case.scene.writer
    tried = {}
    for name, spell in (
        ("compact", compact),
        ("spaced as Python does it", spaced),
        ("indented and reversed", indented),
    ):
        writer.spell = spell
        letter = case.write()
        tried[name] = (spell, letter, case.post(letter))
    writer.spell = compact
    if not any(ok(exchange) for _, _, exchange in tried.values()):
        raise NotReached(f"no valid event is taken: {came(tried['compact'][2])}")
    writer.spell = next(spell for spell, _, exchange in tried.values() if ok(exchange))
    for name, (_, letter, exchange) in tried.items():
        case.expect(exchange, letter, f"an event whose JSON is {name} is answered 2xx")


@check(
    "event-accepted",
    "Each kind of event, properly signed, is answered 2xx",
    "documented: /api-reference/webhooks",
    risk="what is answered with anything else is tried again for hours, and ten times in a row switches the endpoint off",
    fix="answer 200 to every event whose signature is right, those you do nothing with included, and without a redirect",
    stands_on=("answered-in-time",),
    alone=True,
)
def event_accepted(case: Case) -> None:
    """Every example of every webhook of the spec."""
    for letter in case.scene.writer.all():
        case.accepts(letter, "each kind of event")


@check(
    "unicode-accepted",
    "Text in any script is taken, as UTF-8",
    "documented: RFC 8259 8.1",
    risk="whoever writes in their own language, or with an emoji, is not heard",
    fix="verify the bytes, decode them as UTF-8, and keep them where all of Unicode fits (utf8mb4 in MySQL)",
    stands_on=("raw-bytes-verified",),
)
def unicode_accepted(case: Case) -> None:
    """Several scripts, a family, and the two characters that JavaScript once took for line ends."""
    for text in _GREETINGS:
        case.accepts(case.write(**_saying(case, text)), "a text in any script")


@check(
    "escapes-accepted",
    "The same text escaped (\\u00e9, surrogate pairs, \\/) is taken",
    "documented: RFC 8259 7",
    risk=_WRITTEN,
    fix="verify the bytes that came, and leave reading JSON to a JSON parser",
    stands_on=("raw-bytes-verified", "unicode-accepted"),
)
def escapes_accepted(case: Case) -> None:
    """Platforms are known to change between the two from one day to the next."""
    for text in _GREETINGS:
        letter = case.write(**_saying(case, text))
        case.accepts(letter.written(escaped(letter.value)), "a text with escapes")


@check(
    "unknown-event-accepted",
    "An event of a kind that the endpoint does not know is answered 2xx",
    "documented: /settings/webhooks",
    risk="the day the vendor adds an event, everything fails: ten failures in a row switch the endpoint off",
    fix="look handlers up with a default that does nothing, and answer 200",
)
def unknown_event_accepted(case: Case) -> None:
    """One that the vendor's own pages speak of without listing it, and one that nobody has thought of."""
    scene = case.scene
    for event in (scene.vendor.unknown, "something.quite.new"):
        inner = {"id": scene.writer.id(), "formId": "f1", "reason": "expired"}
        value = {**case.write().value, scene.vendor.event: event}
        if NAMED in scene.vendor.has:
            value["data"] = inner
        case.accepts(scene.writer.letter(value, event), "an event of an unknown kind")


@check(
    "unknown-field-accepted",
    "Fields that the endpoint does not know are left alone",
    "inferred: common practice; additions are not announced",
    risk="the day the vendor adds a field, every event is refused",
    fix="read the fields you need and ignore the rest; validate without `additionalProperties: false`",
)
def unknown_field_accepted(case: Case) -> None:
    """At the top, and in what happened."""
    top = case.write()
    value = {**top.value, "apiVersion": "2031-01", "trace": {"id": 7, "hops": [None, True]}}
    case.accepts(case.scene.writer.letter(value, top.event), "an event with an unknown field")
    case.accepts(case.write(sentiment=0.7, labels=[]), "an event with an unknown field in its data")


@check(
    "large-accepted",
    "A body of one megabyte is taken",
    "inferred: WhatsApp posts up to 3 MB",
    risk="long messages and big templates are lost, each after hours of retries",
    fix="raise the limit of the body parser and of the proxy before it (client_max_body_size, express.raw limit) to 4 MB",
)
def large_accepted(case: Case) -> None:
    """One long text."""
    case.accepts(case.write(**_saying(case, "x" * 1_000_000)), "an event of 1 MB")


@check(
    "duplicate-accepted",
    "An event that comes again is answered 2xx again",
    "documented: /api-reference/webhooks",
    risk="what is refused comes again: the endpoint fails at what it has dealt with long ago, until it is switched off",
    fix="answer 200 to a repetition, and do nothing",
    needs=(RETRIED,),
)
def duplicate_accepted(case: Case) -> None:
    """As a retry, and as a delivery of its own."""
    letter = case.write()
    case.must(letter)
    case.accepts(letter, "the same event once more", letter)
    other = resealed(letter, delivery=case.scene.writer.id())
    case.accepts(other, "the same event in another delivery", letter)


@check(
    "any-order-accepted",
    "Statuses are taken in any order: read before delivered before sent",
    "inferred: no order is promised anywhere",
    risk="a status that comes too early fails, and again at each retry",
    fix="answer 200 to each status, and keep it for when its message is known",
)
def any_order_accepted(case: Case) -> None:
    """Of a message that the endpoint may never have heard of."""
    posted: list[Letter] = []
    for letter in reversed(case.scene.writer.story()):
        case.accepts(letter, "a status before its time", *posted)
        posted.append(letter)


@check(
    "header-case-ignored",
    "Headers are found however they are capitalized",
    "documented: RFC 9110 5.1",
    risk="behind a proxy that speaks HTTP/2, where names are lower-case, every signature is missing",
    fix="ask the framework for the header; it ignores case if you let it",
    needs=(SIGNED,),
)
def header_case_ignored(case: Case) -> None:
    """All in lower case, as HTTP/2 has them."""
    case.accepts(resealed(case.write(), small_headers=True), "an event with lower-case header names")


def _saying(case: Case, text: str) -> dict[str, str]:
    return {"text" if NAMED in case.scene.vendor.has else "message": text}
