"""A lab in process and one that serves, with an organization each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mock_server.testing.handle import Handle
from mock_server.testing.lab import FLOWELLA_LIVES, Lab

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def labs() -> Iterator[tuple[Lab, Lab]]:
    """In process, and live."""
    both = Lab(), Lab(live=True)
    yield both
    for lab in both:
        lab.close()


@pytest.fixture
def pair(labs: tuple[Lab, Lab], request: pytest.FixtureRequest) -> Iterator[tuple[Handle, Handle]]:
    """The same organization twice: in process, and live."""
    handles = []
    for lab in labs:
        tenancy = lab.move_in(FLOWELLA_LIVES, request.node.nodeid, "default", None)
        handles.append(Handle(lab, tenancy, FLOWELLA_LIVES))
        handles[-1].open()
    labs[0].intercept(FLOWELLA_LIVES.origin)
    yield handles[0], handles[1]
    labs[0].release(FLOWELLA_LIVES.origin)
    for handle in handles:
        handle.close()
