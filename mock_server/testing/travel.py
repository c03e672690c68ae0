"""The test's own clock: sleeping without waiting, and, with time-machine, a present that is the organization's."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING
from unittest import mock

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mock_server.testing.handle import Handle

SLEEP = "sleep"
"""The one function of the module that is stood in for."""


@contextmanager
def naps(handle: Handle) -> Iterator[None]:
    """While this holds, sleeping in this thread moves the organization's clock. Other threads sleep as ever."""
    really_sleep, mine = getattr(time, SLEEP), threading.get_ident()

    def sleep(seconds: float, /) -> None:
        if threading.get_ident() == mine and seconds >= 0:
            handle.sleep(seconds)
        else:
            really_sleep(seconds)

    with mock.patch.object(time, SLEEP, sleep):
        yield


@contextmanager
def along(handle: Handle) -> Iterator[None]:
    """While this holds, all clocks but the monotonic one show the organization's time, and stand still with it."""
    import time_machine

    with time_machine.travel(handle.now, tick=False) as traveller:
        handle.on_time = lambda: traveller.move_to(handle.now, tick=False)
        handle.travels = True
        yield
