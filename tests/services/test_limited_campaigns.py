"""The same shaking as in test_campaign_machine, with WhatsApp's limits going on and off: the books balance all the same."""

from functools import partial
from typing import Any

import hypothesis.strategies as st
from hypothesis.stateful import initialize, invariant, rule
from test_campaign_machine import Campaigns

from mock_server import limits
from mock_server.domain.instant import SECOND
from mock_server.domain.messages import MessageStatus
from mock_server.domain.templates import Quality
from mock_server.services import accounts, quality, templates

TIGHT: dict[str, Any] = {
    "pairRate": {"perSeconds": 60, "burst": 1},
    "throughput": {"perSecond": 1},
    "messagingTier": 5,
    "marketingCap": {"messages": 1, "perSeconds": 600},
    "templatePausing": {"firstSeconds": 60, "secondSeconds": 600},
    "templatePacing": {"firstBatch": 1, "holdSeconds": 2000},
    "messageTtl": {"marketing": 2400},
}
TIER: int = TIGHT["messagingTier"]


class LimitedCampaigns(Campaigns):
    """A marketing template instead, and limits."""

    connect = bill = opt = None  # type: ignore[assignment]  # shaken enough in the other machine

    @initialize()
    def begin(self) -> None:
        super().begin()
        body = "{{1}}, {{2}} and {{3}} for you"
        fields: dict[str, Any] = {
            "name": "news",
            "language": "en_US",
            "category": "MARKETING",
            "status": "APPROVED",
            "waba_id": None,
            "components": [{"type": "BODY", "text": body}],
        }
        self.template_id = templates.create(self.world, fields).id

        self._switch(TIGHT)

    @rule(on=st.sets(st.sampled_from(sorted(TIGHT)), min_size=1))
    def switch(self, on: set[str]) -> None:
        self._switch({name: value if name in on else None for name, value in TIGHT.items()})

    def _switch(self, wanted: dict[str, Any]) -> None:
        usual = self.world.policy.usual_limits
        accounts.update(self.world, {"limits": partial(limits.changed, wanted=wanted, usual=usual)})

    @rule(found=st.sampled_from(Quality))
    def rate(self, found: Quality) -> None:
        quality.rate(self.world, self.template_id, found)

    @invariant()
    def what_is_held_is_waiting(self) -> None:
        if not hasattr(self, "world"):
            return
        store = self.world.store
        held = [store.messages.get(record.message_id) for record in store.held.newest()]
        assert all(message and message.status is MessageStatus.PENDING for message in held)
        counted = sum(pacing.held for pacing in store.pacings.newest())
        waiting = store.tasks.next_due()
        assert counted == len(held) or waiting == self.world.clock.now()  # on their way out

    @invariant()
    def nobody_is_left_behind(self) -> None:
        """Whatever is PENDING has a task that will move it, or is held, or has expired."""
        if not hasattr(self, "world"):
            return
        store, now = self.world.store, self.world.clock.now()
        held = {record.message_id for record in store.held.newest()}
        for message in self._outbound():
            old = now > message.created_at + SECOND
            expired = message.expires_at is not None and message.expires_at <= now
            if message.status is MessageStatus.PENDING and old and message.id not in held and not expired:
                assert store.tasks.count()

    @invariant()
    def the_tier_is_kept(self) -> None:
        """No more people than that on its books, each once."""
        if hasattr(self, "world"):
            people = [record.contact_id for record in self.world.store.reached.newest()]
            assert len(people) == len(set(people)) <= TIER


LimitedCampaigns.TestCase.settings = Campaigns.TestCase.settings
TestLimitedCampaigns = LimitedCampaigns.TestCase
del Campaigns  # or its tests would run again here
