"""Calls that must be refused, and how: the envelope, the right status, and no crash."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from contracts.exchange import Call, get
from contracts.laws.answers import envelope_of
from contracts.laws.registry import law, watch
from contracts.provenance import DESIGNED, DOCUMENTED
from contracts.stops import Denied, NotReached

if TYPE_CHECKING:
    from contracts.laws.case import Case

NASTY = (
    *("{{", "{{1}}", "{{0}}", "{% raw %}", "${7*7}", "%s%n", "%00", "' OR '1'='1", '"; DROP TABLE contacts; --'),
    *(
        "<script>alert(1)</script>",
        "../../etc/passwd",
        "\\u0000",
        "\0",
        "\t\r\n",
        " ",
        "\u200b",
        "\u202e",
        "\ufeff",
        "\ufdfa",
    ),
    *("👩‍👩‍👧‍👦", "Ünïcödé", "نص", "a" * 4096, "\U0001d4b3" * 100),
    *("null", "NaN", "-0", "1e309", "true", "[]", "{}", "=1+1"),
)
"""Texts at which software has stumbled before. None of them reaches anybody but the people of this check."""


@law("error-envelope", "Every 4xx has the vendor's envelope and a code", "/api-reference/introduction", DOCUMENTED)
def error_envelope(case: Case) -> None:
    """Provokes one refusal of each kind; the watching half judges the answers."""
    scene = case.scene
    if scene.speech.owns_its_root:
        case.ask(get("/no-such-path-of-the-contract"))
    for sample in scene.samples(case):
        case.ask(replace(sample, key=None))
    for listing in scene.speech.listings:
        case.ask(listing.page(0, None))
        case.ask(listing.page(None, "not-a-cursor"))
    if not scene.may_write:
        return
    for sample in scene.samples(case):
        if sample.method == "POST":
            for body in (b"{", b"[]", b"", b'"text"', b"{}"):
                case.ask(replace(sample, body=body))


watch("error-envelope", "Every 4xx has the vendor's envelope and a code", "/api-reference/introduction", DOCUMENTED)(
    envelope_of
)


@law(
    "method-not-allowed",
    "A known path asked with another method answers 405 and says in Allow what it takes",
    "D3",
    DESIGNED,
)
def method_not_allowed(case: Case) -> None:
    """Elsewhere than on this machine only with GET: a server that breaks this promise might obey a DELETE."""
    spec, tried = case.scene.spec, 0
    for path in dict.fromkeys(o.path for o in spec.operations.values() if "{" not in o.path):
        known = spec.methods(path)
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
            if method in known:
                continue
            try:
                answer = case.ask(Call(method, path))
            except Denied:
                continue
            tried += 1
            came = f"{answer.status} to {method}"
            if case.expect(answer.status == 405, "405", came):
                allow = {word.strip().upper() for word in (answer.header("Allow") or "").split(",")}
                case.expect(
                    known <= allow, f"Allow with {', '.join(sorted(known))}", f"Allow: {answer.header('Allow')}"
                )
    if not tried:
        raise NotReached("no path takes one method only")


@law("unsupported-media-type", "A body that is not declared as JSON answers 415", "D3", DESIGNED)
def unsupported_media_type(case: Case) -> None:
    """A body that would do, under the wrong flag."""
    posts = [sample for sample in case.scene.samples(case) if sample.body is not None]
    if not posts:
        raise Denied("profile readonly: only GET is sent, and that has no body")
    for sample in posts:
        for declared in ("text/plain", "application/xml", "application/x-www-form-urlencoded"):
            answer = case.ask(replace(sample, headers=(("Content-Type", declared),)))
            case.expect(answer.status == 415, f"415 for {declared}", str(answer.status))


@law("payload-too-large", "A body over the limit answers 413", "D14", DESIGNED, needs=("upsert",))
def payload_too_large(case: Case) -> None:
    """A good body with too much air behind it; one well below the limit is taken."""
    size = case.scene.speech.largest_body
    call = case.scene.speech.verbs["upsert"](case.scene.people.somebody(), name="Air")
    for padding, fine in ((size + 1024, 413), (size // 2, 200)):
        answer = case.ask(replace(call, body=(call.body or b"") + b" " * padding))
        case.expect(answer.status == fine, f"{fine} for {padding // 1024} KB", str(answer.status))


@law("server-error", "No request makes the server fail", "RFC 9110 15.6", DOCUMENTED)
def nasty_texts(case: Case) -> None:
    """Texts at which software has stumbled before, in every text field; the watching half judges the answers."""
    scene, verbs = case.scene, case.scene.speech.verbs
    for listing in scene.speech.listings:
        for text in (*NASTY[:6], "-1", "1e3", "99999999999999999999"):
            case.ask(listing.page(None, text))
            case.ask(listing.page(text, None))
    for day in _DAYS if "analytics" in verbs else ():
        case.verb("analytics", day, None)
        case.verb("analytics", None, day)
    if not scene.may_write or "upsert" not in verbs:
        return
    number = scene.people.somebody()
    for text in NASTY:
        case.verb("upsert", number, name=text[:200])
    for text in NASTY if scene.people.invented else NASTY[:3]:
        case.verb("send", number, text)
    for body in _BODIES:
        with suppress(Denied):
            case.ask(replace(verbs["upsert"](number), body=body))


_DAYS = (
    "2025-02-30",
    "2025-13-01",
    "0000-01-01",
    "9999-12-31T23:59:59.999Z",
    "tomorrow",
    "2025-01-01T25:00:00Z",
    "1e9",
)
_BODIES = (b"\xff\xfe", b'{"phone": "\\ud800"}', b"[" * 5000, b'{"phone": NaN}', b'{"phone": null}', b"null")
