"""The organizations of a server, in rows: whose world is which, by which plan, and the server's own dice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, func, insert, select, update

from mock_server.store.sql.schema import orgs, records, server, states, worlds
from mock_server.store.sql.store import INSERTS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mock_server.store.sql.database import Database

_SERVER = select(server.c.rng_seed, server.c.drawn, server.c.default_org)
_HOLD = _SERVER.with_for_update()
_WORLD = select(orgs.c.id, orgs.c.world, states.c.version, states.c.numbers, states.c.books).join_from(
    orgs, states, states.c.world == orgs.c.world
)
_FIND = _WORLD.where(orgs.c.id == bindparam("id"))
_DEFAULT = _WORLD.where(orgs.c.id == select(server.c.default_org).scalar_subquery())
_WHOSE = _WORLD.join(records, records.c.world == orgs.c.world).where(
    records.c.kind == "api_keys", records.c.key == bindparam("digest")
)
_ALL = _WORLD.order_by(orgs.c.id.desc())
_COUNT = select(func.count()).select_from(orgs)
_PLAN = select(orgs.c.plan).where(orgs.c.id == bindparam("id"))
_CONSTANTS = select(worlds.c.constants).where(worlds.c.id == bindparam("id"))


class Registry:
    """Reading is outside of transactions, unless this thread is in one."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def _read(self, statement: Any, **values: Any) -> Sequence[Any]:
        session = self._database.session
        if session is None:
            return self._database.read(statement, values)
        found: Sequence[Any] = session.execute(statement, values).all()
        return found

    def server(self, *, hold: bool = False) -> Any:
        """The seed of the server's dice, what was drawn of it, and the default organization."""
        found = self._read(_HOLD if hold else _SERVER)
        return found[0] if found else None

    def begin(self, rng_seed: str) -> None:
        """A new server, unless another process has begun it meanwhile."""
        fresh = INSERTS[self._database.url.get_backend_name()](server)
        self._write(fresh.values(id=1, rng_seed=rng_seed, drawn=0, default_org="").on_conflict_do_nothing())

    def save(self, drawn: int, default_org: str) -> None:
        """What changed of the server."""
        self._write(update(server).values(drawn=drawn, default_org=default_org))

    def find(self, org_id: str) -> Any:
        """An organization's world, and how it stands; "default" is the default one."""
        found = self._read(_DEFAULT) if org_id == "default" else self._read(_FIND, id=org_id)
        return found[0] if found else None

    def whose(self, digest: str) -> Any:
        """The same, by an API key."""
        found = self._read(_WHOSE, digest=digest)
        return found[0] if found else None

    def everyone(self) -> Sequence[Any]:
        """All of them, newest first."""
        return self._read(_ALL)

    def count(self) -> int:
        """How many organizations there are."""
        return int(self._read(_COUNT)[0][0])

    def plan(self, org_id: str) -> str:
        """As it was written."""
        return str(self._read(_PLAN, id=org_id)[0][0])

    def constants(self, world_id: int) -> str | None:
        """What of a world never changes."""
        found = self._read(_CONSTANTS, id=world_id)
        return str(found[0][0]) if found else None

    def add(self, org_id: str, world_id: int, plan: str) -> None:
        """A new organization."""
        self._write(insert(orgs).values(id=org_id, world=world_id, plan=plan))

    def move(self, org_id: str, world_id: int) -> None:
        """Another world for it."""
        self._write(update(orgs).where(orgs.c.id == org_id).values(world=world_id))

    def remove(self, org_id: str) -> None:
        """It is gone."""
        self._write(delete(orgs).where(orgs.c.id == org_id))

    def _write(self, statement: Any) -> None:
        self._database.enter().execute(statement)
        self._database.leave()
