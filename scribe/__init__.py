"""Pages that nobody writes by hand: made from the commands, the specs and the ledger. `python -m scribe` rewrites them."""
