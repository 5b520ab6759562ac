"""One chunk: simulate its trials, derive their endpoints, analyse each."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ketaoutcomes.cohort import Cohort
from ketaoutcomes.counterfactual import needs_safety
from ketaoutcomes.derive.endpoint import derive_endpoint
from ketaoutcomes.endpoint import EndpointData, ValueData
from ketaoutcomes.estimate.tested_result import tested_result
from ketaoutcomes.fit.analysis import fit_analysis
from ketaoutcomes.impute.impute import impute_endpoint
from ketaoutcomes.obtain import grouped, scenario_of, schedule_of
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.analyses import CrossoverAnalysis, DoseResponseAnalysis
from ketaoutcomes.plan.multiplicity import Hypothesis
from ketaoutcomes.power.batched import batched_differences
from ketaoutcomes.power.design import Chunk, analyses_of
from ketaoutcomes.simulate.phase import Regime
from ketaoutcomes.simulate.scenario import Scenario
from ketaoutcomes.simulate.simulate import simulate

NUMBERS = ("estimate", "std_error", "conf_low", "conf_high", "p_value")
COLUMNS = ("analysis", "replicate", *NUMBERS, "message")
"""What a chunk's table holds, one row an analysis and replicate; missing where not estimated."""


@dataclass(frozen=True)
class Job:
    """All that a process needs to run any chunk of a plan."""

    plan: AnalysisPlan


@dataclass(frozen=True)
class Setting:
    """What is simulated for an analysis; analyses of one setting share its cohort.

    Attributes
    ----------
    phases : tuple of str
        The phases analysed and those through which their subjects came.
    same_as_reference : tuple of (phase, other arm, reference arm)
        Where the other arm is treated as the reference is.
    safety : bool
        Whether adverse events and costs are looked at.
    """

    phases: tuple[str, ...]
    same_as_reference: tuple[tuple[str, str, str], ...]
    safety: bool


def run_chunk(job: Job, chunk: Chunk) -> pd.DataFrame:
    """The estimates of the chunk's trials, columns `COLUMNS`."""
    plan, names = job.plan, analyses_of(job.plan)
    scenario = scenario_of(plan)
    settings = {name: _setting(plan, name, scenario, chunk) for name in names}
    tables = {}
    for setting in dict.fromkeys(settings.values()):
        cohort = _cohort(plan, scenario, setting, chunk)
        for name in names:
            if settings[name] == setting:
                tables[name] = _of_analysis(plan, name, cohort, chunk)
    return pd.concat([tables[name] for name in names], ignore_index=True)[list(COLUMNS)]


def _of_analysis(plan: AnalysisPlan, name: str, cohort: Cohort, chunk: Chunk) -> pd.DataFrame:
    endpoint = derive_endpoint(plan, name, cohort)
    trial = _trial_numbers(endpoint.frame["subject"], chunk)
    rows = pd.DataFrame({"replicate": np.arange(chunk.first, chunk.first + chunk.size)})
    rows["analysis"] = name
    done = batched_differences(plan, name, endpoint, trial, chunk.size)
    found = [
        done[number] if number in done else _alone(plan, name, part)
        for number, part in enumerate(_split(endpoint, trial, chunk.size))
    ]
    estimates = pd.DataFrame(found, columns=[*NUMBERS, "message"])
    return rows.join(estimates.astype(dict.fromkeys(NUMBERS, float)))


def _setting(plan: AnalysisPlan, name: str, scenario: Scenario, chunk: Chunk) -> Setting:
    analysis = plan.analyses[name]
    treatment = plan.estimands[analysis.estimand].treatment
    analysed = (
        analysis.periods
        if isinstance(analysis, CrossoverAnalysis)
        else (plan.analysis_phase(name),)
    )
    wanted = {earlier for phase in analysed for earlier in _with_earlier_phases(scenario, phase)}
    alike = {earlier for phase in analysed for earlier in _of_the_same_arms(scenario, phase)}
    same = tuple(
        (phase, arm, treatment.reference)
        for phase in plan.phases
        if phase in alike
        for arm in _without_effect_arms(plan, name)
    )
    return Setting(
        phases=tuple(phase for phase in plan.phases if phase in wanted),
        same_as_reference=same if chunk.cell.effect == "none" else (),
        safety=needs_safety(plan, name),
    )


def _cohort(plan: AnalysisPlan, scenario: Scenario, setting: Setting, chunk: Chunk) -> Cohort:
    """All trials of the chunk in one cohort."""
    synthetic = plan.data.synthetic
    assert synthetic is not None
    for phase, active, reference in setting.same_as_reference:
        scenario = without_effect(scenario, phase, active, reference)
    schedule = {at: visits for at, visits in schedule_of(plan).items() if at in setting.phases}
    seed = chunk.seed(plan.power.seed)
    n_subjects = chunk.cell.subjects * chunk.size
    # one draw of the trial effect would serve every trial of the chunk; the truth has none either
    regime = Regime(safety=setting.safety, trial_effect=False)
    cohort = simulate(scenario, synthetic.scenario, schedule, seed, n_subjects, regime)
    return grouped(plan, cohort)


def _with_earlier_phases(scenario: Scenario, phase: str) -> tuple[str, ...]:
    """The phase and those through which its subjects came."""
    before = scenario.phases[phase].before
    return (*(_with_earlier_phases(scenario, before) if before else ()), phase)


def _without_effect_arms(plan: AnalysisPlan, name: str) -> tuple[str, ...]:
    """The arms that have no effect where there is none: a dose response is flat over all doses."""
    analysis = plan.analyses[name]
    treatment = plan.estimands[analysis.estimand].treatment
    if isinstance(analysis, DoseResponseAnalysis):
        return tuple(arm for arm in analysis.doses if arm != treatment.reference)
    return (treatment.active,)


def _of_the_same_arms(scenario: Scenario, phase: str) -> tuple[str, ...]:
    """The phase and those before it whose arms subjects keep: who enters would differ by arm."""
    entry = scenario.phases[phase].enters
    if entry is None or not entry.keeps_arm:
        return (phase,)
    return (*_of_the_same_arms(scenario, entry.phase), phase)


def without_effect(scenario: Scenario, phase: str, active: str, reference: str) -> Scenario:
    """The scenario in which the active arm is treated as the reference is."""
    of_phase = scenario.phases[phase]
    share = of_phase.arms[active].share
    same = of_phase.arms[reference].model_copy(update={"share": share})
    changed = of_phase.model_copy(update={"arms": {**of_phase.arms, active: same}})
    return scenario.model_copy(update={"phases": {**scenario.phases, phase: changed}})


def _trial_numbers(subject: pd.Series, chunk: Chunk) -> NDArray[np.int64]:
    """Which trial of the chunk each row belongs to; subjects are numbered from one."""
    number = subject.str.slice(1).astype("int64").to_numpy() - 1
    return np.asarray(number // chunk.cell.subjects, dtype=np.int64)


def _split(
    endpoint: EndpointData, trial: NDArray[np.int64], n_trials: int
) -> Iterator[EndpointData]:
    """The endpoint of each trial, rows in their order."""
    order = np.argsort(trial, kind="stable")
    edges = np.searchsorted(trial[order], np.arange(n_trials + 1))
    for number in range(n_trials):
        rows = order[edges[number] : edges[number + 1]]
        yield _some_rows(endpoint, rows)


def _some_rows(endpoint: EndpointData, rows: NDArray[np.int64]) -> EndpointData:
    """The endpoint with these rows of every table that has one row for each of its frame."""
    part = replace(endpoint, frame=endpoint.frame.iloc[rows].reset_index(drop=True))
    if isinstance(endpoint, ValueData) and isinstance(part, ValueData):
        costs, times = (
            table.iloc[rows].reset_index(drop=True) for table in (endpoint.costs, endpoint.times)
        )
        return replace(part, costs=costs, times=times)
    return part


def _alone(plan: AnalysisPlan, name: str, endpoint: EndpointData) -> dict[str, object]:
    """The main result of one trial, by the code that makes the report."""
    try:
        results = fit_analysis(plan, name, impute_endpoint(plan, name, endpoint)).results
    except (ValueError, np.linalg.LinAlgError) as error:
        return {"message": str(error)}
    row = tested_result(plan, Hypothesis(analysis=name), results)
    if row is None or row.status == "failed":
        return {"message": row.message if row else "no comparison of the two arms"}
    return {field: getattr(row, field) for field in NUMBERS} | {"message": ""}
