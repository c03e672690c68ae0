"""Control plane: an organization's whole state as one document, and back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mock_server import snapshots
from mock_server.web.control import MAX_SNAPSHOT, wire

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mock_server.web.door import Call, Reply, View

BODY_LIMITS = {"putSnapshot": MAX_SNAPSHOT}


def get_snapshot(call: Call) -> Reply:
    return 200, snapshots.write(snapshots.take(call.world))


def put_snapshot(call: Call) -> Reply:
    call.world.agenda.require_rest()
    snapshot = snapshots.read(call.body, webhook_hosts=tuple(call.orgs.webhook_hosts))
    return 200, wire.org(call.orgs.restore(call.world.org.id, snapshot))


VIEWS: Mapping[str, View] = {
    "getSnapshot": get_snapshot,
    "putSnapshot": put_snapshot,
}
