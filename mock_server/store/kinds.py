"""Which collections a store declares, and of what."""

from functools import cache
from typing import Any, get_args, get_origin

from mock_server.codec import hints
from mock_server.store.protocol import Collection, Store


@cache
def collections() -> dict[str, Any]:
    """The collections of a store and the types of their records: whatever `Store` declares."""
    declared = {name: hint for name, hint in hints(Store).items() if get_origin(hint) is Collection}
    return {name: get_args(hint)[0] for name, hint in declared.items()}
