"""What of a message is text for people, and which files would make it."""

from __future__ import annotations

import pytest

from mock_server.domain.content import TAKEN, Content, of_payload, require_transferable
from mock_server.domain.errors import MediaFailed


@pytest.mark.parametrize(
    ("kind", "payload", "text"),
    [
        ("image", {"url": "u", "caption": "A cat"}, "A cat"),
        ("image", {"url": "u", "caption": ""}, None),
        ("audio", {"url": "u", "caption": "not of audio"}, None),
        ("button", {"text": "Yes", "payload": "YES"}, "Yes"),
        ("interactive", {"title": "Small", "body": "Which size?"}, "Small"),
        ("interactive", {"body": "Which size?"}, "Which size?"),
        ("reaction", {"messageId": "m", "emoji": "👍"}, "👍"),
        ("location", {"name": "Here"}, None),
    ],
)
def test_what_people_read(kind: str, payload: dict[str, str], text: str | None) -> None:
    """The caption, the title, the emoji; where there is none, nothing."""
    assert of_payload(kind, payload, "wamid.1") == Content(kind, text, payload, "wamid.1")


@pytest.mark.parametrize(("kind", "extension"), [(kind, e) for kind, taken in TAKEN.items() for e in sorted(taken)])
def test_files_that_are_taken(kind: str, extension: str) -> None:
    """In any case, and with anything behind the path; what has no known extension may be anything."""
    for url in (
        f"https://a.b/c.{extension}",
        f"https://a.b/c.{extension.upper()}?d=.exe",
        "https://a.b/c",
        "https://a.b/c.d/e",
    ):
        require_transferable(Content(kind, None, {"url": url}))


@pytest.mark.parametrize(
    ("kind", "url", "ours", "sentence"),
    [
        ("image", "https://storage.invalid/a.png", True, "https://storage.invalid/a.png could not be stored"),
        ("image", "https://meta.invalid/a.png", False, "https://meta.invalid/a.png is not taken by WhatsApp as image"),
        (
            "image",
            "https://a.b/c.gif",
            False,
            "https://a.b/c.gif is not taken by WhatsApp as image; it takes jpeg, jpg, png",
        ),
        ("video", "https://a.b/c.png", False, "as video; it takes mp4"),
        ("audio", "https://a.b/c.x.WAV", False, "as audio; it takes aac, mp3, ogg"),
    ],
)
def test_files_that_are_not(kind: str, url: str, ours: bool, sentence: str) -> None:
    """Which stage fails, and what would be taken."""
    with pytest.raises(MediaFailed) as failed:
        require_transferable(Content(kind, None, {"url": url}))
    assert sentence in str(failed.value)
    assert failed.value.store is ours
