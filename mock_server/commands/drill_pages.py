"""`drill list` and `drill show`: what there is, before anything happens."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from mock_server.drills import drill as drills
from mock_server.drills.steps import ACTIONS

if TYPE_CHECKING:
    from mock_server.drills.drill import Drill


def listing(*, as_json: bool) -> int:
    """Every drill in a line."""
    found = [drills.load(name) for name in drills.names()]
    if as_json:
        click.echo(
            json.dumps([{"name": one.name, "title": one.title, "judges": one.judges} for one in found], indent=2)
        )
        return 0
    width = max(len(one.name) for one in found)
    for one in found:
        click.echo(f"{one.name:<{width}}  {one.title} ({' and '.join(one.judges)})")
    return 0


def page(name: str, *, as_json: bool) -> int:
    """All of one drill."""
    one = drills.load(name)
    click.echo(json.dumps(_as_dict(one), indent=2, ensure_ascii=False) if as_json else _text(one))
    return 0


def told(one: Drill) -> list[str]:
    """Its steps, in words."""
    return [ACTIONS[step.action].tell(one, step.settings) for step in one.steps]


def _as_dict(one: Drill) -> dict[str, Any]:
    return {
        "name": one.name,
        "title": one.title,
        "description": one.description,
        "source": one.source,
        "judges": one.judges,
        "parameters": {p.name: {"default": p.default, "help": p.help} for p in one.parameters},
        "steps": told(one),
        "expectations": [{"name": e.name, "check": e.check, "says": e.says} for e in one.expectations],
    }


def _text(one: Drill) -> str:
    lines = [f"{one.name}: {one.title}", "", click.wrap_text(one.description, 100), ""]
    lines += ["Like in reality:", click.wrap_text(one.source, 100, "  ", "  "), "", "What happens:"]
    lines += [f"  {number}. {words}" for number, words in enumerate(told(one), 1)]
    lines += ["", f"What is expected of your {' and '.join(one.judges)}:"]
    for expectation in one.expectations:
        lines += [f"  {expectation.name}", click.wrap_text(f"else: {expectation.says}", 100, "      ", "      ")]
    if one.parameters:
        lines += ["", "Parameters, for --set:"]
        lines += [f"  {p.name}={p.default}  {p.help}" for p in one.parameters]
    return "\n".join(lines)
