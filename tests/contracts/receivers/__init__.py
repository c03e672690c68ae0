"""Endpoints to be looked at: one that is right, the ways in which it can be wrong, and right ones in other styles."""

from .honest import PATH, SECRET, Receiver, standing
from .looking import blamed, look, looked_at
from .wrong import WRONG, Wrong

__all__ = ["PATH", "SECRET", "WRONG", "Receiver", "Wrong", "blamed", "look", "looked_at", "standing"]
