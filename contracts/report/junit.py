"""The report as JUnit XML: one test case for each promise."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, SubElement, tostring

from contracts.ledger import HELD, NOT_ALLOWED, VIOLATED
from contracts.report.text import finding
from contracts.words import VIOLATED_EXIT

if TYPE_CHECKING:
    from contracts.ledger import Entry
    from contracts.reporting import Report


def junit(report: Report) -> str:
    """What was broken fails, what is missing for the verdict errs, what may be missing is skipped."""
    suite = Element("testsuite", name="flowella-contract", time=str(report.facts["seconds"]))
    kinds = [_case(suite, report, entry) for entry in report.promises]
    if not any(kind in {"failure", "error"} for kind in kinds) and not report.ok:
        case = SubElement(suite, "testcase", classname="flowella-contract", name="verdict")
        SubElement(case, "error", message=_xml(report.verdict)).text = _xml("\n".join(report.reasons))
        kinds.append("error")
    for name, attribute in (("failure", "failures"), ("error", "errors"), ("skipped", "skipped")):
        suite.set(attribute, str(kinds.count(name)))
    suite.set("tests", str(len(kinds)))
    return tostring(suite, encoding="unicode", xml_declaration=True) + "\n"


def _case(suite: Element, report: Report, entry: Entry) -> str:
    case = SubElement(suite, "testcase", classname="flowella-contract", name=entry.name)
    if entry.state == HELD:
        return "passed"
    found = [one for one in report.findings if one.check == entry.name]
    told = _xml("\n\n".join(finding(one) for one in found))
    if entry.state == VIOLATED and report.exit_code != VIOLATED_EXIT:
        SubElement(case, "system-out").text = told  # drift: told, and no reason to fail
        return "passed"
    if entry.state == VIOLATED:
        SubElement(case, "failure", message=_xml(entry.promise)).text = told
        return "failure"
    kind = "skipped" if entry.state == NOT_ALLOWED or not entry.required else "error"
    SubElement(case, kind, message=_xml(entry.reason))
    return kind


def _xml(text: str) -> str:
    """Without the characters that XML cannot hold."""
    return "".join(
        char if char in "\t\n" or " " <= char <= "\ud7ff" or "\ue000" <= char != "\ufffe" else "?" for char in text
    )
