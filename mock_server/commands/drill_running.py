"""Playing drills from the command line: a server of our own, the client as a process, the receiver at its address."""

from __future__ import annotations

import json
import os
import shlex
import signal
import socket
import subprocess
import threading
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from mock_server.domain.errors import Invalid, did_you_mean
from mock_server.drills import drill as drills
from mock_server.drills import play
from mock_server.drills.cast import Cast, Ended
from mock_server.drills.verdict import judge
from mock_server.orgs import DEFAULT_API_KEY, DEFAULT_WEBHOOK_SECRET
from mock_server.testing.backstage import Backstage
from mock_server.testing.handle import Handle
from mock_server.testing.lab import FLOWELLA_LIVES, Lab

if TYPE_CHECKING:
    from collections.abc import Callable

    from mock_server.drills.cast import Job
    from mock_server.drills.drill import Drill
    from mock_server.drills.verdict import Report

START = "2027-01-04T09:00:00.000Z"
"""When drills begin, on the organization's clock, so that a report is the same whenever it is made."""

_LOOKS = 10
"""So often we look into the ledger, at most, while --settle lasts."""

Options = dict[str, Any]


def chosen(names: tuple[str, ...], options: Options) -> list[Drill]:
    """The drills that are meant, with their parameters. Raises Invalid for what makes no sense."""
    if not options["command"] and not options["webhook"]:
        raise Invalid(
            "drill run", "there is nobody to drill: give --exec CMD for a client, --webhook URL for a receiver"
        )
    given = dict(_pair(text) for text in options["pairs"])
    found = [drills.load(name, given) for name in (drills.names() if names == ("all",) else names)]
    known = {one.name for drill in found for one in drill.expectations}
    for name in options["skip"]:
        if name not in known:
            raise Invalid(
                "--skip",
                f"nothing is called {name!r}{did_you_mean(name, known)} (there are: {', '.join(sorted(known))})",
            )
    return found


def unreachable(options: Options) -> str:
    """Why it makes no sense to begin, if it does not."""
    for name in ("webhook", "ledger_url"):
        url = options[name]
        if url is None:
            continue
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise Invalid(f"--{name.replace('_', '-')}", f"{url!r} is no address, like http://127.0.0.1:9000/webhooks")
        try:
            socket.create_connection(
                (parts.hostname, parts.port or (443 if parts.scheme == "https" else 80)), 5
            ).close()
        except OSError as error:
            return f"--{name.replace('_', '-')}: nothing answers at {url} ({error.strerror or error}); is it running?"
    return ""


def played(found: list[Drill], options: Options, show: Callable[[Drill, Report | None], None]) -> list[Report]:
    """One after the other, each in an organization of its own."""
    lab, reports = Lab(live=True), []
    try:
        for drill in found:
            show(drill, None)
            reports.append(_one(lab, drill, options))
            show(drill, reports[-1])
    finally:
        lab.close()
    return reports


def _one(lab: Lab, drill: Drill, options: Options) -> Report:
    secret = options["secret"] or DEFAULT_WEBHOOK_SECRET
    tenancy = lab.move_in(
        FLOWELLA_LIVES, f"drill/{drill.name}/{options['seed']}", "default", None, secrets=(DEFAULT_API_KEY, secret)
    )
    strangers, lab.orgs.default_id = lab.orgs.default_id, tenancy.world.org.id
    try:
        handle = Handle(lab, tenancy, FLOWELLA_LIVES)
        handle.control("PUT", "/clock", {"now": START})
        handle.open()
        if options["webhook"]:
            lab.orgs.webhook_hosts = (urlsplit(options["webhook"]).hostname or "",)  # who names it means it
            handle.subscribe(options["webhook"])
        with Backstage(handle, lab).open() as stage:
            record = play.play(drill, stage, _cast(handle, options))
        handle.close()
        return judge(record, seed=options["seed"], secrets=(DEFAULT_API_KEY, secret), skip=options["skip"])
    finally:
        lab.orgs.default_id = strangers
        lab.move_out(tenancy)


def _cast(handle: Handle, options: Options) -> Cast:
    known = {
        "FLOWELLA_BASE_URL": handle.base_url,
        "FLOWELLA_API_KEY": handle.api_key,
        "FLOWELLA_WEBHOOK_SECRET": handle.webhook_secret,
    }

    def client(job: Job) -> Ended:
        return _process(options["command"], {**known, **job.environment()}, options["patience"])

    def tell_secret(secret: str) -> None:
        ended = _process(options["on_rotate"], {**known, "FLOWELLA_WEBHOOK_SECRET": secret}, options["patience"])
        if not ended.well:
            raise Invalid("--on-rotate", ended.words)

    return Cast(
        client if options["command"] else None,
        (lambda: _settled(options["ledger_url"], options["settle"])) if options["ledger_url"] else None,
        tell_secret if options["on_rotate"] else None,
    )


def _process(command: str, variables: dict[str, str], patience: float) -> Ended:
    """A command for the shell, with these variables beside its own; stopped, with all it started, after so long."""
    exports = " ".join(f"{name}={shlex.quote(value)}" for name, value in variables.items())
    process = subprocess.Popen(  # noqa: S602 (that is what --exec is for)
        f"export {exports}\n{command}",
        shell=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        said, _ = process.communicate(timeout=patience)
    except subprocess.TimeoutExpired:
        return Ended(f"was still at it after {patience:g} s, and was stopped", well=False, stopped=True)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
    if process.returncode:
        last = said.decode("utf-8", "replace").strip().splitlines()[-1:]
        return Ended(f"ended with exit code {process.returncode}{f': {last[0]:.120}' if last else ''}", well=False)
    return Ended("")


def _settled(url: str, settle: float) -> Any:
    """What the ledger says once it says the same twice, or when `settle` is over. Raises Invalid."""
    before, now = None, _read(url)
    for _ in range(_LOOKS):
        if now == before:
            break
        threading.Event().wait(settle / _LOOKS)
        before, now = now, _read(url)
    return now


def _read(url: str) -> Any:
    from urllib.request import ProxyHandler, build_opener

    try:
        with build_opener(ProxyHandler({})).open(url, timeout=10) as answer:
            return json.loads(answer.read())
    except (OSError, ValueError) as error:
        raise Invalid("the ledger", f"GET {url}: {error}") from None


def _pair(text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not sign or not name:
        raise Invalid("--set", f"{text!r} is not NAME=VALUE")
    return name, value
