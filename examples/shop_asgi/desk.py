"""A help desk as a bare ASGI application: it greets who writes, and keeps the conversation. It calls the API with httpx."""

import hashlib
import hmac
import json
import time

import httpx

GREETING = "Thanks for writing. Somebody answers you within the hour."


class Desk:
    """An ASGI application. `client` has the base URL and the key."""

    def __init__(self, client: httpx.AsyncClient, secret: str) -> None:
        self.client = client
        self.secret = secret.encode()
        self.seen: set[str] = set()
        self.conversations: dict[str, list[str]] = {}
        self.undelivered: list[str] = []

    async def __call__(self, scope, receive, send) -> None:
        if scope["type"] != "http":
            raise RuntimeError("this application speaks http only")
        posted = scope["method"] == "POST"
        status = await self.post(dict(scope["headers"]), await body_of(receive)) if posted else 405
        await send({"type": "http.response.start", "status": status, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body", "body": b""})

    async def post(self, headers: dict[bytes, bytes], body: bytes) -> int:
        if not self.genuine(headers, body):
            return 401
        event = json.loads(body)
        if event["data"]["id"] not in self.seen:
            self.seen.add(event["data"]["id"])
            await self.handle(event["event"], event["data"])
        return 204

    def genuine(self, headers: dict[bytes, bytes], body: bytes) -> bool:
        ours = hmac.new(self.secret, body, hashlib.sha256).hexdigest().encode()
        sent_at = headers.get(b"x-flowella-timestamp", b"")
        recent = sent_at.isdigit() and abs(time.time() - int(sent_at)) <= 300
        return recent and hmac.compare_digest(ours, headers.get(b"x-flowella-signature", b""))

    async def handle(self, event: str, data: dict) -> None:
        if event == "message.received":
            conversation = self.conversations.setdefault(data["from"], [])
            conversation.append(data["text"])
            if len(conversation) == 1:
                await self.say(data["from"], GREETING)
        elif event == "message.failed":
            self.undelivered.append(data["to"])

    async def say(self, to: str, text: str) -> str | None:
        """The message's id; None when it is not known whether it went out."""
        try:
            answer = await self.client.post("messages", json={"to": to, "text": text})
            answer.raise_for_status()
            return answer.json()["id"]
        except (httpx.HTTPError, ValueError):
            self.undelivered.append(to)
            return None


async def body_of(receive) -> bytes:
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return body
