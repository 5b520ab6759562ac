"""Faults that are found once data meet a plan, placed in the plan's file."""

from dataclasses import replace
from pathlib import Path as FilePath
from typing import Final

from ketaoutcomes.errors import KetaOutcomesError, Problem
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.reading.faults import place
from ketaoutcomes.plan.reading.source import Path, YamlSource, read_yaml
from ketaoutcomes.plan.reading.typed import typed

IN_THE_PLAN: Final = "the plan, "
"""How a place begins that is a key of the plan, written or to be written."""


def placed(error: KetaOutcomesError, path: FilePath, text: str) -> KetaOutcomesError:
    """The same error; its places that are keys of the plan become lines and columns of its file."""
    source = typed(read_yaml(text, str(path)), AnalysisPlan).source
    named = {".".join(map(str, key)): key for key in source.positions}
    problems = tuple(_placed(problem, path, source, named) for problem in error.problems)
    return type(error)(error.summary, problems)


def _placed(
    problem: Problem, path: FilePath, source: YamlSource, named: dict[str, Path]
) -> Problem:
    """One problem; a key that is still to be written is placed at the block that lacks it."""
    if not problem.place.startswith(IN_THE_PLAN):
        return problem
    name = problem.place.removeprefix(IN_THE_PLAN)
    while name and name not in named:
        name = name.rpartition(".")[0]
    return replace(problem, place=place(source, path, named.get(name, ())))
