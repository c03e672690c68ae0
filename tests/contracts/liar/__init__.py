"""A server that lies: the honest fake with one promise broken at a time, and servers that are no API at all."""

from .hostile import HOSTILE
from .messages import Answer, Call
from .serving import Target, honest

__all__ = ["HOSTILE", "Answer", "Call", "Target", "honest"]
