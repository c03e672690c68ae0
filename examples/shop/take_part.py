"""The shop in failure drills. In pytest `take_part` is its client; from the command line this file is: see serve.py."""

import os
import sys

import requests
from shop import Shop


def take_part(
    shop: Shop, task: str, people: list[str], template_id: str, channel_id: str, per_hour: int | None
) -> None:
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


if __name__ == "__main__":
    told = {name: value for name, value in os.environ.items() if name.startswith("FLOWELLA_")}
    answer = requests.post(f"{os.environ['SHOP']}/drill/{sys.argv[1]}", json=told, timeout=300)
    sys.exit(0 if answer.ok else f"the shop answered {answer.status_code}")
