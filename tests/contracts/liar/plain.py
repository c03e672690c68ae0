"""schemathesis as it comes, with all its checks and the key in the right place: what it finds of a lie."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .serving import Target

ROOT = Path(__file__).parents[3]
COMMAND = Path(sys.executable).with_name("schemathesis")
EXAMPLES, SEED, LONGEST = 15, 1, 180.0
"""Generated examples for each operation and phase, as in this project's own test; and seconds after which it is stopped."""

# The honest fake passes with this: 400 counts as an answer to data that fits the spec, because a schema cannot say
# everything ("000" is a text of the right length and no phone number).
CONFIG = """
[auth.openapi.bearerAuth]
bearer = "{key}"

[[operations]]
exclude-operation-id = "ping"
[operations.checks.positive_data_acceptance]
expected-statuses = ["2xx", 400, 402, 403, 404]
"""


def finds(target: Target) -> list[str]:
    """The titles of its failures; none if it is content or never comes to an end."""
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder, "schemathesis.toml")
        config.write_text(CONFIG.format(key=target.api_key), encoding="utf-8")
        command = [
            str(COMMAND),
            "--config-file",
            str(config),
            "run",
            str(ROOT / "openapi.yaml"),
            "--url",
            target.base_url,
        ]
        command += ["--checks", "all", "--max-examples", str(EXAMPLES), "--seed", str(SEED), "--no-color"]
        try:
            ran = subprocess.run(
                command, capture_output=True, text=True, check=False, cwd=folder, timeout=LONGEST, encoding="utf-8"
            )
        except subprocess.TimeoutExpired:
            return []
    failures = ran.stdout.rpartition("Failures:")[2].partition("\n\n")[0] if "Failures:" in ran.stdout else ""
    found = [line.strip(" ❌").rpartition(":")[0] for line in failures.splitlines() if "❌" in line]
    return found or (["errors"] if ran.returncode else [])
