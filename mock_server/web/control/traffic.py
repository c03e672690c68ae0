"""Control plane: what the platform does, and the logs of what happened."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from mock_server.domain.conversations import Conversation, ConversationStatus
from mock_server.domain.errors import Invalid
from mock_server.domain.messages import MessageStatus
from mock_server.services import conversations, deliveries, messages
from mock_server.services.lookup import existing
from mock_server.web.control import logs, wire
from mock_server.web.control.filters import listing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mock_server.web.door import Call, Reply, View


def list_messages(call: Call) -> Reply:
    render = partial(wire.message, world=call.world)
    return listing(call, call.world.store.messages, render, indexed=("contactId", "contact"))


def get_message(call: Call) -> Reply:
    message = existing(call.world.store.messages, call.path["id"], "message")
    return 200, wire.message(message, call.world)


def force_message_status(call: Call) -> Reply:
    status = MessageStatus(call.body["status"].upper())
    error = call.body.get("error")
    if error and status is not MessageStatus.FAILED:
        raise Invalid("error", f"goes with the status FAILED only, not with {status}")
    message = messages.force(call.world, call.path["id"], status, error and error["code"])
    return 200, wire.message(message, call.world)


def list_org_conversations(call: Call) -> Reply:
    render = partial(_conversation, call)
    return listing(call, call.world.store.conversations, render)


def update_conversation(call: Call) -> Reply:
    status = ConversationStatus(call.body["status"])
    return 200, _conversation(call, conversations.set_status(call.world, call.path["id"], status))


def list_deliveries(call: Call) -> Reply:
    return listing(call, call.world.store.deliveries, logs.delivery, found_by=logs.searchable_delivery)


def get_delivery(call: Call) -> Reply:
    delivery = existing(call.world.store.deliveries, call.path["id"], "delivery")
    return 200, logs.delivery(delivery)


def redeliver(call: Call) -> Reply:
    return 202, logs.delivery(deliveries.redeliver(call.world, call.path["id"]))


def list_jobs(call: Call) -> Reply:
    return listing(call, call.world.store.jobs, wire.job)


def get_job(call: Call) -> Reply:
    job = existing(call.world.store.jobs, call.path["id"], "job")
    return 200, wire.job(job)


def list_requests(call: Call) -> Reply:
    return listing(call, call.world.store.requests, logs.request, found_by=logs.searchable_request)


def clear_requests(call: Call) -> Reply:
    call.world.clear_journal()
    return 204, None


def _conversation(call: Call, record: Conversation) -> wire.Json:
    return wire.conversation(record, conversations.window_closes_at(call.world, record))


VIEWS: Mapping[str, View] = {
    "listMessages": list_messages,
    "getMessage": get_message,
    "forceMessageStatus": force_message_status,
    "listOrgConversations": list_org_conversations,
    "updateConversation": update_conversation,
    "listDeliveries": list_deliveries,
    "getDelivery": get_delivery,
    "redeliver": redeliver,
    "listJobs": list_jobs,
    "getJob": get_job,
    "listRequests": list_requests,
    "clearRequests": clear_requests,
}
