"""Limits as JSON: what the control plane and seeds say to switch WhatsApp's limits on and off (D50).

For each: left out keeps, null and false are off, true is on with WhatsApp's numbers, an object is on with these numbers and
WhatsApp's for those it leaves out. Durations are seconds.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from mock_server.domain.instant import SECOND, seconds

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mock_server.domain.limits import Limits


@dataclass(frozen=True, slots=True)
class _Limit:
    """The field of `Limits`, and of its value: `numbers` and `durations` by their name in JSON."""

    field: str
    numbers: Mapping[str, str]
    durations: Mapping[str, str]


_LIMITS: dict[str, _Limit] = {
    "pairRate": _Limit("pair_rate", {"burst": "burst"}, {"perSeconds": "every"}),
    "throughput": _Limit("throughput", {"perSecond": "per_second"}, {}),
    "messagingTier": _Limit("messaging_tier", {}, {}),
    "marketingCap": _Limit("marketing_cap", {"messages": "messages"}, {"perSeconds": "window"}),
    "templatePausing": _Limit("template_pausing", {}, {"firstSeconds": "first", "secondSeconds": "second"}),
    "templatePacing": _Limit("template_pacing", {"firstBatch": "first_batch"}, {"holdSeconds": "window"}),
    "messageTtl": _Limit(
        "message_ttl", {}, {kind: kind for kind in ("authentication", "utility", "marketing", "text")}
    ),
}


def changed(limits: Limits, wanted: Mapping[str, Any], usual: Limits) -> Limits:
    """The limits after these switches were set. `wanted` fits the schema."""
    values = {_LIMITS[name].field: _value(_LIMITS[name], value, usual) for name, value in wanted.items()}
    return replace(limits, **values)


def shown(limits: Limits) -> dict[str, Any]:
    """Every limit with its numbers; null is off."""
    return {name: _shown(limit, getattr(limits, limit.field)) for name, limit in _LIMITS.items()}


def _value(limit: _Limit, value: Any, usual: Limits) -> Any:
    default = getattr(usual, limit.field)
    if value is None or isinstance(value, bool):
        return default if value else None
    if not isinstance(value, dict):
        return int(value)
    numbers = {field: int(value[name]) for name, field in limit.numbers.items() if name in value}
    durations = {field: seconds(value[name]) for name, field in limit.durations.items() if name in value}
    return replace(default, **numbers, **durations)


def _shown(limit: _Limit, value: Any) -> Any:
    if not limit.numbers and not limit.durations:
        return value
    if value is None:
        return None
    durations = {name: _seconds(getattr(value, field)) for name, field in limit.durations.items()}
    return {**durations, **{name: getattr(value, field) for name, field in limit.numbers.items()}}


def _seconds(duration: int) -> int | float:
    whole, rest = divmod(duration, SECOND)
    return duration / SECOND if rest else whole
