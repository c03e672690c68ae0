"""Who may ask: keys that are missing, wrong, revoked, or of somebody else."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from contracts.laws.registry import law
from contracts.provenance import DOCUMENTED, INFERRED
from contracts.stops import NotReached

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contracts.exchange import Call
    from contracts.laws.case import Case

_INTRODUCTION = "/api-reference/introduction"


@law("key-required", "Every operation refuses a call without a key: 401", _INTRODUCTION, DOCUMENTED)
def key_required(case: Case) -> None:
    """With a call that would succeed with a key."""
    for call in case.scene.samples(case):
        answer = case.ask(replace(call, key=None))
        case.expect(answer.status == 401, "401 without a key", str(answer.status))


@law("wrong-key-refused", "Every wrong kind of key is refused: 401", _INTRODUCTION, DOCUMENTED)
def wrong_key_refused(case: Case) -> None:
    """Unknown, too short, too long, of another shape, in another scheme, beside the header."""
    call = _harmless(case)
    for kind, wrong in _wrong(call, case):
        answer = case.ask(wrong)
        case.expect(answer.status == 401, f"401 for {kind}", str(answer.status))
    for sample in case.scene.samples(case):
        answer = case.ask(replace(sample, key=case.scene.speech.key_shape.format("w" * 24)))
        case.expect(answer.status == 401, "401 for an unknown key", str(answer.status))


@law("no-secrets-echoed", "An answer never repeats the key", "common sense", INFERRED)
def refused_keys(case: Case) -> None:
    """A key that is refused is easily repeated; the watching half judges the answers."""
    call = _harmless(case)
    for _, wrong in _wrong(call, case):
        case.ask(wrong)


@law(
    "revoked-key-refused",
    "A revoked key is refused from the next request on: 401",
    "/settings/api-keys",
    DOCUMENTED,
    optional=True,
)
def revoked_key_refused(case: Case) -> None:
    """A key that was taken back: the one given, or one made for it on the control plane."""
    scene = case.scene
    if not scene.client.has_key("revoked"):
        if not scene.has_control:
            raise NotReached(
                "it takes a key that was revoked: --revoked-key, or --control-url to make one", required=False
            )
        made = case.must(case.ask(scene.control.new_key("to be revoked")), "the control plane's new key")
        secret = str(made.get("apiKey") or made.get("secret") or made.get("key"))
        scene.keep_key("revoked", secret)
        before = case.ask(replace(_harmless(case), key="revoked"))
        case.expect(before.ok, "a fresh key is taken", str(before.status))
        case.ask(scene.control.revoke(str(made["id"])))
    answer = case.ask(replace(_harmless(case), key="revoked"))
    case.expect(answer.status == 401, "401 for a revoked key", str(answer.status))


@law(
    "other-org-hidden",
    "A key sees its own organization and no other",
    _INTRODUCTION,
    DOCUMENTED,
    needs=("contacts", "lists"),
    optional=True,
)
def other_org_hidden(case: Case) -> None:
    """What one organization has is in no list of another, and its channel and cursor are not found there."""
    scene = case.scene
    _need_other(case)
    if scene.may_write:
        case.must(case.verb("upsert", scene.people.somebody(), name="Ours"), "an upsert")
    for listing in scene.speech.listings:
        call = listing.page(100, None)
        ours = _ids(listing.items(case.must(case.ask(call), listing.operation)))
        theirs = _ids(listing.items(case.must(case.ask(replace(call, key="other")), listing.operation)))
        shared = ours & theirs
        case.expect(
            not shared, f"no row of {listing.operation} belongs to two organizations", f"{len(shared)} rows in both"
        )
    if scene.speech.knock:
        bodies = [case.ask(replace(scene.speech.knock(), key=key)).json for key in ("ours", "other")]
        case.expect(bodies[0] != bodies[1], "two organizations have two ids", "the same answer to both keys")
    if scene.may_write:
        call = scene.speech.verbs["send"](scene.people.somebody(), "hello", scene.channel(case))
        answer = case.ask(replace(call, key="other"))
        case.expect(answer.status == 404, "404 for another organization's channel", str(answer.status))


def _need_other(case: Case) -> None:
    scene = case.scene
    if scene.client.has_key("other"):
        return
    if not scene.has_control:
        raise NotReached("it takes a second organization: --other-key, or --control-url to make one", required=False)
    made = case.must(case.ask(scene.control.new_org("flowella-contract")), "the control plane's new organization")
    scene.keep_key("other", str(made["apiKey"]))
    scene.made_orgs.append(str(made["id"]))


def _harmless(case: Case) -> Call:
    knock = case.scene.speech.knock
    return knock() if knock else next(iter(case.scene.samples(case)))


def _wrong(call: Call, case: Case) -> Iterator[tuple[str, Call]]:
    key, shape = case.scene.settings.api_key, case.scene.speech.key_shape
    for kind, token in (
        ("an unknown key", shape.format("z" * 24)),
        ("a key that is cut short", key[:-1]),
        ("a key with a letter more", f"{key}x"),
        ("a key in capitals", key.upper()),
        ("a key without its prefix", key.partition("_")[2] or key[1:]),
        ("a word that is no key", "password"),
    ):
        yield kind, replace(call, key=token)
    for kind, header in (
        ("the scheme alone", "Bearer"),
        ("Basic credentials", "Basic dXNlcjpwYXNzd29yZA=="),
        ("a key without a scheme", key),
        ("a key under another scheme", f"Token {key}"),
    ):
        yield kind, replace(call, key=None, headers=(*call.headers, ("Authorization", header)))
    yield "a key in the query", replace(call, key=None, query=f"api_key={key}")


def _ids(rows: list[object]) -> set[object]:
    return {row["id"] for row in rows if isinstance(row, dict) and isinstance(row.get("id"), str)}
