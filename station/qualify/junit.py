"""Write a qualification as JUnit XML: a case per run and one per compared behaviour.

Elements and attributes are those of the schema that Jenkins publishes (junit-10.xsd);
GitLab and GitHub's reporters read the same. Names are unique: GitLab drops a case whose
name it has seen.
"""

from __future__ import annotations

from xml.etree import ElementTree as ET

from station.qualify.compare import Comparison, Difference, Finding

_LINES = 40


def write_junit(comparison: Comparison, name: str) -> str:
    """Write the report; `name` says what was qualified against what."""
    root = ET.Element("testsuites", {"name": name})
    _finish(_verdicts(root, comparison))
    _finish(_behaviours(root, comparison))
    _finish(_image(root, comparison))
    for key in ("tests", "failures", "errors"):
        root.set(key, str(sum(int(suite.get(key, "0")) for suite in root)))
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{_text_of(root)}\n'


def _verdicts(root: ET.Element, comparison: Comparison) -> ET.Element:
    suite = ET.SubElement(root, "testsuite", {"name": "verdicts"})
    for run in comparison.runs:
        cpu_s = 0.0 if run.candidate is None else run.candidate.cpu_s
        case = _case(suite, f"verdicts.{run.job.sequence}", run.job.question, cpu_s)
        _report(case, comparison.of_verdict(run.job))
    for job in comparison.left_out:
        case = _case(suite, f"verdicts.{job.sequence}", job.question, 0.0)
        why = "a defect of the model's firmware: not in a compiled one"
        ET.SubElement(case, "skipped", {"message": why})
    return suite


def _behaviours(root: ET.Element, comparison: Comparison) -> ET.Element:
    suite = ET.SubElement(root, "testsuite", {"name": "behaviours"})
    for (sequence, step), runs in comparison.behaviours().items():
        case = _case(suite, f"behaviours.{sequence}", f"{sequence}/{step}", 0.0)
        if not runs:
            ET.SubElement(case, "skipped", {"message": "no run of it has a verdict"})
        _report(case, comparison.of_behaviour(sequence, step))
    return suite


def _image(root: ET.Element, comparison: Comparison) -> ET.Element:
    suite = ET.SubElement(root, "testsuite", {"name": "release image"})
    case = _case(suite, "release_image", "words", 0.0)
    if comparison.image_changes:
        message = f"{len(comparison.image_changes)} words differ from the baseline's"
        failure = ET.SubElement(
            case, "failure", {"message": message, "type": "changed image"}
        )
        failure.text = _clean("\n".join(comparison.image_changes[:_LINES]))
    return suite


def _case(suite: ET.Element, classname: str, name: str, time_s: float) -> ET.Element:
    return ET.SubElement(
        suite,
        "testcase",
        {"classname": classname, "name": _clean(name), "time": f"{time_s:.3f}"},
    )


def _report(case: ET.Element, findings: list[Finding]) -> None:
    """Add one failure or error that lists the findings, if there are any."""
    if not findings:
        return
    first = min(findings, key=lambda found: list(Difference).index(found.kind))
    tag = "error" if first.kind is Difference.NO_VERDICT else "failure"
    message = f"{first.kind}: {first.measurement or first.job.question}: {first.text}"
    if len(findings) > 1:
        message += f" (and {len(findings) - 1} more)"
    element = ET.SubElement(
        case, tag, {"message": _clean(message), "type": str(first.kind)}
    )
    lines = [
        f"{f.kind}: {f.job.question}: {f.measurement}: {f.text}"
        for f in findings[:_LINES]
    ]
    element.text = _clean("\n".join(lines))


def _finish(suite: ET.Element) -> None:
    """Set the counts that the schema asks for."""
    suite.set("tests", str(len(suite)))
    for key, tag in (("failures", "failure"), ("errors", "error")):
        suite.set(key, str(len(suite.findall(f"testcase/{tag}"))))
    suite.set("skipped", str(len(suite.findall("testcase/skipped"))))
    times_s = [float(case.get("time", "0")) for case in suite]
    suite.set("time", f"{sum(times_s):.3f}")


def _clean(text: str) -> str:
    """Escape what XML cannot hold."""
    return "".join(
        c if c == "\n" or c.isprintable() else repr(c).strip("'") for c in text
    )


def _text_of(root: ET.Element) -> str:
    text: str = ET.tostring(root, encoding="unicode")
    return text
