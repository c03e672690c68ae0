"""A check's hands: it posts, expects, and says what was broken."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from contracts.findings import Finding
from contracts.receiver import books
from contracts.receiver.again import again
from contracts.receiver.sender import LATE
from contracts.stops import NotReached

if TYPE_CHECKING:
    from contracts.exchange import Exchange
    from contracts.receiver.books import Books
    from contracts.receiver.letters import Letter
    from contracts.receiver.registry import Check
    from contracts.receiver.scene import Scene


@dataclass(slots=True)
class Case:
    """One check before one endpoint."""

    scene: Scene
    check: Check

    def write(self, event: str | None = None, **data: Any) -> Letter:
        """A new event."""
        return self.scene.writer.write(event, **data)

    def post(self, letter: Letter) -> Exchange:
        """Post it, on this check's account."""
        self.scene.client.part = self.check.name
        return self.scene.client.post(letter)

    def together(self, letters: list[Letter], apart: float = 0.0) -> list[Exchange]:
        """Post them all, whether or not those before are answered."""
        self.scene.client.part = self.check.name
        return self.scene.client.together(letters, apart)

    def accepts(self, letter: Letter, what: str, *before: Letter) -> bool:
        """Post it; it has to be answered 2xx. `before` are the letters that led there."""
        return self.expect(self.post(letter), letter, taken(what), *before)

    def refuses(self, letter: Letter, what: str, *before: Letter) -> bool:
        """Post it; any answer will do but 2xx."""
        exchange = self.post(letter)
        return self.judge(not ok(exchange), f"{what} is refused", came(exchange), letter, *before)

    def expect(self, exchange: Exchange, letter: Letter, promised: str, *before: Letter) -> bool:
        """Judge an answer that has to be 2xx."""
        return self.judge(ok(exchange), promised, came(exchange), letter, *before)

    def judge(self, fine: bool, promised: str, came: str, letter: Letter, *before: Letter) -> bool:
        """Judge one thing. A check is small, so whatever breaks it is one finding."""
        if fine:
            self.scene.ledger.looked(self.check.name)
        else:
            self._broken(promised, came, letter, before)
        return fine

    def books(self, *letters: Letter) -> Books:
        """What the endpoint did with these, once it has done it. Raises NotReached without a ledger."""
        scene = self.scene
        scene.client.part = self.check.name
        return books.settled(scene.client, scene.settings, [letter.id for letter in letters])

    def needs_books(self) -> None:
        """Raises NotReached without a ledger, before anything is posted for nothing."""
        if self.scene.settings.ledger_url is None:
            books.read(self.scene.client, self.scene.settings)

    def must(self, letter: Letter) -> Exchange:
        """Post what the check stands on. Raises NotReached when it is not taken."""
        exchange = self.post(letter)
        if not ok(exchange):
            raise NotReached(f"a valid event was answered {came(exchange)}, so there was nothing to look at")
        return exchange

    def welcome(self) -> None:
        """Raises NotReached for an endpoint that takes no valid event: whatever it does then says nothing."""
        scene = self.scene
        if scene.welcome is None:
            exchange = self.post(self.write())
            scene.welcome = "" if ok(exchange) else came(exchange)
        if scene.welcome:
            raise NotReached(f"a valid event is answered {scene.welcome}; mend that first")

    def _broken(self, promised: str, came: str, letter: Letter, before: tuple[Letter, ...]) -> None:
        scene, check = self.scene, self.check
        url, vendor = scene.settings.url, scene.vendor
        scene.findings.add(
            Finding(
                check=check.name,
                operations=(str(letter.value.get(vendor.event, letter.event)),),
                severity=check.mark.severity,
                provenance=check.mark.provenance,
                source=check.mark.source,
                promised=promised,
                came=came,
                curl=again(letter, vendor, url),
                before=tuple(again(one, vendor, url) for one in before),
                cause=(check.name,),
                exchange=scene.client.sent,
                risk=check.risk,
                fix=check.fix,
            )
        )
        scene.ledger.violated(check.name)


def taken(what: str) -> str:
    """The promise in words."""
    return f"{what} is answered 2xx"


def ok(exchange: Exchange) -> bool:
    """Whether the vendor would count it as delivered."""
    return exchange.answer is not None and exchange.answer.ok


def late(exchange: Exchange) -> bool:
    """Whether the vendor would have hung up."""
    return exchange.trouble == LATE


def came(exchange: Exchange) -> str:
    """The answer in words."""
    answer = exchange.answer
    if answer is None:
        return exchange.trouble or "no answer"
    if 300 <= answer.status < 400:
        return f"{answer.status} to {answer.header('Location') or 'elsewhere'}; nobody follows"
    text = " ".join(answer.body[:120].decode("utf-8", "replace").split())
    return f"{answer.status} {text}".strip()


def resealed(letter: Letter, **changes: Any) -> Letter:
    """The same event, posted in another way."""
    return replace(letter, **changes)
