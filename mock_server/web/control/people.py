"""Control plane: who there is to write to, and how sending goes."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

from mock_server.domain.instant import iso
from mock_server.domain.tallies import COUNTED
from mock_server.services import analytics
from mock_server.services.lookup import existing
from mock_server.web.control import wire
from mock_server.web.control.filters import listing
from mock_server.web.dates import read_instant

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mock_server.domain.tallies import Report
    from mock_server.web.door import Call, Reply, View


def list_org_contacts(call: Call) -> Reply:
    return listing(call, call.world.store.contacts, wire.contact)


def get_org_contact(call: Call) -> Reply:
    return 200, wire.contact(existing(call.world.store.contacts, call.path["id"], "contact"))


def get_org_analytics(call: Call) -> Reply:
    start, end = (
        read_instant(name, call.query[name]) if name in call.query else None for name in ("startDate", "endDate")
    )
    whole = analytics.report(call.world, start, end)
    parts, length = call.query.get("buckets", 24), whole.end - whole.start
    edges = [whole.start + length * part // parts for part in range(parts + 1)]
    series = [analytics.report(call.world, *span) for span in pairwise(edges)] if length else []
    return 200, {**_show(whole), "series": [_show(one) for one in series]}


def _show(report: Report) -> dict[str, Any]:
    return {
        "start": iso(report.start),
        "end": iso(report.end),
        "total": report.total,
        "counts": dict(zip(COUNTED, report.counts, strict=True)),
    }


VIEWS: Mapping[str, View] = {
    "listOrgContacts": list_org_contacts,
    "getOrgContact": get_org_contact,
    "getOrgAnalytics": get_org_analytics,
}
