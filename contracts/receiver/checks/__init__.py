"""The checks. Importing this enters all of them into the table, which is put in the order in which they are looked at."""

from contracts.receiver.checks import accepting, loading, refusing, repeating  # noqa: F401
from contracts.receiver.registry import ENTERED, Check

ORDER = (
    # Is anybody there, and what do they take? The others stand on it.
    *("answered-in-time", "raw-bytes-verified", "event-accepted"),
    # Everybody else is refused.
    *("unsigned-refused", "wrong-secret-refused", "whole-digest-compared", "tampered-refused"),
    *("stale-refused", "future-refused", "untimed-refused", "skew-accepted"),
    *("upper-case-refused", "prefixed-refused", "empty-body-refused", "post-only"),
    # What is unusual, and right.
    *("header-case-ignored", "content-type-tolerated", "unicode-accepted", "escapes-accepted"),
    *("unknown-event-accepted", "unknown-field-accepted", "large-accepted"),
    *("duplicate-accepted", "any-order-accepted"),
    # What became of it.
    *("acknowledged-is-kept", "processed-once", "redelivered-once", "concurrent-once"),
    *("failure-retried", "status-never-back"),
    # In time. The burst comes last: who does not recover from it spoils nothing else.
    *("slow-sender-accepted", "slow-sender-alone", "burst-answered", "burst-median", "burst-tail"),
)

CHECKS: dict[str, Check] = {name: ENTERED[name] for name in ORDER}

__all__ = ["CHECKS", "ORDER", "Check"]
