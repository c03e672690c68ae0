"""The pytest plugin: fixtures and a marker. Loaded in every run of everybody who has this package installed.

So it imports nothing but pytest; what it stands on is imported when a test asks for a fixture.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mock_server.testing.handle import Handle
    from mock_server.testing.lab import Lab, Vendor


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known."""
    config.addinivalue_line(
        "markers",
        "flowella(seed, clock, faults, rate_limit, travel, sleep): what the organization of this test starts from.",
    )


@pytest.fixture(scope="session")
def _flowella_lab() -> Iterator[Lab]:
    from mock_server.testing.lab import Lab

    lab = Lab()
    yield lab
    lab.close()


@pytest.fixture(scope="session")
def _flowella_live_lab() -> Iterator[Lab]:
    from mock_server.testing.lab import Lab

    lab = Lab(live=True)
    yield lab
    lab.close()


@pytest.fixture
def flowella(request: pytest.FixtureRequest, _flowella_lab: Lab) -> Iterator[Handle]:
    """An organization of a fake Flowella, in process: calls with `requests` to https://app.flowella.io end here."""
    yield from _flowella_stay(request, _flowella_lab)


@pytest.fixture
def flowella_live(request: pytest.FixtureRequest, _flowella_live_lab: Lab) -> Iterator[Handle]:
    """The same over a real HTTP server on a free port, for code in another process or language."""
    yield from _flowella_stay(request, _flowella_live_lab)


@pytest.fixture
def flowiq(request: pytest.FixtureRequest, _flowella_lab: Lab) -> Iterator[Handle]:
    """An organization of a fake FlowIQ, in process: calls with `requests` to https://api.flowiq.live end here."""
    yield from _flowiq_stay(request, _flowella_lab)


@pytest.fixture
def flowiq_live(request: pytest.FixtureRequest, _flowella_live_lab: Lab) -> Iterator[Handle]:
    """The same over a real HTTP server on a free port, for code in another process or language."""
    yield from _flowiq_stay(request, _flowella_live_lab)


@pytest.fixture(scope="class")
def flowella_class(request: pytest.FixtureRequest, _flowella_lab: Lab) -> Iterator[Handle]:
    """`flowella`, one organization for all tests of a class; there it is `self.flowella` too."""
    yield from _flowella_stay(request, _flowella_lab)


@pytest.fixture(scope="module")
def flowella_module(request: pytest.FixtureRequest, _flowella_lab: Lab) -> Iterator[Handle]:
    """`flowella`, one organization for all tests of a module."""
    yield from _flowella_stay(request, _flowella_lab)


def _flowella_stay(request: pytest.FixtureRequest, lab: Lab) -> Iterator[Handle]:
    from mock_server.testing.lab import FLOWELLA_LIVES

    yield from _stay(request, lab, FLOWELLA_LIVES)


def _flowiq_stay(request: pytest.FixtureRequest, lab: Lab) -> Iterator[Handle]:
    from mock_server.testing.lab import FLOWIQ_LIVES

    yield from _stay(request, lab, FLOWIQ_LIVES)


def _stay(request: pytest.FixtureRequest, lab: Lab, vendor: Vendor) -> Iterator[Handle]:
    """The handle, and for unittest's classes an attribute named after the vendor."""
    from mock_server.testing.stay import stay

    with stay(lab, vendor, request) as handle:
        if request.scope == "class" and request.cls is not None:
            setattr(request.cls, vendor.dialect.name, handle)
        elif request.scope == "function" and isinstance(request.instance, _test_case()):
            setattr(request.instance, vendor.dialect.name, handle)
        yield handle


def _test_case() -> tuple[type, ...]:
    """unittest.TestCase, if anybody uses it."""
    unittest = sys.modules.get("unittest")
    return () if unittest is None else (unittest.TestCase,)
