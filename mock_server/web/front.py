"""Before Flask: calls whose method and path stand in the table are answered at once, by the same routes; Flask has the rest.

Flask spends more on a request than we do (binding contexts, matching, dispatching). The table holds the vendors' operations
whose path is fixed; everything that is not in it, to the letter, is Flask's: other methods, HEAD, escapes, a path with a
name in it, the control plane. `tests/web/test_front.py` shows that both give the same bytes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from werkzeug.wrappers import Request

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

    from mock_server.orgs import Orgs
    from mock_server.web.door import Route


def routes_of(orgs: Orgs) -> Iterator[Route]:
    """Every operation of every vendor."""
    for one in orgs.dialects.values():
        yield from one.door.routes(orgs, one.name)


class Front:
    """A WSGI application; `behind` is the one for what is not in the table."""

    def __init__(self, behind: WSGIApplication, routes: Iterable[Route]) -> None:
        self.behind = behind
        self._table = {(one.operation.method, one.path): one for one in routes if "{" not in one.path}

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        route = self._table.get((environ["REQUEST_METHOD"], environ["PATH_INFO"]))
        if route is None:
            return self.behind(environ, start_response)
        return route.answer(Request(environ), {})(environ, start_response)
