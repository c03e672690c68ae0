"""Writing API calls down, in the world they were made in."""

from __future__ import annotations

import contextlib
import logging
from typing import TYPE_CHECKING

from mock_server.domain.requests import RequestRecord
from mock_server.store.protocol import Gone

if TYPE_CHECKING:
    from flask import Request

    from mock_server.web.door import Call
    from mock_server.world import World

log = logging.getLogger("flowella_mock.api")

BODY_KEPT = 16_384
"""Bytes of a request's body that the journal keeps."""


def record(call: Call, request: Request, status: int | None) -> None:
    """A call that reached an operation."""
    _write(call.world, request, status, call)


def record_unrouted(world: World, request: Request, status: int | None) -> None:
    """A call to a path or with a method that does not exist."""
    _write(world, request, status, None)


def _write(world: World, request: Request, status: int | None, call: Call | None) -> None:
    struck = "".join(f" [fault {one.label or one.effect.type}]" for one in call.struck) if call else ""
    said = "unanswered" if status is None else status
    log.info("%s %s %s%s%s", request.method, request.path, said, call.refused if call else "", struck)
    with contextlib.suppress(Gone):  # its world may have been replaced meanwhile
        world.aside(lambda store: store.requests.put(_entry(world, request, status, call)))


def _entry(world: World, request: Request, status: int | None, call: Call | None) -> RequestRecord:
    return RequestRecord(
        id=world.journal_id(),
        at=world.clock.now(),
        method=request.method,
        path=request.path,
        query=request.query_string.decode("latin-1"),
        operation_id=call.operation.id if call else None,
        status=status,
        key_id=call.key.id if call and call.key else None,
        body=call.raw[:BODY_KEPT] if call else b"",
        faults=call.struck if call else (),
    )
