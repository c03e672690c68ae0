"""Every store there is, for whoever asks for `shop` or `new_shop`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .shops import Shop, emptied, in_memory, on

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from mock_server.store.sql.database import Database


@pytest.fixture(scope="module", params=["memory", "sqlite", "postgres"])
def database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database | None]:
    """An empty database, or none for memory."""
    if request.param == "memory":
        yield None
        return
    file: Path = tmp_path_factory.mktemp("store") / "world.db"
    url = f"sqlite:///{file}" if request.param == "sqlite" else request.getfixturevalue("postgres")
    found = emptied(url)
    yield found
    found.close()


@pytest.fixture
def new_shop(database: Database | None) -> Callable[[], Shop]:
    """An empty store of this kind, each time it is called."""
    return in_memory if database is None else lambda: on(database)


@pytest.fixture
def shop(new_shop: Callable[[], Shop]) -> Shop:
    """One of them."""
    return new_shop()
