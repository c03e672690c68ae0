"""A WSGI app on a listening socket of its own, on waitress.

Theory. One loop thread polls all sockets, and worker threads run the app; a connection costs a worker only while the
app works on a complete request. The loop is ours and not waitress's, so that it can keep timers (the poll waits no
longer than until the next one) and stop at once (a flag, and a byte into waitress's trigger to wake the poll). What
happens on one connection is in `wire`.

Silence: a connection that is idle, does not read its answer, or has not completed its request for IDLE_SECONDS is
given up. A sweep looks every SWEEP_SECONDS, so it goes after 60 to 65 seconds. Time is `monotonic` only, and only
here and in `wire`.

Internals of waitress leant on: `TcpWSGIServer` with `_sock`, `_map`, `trigger`, `active_channels`, `task_dispatcher`,
`accept`; `ThreadedTaskDispatcher` with `queue`, `lock`, `queue_cv`, `thread_exit_cv`, `threads`; `wasyncore.poll2`.
"""

import errno
import heapq
import itertools
import logging
import os
import select
import socket
import sys
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self, TypeAlias
from wsgiref.types import WSGIApplication

from waitress import wasyncore
from waitress.adjustments import Adjustments
from waitress.server import TcpWSGIServer
from waitress.task import ThreadedTaskDispatcher

from mock_server.wire import Channel, Soon, close

ErrorBody: TypeAlias = Callable[[str, int, str], tuple[str, bytes]]

BACKLOG = 1024
ACCEPT_BATCH = 64  # connections taken per turn of the loop, so that a crowd does not pay for one poll each
IDLE_SECONDS = 60.0
SWEEP_SECONDS = 5.0

logger = logging.getLogger(__name__)
_poll = wasyncore.poll2 if hasattr(select, "poll") else wasyncore.poll


class Timers:
    """Actions due at a time, earliest first. For the loop's thread only."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._due: list[tuple[float, int, Callable[[], object]]] = []
        self._order = itertools.count()

    def after(self, seconds: float, action: Callable[[], object]) -> None:
        heapq.heappush(self._due, (self._monotonic() + seconds, next(self._order), action))

    def wait(self) -> float:
        """Seconds until the next action, up to the next millisecond: poll rounds down and would spin."""
        left = self._due[0][0] - self._monotonic() if self._due else SWEEP_SECONDS
        return left + 0.001 if left > 0 else 0.0

    def run_due(self) -> None:
        if not self._due:
            return
        now = self._monotonic()
        due = []
        while self._due and self._due[0][0] <= now:
            due.append(heapq.heappop(self._due)[2])
        for action in due:  # what these set for now waits for the next turn of the loop
            try:
                action()
            except Exception:
                logger.exception("a timed action of the server failed")


class Workers(ThreadedTaskDispatcher):  # type: ignore[misc]  # waitress has no types
    """waitress's threads, without its warning for every request that has to queue, and with an exact end."""

    def add_task(self, task: Channel) -> None:
        with self.lock:
            self.queue.append(task)
            self.queue_cv.notify()

    def retire(self, timeout: float) -> None:
        """Let the threads go; one stuck in the app goes when the app lets it."""
        self.set_thread_count(0)
        with self.lock:
            while self.queue:
                self.queue.popleft().cancel()
            self.thread_exit_cv.wait_for(lambda: not self.threads, max(0.0, timeout))
            self.thread_exit_cv.notify_all()  # a thread that goes wakes only one who waits for it


class Loop(TcpWSGIServer):  # type: ignore[misc]  # waitress has no types
    """The listening socket, its connections and their timers."""

    channel_class = Channel

    def __init__(
        self, app: WSGIApplication, settings: Adjustments, error_body: ErrorBody, monotonic: Callable[[], float]
    ) -> None:
        self.monotonic = monotonic
        self.error_body = error_body
        self.timers = Timers(monotonic)
        self.after = self.timers.after
        self.soon = Soon(self.pull_trigger)
        self.stopping = False
        self._awake = self._paused = self._shut = False
        self._waking = threading.RLock()  # a signal handler may stop us while we hold it
        (sock,) = settings.sockets
        sockinfo = (sock.family, sock.type, sock.proto, sock.getsockname())
        super().__init__(app, {}, _sock=sock, dispatcher=Workers(), adj=settings, sockinfo=sockinfo, bind_socket=False)

    def run(self) -> None:
        self._sweep()
        while not self.stopping:
            self._awake = False  # first, so that whoever changes something from now on wakes the poll
            self.soon.run()
            _poll(self.timers.wait(), self._map)
            self.timers.run_due()

    def halt(self) -> None:
        """From any thread, or from a signal handler in any of them."""
        self.stopping = True
        self.pull_trigger()

    def pull_trigger(self) -> None:
        """Wake the loop; one byte is enough for all who want it in the same turn."""
        if self._awake:
            return
        self._awake = True
        with self._waking:  # a worker that outlives us must not write to a descriptor that is somebody else's by now
            if not self._shut:
                super().pull_trigger()

    def shut(self) -> None:
        for channel in list(self.active_channels.values()):
            close(channel)
        with self._waking:
            self._shut = True
            self.close()

    def error_answer(self, path: str, code: int, reason: str) -> tuple[str, bytes]:
        try:
            return self.error_body(path, code, reason)
        except Exception:
            logger.exception("error_body failed on %r, %d, %r", path, code, reason)
            return "text/plain; charset=utf-8", b""

    def readable(self) -> bool:
        """In place of waitress's, which stops accepting at a number of connections and sweeps by wall time."""
        return bool(self.accepting) and not self._paused

    def handle_accept(self) -> None:
        for _ in range(ACCEPT_BATCH):
            known = len(self._map)
            try:
                super().handle_accept()
            except Exception:  # else wasyncore would close the listening socket
                logger.exception("a connection could not be set up")
            if len(self._map) == known:
                break

    def accept(self) -> Any:
        try:
            return super().accept()
        except OSError:  # out of descriptors, most likely: trying again at once would only burn the processor
            self._paused = True
            self.after(0.1, self._resume)
            raise

    def _resume(self) -> None:
        self._paused = False

    def _sweep(self) -> None:
        self.after(SWEEP_SECONDS, self._sweep)
        now = self.monotonic()
        for channel in list(self.active_channels.values()):
            channel.check_age(now, IDLE_SECONDS)


class HttpServer:
    """A WSGI app on a listening socket of its own. Context manager."""

    def __init__(  # noqa: PLR0913
        self,
        app: WSGIApplication,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        threads: int = 16,
        max_body: int | Callable[[str, str], int] = 21_000_000,
        error_body: ErrorBody,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        sock = _listen(host, port)
        self.host = host
        self.port: int = sock.getsockname()[1]
        self.url = _url(host, self.port)
        self._threads = threads
        self._loop = Loop(app, _settings(sock, max_body), error_body, monotonic)
        self._thread: threading.Thread | None = None  # the one the loop runs in
        self._stopper: threading.Thread | None = None
        self._used = False
        self._closing = threading.RLock()
        self._closed = threading.Event()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Serve in a daemon thread. The socket has been listening from the first, so clients need not wait for it."""
        self._use_once()
        self._thread = threading.Thread(target=self._serve, name=f"flowella-mock {self.url}", daemon=True)
        self._thread.start()

    def serve_forever(self) -> None:
        """Serve in this thread until stop()."""
        self._use_once()
        self._thread = threading.current_thread()
        self._serve()

    def stop(self, timeout: float = 1.0) -> None:
        """Close every socket and let the threads go, from any thread or signal handler, however often."""
        deadline = time.monotonic() + timeout
        self._loop.halt()
        if threading.current_thread() in {self._thread, self._stopper}:
            return  # a signal handler on top of the loop, or of another stop(): that one finishes the work
        self._stopper = threading.current_thread()
        if self._used:
            self._closed.wait(timeout)
        else:
            self._used = True
            self._close()
        self._loop.task_dispatcher.retire(deadline - time.monotonic())
        self._stopper = None

    def _use_once(self) -> None:
        if self._used:
            raise RuntimeError(f"{self.url} has been started or stopped before; make a new HttpServer to serve again")
        self._used = True

    def _serve(self) -> None:
        try:
            self._loop.task_dispatcher.set_thread_count(self._threads)
            self._loop.run()
        finally:
            self._close()
            self._loop.task_dispatcher.retire(0.0)

    def _close(self) -> None:
        with self._closing:
            self._loop.shut()
            self._closed.set()


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    if not 0 <= port <= 65_535:
        raise OSError(
            errno.EINVAL, f"cannot listen on {_url(host, port)}: ports go from 1 to 65535; 0 takes a free one"
        )
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        why = os.strerror(error.errno) if error.errno else str(error)
        hint = "; choose another with --port, 0 takes any free one" if error.errno == errno.EADDRINUSE else ""
        raise OSError(error.errno, f"cannot listen on {_url(host, port)}: {why}{hint}") from error


def _url(host: str, port: int) -> str:
    reachable = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
    return f"http://[{reachable}]:{port}" if ":" in reachable else f"http://{reachable}:{port}"


def _settings(sock: socket.socket, max_body: int | Callable[[str, str], int]) -> Adjustments:
    settings = Adjustments(
        sockets=[sock],
        backlog=BACKLOG,
        recv_bytes=16_384,  # more is no faster, and many tiny chunks in one read cost its square
        ident="flowella-mock",  # only for environ["SERVER_SOFTWARE"]
        clear_untrusted_proxy_headers=False,  # the app sees what was sent
        max_request_body_size=sys.maxsize,  # the limit is kept in wire.Request
    )
    settings.max_body = max_body if callable(max_body) else lambda *_: max_body
    return settings
