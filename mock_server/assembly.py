"""Where a world gets what makes it work: the agenda with its runners, and the dispatcher, which speaks as vendors do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mock_server.agenda import Agenda
from mock_server.domain.tasks import TaskKind
from mock_server.services import jobs, messages, quality
from mock_server.webhooks.dispatcher import Dispatcher

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mock_server.vendors.dialect import Dialect
    from mock_server.webhooks.transport import Transport
    from mock_server.world import World


def assemble(world: World, transport: Transport, dialects: Mapping[str, Dialect]) -> World:
    """The world, ready to work."""
    world.told = {name: one.tells for name, one in dialects.items()}
    dispatcher = Dispatcher(world, transport, {name: one.compose for name, one in dialects.items()})
    runners = {
        TaskKind.JOURNEY: messages.take_step,
        TaskKind.DELIVERY: dispatcher.run,
        TaskKind.JOB: jobs.step,
        TaskKind.UNPAUSE: quality.unpause,
        TaskKind.VERDICT: quality.judge,
        TaskKind.LET_GO: quality.let_go,
    }
    world.dispatcher = dispatcher
    world.agenda = Agenda(world, runners, dispatcher.wait_until_idle)
    return world
