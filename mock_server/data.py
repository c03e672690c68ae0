"""Files that travel with the package: specs, seeds. In a wheel they lie beside the code, in a checkout at its root."""

from pathlib import Path

_PACKAGE = Path(__file__).parent


def path(name: str) -> Path:
    """Where `openapi.yaml` or `fixtures/seeds/default.yaml` is. Raises FileNotFoundError naming both places."""
    places = (_PACKAGE / "_data" / name, _PACKAGE.parent / name)
    for place in places:
        if place.exists():
            return place
    raise FileNotFoundError(f"{name} is neither at {places[0]} nor at {places[1]}; the installation is incomplete")
