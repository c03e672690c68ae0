"""A PostgreSQL for the tests: from FLOWELLA_MOCK_TEST_POSTGRES, or one that is started here where there is one installed."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

VARIABLE = "FLOWELLA_MOCK_TEST_POSTGRES"

QUICK = ("fsync=off", "full_page_writes=off")
"""What a database that nobody will miss need not do."""


ALONE = ("listen_addresses=''", "max_connections=300")
"""On a socket only: a port might be taken."""


def binaries() -> Path | None:
    """Where `initdb` and `pg_ctl` are."""
    found = shutil.which("initdb") or shutil.which("postgres")
    places = [Path(found).resolve().parent] if found else []
    places += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((place for place in places if (place / "initdb").exists() and (place / "pg_ctl").exists()), None)


class Server:
    """One that runs in a folder of its own and listens on a socket there."""

    def __init__(self, folder: Path, programs: Path, settings: tuple[str, ...] = QUICK) -> None:
        self.folder = folder
        self._programs = programs
        self._settings = settings
        folder.chmod(0o777)
        self._run("initdb", "-D", str(folder / "data"), "-U", "mock", "-A", "trust", "--no-sync", "-E", "UTF8")
        self.start()

    def url(self, name: str = "postgres") -> str:
        """As SQLAlchemy writes it."""
        return f"postgresql://mock@/{name}?host={self.folder}"

    def start(self) -> None:
        """Return when it answers."""
        settings = " ".join(
            f"-c {setting}" for setting in (*self._settings, *ALONE, f"unix_socket_directories={self.folder}")
        )
        self._run(
            "pg_ctl", "-D", str(self.folder / "data"), "-w", "-l", str(self.folder / "log"), "-o", settings, "start"
        )

    def stop(self, how: str = "immediate") -> None:
        """`immediate` is as a crash would have it, `fast` is polite."""
        self._run("pg_ctl", "-D", str(self.folder / "data"), "-w", "-m", how, "stop")

    def make(self, name: str) -> str:
        """A database of this name; its URL."""
        self._run("psql", "-h", str(self.folder), "-U", "mock", "-d", "postgres", "-qc", f"CREATE DATABASE {name}")
        return self.url(name)

    def _run(self, program: str, *arguments: str) -> None:
        """As somebody who is not root: PostgreSQL refuses to be."""
        done = subprocess.run(
            [str(self._programs / program), *arguments],
            cwd=self.folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C"},
            user="nobody" if os.geteuid() == 0 else None,
        )
        if done.returncode:
            raise RuntimeError(f"{program} failed: {done.stderr}")


def wipe(url: str) -> None:
    """Everything that is in this database goes."""
    from sqlalchemy import create_engine, text

    engine = create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
    with engine.begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    engine.dispose()


@contextmanager
def server(settings: tuple[str, ...] = QUICK) -> Iterator[Server]:
    """Skips the test where there is none; where CI asks for it, that is a failure."""
    programs = binaries()
    if programs is None:
        message = f"no PostgreSQL: install it, or give the URL of an empty database in {VARIABLE}"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    folder = Path(tempfile.mkdtemp(prefix="pg"))  # short: a socket's path has 107 characters at most
    found = None
    try:
        if os.geteuid() == 0:
            shutil.chown(folder, "nobody")
        found = Server(folder, programs, settings)
        yield found
    finally:
        if found is not None:
            with suppress(RuntimeError):
                found.stop()
        shutil.rmtree(folder, ignore_errors=True)
