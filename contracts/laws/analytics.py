"""Analytics must agree with what was sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from contracts.laws.registry import law
from contracts.provenance import DESIGNED, DOCUMENTED, INFERRED, Mark

if TYPE_CHECKING:
    from contracts.laws.case import Case

_PAGE = "/api-reference/analytics/outbound-message-analytics"
_RATES = Mark(DESIGNED, "D15")
_SENT = 3
_PATIENCE = 8


@law(
    "analytics-agree",
    "Analytics count what was sent, and the rates follow from the counts",
    _PAGE,
    INFERRED,
    needs=("analytics",),
)
def analytics_agree(case: Case) -> None:
    """Before and after a few messages; periods with nothing in them; an end before the start."""
    before = _settled(case)
    if case.scene.may_write and "send" in case.scene.speech.verbs:
        number = case.scene.people.somebody()
        for _ in range(_SENT):
            case.must(case.scene.send(case, number), "sending a message")
        _until_moved(case)
        after = _report(case)
        more = after.get("total", 0) - before.get("total", 0)
        alone = case.scene.people.invented
        fine = more == _SENT if alone else more >= _SENT
        case.expect(fine, f"{_SENT} messages more", f"{more} more")
    past = _report(case, "2001-01-01", "2001-02-01")
    case.expect(past.get("total") == 0, "nothing was sent in 2001", f"{past.get('total')} messages")
    answer = case.verb("analytics", "2025-02-01", "2025-01-01")
    case.expect(answer.status == 400, "400 for an end before the start", str(answer.status), mark=_RATES)


def _settled(case: Case) -> dict[str, Any]:
    """A report whose total stands: a bulk send of another law may still be on its way."""
    report = _report(case)
    for _ in range(_PATIENCE):
        case.scene.client.wait(0.1)
        again = _report(case)
        if again.get("total") == report.get("total"):
            return again
        report = again
    return report


def _until_moved(case: Case) -> None:
    """Until a message has got further than being sent, so that there are rates to judge; a short while at most."""
    for _ in range(_PATIENCE):
        counts = (case.must(case.verb("analytics"), "analytics").get("outboundMessages") or {}).get("counts") or {}
        if any(counts.get(name) for name in ("DELIVERED", "READ")):
            return
        case.scene.client.wait(0.25)


def _report(case: Case, start: str | None = None, end: str | None = None) -> dict[str, Any]:
    """One report, judged in itself."""
    body = case.must(case.verb("analytics", start, end), "analytics")
    if start and end:
        period = body.get("period") or {}
        kept = str(period.get("start", "")).startswith(start) and str(period.get("end", "")).startswith(end)
        case.expect(kept, "the period that was asked for", str(period), mark=Mark(DOCUMENTED, _PAGE))
    messages = body.get("outboundMessages")
    if not isinstance(messages, dict) or not isinstance(messages.get("counts"), dict):
        return {}  # response-schema's business
    counts = {name: count for name, count in messages["counts"].items() if isinstance(count, int | float)}
    total = messages.get("total")
    case.expect(
        sum(counts.values()) == total, "the counts add up to the total", f"{sum(counts.values())}, total {total}"
    )
    for name, rate in _rates(counts, total).items():
        came = messages.get(name)
        fine = isinstance(came, int | float) and abs(came - rate) < 0.00011
        case.expect(fine, f"{name} that follows from the counts", f"{came} for {counts}", mark=_RATES)
    return messages


def _rates(counts: dict[str, Any], total: Any) -> dict[str, float]:
    arrived = counts.get("DELIVERED", 0) + counts.get("READ", 0)
    return {
        "deliveryRate": _ratio(arrived, (total or 0) - counts.get("PENDING", 0)),
        "readRate": _ratio(counts.get("READ", 0), arrived),
        "failureRate": _ratio(counts.get("FAILED", 0), total or 0),
    }


def _ratio(part: float, whole: float) -> float:
    return round(part / whole, 4) if whole else 0.0
