"""flowella-mock: a stateful fake of the Flowella WhatsApp messaging API."""

__version__ = "1.0.0"
