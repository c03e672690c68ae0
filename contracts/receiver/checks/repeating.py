"""Is each event dealt with exactly once? Only the endpoint's own ledger can tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contracts.receiver.case import came, ok, resealed
from contracts.receiver.registry import check
from contracts.receiver.vendors import NAMED, RETRIED, STATUSES
from contracts.stops import NotReached

if TYPE_CHECKING:
    from contracts.exchange import Exchange
    from contracts.receiver.case import Case
    from contracts.receiver.letters import Letter

_AT_ONCE = 20
_TWICE = "everything that follows from an event happens twice: two answers, two orders, two refunds"
_UNIQUE = "keep `data.id` with a unique key, in the same transaction as what follows from it"


@check(
    "acknowledged-is-kept",
    "What was answered 2xx is processed",
    "documented: /api-reference/webhooks",
    risk="what was answered 2xx never comes again, so whatever goes wrong after the answer is lost for good",
    fix="write the event down before you answer; if that fails, answer 500, and it comes again",
    needs=(NAMED,),
)
def acknowledged_is_kept(case: Case) -> None:
    """Every kind, all posted before the first one is looked for."""
    case.needs_books()
    letters = [letter for letter in case.scene.writer.all() if ok(case.post(letter))]
    if not letters:
        raise NotReached("no event was answered 2xx")
    events = case.books(*letters).events
    for letter in letters:
        case.judge(letter.id in events, "it is in the ledger", "answered 2xx, and never seen again", letter)


@check(
    "processed-once",
    "An event that comes again is processed once",
    "documented: /api-reference/webhooks",
    risk=_TWICE,
    fix=_UNIQUE,
    needs=(NAMED, RETRIED),
    stands_on=("acknowledged-is-kept",),
)
def processed_once(case: Case) -> None:
    """As a retry: the same delivery, again and again."""
    letter = case.write()
    _judge_once(case, letter, [case.must(letter), *(case.post(letter) for _ in range(2))])


@check(
    "redelivered-once",
    "An event that comes in another delivery is processed once",
    "documented: /api-reference/webhooks",
    risk=_TWICE,
    fix=f"{_UNIQUE}; a delivery's id is new when the same event is delivered again",
    needs=(NAMED, RETRIED),
    stands_on=("acknowledged-is-kept", "processed-once"),
)
def redelivered_once(case: Case) -> None:
    """The same `data.id` under another X-Flowella-Delivery."""
    letter = case.write()
    other = resealed(letter, delivery=case.scene.writer.id())
    _judge_once(case, other, [case.must(letter), case.post(other)], letter)


@check(
    "concurrent-once",
    f"An event that comes {_AT_ONCE} times at once is processed once",
    "documented: /api-reference/webhooks",
    risk=f"{_TWICE}; seldom enough that no test of yours has seen it",
    fix=f"{_UNIQUE}: who asks first and writes then is too late",
    needs=(NAMED, RETRIED),
    stands_on=("acknowledged-is-kept", "processed-once", "redelivered-once"),
)
def concurrent_once(case: Case) -> None:
    """A retry may come while the first attempt is still being worked at."""
    case.scene.may_burst()
    case.needs_books()
    letter = case.write()
    _judge_once(case, resealed(letter, copies=_AT_ONCE), case.together([letter] * _AT_ONCE))


@check(
    "failure-retried",
    "An event that the endpoint failed at is processed when it comes again",
    "documented: /api-reference/webhooks",
    risk="every failure of yours, however short, loses an event for good: its retry is taken for a repetition",
    fix="remember an event's id only together with its effect, in one transaction",
    needs=(NAMED, RETRIED),
    optional=True,
    stands_on=("acknowledged-is-kept", "duplicate-accepted"),
)
def failure_retried(case: Case) -> None:
    """Ask it to fail, let it fail, post again."""
    settings = case.scene.settings
    if settings.fail_url is None:
        raise NotReached("it takes --fail-url, an address where a POST makes the endpoint fail at its next event (500)")
    case.needs_books()
    asked = case.scene.client.call("POST", settings.fail_url)
    if not ok(asked):
        raise NotReached(f"POST {settings.fail_url} answered {came(asked)}")
    letter = case.write()
    failed = case.post(letter)
    if ok(failed):
        raise NotReached(f"it was to fail, and answered {came(failed)}")
    if case.accepts(letter, "the retry of an event that it failed at", letter):
        took = case.books(letter).events.get(letter.id, 0)
        words = "never processed, though answered 2xx" if not took else f"processed {took} times"
        case.judge(took == 1, "it is processed at the retry, once", words, letter, letter)


@check(
    "status-never-back",
    "A status that comes late does not undo a later one",
    "inferred: no order is promised anywhere",
    risk="messages that were read show as sent, reminders go out for what was answered, figures are wrong",
    fix="rank statuses, and only ever move a message up",
    needs=(NAMED,),
    stands_on=("acknowledged-is-kept", "any-order-accepted"),
)
def status_never_back(case: Case) -> None:
    """READ, then DELIVERED, then SENT; and once in order, with the first one again at the end."""
    case.needs_books()
    first, second, third = case.scene.writer.story()
    again = case.scene.writer.story()
    late = again[:1][0]
    repeated = resealed(late, value={**late.value, "data": {**late.data, "id": case.scene.writer.id()}})
    repeated = repeated.written(case.scene.writer.spell(repeated.value))
    for story in ([third, second, first], [*again, repeated]):
        for letter in story:
            case.must(letter)
        statuses = case.books(*story).messages
        if statuses is None:
            raise NotReached('the ledger does not tell statuses: {"messages": {"<messageId>": "READ"}}', required=False)
        status = str(statuses.get(story[0].data["messageId"], "not there"))
        case.judge(status.upper() == STATUSES[-1], "the message is READ", f"it is {status}", story[-1], *story[:-1])


def _judge_once(case: Case, letter: Letter, exchanges: list[Exchange], *before: Letter) -> None:
    if not any(ok(exchange) for exchange in exchanges):
        raise NotReached(f"a valid event was answered {came(exchanges[0])}, so there was nothing to look at")
    took = case.books(letter).events.get(letter.id, 0)
    if took == 0:
        raise NotReached("it never came into the ledger; see acknowledged-is-kept")
    words = f"posted {len(exchanges)} times, processed {took} times"
    earlier = before or ((letter,) if letter.copies == 1 else ())
    case.judge(took == 1, "it is processed once", words, letter, *earlier)
