"""Working until somebody asks to stop."""

from __future__ import annotations

import signal
import socket
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def asked_to_stop() -> Iterator[socket.socket]:
    """A socket that has something to read once Ctrl-C or SIGTERM came.

    A lock or an event would miss a signal that comes just before the wait for it; a byte in a socket stays.
    """
    reader, writer = socket.socketpair()
    with reader, writer:
        writer.setblocking(False)
        signal.set_wakeup_fd(writer.fileno(), warn_on_full_buffer=False)
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: None)
        yield reader
        signal.set_wakeup_fd(-1)
