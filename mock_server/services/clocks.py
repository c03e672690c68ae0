"""Setting an organization's clock."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mock_server.clock import END
from mock_server.domain.errors import Invalid
from mock_server.domain.instant import iso

if TYPE_CHECKING:
    from mock_server.domain.instant import Instant
    from mock_server.world import World


def set_clock(world: World, *, scale: float | None, now: Instant | None) -> None:
    """Change how fast time passes, or put the present somewhere, but not before the last thing that happened (D35).

    Raises Invalid, and Conflict while the clock is being advanced.
    """
    world.agenda.require_rest()
    with world.lock:
        if now is not None and now < world.latest_change:
            happened = iso(world.latest_change)
            raise Invalid("now", f"{iso(now)} is before the last thing that happened here ({happened}); reset first")
        if now is not None:
            require_within_reach("now", now)
            world.rate_full_at = 0
        world.clock.set(scale=scale, now=now)
    world.clock_moved()


def require_within_reach(field: str, instant: Instant) -> None:
    """Raises Invalid for a time that clocks here cannot show."""
    if instant > END:
        raise Invalid(field, f"leads beyond {iso(END)}, where the clocks of this fake end")
