"""One function per thing that can happen to a world: `fn(world, ...)`, one transaction each.

Law of this folder: no Flask, no vendor's words. A function finds the records, asks the domain what becomes of them,
stores the outcome and its events together, or refuses and changes nothing.
"""
