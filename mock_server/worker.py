"""One of the processes that do the waiting work of a shared store: `flowella-mock worker`.

Procrastinate brings the jobs, and brings them to somebody else when a worker dies. There are two kinds. `wake` calls a
world up: a slice of what is due there is done in one transaction, in which the next call is deferred. `lane` makes an
endpoint's attempts one after the other: each is posted without a lock, and settled in the transaction that prepares the
next one.
"""

from __future__ import annotations

import asyncio
import logging
import signal
from typing import TYPE_CHECKING, Any

from procrastinate import App, PsycopgConnector, RetryStrategy

from mock_server.domain.errors import Invalid
from mock_server.keeping import opened
from mock_server.lasting import store_of
from mock_server.orgs import Orgs
from mock_server.shared import SharedDirectory
from mock_server.store.protocol import Gone
from mock_server.store.sql.jobs import LANE, QUEUE, WAKE
from mock_server.vendors.registry import DIALECTS
from mock_server.webhooks.transport import HttpTransport

if TYPE_CHECKING:
    from concurrent.futures import Future

    from mock_server.webhooks.dispatcher import Prepared
    from mock_server.webhooks.transport import Answer
    from mock_server.world import World

    Done = tuple[int, Prepared, Future[Answer]]
    Turn = tuple[tuple[str, int], Done | None]

log = logging.getLogger("flowella_mock.worker")

POLL_SECONDS = 0.1
"""How late a world may be called up: nobody tells a worker that a time has come."""

SLICE = 25
"""Tasks that a world may do in one transaction."""

TOGETHER = 32
"""Slots of one world that take their turns in one transaction."""

HEARTBEAT_SECONDS = 1.0
STALLED_SECONDS = 5.0
"""A worker that was silent for so long is dead; what it had begun is begun again."""

AGAIN_SECONDS = 1
"""After the database has failed."""


class Worker:
    """See the top of the file. `concurrency` is how many jobs it does at a time, and mostly they wait for receivers."""

    def __init__(self, url: str, concurrency: int) -> None:
        self._concurrency = concurrency
        directory = opened(url, "0")
        if not isinstance(directory, SharedDirectory):
            directory.close()
            raise Invalid(
                "--store", "SQLite belongs to one server, which does all its work itself; workers share PostgreSQL"
            )
        self._directory = directory
        self._transport = HttpTransport()
        self._orgs = Orgs(self._transport, *DIALECTS, directory=self._directory)
        conninfo = self._directory.database.url.set(drivername="postgresql").render_as_string(hide_password=False)
        self._app = App(connector=PsycopgConnector(conninfo=conninfo, min_size=1, max_size=4))
        again = RetryStrategy(wait=AGAIN_SECONDS)
        self._app.task(name=WAKE, queue=QUEUE, retry=again)(self._wake)
        self._app.task(name=LANE, queue=QUEUE, retry=again)(self._lane)
        self._stopping = asyncio.Event()
        self._waiting: dict[tuple[str, int], list[tuple[Turn, asyncio.Future[Any]]]] = {}
        self._taking_turns: dict[tuple[str, int], asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Until it is stopped. A database that goes away and comes back is waited for."""
        while not self._stopping.is_set():
            try:
                async with self._app.open_async():
                    await self._work()
            except Exception:
                log.exception("the database does not work; trying again in %d s", AGAIN_SECONDS)
                await self._pause(AGAIN_SECONDS)

    def stop(self) -> None:
        """Begin nothing new; what is on the wire is given up, and made again by somebody else."""
        self._stopping.set()

    def close(self) -> None:
        """Let go of everything."""
        self._transport.close()
        self._orgs.close()

    async def _work(self) -> None:
        working = asyncio.create_task(
            self._app.run_worker_async(
                queues=[QUEUE],
                concurrency=self._concurrency,
                fetch_job_polling_interval=POLL_SECONDS,
                delete_jobs="always",
                install_signal_handlers=False,
                update_heartbeat_interval=HEARTBEAT_SECONDS,
                stalled_worker_timeout=STALLED_SECONDS,
                shutdown_graceful_timeout=1,
            )
        )
        rescuing = asyncio.create_task(self._rescue())
        stopping = asyncio.create_task(self._stopping.wait())
        try:
            await asyncio.wait({working, rescuing, stopping}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (working, rescuing, stopping):
                task.cancel()
            done = await asyncio.gather(working, rescuing, stopping, return_exceptions=True)
        trouble = next((one for one in done if isinstance(one, Exception)), None)
        if trouble is not None:
            raise trouble

    async def _rescue(self) -> None:
        """Have the jobs of dead workers done by others."""
        while not self._stopping.is_set():
            await self._pause(HEARTBEAT_SECONDS)
            await self._app.job_manager.prune_stalled_workers(STALLED_SECONDS)
            for job in await self._app.job_manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_SECONDS):
                log.warning("%s is begun again: its worker has died", job.call_string)
                await self._app.job_manager.retry_job(job)

    async def _pause(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._stopping.wait(), seconds)
        except TimeoutError:
            return

    async def _wake(self, org: str, world: int, at: int) -> None:
        await asyncio.to_thread(self._call_up, org, world, at)

    def _call_up(self, org: str, number: int, at: int) -> None:
        world = self._directory.known(org, number)
        if world is None:
            return
        store = store_of(world)
        try:
            with world.lock:
                if store.wake_at is not None and at >= store.wake_at:
                    store.wake_at, store.called, store.touched_books = None, True, True
                world.agenda.run_due(SLICE)
        except Gone:
            log.info("organization %s has begun again or is gone", org)

    async def _lane(self, org: str, world: int, endpoint: str, slot: int) -> None:
        done: Done | None = None
        while True:
            ready = await self._next((org, world), ((endpoint, slot), done))
            if ready is None:
                return
            row, dispatcher, prepared = ready
            future = dispatcher.submit(prepared.post)
            await asyncio.wait([asyncio.wrap_future(future)])
            done = (row, prepared, future)

    async def _next(self, key: tuple[str, int], turn: Turn) -> Any:
        """Settle one attempt and prepare the next; None when nothing is due any more.

        Slots of one world that come while its lock is being waited for take their turns together, in one transaction.
        """
        ready: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        waiting = self._waiting.setdefault(key, [])
        waiting.append((turn, ready))
        if key not in self._taking_turns:
            self._taking_turns[key] = asyncio.create_task(self._take_turns(key, waiting))
        return await ready

    async def _take_turns(self, key: tuple[str, int], waiting: list[tuple[Turn, asyncio.Future[Any]]]) -> None:
        try:
            await self._until_none_waits(key, waiting)
        finally:
            del self._taking_turns[key], self._waiting[key]

    async def _until_none_waits(self, key: tuple[str, int], waiting: list[tuple[Turn, asyncio.Future[Any]]]) -> None:
        while waiting:
            batch = waiting[:TOGETHER]
            del waiting[:TOGETHER]
            try:
                found = await asyncio.to_thread(self.take_turns, *key, [turn for turn, _ in batch])
            except Exception as error:  # noqa: BLE001 (each of their jobs is told, and begun again)
                for _, ready in batch:
                    if not ready.done():
                        ready.set_exception(error)
            else:
                for (_, ready), one in zip(batch, found, strict=True):
                    if not ready.done():
                        ready.set_result(one)

    def take_turns(self, org: str, number: int, turns: list[Turn]) -> list[Any]:
        """All of these in one transaction: for each slot what is to be posted, or None."""
        world = self._directory.known(org, number)
        if world is None:
            return [None] * len(turns)
        try:
            with world.lock:
                return [self._turn(world, place, done) for place, done in turns]
        except Gone:
            return [None] * len(turns)

    @staticmethod
    def _turn(world: World, place: tuple[str, int], done: Done | None) -> Any:
        lanes, dispatcher = store_of(world).lanes, world.dispatcher
        if done is not None:
            row, prepared, future = done
            dispatcher.settle(prepared, future)
            lanes.drop(row)
        while (found := lanes.take(*place)) is not None:
            row, delivery_id = found
            ready = dispatcher.prepare(delivery_id)
            if ready is not None:
                return row, dispatcher, ready
            lanes.drop(row)
        lanes.stop(*place)
        store_of(world).touched_books = True
        return None


def work(url: str, concurrency: int) -> None:
    """Work until Ctrl-C or SIGTERM. Raises Invalid."""
    worker = Worker(url, concurrency)
    try:
        asyncio.run(_until_asked(worker))
    finally:
        worker.close()


async def _until_asked(worker: Worker) -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, worker.stop)
    await worker.run()
