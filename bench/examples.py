"""What everybody is asked and answers: one send, one page of 25 contacts."""

from __future__ import annotations

import json

PEOPLE = 100
"""How many people are written to, in turn."""

SENT = {
    "id": "cmwqvv3zj00014noo3fh5pxu2",
    "conversationId": "cmwqvv3yw0000wxovtae3wjml",
    "contactId": "cmwqvv3yw0000vxge56r2sgxg",
    "metaMessageId": "wamid.HBgLMTU1NTEyMzQ1NjcVAgARGBJGNTQyRThFMjU0RUQxOTU5NDAA",
}
CONTACT = {
    "id": "cmwqvv3yw0000vxge56r2sgxg",
    "phone": "+15552000000",
    "waId": "15552000000",
    "name": "Person 0",
    "email": None,
    "optedOut": False,
    "createdAt": "2026-11-22T02:00:00.000Z",
    "updatedAt": "2026-11-22T02:00:00.000Z",
}


def number(index: int) -> str:
    """Somebody's."""
    return f"+1555{2_000_000 + index}"


def sends() -> list[str]:
    """Bodies of sends to all of them."""
    return [json.dumps({"to": number(index), "text": f"Your order {index} is on its way."}) for index in range(PEOPLE)]
