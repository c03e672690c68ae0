"""How each vendor speaks. A second vendor is one file here and one line in the table: laws ask for verbs, not for vendors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contracts.speech.flowella import FLOWELLA
from contracts.speech.flowiq import FLOWIQ
from contracts.speech.plain import PLAIN

if TYPE_CHECKING:
    from contracts.spec import Spec
    from contracts.speech.base import Speech

KNOWN = (FLOWELLA, FLOWIQ)


def speech_of(spec: Spec) -> Speech:
    """The speech whose operations the spec has; a plain one for a spec of nobody we know."""
    return next((speech for speech in KNOWN if speech.operations <= spec.operations.keys()), PLAIN)
