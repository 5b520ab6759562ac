"""Read a plan file: every fault in one pass, each with line, column and a remedy."""

from collections.abc import Callable
from pathlib import Path as FilePath

from ketaoutcomes.errors import PlanError, Problem
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.estimand_finding import EstimandFinding
from ketaoutcomes.plan.estimand_rules import estimand_findings
from ketaoutcomes.plan.reading.dangling import Dangling, name_meant
from ketaoutcomes.plan.reading.faults import place
from ketaoutcomes.plan.reading.plan_text import faulty, parse, tell_remarks
from ketaoutcomes.plan.reading.references import dangling_references
from ketaoutcomes.plan.reading.source import YamlSource
from ketaoutcomes.plan.synthesis import SynthesisPlan


def read_plan(
    path: FilePath, text: str | None = None, tell: Callable[[str], None] | None = None
) -> tuple[AnalysisPlan, str]:
    """The plan in a file, and its text.

    Parameters
    ----------
    text : str, optional
        The text of the plan where it was read already, or stands in no file, whose name it then
        only bears.
    tell : callable, optional
        Takes a note in words on each key or value that has another name now.

    Raises
    ------
    PlanError
        If the file cannot be read or holds any fault; `problems` has all of them.
    """
    parsed = parse(path, AnalysisPlan, text)
    if isinstance(parsed.source.data, dict) and SynthesisPlan.KEY in parsed.source.data:
        raise _of_a_synthesis(parsed.source, path)
    problems, plan, source = list(parsed.problems), parsed.plan, parsed.source
    if plan is not None:
        problems += [_from_dangling(item, source, path) for item in dangling_references(plan)]
        problems += [
            _from_finding(finding, source, path)
            for finding in estimand_findings(plan)
            if finding.refused
        ]
    if problems or plan is None:
        raise faulty(path, problems)
    tell_remarks(parsed.remarks, tell)
    return plan, parsed.text


def _of_a_synthesis(source: YamlSource, path: FilePath) -> PlanError:
    """One word in place of a fault for every key."""
    problem = Problem(
        place(source, path, (SynthesisPlan.KEY,)),
        "a plan with `study:` and analyses of participants",
        "the plan of a synthesis of published results",
        "take another plan, or `run` this one, which pools its studies",
    )
    return faulty(path, [problem])


def _from_dangling(item: Dangling, source: YamlSource, path: FilePath) -> Problem:
    """Turn a name that nothing defines into a problem."""
    return Problem(
        place(source, path, item.path),
        item.expected,
        item.found,
        name_meant(item.name, item.choices)
        or item.remedy
        or f"use one of: {', '.join(item.choices) or '(none is defined)'}",
    )


def _from_finding(finding: EstimandFinding, source: YamlSource, path: FilePath) -> Problem:
    """Turn a broken rule of estimands into a problem."""
    return Problem(
        place(source, path, finding.path),
        f"{finding.expected} ({finding.source})",
        finding.found,
        finding.remedy,
    )
