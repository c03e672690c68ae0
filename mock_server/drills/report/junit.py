"""The report as JUnit XML: a suite for each drill, a test case for each expectation."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, SubElement, tostring

from mock_server.drills.outcome import FAIL, INCONCLUSIVE
from mock_server.drills.report.text import text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mock_server.drills.verdict import Report


def junit(reports: Sequence[Report]) -> str:
    """What failed is a failure, what could not be judged an error."""
    suites = Element("testsuites", name="flowella-mock drill")
    for report in reports:
        _suite(suites, report)
    return tostring(suites, encoding="unicode", xml_declaration=True) + "\n"


def _suite(suites: Element, report: Report) -> None:
    states = [one.state for one in report.judged]
    counts = {"tests": len(states), "failures": states.count(FAIL), "errors": states.count(INCONCLUSIVE)}
    suite = SubElement(suites, "testsuite", {"name": report.drill, **{name: str(n) for name, n in counts.items()}})
    for one in report.judged:
        case = SubElement(suite, "testcase", classname=f"drill.{report.drill}", name=one.name)
        if one.state == FAIL:
            SubElement(case, "failure", message=_xml(one.says)).text = _xml(f"{one.sentence}\n\n{text(report)}")
        elif one.state == INCONCLUSIVE:
            SubElement(case, "error", message=_xml(one.sentence))


def _xml(told: str) -> str:
    """Without the characters that XML cannot hold."""
    return "".join(c if c in "\t\n" or " " <= c <= "\ud7ff" or "\ue000" <= c != "\ufffe" else "?" for c in told)
