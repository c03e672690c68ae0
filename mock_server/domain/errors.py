"""Every way the world says no.

A refusal names the thing, its state, what would have been allowed and the way out. It knows no HTTP: each vendor's
`problems.py` has one table from these classes to its own statuses, codes and texts.
"""

import difflib
from collections.abc import Iterable


class Refusal(Exception):
    """The call is understood and refused; nothing has changed. `str()` is a sentence for people."""


class Invalid(Refusal):
    """A value breaks a rule. `field` is its path in the body or query, `problem` what is wrong and what would be right.

    `missing` where nothing is given at all.
    """

    def __init__(self, field: str, problem: str, *, missing: bool = False) -> None:
        super().__init__(f"{field}: {problem}" if field else problem)
        self.field = field
        self.problem = problem
        self.missing = missing


class NotFound(Refusal):
    """`thing` (channel, template, contact …) with this id does not exist in this organization."""

    def __init__(self, thing: str, wanted: str, hint: str = "") -> None:
        where = "on this server" if thing == "organization" else "in this organization"
        super().__init__(f"No {thing} {wanted!r} {where}{f'; {hint}' if hint else ''}")
        self.thing = thing
        self.wanted = wanted


class OptedOut(Refusal):
    """The contact has opted out on this channel (D17, vendor: /troubleshooting/opt-out-not-honoured)."""

    def __init__(self, phone: str, channel_id: str) -> None:
        super().__init__(f"Contact opted out: {phone} does not accept messages from channel {channel_id}")


class PaymentRequired(Refusal):
    """The subscription does not cover sending (D18)."""

    def __init__(self, billing: str) -> None:
        super().__init__(f"Subscription required: billing is {billing}, sending needs it active")


class MetaNotConnected(Refusal):
    """The organization, or the channel, is not connected to Meta."""

    def __init__(self, what: str) -> None:
        super().__init__(f"{what} is not connected to Meta; reconnect it before sending")


class OtherProvider(Refusal):
    """The organization reaches WhatsApp through somebody who is not supported here."""

    def __init__(self, provider: str) -> None:
        super().__init__(f"Sending needs Meta as the WhatsApp provider; it is {provider}")
        self.provider = provider


class Unreachable(Refusal):
    """The number belongs to nobody on WhatsApp."""


class AlreadyThere(Refusal):
    """What was to be made exists; `existing` is it."""

    def __init__(self, sentence: str, existing: object) -> None:
        super().__init__(sentence)
        self.existing = existing


class MediaFailed(Refusal):
    """A file could not be taken to where it has to go: `store` is ours, else Meta's."""

    def __init__(self, sentence: str, *, store: bool) -> None:
        super().__init__(sentence)
        self.store = store


class MetaRejected(Refusal):
    """WhatsApp refused the message at once. `code` and `title` as in Meta's table of error codes."""

    def __init__(self, code: int, title: str, details: str) -> None:
        super().__init__(f"(#{code}) {title}: {details}")
        self.code = code


class Forbidden(Refusal):
    """The role that asks may not do this."""


class Conflict(Refusal):
    """The thing is in a state that does not allow this."""


def did_you_mean(wrong: str, known: Iterable[str]) -> str:
    """`; did you mean 'x'?`, or nothing when no known word comes near."""
    spelt = {word.casefold(): word for word in known}
    near = difflib.get_close_matches(wrong.casefold(), spelt, n=1)
    return f"; did you mean {spelt[near[0]]!r}?" if near else ""
