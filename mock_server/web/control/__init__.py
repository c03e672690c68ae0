"""The control plane under /_mock: everything a test may do that a customer of the vendor may not."""

PREFIX = "/_mock"

MAX_SNAPSHOT = 1 << 29
"""Bytes of a snapshot that is put back: a million messages and their webhooks are about that."""


def is_control(path: str) -> bool:
    """Does this path belong to the control plane?"""
    return path == PREFIX or path.startswith(f"{PREFIX}/")
