"""`python -m scribe` rewrites every made page; with `--check` it only says which ones are not as they would be made."""

from __future__ import annotations

import sys

from scribe.pages import stale, write


def main() -> int:
    """0 when nothing is stale, or all has been rewritten."""
    if "--check" not in sys.argv:
        write()
        return 0
    for name in (old := stale()):
        print(f"{name} is not as `python -m scribe` makes it")
    return 1 if old else 0


if __name__ == "__main__":
    sys.exit(main())
