"""The shop's orders, as far as messages are searched by them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mock_server.domain.orders import Order

if TYPE_CHECKING:
    from mock_server.world import World


def put(world: World, order_id: str, number: str) -> Order:
    """The shop has this order from now on."""
    with world.unit() as unit:
        order = Order(order_id, number)
        unit.store.orders.put(order)
        return order
