"""The specs that travel with the package. In a wheel they lie beside the code, in a checkout at its root."""

from pathlib import Path

_PACKAGE = Path(__file__).parent


def path(name: str) -> Path:
    """Where `openapi.yaml` is: one of ours, or a file of the caller's own, which is `./openapi.yaml` if it has a name of ours.

    Raises FileNotFoundError naming the places.
    """
    ours = (_PACKAGE / "_data" / name, _PACKAGE.parent / name) if Path(name).name == name else ()
    places = (*ours, Path(name))
    for place in places:
        if place.is_file():
            return place
    raise FileNotFoundError(
        f"there is no spec {name!r}: not at {' nor at '.join(str(place.absolute()) for place in places)}"
    )
