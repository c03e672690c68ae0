"""The shop in failure drills: `flowella-mock drill run lost-response --exec "python drills.py" --webhook … --ledger-url …`

As a client it takes its job from the environment and hands it to a shop that runs (see `serve.py`); in pytest
`take_part` does the same by a call.
"""

from shop import Shop


def take_part(shop: Shop, task: str, people: list[str], template_id: str, channel_id: str, per_hour: int | None) -> None:
    """What the drill asks for, as the shop does it."""
    if task == "write":
        for phone in people:
            number = str(len(shop.orders) + 1)
            shop.order(number, phone)
            shop.ship(number)
    elif task == "campaign":
        shop.announce(template_id, channel_id, people, per_hour)
    elif task == "reconcile":
        shop.reconcile()
