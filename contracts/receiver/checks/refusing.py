"""Is everybody else refused?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from contracts.receiver.case import came, ok, resealed
from contracts.receiver.registry import check
from contracts.receiver.seals import EMPTY, NONE, PREFIXED, UPPER, cut, forged, right_for
from contracts.receiver.vendors import SIGNED, TIMED

if TYPE_CHECKING:
    from contracts.receiver.case import Case

_ANYBODY = "anybody who finds the address can make up messages, statuses and opt-outs"
_SOMEDAY = "who recorded an event once can post it again on any other day"
_COMPARE = "compute the hex HMAC-SHA256 of the raw body with the secret, and compare all of it in constant time"
_TIMES = "refuse a time of sending that is more than 5 minutes off, either way, by a clock that is right"


@check(
    "unsigned-refused",
    "An event without a signature is refused",
    "documented: /api-reference/webhooks",
    risk=_ANYBODY,
    fix=f"{_COMPARE}; no header, or an empty one, is a wrong one",
    needs=(SIGNED,),
)
def unsigned_refused(case: Case) -> None:
    """No header, and one with nothing in it."""
    for seal, what in ((NONE, "no signature"), (EMPTY, "an empty signature")):
        case.refuses(resealed(case.write(), seal=seal), f"an event with {what}")


@check(
    "wrong-secret-refused",
    "An event that was signed with another secret is refused",
    "documented: /api-reference/webhooks",
    risk=_ANYBODY,
    fix=_COMPARE,
    needs=(SIGNED,),
    stands_on=("unsigned-refused",),
)
def wrong_secret_refused(case: Case) -> None:
    """A secret that somebody made up, the word that examples have, and what an unset variable becomes."""
    for secret in (f"whsec_{case.scene.dice.word(24)}", "secret", "undefined", "None"):
        if secret != case.scene.settings.secret:
            case.refuses(resealed(case.write(), seal=forged(secret)), "an event signed with another secret")


@check(
    "whole-digest-compared",
    "A signature that is right in part is wrong",
    "documented: /api-reference/webhooks",
    risk="a signature can be guessed piece by piece",
    fix="compare all 64 characters, with hmac.compare_digest or crypto.timingSafeEqual on equal lengths",
    needs=(SIGNED,),
    stands_on=("unsigned-refused", "wrong-secret-refused"),
)
def whole_digest_compared(case: Case) -> None:
    """Right at its beginning and wrong after, and the beginning alone."""
    for count in (8, 16, 32, 63):
        case.refuses(resealed(case.write(), seal=right_for(count)), f"a signature right in {count} of 64 characters")
        case.refuses(resealed(case.write(), seal=cut(count)), f"a signature of {count} of 64 characters")


@check(
    "tampered-refused",
    "An event that was changed after it was signed is refused",
    "documented: /api-reference/webhooks",
    risk="whoever sees one event can post another in its name",
    fix="sign all of the body, each time anew",
    needs=(SIGNED,),
    stands_on=("raw-bytes-verified", "unsigned-refused", "wrong-secret-refused"),
)
def tampered_refused(case: Case) -> None:
    """Changed at its end, at its beginning, and only in its length; the endpoint has seen the right one before."""
    for number in range(3):
        letter = case.write()
        body = letter.body
        case.must(letter)
        changed = (body[:-1] + b',"x":1}', b'{"x":1,' + body[1:], body + b" ")[number]
        case.refuses(resealed(letter, body=changed, sealed=body), "an event changed after signing", letter)


@check(
    "stale-refused",
    "An event whose time of sending is more than 5 minutes ago is refused",
    "documented: /settings/webhooks",
    risk=_SOMEDAY,
    fix=f"{_TIMES}. The time is not part of what is signed, so remember event ids too",
    needs=(TIMED,),
    stands_on=("unsigned-refused",),
)
def stale_refused(case: Case) -> None:
    """Just over, and by far."""
    for age in (330, 86_400):
        case.refuses(resealed(case.write(), age=age), f"an event that was sent {age} s ago")


@check(
    "future-refused",
    "An event whose time of sending is more than 5 minutes ahead is refused",
    "documented: /settings/webhooks",
    risk=_SOMEDAY,
    fix=f"{_TIMES}: compare the absolute difference",
    needs=(TIMED,),
    stands_on=("unsigned-refused", "stale-refused"),
)
def future_refused(case: Case) -> None:
    """Just over, and by far."""
    for age in (-330, -86_400):
        case.refuses(resealed(case.write(), age=age), f"an event that is sent in {-age} s")


@check(
    "untimed-refused",
    "An event without a time of sending is refused",
    "inferred: /settings/webhooks, which says to compare it",
    risk="who leaves the header off may post what is years old",
    fix="treat a missing time as one that is too old",
    needs=(TIMED,),
    stands_on=("unsigned-refused", "stale-refused"),
)
def untimed_refused(case: Case) -> None:
    """No header at all."""
    case.refuses(resealed(case.write(), age=None), "an event without a time of sending")


@check(
    "skew-accepted",
    "An event whose time of sending is off by less than 5 minutes is taken",
    "documented: /settings/webhooks",
    risk="clocks differ, and queues hold things up: good events are refused now and then, and nobody knows why",
    fix="allow 5 minutes, either way",
    needs=(TIMED,),
)
def skew_accepted(case: Case) -> None:
    """Four minutes."""
    for age in (240, -240):
        case.accepts(resealed(case.write(), age=age), "an event that is 4 minutes off")


@check(
    "upper-case-refused",
    "A signature in capitals is none",
    "inferred: /api-reference/webhooks, D20",
    risk="little; but who compares loosely here does not compare in constant time",
    fix="compare the bytes as they came, without lower()",
    needs=(SIGNED,),
    stands_on=("unsigned-refused", "wrong-secret-refused", "whole-digest-compared"),
)
def upper_case_refused(case: Case) -> None:
    """The right digits, shouted."""
    case.refuses(resealed(case.write(), seal=UPPER), "a signature in capitals")


@check(
    "prefixed-refused",
    "A signature with `sha256=` before it is none",
    "inferred: /api-reference/webhooks, D20",
    risk="little; but the code was written for another vendor, and takes what this one never sends",
    fix="compare the header as it came: bare hex digits",
    needs=(SIGNED,),
    stands_on=("unsigned-refused", "wrong-secret-refused"),
)
def prefixed_refused(case: Case) -> None:
    """As Meta and GitHub write it."""
    case.refuses(resealed(case.write(), seal=PREFIXED), "a signature with sha256= before it")


@check(
    "empty-body-refused",
    "A body with nothing in it is not taken for an event",
    "inferred: every event has a body",
    risk="what reads 200 means done: a proxy that loses bodies loses events, and nobody notices",
    fix="answer 400 to a body that is no JSON object",
)
def empty_body_refused(case: Case) -> None:
    """Properly signed, where there is a signature."""
    case.refuses(case.write().written(b""), "an empty body")


@check(
    "post-only",
    "An event comes by POST: by any other method it is not taken",
    "designed: D87",
    risk="what crawlers and link previews may do, which is GET, changes something",
    fix="route POST only; the framework answers 405 to the rest",
    stands_on=("unsigned-refused",),
)
def post_only(case: Case) -> None:
    """GET may show a page; whether it did more, the ledger knows. PUT and DELETE have nothing to show."""
    for method in ("PUT", "DELETE"):
        case.refuses(resealed(case.write(), method=method), f"an event by {method}")
    letter = resealed(case.write(), method="GET")
    exchange = case.post(letter)
    if ok(exchange) and case.scene.settings.ledger_url and letter.id:
        took = case.books().events.get(letter.id, 0)
        case.judge(not took, "an event by GET is not processed", f"{came(exchange)}, and it was processed", letter)


@check(
    "content-type-tolerated",
    "The content type decides nothing: JSON with a charset is taken, anything else does not make the endpoint fail",
    "inferred: RFC 9110 8.3",
    risk="a parameter added to a header, by the vendor or a proxy, and every event fails",
    fix="read the bytes yourself and compare no content type letter by letter",
)
def content_type_tolerated(case: Case) -> None:
    """With a charset, in other letters, and quite another."""
    for kind in ("application/json; charset=utf-8", "Application/JSON"):
        case.accepts(resealed(case.write(), type=kind), "an event with a charset in its content type")
    letter = resealed(case.write(), type="application/x-www-form-urlencoded")
    exchange = case.post(letter)
    fine = exchange.answer is not None and exchange.answer.status < 500
    case.judge(fine, "an event with a strange content type is taken or refused", came(exchange), letter)
