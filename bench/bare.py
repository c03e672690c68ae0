"""The least that Flask can do: one route that sends, one that lists, nothing known and nothing kept.

    python -m bench.bare PORT ours|waitress

On our own server loop it is the limit of what a Flask application can reach there.
"""

from __future__ import annotations

import sys

from flask import Flask

from bench.examples import CONTACT, SENT


def create() -> Flask:
    """Two routes. What is sent is not even looked at."""
    app = Flask("bare")

    @app.post("/api/v1/messages")
    def send() -> tuple[dict[str, str], int]:
        return SENT, 201

    @app.get("/api/v1/contacts")
    def page() -> dict[str, object]:
        return {"data": [CONTACT] * 25, "nextCursor": None}

    return app


def main(port: str, server: str) -> None:
    """Serve it."""
    if server == "waitress":
        from waitress import serve

        serve(create(), host="127.0.0.1", port=int(port), threads=32, _quiet=True)
    from mock_server.server import HttpServer

    HttpServer(create(), port=int(port), threads=32, error_body=lambda *_: ("text/plain", b"")).serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
