"""Read the plan of a synthesis: every fault in one pass, each with line, column and a remedy."""

from pathlib import Path as FilePath

from pydantic import ValidationError

from ketaoutcomes.errors import PlanError
from ketaoutcomes.plan.synthesis import SynthesisPlan
from ketaoutcomes.read.faults import by_place, duplicate_keys, schema_faults
from ketaoutcomes.read.plan_file import read_text
from ketaoutcomes.read.source import read_yaml


def is_synthesis(path: FilePath) -> bool:
    """Whether a plan pools published results; False also where it cannot be read as YAML."""
    try:
        data = read_yaml(read_text(path), str(path)).data
    except PlanError:
        return False
    return isinstance(data, dict) and SynthesisPlan.KEY in data


def read_synthesis(path: FilePath) -> tuple[SynthesisPlan, str]:
    """The plan in a file, and its text.

    Raises
    ------
    PlanError
        If the file cannot be read or holds any fault; `problems` has all of them.
    """
    text = read_text(path)
    source = read_yaml(text, str(path))
    problems = duplicate_keys(source, path)
    plan: SynthesisPlan | None = None
    try:
        plan = SynthesisPlan.model_validate(source.data)
    except ValidationError as error:
        problems += schema_faults(error, source, path, SynthesisPlan)
    if problems or plan is None:
        count = "1 fault" if len(problems) == 1 else f"{len(problems)} faults"
        raise PlanError(f"{path} has {count}", tuple(sorted(problems, key=by_place)))
    return plan, text
