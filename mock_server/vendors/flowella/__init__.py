"""Flowella: REST API v1 under /api/v1, and its webhooks."""

from functools import partial

from mock_server.vendors.dialect import Dialect
from mock_server.vendors.flowella import hooks, problems, routes
from mock_server.web import auth, journal
from mock_server.web.door import MEGABYTE, Door
from mock_server.web.faults import CallFaults
from mock_server.web.spec import Spec

PREFIX = "/api/v1"
KEYS = "flo_"

FLOWELLA = Dialect(
    name="flowella",
    key_prefix=KEYS,
    compose=hooks.compose,
    tells=hooks.TELLS,
    signs=True,
    document="getOpenapi",
    door=Door(
        spec=Spec("openapi.yaml"),
        prefix=PREFIX,
        views=routes.VIEWS,
        identify=partial(auth.by_api_key, prefix=KEYS),
        problem=problems.problem,
        body_limits={"queueTemplateSend": 20 * MEGABYTE},
        faults=CallFaults(frozenset({"sendMessage"}), bulk_sends=frozenset({"queueTemplateSend"})),
        journal=journal.record,
    ),
)
