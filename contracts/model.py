"""Everything in any order: a state machine of hypothesis acts on the server and on a model written from the documentation.

The model is one `Person` for each number. After each step the server's answer must be the model's, and now and then the
lists must be too. People are new in every run of the machine, so that runs do not disturb each other; a named recipient
starts from a state that is made known first. Nothing raises into hypothesis: once something is found, or the budget is
spent, the remaining steps do nothing. It does not shrink, because every step costs a request; the steps are told instead.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from hypothesis import HealthCheck, Phase, Verbosity, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from contracts.stops import Denied, NotReached, OverBudget, Unanswered

if TYPE_CHECKING:
    from collections.abc import Callable

    from contracts.laws.case import Case

RUNS, STEPS = 10, 30
RUNS_WITH_REAL_PEOPLE = 2

_WHO = st.integers(0, 2)
_NAME = st.one_of(st.none(), st.sampled_from(["Ada Lovelace", "Grace Hopper", "Ünïcödé 👋", "x", "n" * 200]))
_EMAIL = st.one_of(st.none(), st.sampled_from(["ada@example.com", "grace.hopper+navy@example.org"]))
_TEXT = st.sampled_from(["Hello", "Grüße 👋", "{{1}}", "x" * 4096])
_CHANNEL = st.booleans()
"""Values that every server must take; odd ones are other laws' business."""


@dataclass
class Person:
    """What the documentation says is true of one number. `id` None: nobody has made the contact yet."""

    number: str
    id: str | None = None
    name: str | None = None
    email: str | None = None
    out: bool = False
    conversation: str | None = None
    steps: list[str] = field(default_factory=list)


@dataclass
class Hand:
    """What one run of `model` has in common: the law's hands, the channel, and why it is over."""

    case: Case
    channel: str
    over: Exception | None = None
    found: bool = False

    def expect(self, person: Person | None, fine: bool, promised: str, came: str) -> None:
        """Judge one thing; what is wrong is found once, with the steps that led there."""
        if self.case.expect(fine, promised, f"{came}; steps: {', '.join(person.steps[-12:])}" if person else came):
            return
        self.found = True


class Messaging(RuleBasedStateMachine):
    """Three people, whom anything may happen to."""

    hand: ClassVar[Hand]

    def __init__(self) -> None:
        super().__init__()
        self.people: list[Person] = []
        self._step(self._gather)

    @rule(who=_WHO, name=_NAME, email=_EMAIL)
    def change(self, who: int, name: str | None, email: str | None) -> None:
        """Both fields."""
        self._step(lambda: self._upsert(self._person(who, "change"), name=name, email=email))

    @rule(who=_WHO, name=_NAME)
    def rename(self, who: int, name: str | None) -> None:
        """One field; the other stays."""
        self._step(lambda: self._upsert(self._person(who, "rename"), name=name))

    @rule(who=_WHO)
    def touch(self, who: int) -> None:
        """No field: everything stays."""
        self._step(lambda: self._upsert(self._person(who, "touch")))

    @rule(who=_WHO)
    def opt_out(self, who: int) -> None:
        """Nobody writes to them any more."""
        self._step(lambda: self._opt(self._person(who, "opt out"), "set"))

    @rule(who=_WHO)
    def opt_in(self, who: int) -> None:
        """They may be written to again."""
        self._step(lambda: self._opt(self._person(who, "opt in"), "clear"))

    @rule(who=_WHO, text=_TEXT, named=_CHANNEL)
    def send(self, who: int, text: str, named: bool) -> None:
        """It goes out, into the same conversation, unless they said stop."""
        self._step(lambda: self._send(self._person(who, "send"), text, self.hand.channel if named else None))

    @rule(who=_WHO)
    def queue(self, who: int) -> None:
        """A bulk send is taken, whoever is in it; those who said stop are left out of it."""
        self._step(lambda: self._queue(self._person(who, "queue")))

    @rule()
    def look_at_contacts(self) -> None:
        """The list shows everybody as they are."""
        self._step(self._look_at_contacts)

    @rule()
    def look_at_conversations(self) -> None:
        """Each conversation once, with its person."""
        self._step(self._look_at_conversations)

    def _step(self, act: Callable[[], None]) -> None:
        hand = self.hand
        if hand.over is not None or hand.found:
            return
        try:
            act()
        except (Denied, NotReached, OverBudget, Unanswered) as error:
            hand.over = error

    def _gather(self) -> None:
        people, case = self.hand.case.scene.people, self.hand.case
        while len(self.people) < (3 if people.invented else 1):
            person = Person(people.somebody())
            before = case.must(case.verb("opt_out", "clear", person.number, self.hand.channel), "an opt-out's clear")
            if people.invented and before.get("optOutId") is not None:
                continue  # somebody else's invention, or ours of an earlier run
            self.people.append(person)
            if not people.invented:
                self._upsert(person, name=None, email=None)

    def _person(self, who: int, step: str) -> Person:
        person = self.people[who % len(self.people)]
        person.steps.append(step)
        return person

    def _upsert(self, person: Person, **fields: Any) -> None:
        case = self.hand.case
        row = case.must(case.verb("upsert", person.number, **fields), "an upsert")
        fresh = person.id is None and not person.conversation
        for name, value in fields.items():
            setattr(person, name, value)
        self._agree(person, "id", row.get("id"))
        if fresh and case.scene.people.invented and fields.keys() < {"name", "email"}:
            person.name, person.email = row.get("name"), row.get("email")  # from an earlier run with this seed
        self._compare(person, row)

    def _opt(self, person: Person, action: str) -> None:
        case = self.hand.case
        state = case.must(case.verb("opt_out", action, person.number, self.hand.channel), f"an opt-out's {action}")
        person.out = action == "set"
        came = state.get("active")
        self.hand.expect(person, came is person.out, f"active: {person.out} after {action}", f"active: {came}")

    def _send(self, person: Person, text: str, channel: str | None) -> None:
        case = self.hand.case
        if person.out:
            answer = case.verb("send", person.number, text, channel)
            self.hand.expect(person, answer.status == 403, "403 for somebody who opted out", str(answer.status))
            return
        answer = case.scene.send(case, person.number, text, channel)
        self.hand.expect(person, answer.ok, "a message goes out", str(answer.status))
        if answer.ok and isinstance(answer.json, dict):
            self._agree(person, "id", answer.json.get("contactId"))
            self._agree(person, "conversation", answer.json.get("conversationId"))

    def _queue(self, person: Person) -> None:
        case, scene = self.hand.case, self.hand.case.scene
        template, recipient = scene.template(case), scene.recipient(case, person.number)
        answer = case.verb("queue", template["id"], self.hand.channel, [recipient])
        self.hand.expect(person, answer.ok, "a bulk send is taken", str(answer.status))

    def _look_at_contacts(self) -> None:
        case = self.hand.case
        page = case.must(case.verb("contacts", 100), "the list of contacts")
        rows = {row.get("id"): row for row in page.get("items", []) if isinstance(row, dict)}
        for person in self.people:
            if person.id in rows:
                self._compare(person, rows[person.id])

    def _look_at_conversations(self) -> None:
        case = self.hand.case
        page = case.must(case.verb("conversations", 100), "the list of conversations")
        rows = {row.get("id"): row for row in page.get("items", []) if isinstance(row, dict)}
        for person in self.people:
            if person.conversation in rows:
                whose = (rows[person.conversation].get("contact") or {}).get("id")
                self.hand.expect(person, whose == person.id, "a conversation names its contact", "another contact's id")

    def _agree(self, person: Person, field_: str, came: Any) -> None:
        """What was told of somebody once is told again."""
        known = getattr(person, field_)
        if known is None:
            setattr(person, field_, came)
        else:
            self.hand.expect(person, known == came, f"the same {field_} as before", f"another {field_}")

    def _compare(self, person: Person, row: dict[str, Any]) -> None:
        for name in ("name", "email"):
            wanted, came = getattr(person, name), row.get(name)
            self.hand.expect(person, wanted == came, f"{name} is what was written last", f"{came!r}, not {wanted!r}")
        if self.hand.case.scene.people.invented:
            came = row.get("isOptedOut")
            self.hand.expect(
                person, came is person.out, "isOptedOut as set or cleared last", f"{came}, not {person.out}"
            )


def explore(case: Case, channel: str) -> None:
    """Let the machine run a few times. Raises what ended it early."""
    hand = Hand(case, channel)
    told = seed(case.scene.settings.seed)(type("Told", (Messaging,), {"hand": hand}))
    how = settings(
        max_examples=RUNS if case.scene.people.invented else RUNS_WITH_REAL_PEOPLE,
        stateful_step_count=STEPS,
        phases=[Phase.generate],
        deadline=None,
        database=None,
        verbosity=Verbosity.quiet,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(told, settings=how)
    if hand.over is not None and not hand.found:
        raise hand.over
