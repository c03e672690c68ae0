"""Files that travel with the package: specs, seeds. In a wheel they lie beside the code, in a checkout at its root.

The specs take long to read as YAML, a quarter of a whole start, so each has a twin in JSON, read in a thirtieth of the
time. A twin names the bytes that it is of, and one that is of others is not believed but written anew. So a wheel, which
is built with its twins, is quick at once and a checkout from its second start on, and nobody ever reads a stale one.
"""

from __future__ import annotations

import hashlib
import json
import os
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

_PACKAGE = Path(__file__).parent

TWINNED = ("openapi.yaml", "openapi-flowiq.yaml", "control-openapi.yaml", "fixtures/seeds/default.yaml")
"""What a plain start reads."""


def path(name: str) -> Path:
    """Where `openapi.yaml` or `fixtures/seeds/default.yaml` is. Raises FileNotFoundError naming both places."""
    places = (_PACKAGE / "_data" / name, _PACKAGE.parent / name)
    for place in places:
        if place.exists():
            return place
    raise FileNotFoundError(f"{name} is neither at {places[0]} nor at {places[1]}; the installation is incomplete")


def twin(name: str) -> Path:
    """Where the twin of a YAML file is, if it has one."""
    return (_PACKAGE / "_data" / "twins" / name).with_suffix(".json")


def document(name: str) -> Any:
    """What a YAML file of the package holds. Raises yaml.YAMLError."""
    with path(name).open("rb") as source:
        digest = hashlib.file_digest(source, "sha256").hexdigest()
        with suppress(OSError, ValueError):  # there is none, or half of one
            kept = json.loads(twin(name).read_bytes())
            if kept["of"] == digest:
                return kept["document"]
        source.seek(0)
        found = read_yaml(source)
    with suppress(OSError, TypeError):  # where nothing may be written; what JSON has no word for
        _keep(twin(name), {"of": digest, "document": found})
    return found


def _keep(file: Path, content: dict[str, Any]) -> None:
    """All or nothing, as others may be reading and writing it; and only what comes back from JSON as it went."""
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    if json.loads(text) != content:
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_suffix(f".{os.getpid()}")
    part.write_text(text, encoding="utf-8")
    part.replace(file)


def read_yaml(source: str | IO[bytes]) -> Any:
    """What a YAML text or file holds. Raises yaml.YAMLError. By the parser in C where there is one: six times as fast."""
    import yaml

    safe_loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return yaml.load(source, safe_loader)  # noqa: S506 (both are safe loaders)
