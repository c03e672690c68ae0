"""The benchmarks' own bookkeeping, and that the page shows the figures that are kept beside it."""

from __future__ import annotations

import json
import socket
import threading
from pathlib import Path

from bench.aims import AIMS, judged
from bench.load import Job, Load, Outcome
from bench.rates import Key, Round, summary
from bench.report import page
from bench.servers import bare, ours

DOCS = Path(__file__).parent.parent / "docs"


def _answer(listener: socket.socket, pieces: list[bytes]) -> None:
    connection, _ = listener.accept()
    with connection:
        for piece in pieces:
            connection.recv(65_536)
            connection.sendall(piece)


def _load(pieces: list[bytes]) -> Outcome:
    """What the generator makes of a server that says this, one piece after each request, and then goes."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = threading.Thread(target=_answer, args=(listener, pieces))
        server.start()
        outcome = _Once(Job(listener.getsockname()[1], "POST", "/", {}, ["{}"], seconds=30.0)).run()
        server.join()
    return outcome


class _Once(Load):
    """Does not come back to a server that has closed the connection."""

    def _open(self) -> None:
        if self._reopened:
            raise ConnectionError
        super()._open()


def test_the_generator_counts_whole_answers() -> None:
    """By length and in chunks; a status is noted for each, a server that goes is no answer."""
    sized = b"HTTP/1.1 201 Created\r\ncontent-length: 2\r\n\r\n{}"
    chunked = b"HTTP/1.1 500 No\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"

    outcome = _load([sized, chunked, sized])

    assert (outcome.answers, outcome.statuses, outcome.gone) == (3, {"201": 2, "500": 1}, True)


def test_ratios_are_of_the_same_round() -> None:
    """Twice as fast in each round is twice as fast, however the rounds differ; who fails in most rounds has no figures."""
    fast: list[Round | None] = [Round(Outcome(answers=n, seconds=1.0), cpu=100.0) for n in (2_000, 200, 20)]
    slow: list[Round | None] = [Round(Outcome(answers=n, seconds=1.0), cpu=300.0) for n in (1_000, 100, 10)]
    one, other = ours(), bare("ours")
    rounds: dict[Key, list[Round | None]] = {
        (one.name, "send", 16): fast,
        (other.name, "send", 16): slow,
        ("gone", "send", 16): [None, None, slow[0]],
    }

    rows = {row["name"]: row for row in summary([one, other], rounds)["rows"]}

    assert (rows[other.name]["ahead"], rows[other.name]["thrift"]) == (2.0, 3.0)
    assert "rate" not in rows["gone"]


def test_the_page_is_made_of_its_figures() -> None:
    """docs/benchmarks.md is what the kept results say, every aim judged."""
    found = json.loads((DOCS / "benchmarks" / "results.json").read_text())

    assert (DOCS / "benchmarks.md").read_text() == page(found)
    assert all(judged(aim, found)[0] for aim in AIMS)
