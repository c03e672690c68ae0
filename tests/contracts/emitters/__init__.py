"""An emitter that lies: the honest fake, which breaks one promise about its webhooks at a time.

`LIES` has the lies by name, one file for each way to tell one; `Emitter` serves the fake, and tells one when it is asked to.
"""

from . import lies_content, lies_course, lies_seal, lies_settings
from .emitter import LIES, Emitter, Lie

KINDS = (lies_content, lies_seal, lies_course, lies_settings)
"""Where the lies are declared."""

__all__ = ["KINDS", "LIES", "Emitter", "Lie"]
