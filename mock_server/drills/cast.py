"""Who takes part in a drill: the client that is asked to do something, the books it keeps, the stage it all happens on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from mock_server.domain.instant import Instant
    from mock_server.webhooks.transport import Answer

Seen = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Job:
    """What the client is asked to do: `write` one text to each, send a `campaign`, or `reconcile` its books with the API."""

    drill: str
    number: int
    task: str
    recipients: tuple[str, ...]
    text: str
    template_id: str
    channel_id: str
    throttle_per_hour: int | None

    def environment(self) -> dict[str, str]:
        """The same for a process."""
        return {
            "FLOWELLA_DRILL": self.drill,
            "FLOWELLA_STEP": str(self.number),
            "FLOWELLA_TASK": self.task,
            "FLOWELLA_RECIPIENTS": " ".join(self.recipients),
            "FLOWELLA_TEXT": self.text,
            "FLOWELLA_TEMPLATE_ID": self.template_id,
            "FLOWELLA_CHANNEL_ID": self.channel_id,
            "FLOWELLA_THROTTLE_PER_HOUR": "" if self.throttle_per_hour is None else str(self.throttle_per_hour),
        }


@dataclass(frozen=True, slots=True)
class Ended:
    """How the client came out of it. `stopped`: it did not come out by itself."""

    words: str
    well: bool = True
    stopped: bool = False


@dataclass(frozen=True, slots=True)
class Cast:
    """What was given. `tell_secret` hands the receiver a new signing secret; `ledger` reads what `books` understands."""

    client: Callable[[Job], Ended] | None = None
    ledger: Callable[[], Any] | None = None
    tell_secret: Callable[[str], None] | None = None


class Stage(Protocol):
    """One organization of a fake, as a drill needs it."""

    @property
    def real_time(self) -> bool:
        """Does the client live in real time?"""

    @property
    def sends(self) -> frozenset[str]:
        """The operations that reach somebody."""

    @property
    def came(self) -> Mapping[str, Instant]:
        """When calls came by the machine's clock."""

    @property
    def patience(self) -> Mapping[str, float | None]:
        """How long the client of a call would have waited, where that is known; None is for ever."""

    @property
    def requests(self) -> Sequence[Seen]:
        """Calls, oldest first."""

    @property
    def deliveries(self) -> Sequence[Seen]:
        """Webhooks, oldest first."""

    @property
    def messages(self) -> Sequence[Seen]:
        """Messages, oldest first."""

    def now(self) -> Instant:
        """The organization's present."""

    def control(self, method: str, path: str, body: Any = None) -> Any:
        """A call of the control plane, below the organization."""

    def advance(self, seconds: float) -> Any:
        """Let so much time pass."""

    def settle(self) -> Any:
        """Let time pass until nothing waits."""

    def post(self, letters: Sequence[tuple[str, tuple[tuple[str, str], ...], bytes]]) -> list[Answer]:
        """Post these (address, headers, body), all at once."""

    def play_client(self, job: Job, api_key: str) -> None:
        """Do in a client's place what it would do, with a key of our own."""

    def receiver_is(self, *, up: bool) -> None:
        """Whether anything listens where the webhooks go."""

    def set_clock_off(self, seconds: int) -> None:
        """By how much the sender's clock is ahead of the receiver's."""
