"""The journal of API calls: what the application under development asked for, and what it got."""

from dataclasses import dataclass

from mock_server.domain.faults import Struck
from mock_server.domain.instant import Instant


@dataclass(frozen=True, slots=True)
class RequestRecord:
    """`body` and `answer` hold the first bytes as they came and went; `operation_id` is None for a path that does not exist.

    `status` is None when a fault kept the answer back.
    """

    id: str
    at: Instant
    method: str
    path: str
    query: str
    operation_id: str | None
    status: int | None
    key_id: str | None
    body: bytes
    faults: tuple[Struck, ...] = ()
    answer: bytes = b""
