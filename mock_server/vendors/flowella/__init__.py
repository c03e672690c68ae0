"""Flowella: REST API v1 under /api/v1, and its webhooks."""

from mock_server.vendors.dialect import Dialect
from mock_server.vendors.flowella import hooks, problems, routes
from mock_server.web import auth, journal
from mock_server.web.door import MEGABYTE, Door
from mock_server.web.faults import CallFaults
from mock_server.web.spec import Spec

PREFIX = "/api/v1"

FLOWELLA = Dialect(
    name="flowella",
    key_prefix="flo_",
    compose=hooks.compose,
    door=Door(
        spec=Spec("openapi.yaml"),
        prefix=PREFIX,
        views=routes.VIEWS,
        identify=auth.by_api_key,
        problem=problems.problem,
        body_limits={"queueTemplateSend": 20 * MEGABYTE},
        faults=CallFaults(frozenset({"sendMessage"}), bulk_sends=frozenset({"queueTemplateSend"})),
        journal=journal.record,
    ),
)
