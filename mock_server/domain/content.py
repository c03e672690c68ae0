"""What a message says: WhatsApp's types, and what of each is text for people.

`payload` is the rest of it as JSON, the same for both directions:

| type                                    | payload                                                               |
| --------------------------------------- | --------------------------------------------------------------------- |
| text                                    | none                                                                  |
| image, video, audio, document, sticker  | `url`, `caption`, `filename`, `mimeType`                              |
| location                                | `latitude`, `longitude`, `name`, `address`                            |
| contacts                                | `contacts`: WhatsApp's contact cards                                  |
| button                                  | `text` and `payload` of a template's quick reply that was tapped      |
| interactive, in                         | `type`, `id`, `title`, `description` of what was tapped               |
| interactive, out                        | what is offered                                                       |
| reaction                                | `messageId`, `emoji` (empty takes it away)                            |
"""

from typing import Any, NamedTuple
from urllib.parse import urlsplit

from mock_server.domain.errors import MediaFailed

MEDIA = frozenset({"image", "video", "audio", "document"})

_TEXT_IN: dict[str, tuple[str, ...]] = {
    "image": ("caption",),
    "video": ("caption",),
    "document": ("caption",),
    "button": ("text",),
    "interactive": ("title", "body"),
    "reaction": ("emoji",),
}
"""Where a payload keeps what people read."""

SAID = frozenset({"text", "button", "interactive"})
"""Types whose text the contact said, so that STOP counts in them (D17, D66)."""


class Content(NamedTuple):
    """`reply_to` is the wamid of the message that this one answers."""

    type: str
    text: str | None
    payload: dict[str, Any] | None = None
    reply_to: str | None = None


def of_payload(kind: str, payload: dict[str, Any], reply_to: str | None = None) -> Content:
    """Content of any type but text."""
    text = next((payload[key] for key in _TEXT_IN.get(kind, ()) if payload.get(key)), None)
    return Content(kind, text, payload, reply_to)


TAKEN: dict[str, frozenset[str]] = {
    "image": frozenset({"jpg", "jpeg", "png"}),
    "video": frozenset({"mp4"}),
    "audio": frozenset({"mp3", "aac", "ogg"}),
    "document": frozenset({"pdf", "doc", "docx", "xls", "xlsx", "ppt", "pptx"}),
}
"""File name extensions that each type of media takes (FlowIQ: send-image and its sisters)."""

_KNOWN = frozenset().union(
    *TAKEN.values(), {"gif", "webp", "bmp", "tiff", "svg", "mov", "avi", "mkv", "webm", "wav", "flac"}
)
STORE_FAILS, META_FAILS = "storage.invalid", "meta.invalid"
"""Hosts that no name server will ever know. Media from there fail at one stage of their way, on request (D67)."""


def require_transferable(content: Content) -> None:
    """Raises MediaFailed for a file that would not make it: nothing is fetched, the URL tells (D67)."""
    kind, url = content.type, (content.payload or {})["url"]
    parts = urlsplit(url)
    if parts.hostname == STORE_FAILS:
        raise MediaFailed(f"{url} could not be stored", store=True)
    extension = parts.path.rpartition(".")[2].lower()
    if parts.hostname == META_FAILS or (extension in _KNOWN and extension not in TAKEN[kind]):
        raise MediaFailed(
            f"{url} is not taken by WhatsApp as {kind}; it takes {', '.join(sorted(TAKEN[kind]))}", store=False
        )
