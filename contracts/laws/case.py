"""A law's hands: it asks, expects, and says what was broken. What it cannot look at it says too."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from contracts.findings import Finding, curl, severity
from contracts.settings import digits
from contracts.stops import NotReached

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contracts.exchange import Answer, Call, Exchange
    from contracts.laws.registry import Law
    from contracts.provenance import Mark
    from contracts.scene import Scene


_MOST_STEPS = 4


@dataclass(slots=True)
class Case:
    """One law before one server."""

    scene: Scene
    law: Law
    began: int = 0
    """How many exchanges there were before this law."""

    def ask(self, call: Call) -> Answer:
        """Make a call, on this law's account. A server that fails is server-error's business: Raises NotReached then."""
        self.scene.client.part = self.law.name
        answer = self.scene.client.send(call)
        if answer.status >= 500 and self.law.watch is None:
            raise NotReached(f"{call.method} {call.path} answered {answer.status}, so there was nothing to look at")
        return answer

    def verb(self, name: str, /, *args: Any, **fields: Any) -> Answer:
        """Make a call in the vendor's speech: `case.verb("send", number, text)`."""
        return self.ask(self.scene.speech.verbs[name](*args, **fields))

    def must(self, answer: Answer, what: str) -> Any:
        """The JSON of a success that the law stands on. Raises NotReached for anything else."""
        if answer.ok and isinstance(answer.json, dict):
            return answer.json
        code = self.scene.speech.code(answer.json)
        raise NotReached(
            f"{what} answered {answer.status}{f' {code}' if code else ''}, so there was nothing to look at"
        )

    def held(self, times: int = 1) -> None:
        """Something was judged, and was as promised."""
        self.scene.ledger.looked(self.law.name, times)

    def expect(self, fine: bool, promised: str, came: str, **more: Any) -> bool:
        """Judge one thing. More: `mark`, `cause`, `exchange`, `warning`."""
        if fine:
            self.held()
        else:
            self.broken(promised, came, **more)
        return fine

    def broken(
        self,
        promised: str,
        came: str,
        *,
        mark: Mark | None = None,
        cause: str | None = None,
        exchange: Exchange | None = None,
        warning: bool = False,
    ) -> None:
        """Write down that the promise was not kept.

        A law is small, so whatever breaks it has one cause, unless it names several.
        """
        self._stand_on_sound_answers()
        scene, mark = self.scene, mark or self.law.mark
        exchange = exchange or scene.client.record.last
        scene.findings.add(
            Finding(
                check=self.law.name,
                operations=(self._label(exchange),),
                severity=severity(mark, warning=warning),
                provenance=mark.provenance,
                source=mark.source,
                promised=promised,
                came=came,
                curl=self._again(exchange),
                before=tuple(self._again(earlier) for earlier in self._leading_to(exchange)),
                cause=(self.law.name, cause or ""),
                exchange=exchange.number,
            )
        )
        if self.law.watch is not None:
            scene.spoiled.add(exchange.number)
        if not warning:
            scene.ledger.violated(self.law.name)

    def _again(self, exchange: Exchange) -> str:
        line = curl(exchange.shown_by, self.scene.speech, self.scene.client.our_key)
        return self.scene.desk.for_anybody(line) if self.scene.desk else line

    def _label(self, exchange: Exchange) -> str:
        label = exchange.operation or f"{exchange.call.method} {exchange.call.path}"
        return self.scene.desk.for_anybody(label) if self.scene.desk else label

    def _leading_to(self, exchange: Exchange) -> list[Exchange]:
        """The latest changes by this law to whom the call is about: without them it would show nothing again."""
        whom = self._reached(exchange)
        if self.scene.desk is not None:
            return self.scene.desk.leading_to(exchange)
        if self.law.watch is not None or not whom:
            return []
        earlier = self.scene.client.record.exchanges[self.began : exchange.number - 1]
        return [e for e in earlier if e.call.method != "GET" and not e.call.control and self._reached(e) == whom][
            -_MOST_STEPS:
        ]

    def _reached(self, exchange: Exchange) -> set[str]:
        body = exchange.call.json
        return {digits(str(one)) for one in self.scene.speech.reaches(body)} if isinstance(body, dict) else set()

    def _stand_on_sound_answers(self) -> None:
        """A law that acts says nothing where one of its own answers is broken already: that would be the same cause again."""
        spoiled = self.scene.spoiled
        if self.law.watch is None and any(n in spoiled for n in range(self.began + 1, self.scene.client.sent + 1)):
            raise NotReached("an answer that it stands on is broken already; mend that first")

    @contextmanager
    def quick(self) -> Iterator[None]:
        """As fast as it goes, where that is allowed. Raises Denied elsewhere."""
        self.scene.may_burst()
        with self.scene.client.burst():
            yield
