"""Values as JSON and back, as their type hints say: what a snapshot is written in, and what a database keeps."""

from mock_server.codec.records import array, camel, codec, field, hints, require_keys
from mock_server.codec.scalars import Codec, Wrong

__all__ = ["Codec", "Wrong", "array", "camel", "codec", "field", "hints", "require_keys"]
