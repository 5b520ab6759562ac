"""One chunk: simulate its trials, derive their endpoints, analyse each."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ketaoutcomes.cohort import Cohort
from ketaoutcomes.counterfactual import needs_safety
from ketaoutcomes.derive.endpoint import derive_endpoint
from ketaoutcomes.endpoint import EndpointData
from ketaoutcomes.estimate.tested_result import tested_result
from ketaoutcomes.fit.analysis import fit_analysis
from ketaoutcomes.impute.impute import impute_endpoint
from ketaoutcomes.obtain import scenario_of, schedule_of
from ketaoutcomes.plan import AnalysisPlan
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


def run_chunk(job: Job, chunk: Chunk) -> pd.DataFrame:
    """The estimates of the chunk's trials, columns `COLUMNS`."""
    tables = [_of_analysis(job.plan, name, chunk) for name in analyses_of(job.plan)]
    return pd.concat(tables, ignore_index=True)[list(COLUMNS)]


def _of_analysis(plan: AnalysisPlan, name: str, chunk: Chunk) -> pd.DataFrame:
    endpoint = derive_endpoint(plan, name, _cohort(plan, name, chunk))
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


def _cohort(plan: AnalysisPlan, name: str, chunk: Chunk) -> Cohort:
    """All trials of the chunk in one cohort, with the phases that the analysis needs."""
    synthetic = plan.data.synthetic
    assert synthetic is not None
    scenario = scenario_of(plan)
    phase = plan.analysis_phase(name)
    wanted = _with_earlier_phases(scenario, phase)
    if chunk.cell.effect == "none":
        treatment = plan.estimands[plan.analyses[name].estimand].treatment
        scenario = without_effect(scenario, phase, treatment.active, treatment.reference)
    schedule = {at: visits for at, visits in schedule_of(plan).items() if at in wanted}
    seed = chunk.seed(plan.power.seed)
    n_subjects = chunk.cell.subjects * chunk.size
    regime = Regime(safety=needs_safety(plan, name))
    return simulate(scenario, synthetic.scenario, schedule, seed, n_subjects, regime)


def _with_earlier_phases(scenario: Scenario, phase: str) -> tuple[str, ...]:
    """The phase and those through which its subjects came."""
    entry = scenario.phases[phase].enters
    return (*(_with_earlier_phases(scenario, entry.phase) if entry else ()), phase)


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
        yield replace(endpoint, frame=endpoint.frame.iloc[rows].reset_index(drop=True))


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
