"""JUnit XML: counts, unique names, and the elements of the published schema only."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

from station.qualify.compare import Comparison
from station.qualify.junit import write_junit
from tests.station.qualify.made import BAD, GOOD, HARMLESS, compared, found, result

# junit-10.xsd of the Jenkins xunit plugin: element -> (children, needed, allowed).
SCHEMA = {
    "testsuites": ({"testsuite"}, set(), {"name", "time", "tests", "failures"}),
    "testsuite": (
        {"testcase"},
        {"name", "tests", "failures", "errors"},
        {"time", "skipped"},
    ),
    "testcase": ({"failure", "error", "skipped"}, {"name"}, {"classname", "time"}),
    "failure": (set(), set(), {"message", "type"}),
    "error": (set(), set(), {"message", "type"}),
    "skipped": (set(), set(), {"message", "type"}),
}
TIME = re.compile(r"(([0-9]{0,3},)*[0-9]{3}|[0-9]{0,3})*(\.[0-9]*)?")


def report() -> Comparison:
    """Make a report of one changed run, one without verdict, one not played."""
    value = found("trip_v", 58.89, 58.91)
    first = compared(
        GOOD,
        result("PASS", value),
        result("FAIL", found("trip_v", 59.19, 59.21, "FAIL"), reason="a \x1b<b> & |"),
    )
    second = compared(HARMLESS, result("PASS"), None)
    first.runs += second.runs
    first.findings += second.findings
    first.left_out = [BAD]
    return first


def parsed() -> ET.Element:
    """Write the report and read it back."""
    return ET.fromstring(write_junit(report(), "a against b"))  # noqa: S314  our own


def test_report_has_the_elements_of_the_schema() -> None:
    """A CI system would drop the report."""
    for element in parsed().iter():
        children, needed, allowed = SCHEMA[element.tag]
        assert {child.tag for child in element} <= children
        extra = {"errors"} if element.tag == "testsuites" else set()
        assert needed <= set(element.keys()) <= needed | allowed | extra
        assert TIME.fullmatch(element.get("time", "0.0"))


def test_counts_and_names_are_right() -> None:
    """A CI system would show green, or merge two cases of one name."""
    root = parsed()
    verdicts, behaviours, image = root
    counts = [verdicts.get(key) for key in ("tests", "failures", "errors", "skipped")]
    assert counts == ["3", "1", "1", "1"]
    assert (behaviours.get("tests"), behaviours.get("failures")) == ("2", "1")
    assert (image.get("tests"), image.get("failures")) == ("1", "0")
    assert (root.get("tests"), root.get("failures")) == ("6", "2")
    names = [case.get("name") for case in root.iter("testcase")]
    assert len(names) == len(set(names))
    assert names[0] == GOOD.question


def test_failure_says_what_changed() -> None:
    """An engineer would have to play it again to see what it was."""
    failures = list(parsed().iter("failure"))
    assert "PASS before, FAIL now" in (failures[0].get("message") or "")
    assert "\\x1b<b> & |" in (failures[0].text or "")
    assert failures[1].get("type") == "changed outcome"
    assert "trip_v: PASS before, FAIL now; 58.9 before, 59.2 now" in (
        failures[1].text or ""
    )
