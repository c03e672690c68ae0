"""Control plane: the Settings screens. API keys, webhooks, channels, templates, the account."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from mock_server import limits
from mock_server.domain.accounts import Billing, Provider, Role
from mock_server.domain.errors import Invalid
from mock_server.domain.events import EventKind, Platform
from mock_server.domain.rate_limits import RateLimit
from mock_server.domain.templates import Quality, TemplateStatus
from mock_server.services import accounts, api_keys, channels, endpoints, quality, templates
from mock_server.web.control import logs, wire
from mock_server.web.control.filters import listing
from mock_server.webhooks.targets import check_url

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mock_server.web.door import Call, Reply, View


def list_api_keys(call: Call) -> Reply:
    return listing(call, call.world.store.api_keys, wire.api_key)


def create_api_key(call: Call) -> Reply:
    api_keys.require_manager(Role(call.body.get("role", Role.OWNER)), "API keys")
    secret, key = call.orgs.issue_key(call.world, call.body["label"], vendor=call.body.get("vendor", ""))
    return 201, {**wire.api_key(key), "secret": secret}


def revoke_api_key(call: Call) -> Reply:
    return 200, wire.api_key(api_keys.drop(call.world, call.path["id"]))


def list_webhooks(call: Call) -> Reply:
    return listing(call, call.world.store.endpoints, wire.webhook)


def create_webhook(call: Call) -> Reply:
    body = call.body
    api_keys.require_manager(Role(body.get("role", Role.OWNER)), "webhooks")
    url = check_url(body["url"], call.orgs.webhook_hosts)
    dialect = call.orgs.dialect(body.get("vendor", ""))
    if "secret" in body and not dialect.signs:
        raise Invalid("secret", f"webhooks of {dialect.name} are not signed; leave it out")
    endpoint = endpoints.add(
        call.world,
        url,
        _events(body["events"]),
        body.get("secret") if dialect.signs else "",
        vendor=dialect.name,
        platform=Platform(body.get("platform", Platform.WHATSAPP)),
    )
    return 201, {**wire.webhook(endpoint), "secret": endpoint.secret or None}


def get_webhook(call: Call) -> Reply:
    with call.world.unit() as unit:
        return 200, wire.webhook(endpoints.find(unit, call.path["id"]))


def update_webhook(call: Call) -> Reply:
    body = call.body
    endpoint = endpoints.update(
        call.world,
        call.path["id"],
        url=check_url(body["url"], call.orgs.webhook_hosts) if "url" in body else None,
        events=_events(body["events"]) if "events" in body else None,
        active=body.get("active"),
    )
    return 200, wire.webhook(endpoint)


def delete_webhook(call: Call) -> Reply:
    endpoints.remove(call.world, call.path["id"])
    return 204, None


def test_webhook(call: Call) -> Reply:
    return 202, logs.delivery(endpoints.send_test(call.world, call.path["id"]))


def rotate_webhook_secret(call: Call) -> Reply:
    endpoint = endpoints.rotate_secret(call.world, call.path["id"])
    return 200, {**wire.webhook(endpoint), "secret": endpoint.secret}


def list_channels(call: Call) -> Reply:
    return listing(call, call.world.store.channels, wire.channel)


def create_channel(call: Call) -> Reply:
    body = call.body
    channel = channels.create(
        call.world,
        name=body.get("name"),
        phone=body.get("phone"),
        waba_id=body.get("wabaId"),
        is_default=body.get("isDefault", False),
        connected=body.get("connected", True),
    )
    return 201, wire.channel(channel)


def update_channel(call: Call) -> Reply:
    body = call.body
    channel = channels.update(
        call.world,
        call.path["id"],
        name=body.get("name"),
        is_default=body.get("isDefault"),
        connected=body.get("connected"),
    )
    return 200, wire.channel(channel)


def list_org_templates(call: Call) -> Reply:
    return listing(call, call.world.store.templates, wire.template)


def create_org_template(call: Call) -> Reply:
    body = call.body
    fields: dict[str, Any] = {
        "name": body["name"],
        "language": body.get("language", "en_US"),
        "category": body["category"],
        "components": body["components"],
        "status": body.get("status", TemplateStatus.PENDING),
        "waba_id": body.get("wabaId"),
    }
    return 201, wire.template(templates.create(call.world, fields))


def update_org_template(call: Call) -> Reply:
    body = call.body
    if "quality" in body:
        return 200, wire.template(quality.rate(call.world, call.path["id"], Quality(body["quality"])))
    status = TemplateStatus(body["status"])
    return 200, wire.template(templates.set_status(call.world, call.path["id"], status, body.get("reason")))


def get_account(call: Call) -> Reply:
    return 200, wire.account(accounts.get(call.world), call.world)


def update_account(call: Call) -> Reply:
    body = call.body
    changes: dict[str, Any] = {}
    if "billing" in body:
        changes["billing"] = Billing(body["billing"])
    if "metaConnected" in body:
        changes["meta_connected"] = body["metaConnected"]
    if "provider" in body:
        changes["provider"] = Provider(body["provider"])
    if "rateLimit" in body:
        limit = body["rateLimit"]
        changes["rate_limit"] = limit and RateLimit(limit["perSecond"], int(limit["burst"]))
    if "limits" in body:
        changes["limits"] = partial(limits.changed, wanted=body["limits"], usual=call.world.policy.usual_limits)
    return 200, wire.account(accounts.update(call.world, changes), call.world)


def _events(names: list[str]) -> tuple[EventKind, ...]:
    """`["*"]` is all of them, which is kept as none in particular."""
    return () if "*" in names else tuple(EventKind(name) for name in names)


VIEWS: Mapping[str, View] = {
    "listApiKeys": list_api_keys,
    "createApiKey": create_api_key,
    "revokeApiKey": revoke_api_key,
    "listWebhooks": list_webhooks,
    "createWebhook": create_webhook,
    "getWebhook": get_webhook,
    "updateWebhook": update_webhook,
    "deleteWebhook": delete_webhook,
    "testWebhook": test_webhook,
    "rotateWebhookSecret": rotate_webhook_secret,
    "listChannels": list_channels,
    "createChannel": create_channel,
    "updateChannel": update_channel,
    "listOrgTemplates": list_org_templates,
    "createOrgTemplate": create_org_template,
    "updateOrgTemplate": update_org_template,
    "getAccount": get_account,
    "updateAccount": update_account,
}
