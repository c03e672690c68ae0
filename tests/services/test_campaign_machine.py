"""Jobs, opt-outs, reviews, disconnections, billing and time in any order: the books and the analytics always agree."""

from collections import Counter
from concurrent.futures import Future
from typing import Any

import hypothesis.strategies as st
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from mock_server.domain.accounts import BLOCKS_SENDING, Billing
from mock_server.domain.errors import MetaNotConnected, MetaRejected, PaymentRequired
from mock_server.domain.instant import DAY, SECOND, seconds
from mock_server.domain.jobs import Job, JobStatus, Recipient
from mock_server.domain.messages import Direction, Message
from mock_server.domain.phones import parse
from mock_server.domain.tallies import COUNTED
from mock_server.domain.templates import TemplateStatus
from mock_server.orgs import NewOrg, Orgs
from mock_server.services import accounts, analytics, channels, jobs, messages, optouts, templates
from mock_server.vendors.flowella import FLOWELLA
from mock_server.webhooks.transport import Answer, Post

PEOPLE = [f"+1555000{number:04d}" for number in range(8)]


class _Accepting:
    """A receiver in the same process that answers 200 at once."""

    def submit(self, post: Post) -> Future[Answer]:
        future: Future[Answer] = Future()
        future.set_result(Answer(200, None, "", 0.0, b"", ()))
        return future

    def close(self) -> None: ...


def _recipient(person: str, values: int) -> Recipient:
    return Recipient(parse(person), None, ("x",) * values, (), repeated=False)


class Campaigns(RuleBasedStateMachine):
    """One world, shaken."""

    @initialize()
    def begin(self) -> None:
        self.world, _, _ = Orgs(_Accepting(), FLOWELLA).create(NewOrg(scale=0, rng_seed="machine"))
        store = self.world.store
        self.template_id = next(t.id for t in store.templates.newest() if t.name == "order_update")
        self.channel_id = next(c.id for c in store.channels.newest() if c.is_default)
        self.pace: dict[str, float] = {}

    @rule(
        people=st.lists(st.sampled_from(PEOPLE), min_size=1, max_size=30),
        values=st.sampled_from([3, 3, 3, 2]),
        throttle=st.sampled_from([None, 60, 3600, 100_000]),
        delay=st.sampled_from([None, 0, 30, 600]),
    )
    def queue(self, people: list[str], values: int, throttle: int | None, delay: int | None) -> None:
        wanted = jobs.NewJob(
            template_id=self.template_id,
            template_waba_id=None,
            channel_id=self.channel_id,
            header=None,
            recipients=[_recipient(person, values) for person in people],
            scheduled_for=None if delay is None else self.world.clock.now() + seconds(delay),
            throttle_per_hour=throttle,
        )
        before = self._picture()
        try:
            job = jobs.queue(self.world, wanted, "queueTemplateSend")
        except (MetaRejected, MetaNotConnected, PaymentRequired):
            assert self._picture() == before
            assert not self._may_send()
        else:
            assert self._may_send()
            self.pace[job.id] = 80 if throttle is None else throttle / 3600

    @rule(person=st.sampled_from(PEOPLE), out=st.sampled_from([True, True, False]))
    def opt(self, person: str, out: bool) -> None:
        if out:
            optouts.set_by_api(self.world, phone=person, channel_id=self.channel_id, reason=None)
        else:
            optouts.clear_by_api(self.world, phone=person, channel_id=self.channel_id)

    @rule(status=st.sampled_from([TemplateStatus.APPROVED] * 3 + [TemplateStatus.PAUSED]))
    def review(self, status: TemplateStatus) -> None:
        templates.set_status(self.world, self.template_id, status, None)

    @rule(connected=st.sampled_from([True] * 4 + [False]))
    def connect(self, connected: bool) -> None:
        channels.update(self.world, self.channel_id, name=None, is_default=None, connected=connected)

    @rule(billing=st.sampled_from([Billing.ACTIVE] * 5 + [Billing.PAST_DUE, Billing.CANCELED]))
    def bill(self, billing: Billing) -> None:
        accounts.update(self.world, {"billing": billing})

    @rule(person=st.sampled_from(PEOPLE), text=st.sampled_from(["hi", "STOP", "START"]))
    def write(self, person: str, text: str) -> None:
        messages.receive_text(self.world, sender=person, text=text, channel_id=None, profile_name=None)

    # Three rules for one thing: hypothesis leaves out some rules in each example, and without time nothing happens.
    @rule(by=st.sampled_from([0, 0.3, 1]))
    def wait_a_moment(self, by: float) -> None:
        self._wait(by)

    @rule(by=st.sampled_from([2, 5, 61]))
    def wait_a_little(self, by: float) -> None:
        self._wait(by)

    @rule(by=st.sampled_from([600, 3600]))
    def wait_long(self, by: float) -> None:
        self._wait(by)

    def _wait(self, by: float) -> None:
        known = {message.id for message in self._outbound()}
        self.world.agenda.advance(self.world.clock.now() + seconds(by))
        reached = {message.contact_id for message in self._outbound() if message.id not in known}
        out = {contact.id for contact in self.world.store.contacts.newest() if self.channel_id in contact.opted_out_on}
        assert reached & out == set()

    @invariant()
    def the_books_balance(self) -> None:
        for job in self._jobs():
            assert job.recipients == job.pending + job.accepted + job.suppressed + job.rejected
            assert min(job.pending, job.accepted, job.suppressed, job.rejected) >= 0
            assert sum(dict(job.reasons).values()) == job.suppressed + job.rejected
            assert (job.finished_at is not None) == (job.pending == 0)
            assert (job.status is JobStatus.FAILED) == (job.pending == 0 and job.accepted == 0)

    @invariant()
    def what_was_accepted_is_there(self) -> None:
        sent = Counter(message.job_id for message in self._outbound())
        for job in self._jobs():
            assert sent[job.id] == job.accepted
        for job_id in sent:
            people = [m.contact_id for m in self._outbound() if m.job_id == job_id]
            assert len(people) == len(set(people))

    @invariant()
    def nobody_is_early(self) -> None:
        for job in self._jobs():
            times = sorted(m.created_at for m in self._outbound() if m.job_id == job.id)
            start = job.started_at or 0
            assert all(at - start >= k / self.pace[job.id] * SECOND for k, at in enumerate(times))
            assert job.started_at is None or job.started_at >= (job.scheduled_for or job.created_at)

    @invariant()
    def analytics_equal_what_is_stored(self) -> None:
        now = self.world.clock.now()
        expected = Counter(message.status for message in self._outbound())
        report = analytics.report(self.world, None, None)
        assert dict(zip(COUNTED, report.counts, strict=True)) == {status: expected[status] for status in COUNTED}
        middle = now - DAY // 50_000
        early, late = analytics.report(self.world, now - DAY, middle), analytics.report(self.world, middle, now + 1)
        assert early.total + late.total == report.total
        assert early.total == sum(message.created_at < middle for message in self._outbound())

    def _jobs(self) -> list[Job]:
        return list(self.world.store.jobs.newest()) if hasattr(self, "world") else []

    def _outbound(self) -> list[Message]:
        return [m for m in self.world.store.messages.newest() if m.direction is Direction.OUTBOUND]

    def _picture(self) -> tuple[Any, ...]:
        store = self.world.store
        counts = (store.jobs.count(), store.audiences.count(), store.contacts.count(), store.tasks.count())
        return (*counts, self.world.dice.drawn)

    def _may_send(self) -> bool:
        template = self.world.store.templates.get(self.template_id)
        channel = self.world.store.channels.get(self.channel_id)
        assert template is not None
        assert channel is not None
        paying = accounts.get(self.world).billing not in BLOCKS_SENDING
        return paying and channel.connected and template.status is TemplateStatus.APPROVED


# Always the same examples, and no shrinking: a failure is quick, and printed as the steps that led to it.
Campaigns.TestCase.settings = settings(
    max_examples=120,
    stateful_step_count=40,
    deadline=None,
    derandomize=True,
    phases=(Phase.generate,),
    suppress_health_check=list(HealthCheck),
)
TestCampaigns = Campaigns.TestCase
