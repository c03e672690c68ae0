"""The fake's control plane, as far as laws can use one. A real deployment has none."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from contracts.exchange import Call, get, post

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True)
class Control:
    """Calls about one organization."""

    org: str

    def channels(self) -> Call:
        """Its channels."""
        return self._of(get("/channels"))

    def inbound(self, number: str, text: str = "hello") -> Call:
        """A contact writes, which opens the 24 hours for free-form text."""
        return self._of(post("/inbound", {"from": number, "text": text}))

    def subscribe(self, url: str, events: Iterable[str]) -> Call:
        """A webhook; the answer has its secret."""
        return self._of(post("/webhooks", {"url": url, "events": list(events)}))

    def switch(self, webhook: str, *, active: bool) -> Call:
        """A webhook on or off."""
        return self._of(post(f"/webhooks/{webhook}", {"active": active}, "PATCH"))

    def unsubscribe(self, webhook: str) -> Call:
        """A webhook away."""
        return self._of(Call("DELETE", f"/webhooks/{webhook}"))

    def test(self, webhook: str) -> Call:
        """The Send test button."""
        return self._of(Call("POST", f"/webhooks/{webhook}/test"))

    def rotate(self, webhook: str) -> Call:
        """A new secret; the answer has it."""
        return self._of(Call("POST", f"/webhooks/{webhook}/rotate-secret"))

    def new_template(self, name: str) -> Call:
        """A template that waits for Meta's review."""
        parts = [{"type": "BODY", "text": "Your order is on its way."}]
        body = {"name": name, "language": "en", "category": "UTILITY", "status": "PENDING", "components": parts}
        return self._of(post("/templates", body))

    def review(self, template: str, status: str, reason: str | None = None) -> Call:
        """What Meta says of it."""
        return self._of(
            post(f"/templates/{template}", {"status": status} | ({"reason": reason} if reason else {}), "PATCH")
        )

    def close(self, conversation: str) -> Call:
        """A conversation is over."""
        return self._of(post(f"/conversations/{conversation}", {"status": "CLOSED"}, "PATCH"))

    def job(self, job: str) -> Call:
        """A bulk send with its books."""
        return self._of(get(f"/jobs/{job}"))

    def advance(self, seconds: float) -> Call:
        """Time passes, on a clock that stands still."""
        return self._of(post("/clock/advance", {"seconds": seconds}))

    def clock(self) -> Call:
        """How time passes."""
        return self._of(get("/clock"))

    def new_key(self, label: str) -> Call:
        """Another API key."""
        return self._of(post("/api-keys", {"label": label, "role": "ADMIN"}))

    def revoke(self, key: str) -> Call:
        """Take a key back."""
        return self._of(Call("DELETE", f"/api-keys/{key}"))

    def limit(self, per_second: float, burst: int) -> Call:
        """A rate limit."""
        return self._of(post("/account", {"rateLimit": {"perSecond": per_second, "burst": burst}}, "PATCH"))

    @staticmethod
    def new_org(name: str, **settings: Any) -> Call:
        """Another organization, with a key of its own."""
        return replace(post("/orgs", {"name": name, **settings}), control=True)

    def drop(self) -> Call:
        """Away with it."""
        return self._of(Call("DELETE", ""))

    def _of(self, call: Call) -> Call:
        return replace(call, path=f"/orgs/{self.org}{call.path}", control=True)
