"""Control plane: what waits, in the order in which it falls due."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from mock_server.domain.errors import Invalid
from mock_server.domain.tasks import TaskKind
from mock_server.services.pages import Page
from mock_server.web.control import wire
from mock_server.web.paging import answer, window

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mock_server.domain.instant import Instant
    from mock_server.domain.tasks import Task
    from mock_server.store.protocol import Store
    from mock_server.web.door import Call, Reply, View


def list_tasks(call: Call) -> Reply:
    page = _page(call, call.query.get("kind"), **window(call))
    with call.world.lock:
        return answer(page, lambda task: _show(task, call.world.store))


def _page(call: Call, kind: str | None, *, limit: int, cursor: str | None) -> Page[Task]:
    """The cursor is a place, not a task: those before it may have been done meanwhile."""
    with call.world.lock:
        waiting = call.world.store.tasks.upcoming(after=_place(cursor))
        found = list(islice(((turn, task) for turn, task in waiting if kind in {None, task.kind}), limit + 1))
    turn, last = found[limit - 1] if len(found) > limit else (0, None)
    return Page([task for _, task in found[:limit]], None if last is None else f"{last.due}-{turn}")


def _place(cursor: str | None) -> tuple[Instant, int] | None:
    if cursor is None:
        return None
    due, _, turn = cursor.partition("-")
    if not (cursor.isascii() and due.isdigit() and turn.isdigit() and len(cursor) <= len("9" * 18 + "-" + "9" * 18)):
        raise Invalid("cursor", f"{cursor[:60]!r} is not a nextCursor of this list")
    return int(due), int(turn)


def _show(task: Task, store: Store) -> wire.Json:
    return {
        "kind": task.kind,
        "subject": task.subject,
        "dueAt": wire.due(task.due),
        "what": WORDS[task.kind](task, store) or "Something that is gone",
    }


def _journey(task: Task, store: Store) -> str | None:
    message, step = store.messages.get(task.subject), (task.detail or (None,))[0]
    if message is None or step is None:
        return None
    if step.reply is not None:
        return f"{message.phone} answers {step.reply}"
    return f"Message to {message.phone}: {step.status.lower()}"


def _delivery(task: Task, store: Store) -> str | None:
    one = store.deliveries.get(task.subject)
    return None if one is None else f"Webhook {one.event.kind} to {one.url}, attempt {one.next_number}"


def _job(task: Task, store: Store) -> str | None:
    job = store.jobs.get(task.subject)
    return None if job is None else f"Bulk send: the next of {job.pending:,} recipients"


def _letting(task: Task, store: Store) -> str | None:
    letting = store.lettings.get(task.subject)
    return None if letting is None else f"Messages held for a template: {letting.next + 1} of {letting.count}"


def _template(words: str) -> Callable[[Task, Store], str | None]:
    def of(task: Task, store: Store) -> str | None:
        template = store.templates.get(task.subject)
        return None if template is None else f"Template {template.name}: {words}"

    return of


WORDS: Mapping[TaskKind, Callable[[Task, Store], str | None]] = {
    TaskKind.JOURNEY: _journey,
    TaskKind.DELIVERY: _delivery,
    TaskKind.JOB: _job,
    TaskKind.UNPAUSE: _template("its pause ends"),
    TaskKind.VERDICT: _template("what people think of it is judged"),
    TaskKind.LET_GO: _letting,
}
"""What will happen, for people."""

VIEWS: Mapping[str, View] = {"listTasks": list_tasks}
