"""`flowella.drill(…)` in a test of one's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import requests

if TYPE_CHECKING:
    from collections.abc import Callable

    from mock_server.drills.cast import Job
    from mock_server.testing.handle import Handle


def writer(flowella: Handle, *, blindly: bool = False) -> Callable[[Job], None]:
    """A client that writes to each once, or, `blindly`, again when the answer is lost."""

    def post(body: dict[str, Any]) -> None:
        headers = {"Authorization": f"Bearer {flowella.api_key}"}
        requests.post(f"{flowella.base_url}/messages", json=body, headers=headers, timeout=5)

    def write(job: Job) -> None:
        for phone in job.recipients:
            try:
                post({"to": phone, "text": job.text})
            except requests.ConnectionError:
                if blindly:
                    post({"to": phone, "text": job.text})

    return write


def test_a_sound_client_passes(flowella: Handle) -> None:
    """And the report says what was seen."""
    report = flowella.drill("lost-response", client=writer(flowella))

    assert report.ok
    assert report.counts["calls"] == 3


def test_a_wrong_one_fails_with_the_sentence_and_the_timeline(flowella: Handle) -> None:
    """The moment it went wrong is marked."""
    with pytest.raises(
        AssertionError, match=r"FAIL +messaged-once: person 1 got 2 messages\n +A customer was messaged"
    ) as told:
        flowella.drill("lost-response", client=writer(flowella, blindly=True))

    assert "> " in str(told.value)
    assert "no answer  [lostResponse]" in str(told.value)


def test_the_body_of_a_with_can_be_the_client(flowella: Handle) -> None:
    """What it raises is raised, and judged is what it did."""
    with flowella.drill("lost-response") as job:
        writer(flowella)(job)
    with pytest.raises(AssertionError, match="messaged-once"), flowella.drill("lost-response") as job:
        writer(flowella, blindly=True)(job)
