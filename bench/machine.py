"""What this is measured on, and where processes are kept on it."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import re
import subprocess
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGES = ("flask", "werkzeug", "waitress", "aiohttp", "jsonschema-rs")
PROC = Path("/proc")


def cores() -> int:
    """Processors that we may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def pins() -> tuple[int | None, int | None]:
    """The processor for servers and the one for the load; None where there is one only, or no way to say so."""
    if not hasattr(os, "sched_getaffinity"):
        return None, None
    mine = sorted(os.sched_getaffinity(0))
    return (mine[0], mine[1]) if len(mine) > 1 else (None, None)


def keep_to(core: int | None) -> None:
    """Keep this process, and those it starts, on one processor."""
    if core is not None and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {core})


@contextmanager
def children_on(core: int | None) -> Iterator[None]:
    """Processes started in here stay on that processor, with all that they start."""
    if core is None:
        yield
        return
    mine = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, mine)


def describe() -> list[str]:
    """Processor, memory, system, versions."""
    cpu = _first(r"model name\s*: (.*)", PROC / "cpuinfo") or platform.processor() or platform.machine()
    memory = int(_first(r"MemTotal:\s*(\d+)", PROC / "meminfo") or 0) / (1 << 20)
    packages = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in PACKAGES)
    return [
        f"{cpu}, {cores()} cores, {memory:.0f} GiB, {platform.system()} {platform.release().split('-')[0]}",
        f"Python {platform.python_version()}, {packages}",
        *(f"{name}: {version}" for name, version in _others()),
    ]


def _others() -> list[tuple[str, str]]:
    found = []
    for name, command in (("Node", ["node", "--version"]), ("Java", ["java", "-version"])):
        try:
            done = subprocess.run(command, capture_output=True, text=True, check=True)
        except (OSError, subprocess.CalledProcessError):
            continue
        found.append((name, (done.stdout or done.stderr).splitlines()[0]))
    return found


def family(pid: int) -> list[int]:
    """This process and all below it."""
    return [pid, *(one for child in _children(pid) for one in family(child))]


def processor_seconds(pid: int) -> float:
    """What the process and those below it have used so far."""
    ticks = 0
    for one in family(pid):
        fields = _read(PROC / str(one) / "stat").rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12]) if len(fields) > 12 else 0
    return ticks / os.sysconf("SC_CLK_TCK")


def resident_mb(pid: int) -> float:
    """Memory of the process and those below it."""
    pages = [_read(PROC / str(one) / "statm").split() for one in family(pid)]
    return sum(int(each[1]) for each in pages if each) * os.sysconf("SC_PAGE_SIZE") / 1e6


def _children(pid: int) -> list[int]:
    return [int(child) for child in _read(PROC / str(pid) / "task" / str(pid) / "children").split()]


def _first(pattern: str, file: Path) -> str:
    found = re.search(pattern, _read(file))
    return found[1] if found else ""


def _read(file: Path) -> str:
    try:
        return file.read_text()
    except OSError:
        return ""


def own_pid() -> int:
    """This process."""
    return os.getpid()
