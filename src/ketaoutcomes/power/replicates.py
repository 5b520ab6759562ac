"""One chunk: simulate its trials, analyse each, decide on hypotheses alone and together."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pandas as pd

from ketaoutcomes.cohorts.obtain import scenario_of
from ketaoutcomes.hypotheses.multiplicity import adjusted_p_values, joint_law, tested_results
from ketaoutcomes.hypotheses.tested_result import tested_result
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.multiplicity import Hypothesis, HypothesisFamily
from ketaoutcomes.power.design import Cell, Chunk, analyses_of, families_of
from ketaoutcomes.power.setting import setting_of, simulated
from ketaoutcomes.power.trial import Trial, trials_of

NUMBERS = ("estimate", "std_error", "conf_low", "conf_high", "p_value")
COLUMNS = ("analysis", "family", "hypothesis", "replicate", "entered", *NUMBERS, "message")
"""What a chunk's table holds; numbers are missing where not estimated.

One row an analysis and replicate, with the number of subjects of its phase and the numbers of its
main result, and one row a hypothesis of a family and replicate, with the adjusted p-value alone.
"""

Row = dict[str, object]


@dataclass(frozen=True)
class Job:
    """All that a process needs to run any chunk of a plan."""

    plan: AnalysisPlan


@dataclass(frozen=True)
class Question:
    """An analysis, or a family of hypotheses: what is tested in the same trials."""

    name: str
    hypotheses: dict[str, Hypothesis]
    family: HypothesisFamily | None = None

    @property
    def analyses(self) -> tuple[str, ...]:
        """The analyses that test it."""
        return tuple(dict.fromkeys(wanted.analysis for wanted in self.hypotheses.values()))


def run_chunk(job: Job, chunk: Chunk) -> pd.DataFrame:
    """What each trial of the chunk gives, columns `COLUMNS`."""
    plan, scenario = job.plan, scenario_of(job.plan)
    questions = questions_of(plan, chunk.cell)
    settings = [setting_of(plan, scenario, q.hypotheses, chunk.cell) for q in questions]
    answers: dict[int, list[Row]] = {}
    for setting in dict.fromkeys(settings):
        cohort = simulated(plan, scenario, setting, chunk)
        here = [place for place, other in enumerate(settings) if other == setting]
        names = dict.fromkeys(name for place in here for name in questions[place].analyses)
        trials = {name: trials_of(plan, name, cohort, chunk) for name in names}
        for place in here:
            answers[place] = list(answers_of(plan, questions[place], trials, chunk))
    rows = [row for place in sorted(answers) for row in answers[place]]
    return pd.DataFrame(rows, columns=COLUMNS).astype(dict.fromkeys(("entered", *NUMBERS), float))


def questions_of(plan: AnalysisPlan, cell: Cell) -> tuple[Question, ...]:
    """What is asked of the trials of a cell: where hypotheses are true in turn, their family."""
    families = tuple(
        Question(name, family.hypotheses, family)
        for name, family in families_of(plan).items()
        if cell.family in ("", name)
    )
    if cell.effect == "in_turn":
        return families
    analyses = (Question(name, {"": Hypothesis(analysis=name)}) for name in analyses_of(plan))
    return (*analyses, *families)


def answers_of(
    plan: AnalysisPlan, question: Question, trials: Mapping[str, tuple[Trial, ...]], chunk: Chunk
) -> Iterator[Row]:
    """The rows of a question, trial by trial."""
    for place in range(chunk.size):
        here = {name: trials[name][place] for name in question.analyses}
        found = (
            _estimated(plan, question.name, here[question.name])
            if question.family is None
            else _decided(plan, question.name, question.family, here)
        )
        for row in found:
            yield {"replicate": chunk.first + place, **row}


def _estimated(plan: AnalysisPlan, name: str, trial: Trial) -> Iterator[Row]:
    """The main result of an analysis."""
    which = {"analysis": name, "family": "", "hypothesis": "", "entered": trial.entered}
    row = tested_result(plan, Hypothesis(analysis=name), trial.rows)
    if row is None or row.status == "failed":
        why = row.message if row else trial.message or "no comparison of the two arms"
        yield {**which, "message": why}
        return
    yield {**which, **{field: getattr(row, field) for field in NUMBERS}, "message": ""}


def _decided(
    plan: AnalysisPlan, name: str, family: HypothesisFamily, trials: Mapping[str, Trial]
) -> Iterator[Row]:
    """The adjusted p of each hypothesis; missing where it was not tested, which rejects nothing."""
    rows = tuple(row for trial in trials.values() for row in trial.rows)
    found = tested_results(plan, family, rows)
    correlations = {
        analysis: trial.correlation_of
        for analysis, trial in trials.items()
        if trial.correlation_of is not None
    }
    adjusted = adjusted_p_values(family, found, joint_law(family, found, correlations))
    for (key, row), p in zip(found.items(), adjusted, strict=True):
        tested = row is not None and row.p_value is not None
        yield {
            "analysis": "",
            "family": name,
            "hypothesis": key,
            "p_value": float(p) if tested else None,
            "message": "" if tested else (row.message if row else "") or "no such p-value",
        }
