"""Several lies at once: one liar before the other."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from mock_server.app import create_app
from mock_server.vendors.flowella import PREFIX

from .lying import LIES, Honest, Liar
from .serving import Target, honest_orgs, running, serving

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from wsgiref.types import WSGIApplication


@contextmanager
def lying_often(names: Iterable[str]) -> Iterator[Target]:
    """The fake, telling all of these."""
    with running(honest_orgs()) as orgs:
        app: WSGIApplication = create_app(orgs)
        for name in names:
            app = Liar(Honest(app, orgs, lambda _: None), LIES[name])
        with serving(app) as url:
            yield Target(url + PREFIX)
