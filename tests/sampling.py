"""Long rows of the same kind: some of them always, the rest when there is time to be thorough (`pytest -m thorough`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterable


def some(row: Iterable[Any], *, every: int) -> list[Any]:
    """Parameters for `parametrize`: the first of every so many is always run."""
    return [pytest.param(one, marks=[pytest.mark.thorough] if turn % every else []) for turn, one in enumerate(row)]
