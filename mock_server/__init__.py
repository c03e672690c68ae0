"""flowella-mock: a stateful fake of the Flowella WhatsApp messaging API."""

__version__ = "0.1.0"
