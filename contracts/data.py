"""The specs that travel with the package. In a wheel they lie beside the code, in a checkout at its root."""

from pathlib import Path

_PACKAGE = Path(__file__).parent


def path(name: str) -> Path:
    """Where a spec is. A bare name of ours is ours; `./openapi.yaml` is the caller's own. Raises FileNotFoundError."""
    places = [Path(name)]
    if Path(name).name == name:
        places[:0] = [_PACKAGE / "_data" / name, _PACKAGE.parent / name]
    for place in places:
        if place.is_file():
            return place
    looked = ", nor at ".join(str(place.absolute()) for place in places)
    raise FileNotFoundError(f"there is no spec {name!r}: not at {looked}")
