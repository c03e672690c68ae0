"""Which of the shops fail which drill, made by running. `python bench/drill_table.py` rewrites docs/drills.md.

Every drill is played in process with the example shop and with each of its siblings, which are wrong in one way each.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

from mock_server.drills import drill as drills
from mock_server.drills.checks import CHECKS
from mock_server.testing import travel
from mock_server.testing.handle import Handle
from mock_server.testing.lab import FLOWELLA_LIVES, Lab

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "drills.md"
SMALLER = {"slow-receiver": {"recipients": 120}}
SIGNS = {"PASS": "·", "FAIL": "F", "INCONCLUSIVE": "?"}

sys.path.insert(0, str(ROOT / "examples" / "shop"))

from broken import SIBLINGS  # type: ignore[import-not-found]  # noqa: E402
from shop import Shop  # type: ignore[import-not-found]  # noqa: E402
from take_part import take_part  # type: ignore[import-not-found]  # noqa: E402


def play(lab: Lab, name: str, kind: Any) -> Any:
    """One shop in one drill."""
    tenancy = lab.move_in(FLOWELLA_LIVES, f"table/{name}/{kind.__name__}", "default", None)
    lab.orgs.default_id = tenancy.world.org.id
    handle = Handle(lab, tenancy, FLOWELLA_LIVES)
    handle.open()
    shop = kind(handle.base_url, handle.api_key, handle.webhook_secret)

    def client(job: Any) -> None:
        take_part(shop, job.task, list(job.recipients), job.template_id, job.channel_id, job.throttle_per_hour)

    given = {"client": client, "ledger": shop.ledger, "tell_secret": shop.inbox.use, "receiver": shop.app}
    with travel.naps(handle):
        report = handle.drill(name, path="/webhooks/flowella", check=False, **given, **SMALLER.get(name, {}))
    handle.close()
    return report


def played() -> dict[str, dict[str, Any]]:
    """Reports by drill and shop."""
    lab = Lab()
    lab.intercept(FLOWELLA_LIVES.origin)
    reports: dict[str, dict[str, Any]] = {}
    try:
        for name in drills.names():
            began = time.monotonic()
            reports[name] = {kind.__name__: play(lab, name, kind) for kind in (Shop, *SIBLINGS.values())}
            print(f"{name}: {time.monotonic() - began:.1f} s", file=sys.stderr)
    finally:
        lab.release(FLOWELLA_LIVES.origin)
        lab.close()
    return reports


def drill_rows(reports: dict[str, dict[str, Any]]) -> list[str]:
    """What each is about, and who fails it."""
    rows = ["| drill | judges | what happens | who fails it, and why |", "| --- | --- | --- | --- |"]
    for name, by_kind in reports.items():
        one = drills.load(name)
        assert by_kind["Shop"].ok, by_kind["Shop"].text()
        wrong = [f"`{kind}`: {', '.join(r.failed)}" for kind, r in by_kind.items() if r.failed]
        rows.append(f"| `{name}` | {', '.join(one.judges)} | {one.title} | {'; '.join(wrong)} |")
    return rows


def matrix(reports: dict[str, dict[str, Any]]) -> list[str]:
    """A line for each shop, a column for each drill."""
    kinds, names = ["Shop", *SIBLINGS], list(reports)
    width = max(map(len, kinds))
    head = [f"{'':{width}}  {' '.join(letter)}" for letter in [[chr(97 + n) for n in range(len(names))]]]
    rows = [f"{kind:{width}}  {' '.join(SIGNS[reports[name][kind].verdict] for name in names)}" for kind in kinds]
    key = [f"{chr(97 + n)} {name}" for n, name in enumerate(names)]
    legend = [", ".join(key[n : n + 5]) for n in range(0, len(key), 5)]
    return ["```", *head, *rows, "", *legend, "```"]


def check_rows() -> list[str]:
    """Every check there is, and the drills that use it."""
    used = {
        name: [n for n in drills.names() if name in {e.check for e in drills.load(n).expectations}] for name in CHECKS
    }
    rows = ["| check | settings | what is expected | used by |", "| --- | --- | --- | --- |"]
    for name, rule in CHECKS.items():
        settings = ", ".join(f"`{one}`" for one in rule.settings)
        rows.append(f"| `{name}` | {settings} | {rule.promise} | {', '.join(used[name])} |")
    return rows


def main() -> None:
    """Play, and write the page."""
    reports = played()
    page = PAGE.read_text(encoding="utf-8")
    parts = {"drills": drill_rows(reports), "matrix": matrix(reports), "checks": check_rows()}
    for name, lines in parts.items():
        begin, end = f"<!-- {name}: made by bench/drill_table.py -->\n", f"<!-- end of {name} -->"
        before, found, rest = page.partition(begin)
        assert found, f"{PAGE} has no {begin}"
        page = before + begin + "\n" + "\n".join(lines) + "\n\n" + end + rest.partition(end)[2]
    PAGE.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
