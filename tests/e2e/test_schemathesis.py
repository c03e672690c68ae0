"""schemathesis against the server: the spec's examples, its corners, fuzzing and its links, with every check there is."""

from __future__ import annotations

import base64
import json
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .conftest import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .conftest import Server

SPEC = Path(__file__).parents[2] / "openapi.yaml"
FLOWIQ = Path(__file__).parents[2] / "openapi-flowiq.yaml"
COMMAND = Path(sys.executable).with_name("schemathesis")

# The key is given as the answer to the spec's own security scheme, so that `ignored_auth` can leave it out.
#
# positive_data_acceptance: a schema cannot say everything. "000" is a text of the right length and no phone number (D9), a
# cursor is any text and one of ours or not (D7), no text may hold U+0000 (D40). So 400 counts as an acceptable answer to
# valid data here, and the test judges each such answer by its reason instead.
CONFIG = """
[auth.openapi.bearerAuth]
bearer = "{key}"

[[operations]]
exclude-operation-id = "ping"
[operations.checks.positive_data_acceptance]
expected-statuses = ["2xx", 400, 402, 403, 404]
"""

REASONS = re.compile(
    r"VALIDATION_ERROR (to|phone|recipients\[\d+\]\.phone): .* cannot be a phone number; write it in E\.164: .*"
    r"|VALIDATION_ERROR cursor: .* is not a nextCursor of this list"
    r"|VALIDATION_ERROR (.*: )?must not contain the character U\+0000"
    r"|VALIDATION_ERROR scheduledAt: .* is in the past; it is .* now"
    r"|VALIDATION_ERROR endDate: .* is before startDate, .*"
    r"|META_REJECTED \(#132\d\d\d\) .*",
    re.DOTALL,
)
"""What only the server can know: the refusals of data that fits the schema."""


@dataclass(frozen=True)
class Run:
    """A short seeded run of all phases and all checks over all operations of a spec."""

    spec: Path
    config: str
    reasons: re.Pattern[str]
    operations: int

    def finds_nothing(self, url: str, key: str, directory: Path) -> None:
        """No check fails, every operation is tested, and valid data are refused for good reasons only."""
        config, report = directory / "schemathesis.toml", directory / "report.ndjson"
        config.write_text(self.config.format(key=key))
        command = [str(COMMAND), "--config-file", str(config), "run", str(self.spec), "--url", url, "--checks", "all"]
        command += ["--max-examples", "15", "--seed", "1", "--no-color"]
        command += ["--report", "ndjson", "--report-ndjson-path", str(report)]
        ran = subprocess.run(command, capture_output=True, text=True, check=False, cwd=directory, timeout=4 * PATIENCE)
        assert ran.returncode == 0, ran.stdout + ran.stderr

        refused = {(label, why) for label, why in refusals_of_valid_data(report) if not self.reasons.fullmatch(why)}
        assert refused == set()
        assert f"Tested: {self.operations}" in ran.stdout


def test_no_check_fails(start: Callable[..., Server], tmp_path: Path) -> None:
    """Flowella's nine operations."""
    server = start("--clock", "manual", "--rate-limit", "off")
    Run(SPEC, CONFIG, REASONS, 9).finds_nothing(server.api_url, server.ready["apiKey"], tmp_path)


# As above; and the tenant is the caller's own, or every call would end with "no such organization".
FLOWIQ_CONFIG = """
[auth.openapi.bearerAuth]
bearer = "{key}"

[parameters]
"query.tenantId" = "default-organization"

[checks.positive_data_acceptance]
expected-statuses = ["2xx", 400, 404, 409, 500]
"""

FLOWIQ_REASONS = re.compile(
    r"Invalid phone number .*"
    r"|Missing required field phone_number or whatsapp_id is required"
    r"|Missing required parameter whatsappNumber: .*"
    r"|(Invalid parameter|Invalid request) (.*: )?must not contain the character U\+0000"
    r"|Invalid request url: .* (is not an absolute|is plain HTTP|carries a fragment|is not a URL).*"
    r"|Invalid request type: \w+ does not happen on web; .*"
    r"|Invalid request whatsappNumber: No contact exists .*",
    re.DOTALL,
)


def test_no_check_fails_for_flowiq(start: Callable[..., Server], tmp_path: Path) -> None:
    """FlowIQ's six."""
    server = start("--clock", "manual", "--rate-limit", "off")
    run = Run(FLOWIQ, FLOWIQ_CONFIG, FLOWIQ_REASONS, 6)
    run.finds_nothing(server.ready["flowiqBaseUrl"], server.ready["flowiqApiKey"], tmp_path)


def refusals_of_valid_data(report: Path) -> Iterator[tuple[str, str]]:
    """Operation, code and message of each 400 to a call that fits the spec."""
    for line in report.read_text(encoding="utf-8").splitlines():
        recorder = json.loads(line).get("ScenarioFinished", {}).get("recorder", {})
        for case_id, case in recorder.get("cases", {}).items():
            answer = answer_to(recorder, case_id)
            if answer is not None and answer["status_code"] == 400 and mode_of(case) == "positive":
                body = json.loads(base64.b64decode(answer["content"]["$base64"]))
                error = body["error"] if isinstance(body["error"], dict) else {"code": body["error"], **body}
                yield recorder["label"], f"{error['code']} {error.get('message')}"


def answer_to(recorder: dict[str, Any], case_id: str) -> Any:
    """The answer that a case got, if it was sent and answered."""
    return recorder["interactions"].get(case_id, {}).get("response")


def mode_of(case: dict[str, Any]) -> str:
    """Whether a case was meant to fit the spec or to break it."""
    return str(case["value"]["meta"]["generation"]["mode"])
