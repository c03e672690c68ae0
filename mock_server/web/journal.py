"""Writing API calls down, in the world they were made in."""

from __future__ import annotations

import contextlib
import logging
from typing import TYPE_CHECKING

from mock_server.domain.requests import RequestRecord
from mock_server.store.protocol import Gone

if TYPE_CHECKING:
    from werkzeug.wrappers import Request, Response

    from mock_server.store.protocol import Store
    from mock_server.web.door import Call
    from mock_server.world import World

log = logging.getLogger("flowella_mock.api")

BODY_KEPT = 16_384
"""Bytes of a body that the journal keeps, one that came and one that went."""


def record(call: Call, request: Request, response: Response | None) -> None:
    """A call that reached an operation; no response where none is given."""
    _write(call.world, request, response, call)


def record_unrouted(world: World, request: Request, response: Response) -> None:
    """A call to a path or with a method that does not exist."""
    _write(world, request, response, None)


def _write(world: World, request: Request, response: Response | None, call: Call | None) -> None:
    noted: list[RequestRecord] = []

    def note(store: Store) -> None:
        noted.append(_entry(world, request, response, call))
        store.requests.put(noted[0])

    with contextlib.suppress(Gone):  # its world may have been replaced meanwhile
        world.aside(note)
    if noted and log.isEnabledFor(logging.INFO):
        _log(world, noted[0], call.refused if call else "")


def _log(world: World, entry: RequestRecord, refused: str) -> None:
    said = "unanswered" if entry.status is None else entry.status
    about = {"org": world.org.id, "request": entry.id, "operation": entry.operation_id, "status": entry.status}
    struck = "".join(f" [fault {one.label or one.effect.type}]" for one in entry.faults)
    log.info("%s %s %s%s%s", entry.method, entry.path, said, refused, struck, extra=about)


def _entry(world: World, request: Request, response: Response | None, call: Call | None) -> RequestRecord:
    return RequestRecord(
        id=world.journal_id(),
        at=world.clock.now(),
        method=request.method,
        path=request.path,
        query=request.query_string.decode("latin-1"),
        operation_id=call.operation.id if call else None,
        status=None if response is None else response.status_code,
        key_id=call.key.id if call and call.key else None,
        body=call.raw[:BODY_KEPT] if call else b"",
        faults=call.struck if call else (),
        answer=b"" if response is None else response.get_data()[:BODY_KEPT],
    )
