"""Every lie is one: it changes what is answered. Without a lie the liar is not there, byte for byte."""

from __future__ import annotations

from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

import pytest
from liar.lying import LIES, Honest, Liar
from liar.serving import honest_orgs, serving
from liar.story import tell

from mock_server.app import create_app
from mock_server.domain.instant import parse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from liar.story import Line

START = parse("2026-11-21T10:00:00Z")

CHECKS = {
    *("response-schema", "status-declared", "content-type", "server-error", "key-required", "wrong-key-refused"),
    *("revoked-key-refused", "other-org-hidden", "error-envelope", "method-not-allowed", "unsupported-media-type"),
    *("payload-too-large", "limit-bounds", "pages-complete", "pages-stable", "read-your-writes", "upsert-idempotent"),
    *("upsert-partial", "one-contact-per-number", "opt-out-blocks", "opt-out-one-channel", "opt-out-clear"),
    *("rate-limit", "ids-agree", "job-books", "analytics-agree", "ids-unique", "unknown-fields-harmless"),
    *("no-extra-fields", "wamid-well-formed", "timestamps-sane", "no-secrets-echoed", "same-shape", "head-options"),
    *("response-time", "model"),
}
"""What the harness promises to check."""


@contextmanager
def story(name: str | None) -> Iterator[tuple[Iterator[Line], list[float]]]:
    """The story as the liar tells it, and how long it has paused on the way."""
    pauses: list[float] = []
    orgs = honest_orgs(scale=0, now=lambda: START)
    app = Liar(Honest(create_app(orgs), orgs, pauses.append), LIES[name] if name else None)
    with serving(app) as url, closing(tell(url, orgs)) as told:
        yield told, pauses


@pytest.fixture(scope="module")
def truth() -> list[Line]:
    """What the honest fake answers, with nothing in front of it."""
    orgs = honest_orgs(scale=0, now=lambda: START)
    with serving(create_app(orgs)) as url:
        return list(tell(url, orgs))


def test_without_a_lie_the_liar_is_not_there(truth: list[Line]) -> None:
    """Status, headers and bytes of every answer are the fake's own."""
    with story(None) as (told, pauses):
        assert list(told) == truth
        assert not pauses


@pytest.mark.parametrize("name", LIES)
def test_a_lie_changes_what_is_answered(name: str, truth: list[Line]) -> None:
    """Somewhere in the story the answers part, or one of them keeps everybody waiting."""
    with story(name) as (told, pauses):
        assert any(line != true for line, true in zip(told, truth, strict=True)) or pauses


def test_every_check_has_a_lie() -> None:
    """A promise that no lie breaks is not known to be checked; and no lie waits for a check that does not exist."""
    assert {check for lie in LIES.values() for check in lie.found_by} == CHECKS


@pytest.mark.parametrize("name", LIES)
def test_a_lie_says_what_is_wrong(name: str) -> None:
    """In one sentence, and seldom with more than one check that may find it."""
    lie = LIES[name]

    assert lie.about
    assert 1 <= len(lie.found_by) <= 2
