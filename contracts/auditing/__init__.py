"""Recorded traffic against the specs, sending nothing.

`reading` makes exchanges and webhooks of files, whatever kind they are of. The laws of `check` that look on judge them as
they judge live ones; `recorded` has what more a recording shows of the other laws, `hooks` the promises about webhooks.
"""
