"""`flowella-contract compare`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from contracts.commands.common import CAREFUL, REPORT, SPEC, ended, options, told


@click.command()
@click.option("--left", required=True, metavar="URL", help="One deployment, such as http://127.0.0.1:8484/api/v1.")
@click.option("--left-key", required=True, envvar="LEFT_KEY", show_envvar=True, metavar="K", help="A key of it.")
@click.option("--right", required=True, metavar="URL", help="The other one.")
@click.option("--right-key", required=True, envvar="RIGHT_KEY", show_envvar=True, metavar="K", help="A key of it.")
@options(SPEC, *CAREFUL, REPORT)
@click.option(
    "--suggest",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write what was learned as rows for a list of decisions.",
)
def compare(reports: tuple[str, ...], suggest: Path | None, **choices: Any) -> None:
    """Make the same calls to two deployments, and show every difference."""
    ended(lambda: _compare(reports, suggest, choices))


def _compare(reports: tuple[str, ...], suggest: Path | None, choices: dict[str, Any]) -> int:
    from contracts.comparing.session import run, settings_of
    from contracts.comparing.suggesting import suggestions
    from contracts.report.files import wanted

    files = [wanted(text) for text in reports]
    sides = settings_of(**choices)
    learned: list[str] = []

    def look(progress: Any) -> Any:
        report = run(*sides, progress)
        learned.append(suggestions(report))
        return report

    code = told(look, files)
    if suggest is not None:
        try:
            suggest.write_text(learned[0], encoding="utf-8")
        except OSError as error:
            raise click.ClickException(f"--suggest {suggest} cannot be written: {error.strerror}") from None
    return code
