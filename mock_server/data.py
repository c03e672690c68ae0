"""Files that travel with the package: specs, seeds. In a wheel they lie beside the code, in a checkout at its root."""

from pathlib import Path
from typing import IO, Any

import yaml

_PACKAGE = Path(__file__).parent
_SAFE_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def path(name: str) -> Path:
    """Where `openapi.yaml` or `fixtures/seeds/default.yaml` is. Raises FileNotFoundError naming both places."""
    places = (_PACKAGE / "_data" / name, _PACKAGE.parent / name)
    for place in places:
        if place.exists():
            return place
    raise FileNotFoundError(f"{name} is neither at {places[0]} nor at {places[1]}; the installation is incomplete")


def read_yaml(source: str | IO[bytes]) -> Any:
    """What a YAML text or file holds. Raises yaml.YAMLError. By the parser in C where there is one: six times as fast."""
    return yaml.load(source, _SAFE_LOADER)  # noqa: S506 (both are safe loaders)
