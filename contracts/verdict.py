"""From what was seen to a verdict. Inconclusive is never success."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from contracts.reporting import Reached, Report, exit_code
from contracts.settings import READONLY, SANDBOX
from contracts.words import INCONCLUSIVE_EXIT, UNREACHABLE_EXIT, VIOLATED_EXIT

if TYPE_CHECKING:
    from contracts.findings import Finding
    from contracts.mask import Mask
    from contracts.receiver.scene import Scene as ReceiverScene
    from contracts.scene import Scene

    Seen = Scene | ReceiverScene


class Stop(Exception):
    """It makes no sense to go on; `code` is the verdict, the message says what to do."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code

    @classmethod
    def unreachable(cls, how: str, option: str = "--base-url") -> Stop:
        """Nobody is there."""
        return cls(UNREACHABLE_EXIT, f"{how}. Is the server running, and is {option} right?")

    @classmethod
    def unless_ours(cls, scene: Scene) -> None:
        """Raises Stop when what answers is another server, or does not know the key."""
        answer = scene.who
        if answer is None or answer.status >= 500:
            return
        if answer.status == 429:
            raise cls(
                INCONCLUSIVE_EXIT,
                "it answers 429 however long one waits: the quota is used up. Try later, or a lower --rate",
            )
        if 300 <= answer.status < 400:
            where = answer.header("Location") or "elsewhere"
            raise cls(
                INCONCLUSIVE_EXIT,
                f"it redirects to {where}: this is not the API. Give the address behind it as --base-url",
            )
        if answer.status in {401, 403}:
            raise cls(INCONCLUSIVE_EXIT, f"the key was refused ({answer.status}). Give one of this server as --api-key")
        if not isinstance(answer.json, dict):
            kind = answer.type or "no content type"
            raise cls(
                INCONCLUSIVE_EXIT,
                f"what answers is {answer.status} {kind}, not the API; a login page or a proxy perhaps. "
                f"--base-url ends in /api/v1",
            )
        if answer.status == 404:
            raise cls(
                INCONCLUSIVE_EXIT, "the first call answered 404: --base-url has the wrong path; it ends in /api/v1"
            )


def judge(scene: Scene, stop: Stop | None = None) -> Report:
    """The report of what was seen so far; `stop` when it was not the end."""
    if not scene.may_write:
        scene.ledger.excuse("in profile readonly nothing of this kind was read")
    book = scene.book
    report = conclude(scene, book.reached(scene), _facts(scene), stop)
    return replace(report, words=book.words)


def conclude(
    scene: Seen, operations: tuple[Reached, ...], facts: dict[str, object], stop: Stop | None = None
) -> Report:
    """The verdict, whoever looked, and at whom."""
    findings = scene.findings.all
    missing = [f"{entry.name}: {entry.reason}" for entry in scene.ledger.missing()]
    missing += [f"{one.operation} never succeeded" for one in operations if one.required and not one.successes]
    code = exit_code(findings, strict=scene.settings.strict, missing=bool(missing))
    reasons = tuple(dict.fromkeys(missing))
    if stop is not None:
        code = VIOLATED_EXIT if code == VIOLATED_EXIT else stop.code
        reasons = (str(stop),)
    return Report(
        exit_code=code,
        reasons=tuple(scene.mask(reason) for reason in reasons),
        findings=tuple(_masked(scene.mask, finding) for finding in findings),
        promises=tuple(replace(entry, reason=scene.mask(entry.reason)) for entry in scene.ledger),
        operations=operations,
        facts=facts,
        exchanges=tuple(scene.client.record.exchanges),
        mask=scene.mask,
    )


def operations(scene: Scene) -> tuple[Reached, ...]:
    """How often each was called. In a check of some laws only, nobody expects every operation to be called."""
    record, speech, profile = scene.client.record, scene.speech, scene.settings.what_may_be_done
    expected = {operation.id for operation in scene.spec.operations.values() if scene.may_write or not operation.writes}
    expected -= {SANDBOX: speech.not_in_sandbox, READONLY: speech.unreached_in_readonly}.get(profile, frozenset())
    return tuple(
        Reached(
            operation=operation.id,
            calls=sum(record.statuses.get(operation.id, {}).values()),
            successes=sum(n for status, n in record.statuses.get(operation.id, {}).items() if 200 <= status < 300),
            required=not scene.settings.only and operation.id in expected,
        )
        for operation in scene.spec.operations.values()
    )


def _facts(scene: Scene) -> dict[str, object]:
    settings, client = scene.settings, scene.client
    return {
        "baseUrl": scene.mask(settings.base_url),
        "spec": scene.spec.name,
        "api": scene.spec.title,
        "profile": settings.what_may_be_done,
        "seed": settings.seed,
        "requests": client.made,
        "seconds": round(client.seconds, 1),
        "throttled": client.throttled,
        "cases": scene.seen.get("cases", 0),
        "laws": sum(1 for entry in scene.ledger if entry.looked),
    }


def _masked(mask: Mask, finding: Finding) -> Finding:
    also = tuple(mask(words) for words in finding.also)
    promised, came, curl = mask(finding.promised), mask(finding.came), mask(finding.curl)
    beside = mask(finding.beside)
    before = tuple(mask(line) for line in finding.before)
    return replace(finding, promised=promised, came=came, curl=curl, beside=beside, also=also, before=before, cause=())
