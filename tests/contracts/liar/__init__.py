"""A server that lies: the honest fake with one promise broken at a time, and servers that are no API at all.

`LIES` has the lies by name, one file for each kind; `lying` starts a server that tells one. `HOSTILE` has the servers
that are nothing like the contract.
"""

from . import (
    lies_auth,
    lies_books,
    lies_input,
    lies_limits,
    lies_pages,
    lies_protocol,
    lies_refusals,
    lies_schema,
    lies_state,
)
from .hostile import HOSTILE
from .lying import LIES, Lie, lying
from .messages import Answer, Call
from .serving import Target, honest

KINDS = (
    lies_schema,
    lies_protocol,
    lies_refusals,
    lies_input,
    lies_auth,
    lies_limits,
    lies_pages,
    lies_state,
    lies_books,
)
"""Where the lies are declared."""

__all__ = ["HOSTILE", "KINDS", "LIES", "Answer", "Call", "Lie", "Target", "honest", "lying"]
