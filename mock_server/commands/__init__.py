"""Commands that talk to a running server, or to nobody. Each is a module; `cli` registers them."""
