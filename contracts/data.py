"""The specs that travel with the package. In a wheel they lie beside the code, in a checkout at its root."""

from pathlib import Path

_PACKAGE = Path(__file__).parent


def path(name: str) -> Path:
    """Where `openapi.yaml` is: a file of the caller's own, or one of ours. Raises FileNotFoundError naming the places."""
    places = (Path(name), _PACKAGE / "_data" / name, _PACKAGE.parent / name)
    for place in places:
        if place.is_file():
            return place
    raise FileNotFoundError(
        f"there is no spec {name!r}: neither {places[0].absolute()} nor {places[1]} nor {places[2]}"
    )
