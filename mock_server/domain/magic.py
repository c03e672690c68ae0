"""Magic recipients: numbers that have one outcome each, for any organization, with no set-up.

`+15000` and six digits fails with that WhatsApp error code, the way reality does: some codes are the answer to the call,
others reach the message later. Numbers below `+1500555` play a named behaviour. Neither needs an open service window.
"""

from dataclasses import dataclass

from mock_server.domain.instant import seconds
from mock_server.domain.journeys import DELIVERED_AND_READ, REENGAGEMENT, Journey, Step, failing
from mock_server.domain.messages import MessageStatus, MetaError
from mock_server.domain.meta_errors import LATER, TITLES, meta_error

CODE_PREFIX = "+15000"

_S = MessageStatus
_SENT, _DELIVERED, _READ = DELIVERED_AND_READ


@dataclass(frozen=True, slots=True)
class Outcome:
    """What becomes of a message to a magic number: `refusal` at once, or a `journey`."""

    name: str
    description: str
    journey: Journey = ()
    refusal: MetaError | None = None


NAMED: dict[str, Outcome] = {
    "+15005550001": Outcome("neverDelivered", "blocked us: sent, and nothing more ever", (_SENT,)),
    "+15005550002": Outcome("neverRead", "delivered, never read: read receipts are off", (_SENT, _DELIVERED)),
    "+15005550003": Outcome(
        "readWithoutDelivered", "the chat is open: read without delivered", (_SENT, Step(seconds(1.2), _S.READ))
    ),
    "+15005550004": Outcome(
        "outOfOrder",
        "delivered is announced before sent",
        (Step(_SENT.after, _S.SENT, lag=seconds(2)), _DELIVERED, _READ),
    ),
    "+15005550005": Outcome(
        "duplicateStatuses",
        "each status is announced twice, as two events",
        tuple(step for once in DELIVERED_AND_READ for step in (once, Step(once.after, once.status, noise=True))),
    ),
    "+15005550006": Outcome(
        "failedAfterSent", "sent, then failed with 131026", (_SENT, Step(seconds(3), _S.FAILED, meta_error(131026)))
    ),
    "+15005550007": Outcome(
        "deliveredAfterFailed",
        "failed with 131026, then delivered is announced all the same",
        (*failing(meta_error(131026)), Step(seconds(4), _S.DELIVERED, noise=True)),
    ),
    "+15005550008": Outcome(
        "expiredSilently", "the phone is off until the message expires: sent, no word of it", (_SENT,)
    ),
    "+15005550009": Outcome(
        "repliesStop", "delivered, and the answer is STOP", (_SENT, _DELIVERED, Step(seconds(3), reply="STOP"))
    ),
    "+15005550010": Outcome(
        "repliesText",
        "read, and answered with a text",
        (*DELIVERED_AND_READ, Step(seconds(8), reply="Thanks, got it!")),
    ),
    "+15005550011": Outcome(
        "opensNoWindow",
        "may write as much as they like: free-form text to them fails with 131047",
        failing(REENGAGEMENT),
    ),
    "+15005550012": Outcome(
        "phoneOff",
        "the phone is off for 15 minutes: sent, and only then delivered, unless the message has expired",
        (_SENT, Step(seconds(900), _S.DELIVERED), Step(seconds(904), _S.READ)),
    ),
}


def outcome(phone: str) -> Outcome | None:
    """What becomes of a message to this number (E.164); None for a number that is not magic."""
    if phone.startswith(CODE_PREFIX) and len(phone) == len(CODE_PREFIX) + 6:
        return failing_with(int(phone[len(CODE_PREFIX) :]))
    return NAMED.get(phone)


def all_recipients() -> list[tuple[str, Outcome]]:
    """Every magic number: one per known code, then the named ones."""
    by_code = [(f"{CODE_PREFIX}{code:06d}", failing_with(code)) for code in sorted(TITLES)]
    return [*by_code, *NAMED.items()]


def failing_with(code: int) -> Outcome:
    """What becomes of a message that WhatsApp refuses with this code: an answer to the call, or news that come later."""
    error = meta_error(code)
    if code in LATER or code not in TITLES:
        return Outcome(f"error{code}", f"accepted, then fails: {error.title}", failing(error))
    return Outcome(f"error{code}", f"refused at once: {error.title}", refusal=error)
