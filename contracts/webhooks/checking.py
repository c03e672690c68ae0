"""`webhooks`: the same way through as `check`, with a receiver of our own and laws about what comes there."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from contracts import checking
from contracts.book import Book
from contracts.control import Control
from contracts.laws.registry import ENTERED
from contracts.reporting import Reached
from contracts.settings import Settings, WrongUsage
from contracts.spec import load
from contracts.speech import speech_of
from contracts.speech.flowella import FLOWELLA
from contracts.stops import Denied, NotReached, OverBudget, Unanswered
from contracts.verdict import Stop
from contracts.webhooks import looking, switching, telling, trying  # noqa: F401 - importing enters their laws
from contracts.webhooks.declared import declared
from contracts.webhooks.desk import ControlledDesk
from contracts.webhooks.inbox import Inbox
from contracts.webhooks.listening import PATH, ListeningDesk
from contracts.words import EMITTED, INCONCLUSIVE_EXIT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from contracts.checking import Progress
    from contracts.reporting import Report
    from contracts.scene import Scene
    from contracts.timing import Clock

    Ask = Callable[[str], str]

ORDER = (
    # What happens is made to happen; from then on these look at every delivery.
    telling.NAME,
    *("delivery-body", "delivery-fields", "delivery-headers"),
    *("delivery-signature", "delivery-no-secret", "delivery-timestamp", "event-time"),
    # What came, as a whole.
    *(
        "nothing-invented",
        "event-ids-unique",
        "delivery-ids-unique",
        "event-ids-stable",
        "states-in-order",
        "payload-agrees",
    ),
    # Endpoints that answer, fail, redirect, and are switched off.
    *("test-event", "subscriptions-respected", "retry-schedule", "retries-same", "redirects-not-followed"),
    *("inactive-silent", "auto-disable", "rotation"),
)


def webhooks(base_url: str, api_key: str, *, progress: Progress | None = None, **settings: Any) -> Report:
    """Look whether what this deployment sends is right. Settings are those of `Settings`; raises WrongUsage."""
    for name in ("only", "skip", "recipients"):
        if name in settings:
            settings[name] = tuple(settings[name])
    return run(Settings(base_url, api_key, **settings), progress)


def run(
    settings: Settings, progress: Progress | None = None, clock: Clock | None = None, ask: Ask | None = None
) -> Report:
    """The same with settings that were made already. `ask` gets the secret of the endpoint that somebody has added."""
    if (settings.control_url is None) == (settings.listen is None):
        raise WrongUsage(
            "--control-url, --listen: give one of them: the fake's control plane, such as "
            "http://127.0.0.1:8484/_mock, or where to listen for a real deployment, such as 127.0.0.1:9000"
        )
    speech = speech_of(load(settings.spec))
    if speech is not FLOWELLA:
        raise WrongUsage(
            f"--spec {settings.spec}: only Flowella's webhooks are looked at, which are signed, tried again and switched off"
        )
    return checking.run(settings, progress, clock, replace(BOOK, opening=partial(_opening, ask=ask)))


@contextmanager
def _opening(scene: Scene, ask: Ask | None = None) -> Iterator[None]:
    """A receiver, and somebody to make send. Raises Stop where there is none."""
    try:
        inbox = Inbox(scene.client.clock, *scene.settings.listens_at)
    except OSError as error:
        raise WrongUsage(f"--listen: {scene.settings.listen} cannot be listened at: {error.strerror}") from None
    with inbox:
        scene.desk = _controlled(scene, inbox) if scene.has_control else _listening(scene, inbox, ask)
        try:
            yield
        finally:
            scene.seen["cases"] = scene.client.sent - scene.client.made


def _controlled(scene: Scene, inbox: Inbox) -> ControlledDesk:
    """Raises WrongUsage where nothing may be made, and Stop where nothing can be."""
    try:
        return _desk(scene, inbox)
    except Denied as denied:
        raise WrongUsage(f"--profile: webhooks makes an organization of its own on the fake, but {denied}") from None
    except (Unanswered, OverBudget, NotReached) as error:
        raise Stop(INCONCLUSIVE_EXIT, f"--control-url: {error}") from None


def _desk(scene: Scene, inbox: Inbox) -> ControlledDesk:
    """An organization of our own on the fake."""
    client = scene.client
    client.part = "opening"
    seed = str(scene.settings.seed)
    made = client.send(Control.new_org("flowella-contract webhooks", clock="manual", rngSeed=seed))
    told = made.json if isinstance(made.json, dict) else {}
    if not made.ok or not isinstance(told.get("id"), str):
        raise Stop(INCONCLUSIVE_EXIT, f"--control-url: making an organization there answered {made.status}")
    scene.made_orgs.append(told["id"])
    client.know_key("ours", str(told.get("apiKey")))
    scene.mask.learn_secret(str(told.get("apiKey")))
    desk = ControlledDesk(scene, inbox, told["id"])
    desk.start()
    return desk


def _listening(scene: Scene, inbox: Inbox, ask: Ask | None) -> ListeningDesk:
    """Somebody else's organization, where somebody adds our URL. Raises WrongUsage without its secret."""
    if not scene.may_write:
        raise WrongUsage("--listen: it takes sending a message: --profile sandbox --recipient +15551234567 (yours)")
    url, secret = inbox.url + PATH, scene.settings.webhook_secret
    if not secret and ask is not None:
        secret = ask(
            f"Add {url} in Settings > Webhooks for all events, behind a public https address. Its signing secret"
        )
    if not secret:
        raise WrongUsage(f"--webhook-secret: give the one that Settings > Webhooks shows when {url} is added")
    return ListeningDesk(scene, inbox, secret)


def _reached(scene: Scene) -> tuple[Reached, ...]:
    """The kinds of events: what the spec knows, and how often each came."""
    statuses = scene.client.record.statuses
    counts = {event: dict(statuses.get(event, {})) for event in declared(scene.spec)}
    return tuple(
        Reached(
            operation=event,
            calls=sum(came.values()),
            successes=sum(times for status, times in came.items() if status < 300),
            required=not scene.settings.only and scene.settings.control_url is not None,
        )
        for event, came in counts.items()
    )


BOOK = Book(
    laws={name: ENTERED[name] for name in ORDER},
    reached=_reached,
    provoking=(telling.NAME,),
    always=frozenset(ORDER) - {"delivery-fields"},
    opening=_opening,
    words=EMITTED,
)
"""Whether what is sent keeps the contract."""
