"""All vendors that this server speaks as. The first one is meant where none is named."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mock_server.vendors.flowella import FLOWELLA
from mock_server.vendors.flowiq import FLOWIQ

if TYPE_CHECKING:
    from mock_server.web.door import Door

DIALECTS = (FLOWELLA, FLOWIQ)


def door_at(path: str) -> Door:
    """Whose path this is; the first vendor's if nobody's."""
    return next((one.door for one in DIALECTS if one.door.owns(path)), DIALECTS[0].door)
