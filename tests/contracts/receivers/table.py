"""`python -m tests.contracts.receivers.table`: every wrong endpoint before our whole check.

It takes some minutes and writes `docs/contract-receivers.md`.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[3]
DOCUMENT = ROOT / "docs" / "contract-receivers.md"

INTRODUCTION = """# Wrong endpoints

How do we know that `flowella-contract receiver` sees anything? `tests/contracts/receivers` is a small endpoint that is
right, and {count} mistakes of which it makes one at a time; and the [example shop](../examples/shop/broken.py) with those of
its wrong siblings that an endpoint shows. Each has to be found by the right check, as one finding, and no other check may
blame it. The right one, and the examples in Node, Flask and ASGI, have to be found innocent, with ten seeds each.

    python -m tests.contracts.receivers.table

| endpoint | what is wrong | found by |
| --- | --- | --- |
"""


def told() -> dict[str, str]:
    """Every endpoint, and what is wrong with it."""
    from receivers import WRONG
    from receivers.shops import SIBLINGS
    from receivers.styles import example

    broken = example("broken")
    ours = {name: words(kind) for name, kind in WRONG.items()}
    return ours | {f"shop: {name}": words(broken.SIBLINGS[name]) for name in SIBLINGS}


def words(kind: type) -> str:
    """A docstring on one line."""
    return " ".join((kind.__doc__ or "").split()).removesuffix(".")


def measured() -> Iterator[tuple[str, list[str]]]:
    """Every endpoint, and the checks that blame it."""
    from receivers import WRONG, blamed, look, looked_at
    from receivers.shops import SIBLINGS
    from receivers.styles import example, flask

    for name, kind in WRONG.items():
        yield name, list(blamed(looked_at(kind(), skip=[])))
    for name in SIBLINGS:
        with flask(example("broken").SIBLINGS[name]) as (url, ledger):
            yield f"shop: {name}", list(blamed(look(url, ledger_url=ledger)))


def main() -> None:
    """Measure, and write."""
    about, rows = told(), []
    for name, checks in measured():
        found = ", ".join(f"`{check}`" for check in checks) or "**not found**"
        rows.append(f"| `{name}` | {about[name]} | {found} |")
        print(rows[-1])  # noqa: T201 - it takes some minutes
    count = sum("shop: " not in name for name in about)
    DOCUMENT.write_text(INTRODUCTION.format(count=count) + "\n".join(rows) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.path.append(str(ROOT / "tests" / "contracts"))
    main()
