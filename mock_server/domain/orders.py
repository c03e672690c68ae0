"""Orders of a shop: all that messaging needs of one is the number that people write, by the id that software has."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Order:
    """`id` is the shop's own, such as `1234567890`; `number` what stands on the receipt, such as `#1001`."""

    id: str
    number: str
