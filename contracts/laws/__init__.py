"""The laws. Importing this enters all of them into the table, which is put in the order in which they are looked at."""

from contracts.laws import (  # noqa: F401
    analytics,
    answers,
    contacts,
    errors,
    everything,
    keys,
    manners,
    opt_outs,
    pages,
    sending,
    shape,
    tour,
)
from contracts.laws.registry import ENTERED, Law

TOUR = tour.NAME

ORDER = (
    # The tour comes first: the others stand on what it finds, and these look on from then on.
    TOUR,
    *("response-schema", "status-declared", "content-type", "server-error", "error-envelope", "no-extra-fields"),
    *("wamid-well-formed", "timestamps-sane", "ids-unique", "no-secrets-echoed", "response-time"),
    # Who may ask.
    *("key-required", "wrong-key-refused", "revoked-key-refused", "other-org-hidden"),
    # HTTP.
    *("method-not-allowed", "unsupported-media-type", "payload-too-large", "head-options"),
    # What the API is about.
    *("limit-bounds", "pages-complete", "pages-stable", "same-shape"),
    *("upsert-idempotent", "upsert-partial", "one-contact-per-number", "unknown-fields-harmless"),
    *("read-your-writes", "ids-agree"),
    *("opt-out-blocks", "opt-out-one-channel", "opt-out-clear", "job-books", "analytics-agree"),
    # Everything in any order, and generated input. The limit comes last: it makes the server refuse us for a while.
    *("model", "bad-input-refused", "rate-limit"),
)

LAWS: dict[str, Law] = {name: ENTERED[name] for name in ORDER if name in ENTERED}

__all__ = ["LAWS", "ORDER", "TOUR", "Law"]
