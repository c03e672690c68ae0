"""FlowIQ: its API at the root of the host, and its webhooks."""

from mock_server.vendors.dialect import Dialect
from mock_server.vendors.flowiq import hooks, problems, routes
from mock_server.web import journal
from mock_server.web.door import Door
from mock_server.web.faults import CallFaults
from mock_server.web.spec import Spec

FLOWIQ = Dialect(
    name="flowiq",
    key_prefix=routes.KEYS,
    compose=hooks.compose,
    tells=hooks.TELLS,
    signs=False,
    document="getFlowiqOpenapi",
    door=Door(
        spec=Spec("openapi-flowiq.yaml"),
        prefix="",
        views=routes.VIEWS,
        identify=routes.identify,
        problem=problems.problem,
        faults=CallFaults(single_sends=frozenset({"sendWhatsAppMessage"}), bulk_sends=frozenset({"sendTemplate"})),
        journal=journal.record,
    ),
)
