"""Read a plan file: every fault in one pass, each with line, column and a remedy."""

from pathlib import Path as FilePath

from pydantic import ValidationError

from ketaoutcomes.errors import PlanError, Problem
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.estimand_finding import EstimandFinding
from ketaoutcomes.plan.estimand_rules import estimand_findings
from ketaoutcomes.read.dangling import Dangling
from ketaoutcomes.read.faults import by_place, did_you_mean, duplicate_keys, place, schema_faults
from ketaoutcomes.read.references import dangling_references
from ketaoutcomes.read.source import YamlSource, read_yaml


def read_plan(path: FilePath) -> tuple[AnalysisPlan, str]:
    """The plan in a file, and its text.

    Raises
    ------
    PlanError
        If the file cannot be read or holds any fault; `problems` has all of them.
    """
    text = read_text(path)
    source = read_yaml(text, str(path))
    problems = duplicate_keys(source, path)
    plan: AnalysisPlan | None = None
    try:
        plan = AnalysisPlan.model_validate(source.data)
    except ValidationError as error:
        problems += schema_faults(error, source, path, AnalysisPlan)
    if plan is not None:
        problems += [_from_dangling(item, source, path) for item in dangling_references(plan)]
        problems += [
            _from_finding(finding, source, path)
            for finding in estimand_findings(plan)
            if finding.refused
        ]
    if problems or plan is None:
        count = "1 fault" if len(problems) == 1 else f"{len(problems)} faults"
        raise PlanError(f"{path} has {count}", tuple(sorted(problems, key=by_place)))
    return plan, text


def read_text(path: FilePath) -> str:
    """The text of a plan file; a PlanError says why there is none."""
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        problem = Problem(
            str(path),
            "an analysis plan that can be read",
            error.strerror or str(error),
            "give the path of a plan, for example analyses/trd.yaml",
        )
    except UnicodeDecodeError as error:
        problem = Problem(
            str(path),
            "text in UTF-8",
            f"the byte 0x{error.object[error.start]:02x} at offset {error.start}",
            "save the file as UTF-8",
        )
    raise PlanError(f"cannot read {path}", (problem,)) from None


def _from_dangling(item: Dangling, source: YamlSource, path: FilePath) -> Problem:
    """Turn a name that nothing defines into a problem."""
    return Problem(
        place(source, path, item.path),
        item.expected,
        item.found,
        did_you_mean(item.name, item.choices)
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
