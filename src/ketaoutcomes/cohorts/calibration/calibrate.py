"""Evidence and scenarios become fitted values."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ketaoutcomes.cohorts.calibration.between_trials import between_trials, without_prior
from ketaoutcomes.cohorts.calibration.fit import Solution, fit
from ketaoutcomes.cohorts.calibration.problem import EFFECT, Problem, target_of
from ketaoutcomes.cohorts.evidence.holdout import held_out
from ketaoutcomes.cohorts.evidence.library import Evidence
from ketaoutcomes.cohorts.evidence.parameters import Family, FittedFamily, FittedTrial
from ketaoutcomes.cohorts.evidence.records import PublishedResult
from ketaoutcomes.cohorts.evidence.trials import Replica
from ketaoutcomes.cohorts.simulation.draws import BLOCK
from ketaoutcomes.cohorts.simulation.scenario import Scenario, read_scenario

FloatArray = NDArray[np.float64]
Tell = Callable[[str], None]

FIT_SEEDS = (101, 102, 103)
FIT_SUBJECTS = 8192
MOST_STEPS = 15

OF_RELAPSE = ("relapse", "hazard ratio", "median days to relapse")


@dataclass(frozen=True)
class FitReport:
    """What is told of a fit beside its values."""

    targets: int
    parameters: int
    effective_parameters: float
    costs: tuple[float, ...]
    converged: tuple[bool, ...]


def targets_of(evidence: Evidence, name: str) -> dict[str, tuple[PublishedResult, ...]]:
    """Results of the trials that a family replays, by trial."""
    family = evidence.families[name]
    scenarios = {scenario: read_scenario(scenario) for scenario in family.scenarios}
    found: dict[str, list[PublishedResult]] = {}
    for result in evidence.results:
        replica = evidence.trials[result.trial].replica
        if replica is not None and _is_target(family, scenarios, replica, result):
            found.setdefault(result.trial, []).append(result)
    return {trial: tuple(results) for trial, results in found.items()}


def _is_target(
    family: Family, scenarios: Mapping[str, Scenario], replica: Replica, result: PublishedResult
) -> bool:
    """Whether the scenarios of a family can give a result, and a replica its participants."""
    if replica.scenario not in scenarios or not _has_arms(replica, result):
        return False
    if result.statistic not in family.statistics or result.compared_only:
        return False
    if result.among or result.state is not None:
        return False
    scenario = scenarios[replica.scenario]
    if result.statistic == "adverse event":
        known = {term.lower() for term in scenario.adverse_events}
        return replica.adverse_events and result.event in known
    return result.statistic not in OF_RELAPSE or scenario.phases[replica.phase].relapses


def _has_arms(replica: Replica, result: PublishedResult) -> bool:
    return {result.arm, result.versus or result.arm} <= set(replica.arms)


def problem_of(
    evidence: Evidence,
    name: str,
    results: dict[str, tuple[PublishedResult, ...]],
    seed: int,
    subjects: int,
) -> Problem:
    """The problem of a family with some of its results."""
    family = evidence.families[name]
    scenarios: dict[str, Scenario] = {s: read_scenario(s) for s in family.scenarios}
    return Problem(
        family=family,
        scenarios=scenarios,
        trials={trial: evidence.trials[trial] for trial in results},
        targets={t: tuple(target_of(r) for r in found) for t, found in results.items()},
        seed=seed,
        blocks=-(-subjects // BLOCK),
    )


def fit_family(
    evidence: Evidence,
    name: str,
    tell: Tell,
    *,
    seeds: Iterable[int] = FIT_SEEDS,
    subjects: int = FIT_SUBJECTS,
    steps: int = MOST_STEPS,
) -> tuple[FittedFamily, FitReport]:
    """Fit a family to the results that are not held out, with several seeds, and take the mean."""
    results = targets_of(evidence, name)
    out = held_out(r for found in results.values() for r in found)
    return fit_without(
        evidence, name, out, tell, seeds=tuple(seeds), subjects=subjects, steps=steps
    )


def fit_without(
    evidence: Evidence,
    name: str,
    out: frozenset[str],
    tell: Tell,
    *,
    seeds: tuple[int, ...],
    subjects: int,
    steps: int,
) -> tuple[FittedFamily, FitReport]:
    """Fit a family to all its results but some."""
    results = targets_of(evidence, name)
    fitted = {t: tuple(r for r in found if r.id not in out) for t, found in results.items()}
    solutions: list[Solution] = []
    start: FloatArray | None = None
    slopes: FloatArray | None = None
    for seed in seeds:
        problem = problem_of(evidence, name, fitted, seed, subjects)
        tell(f"fitting {name} with seed {seed}: {len(problem.parameters)} parameters")
        # a later seed starts from where the one before ended, with its slopes, and takes off what
        # that one owed to its chance
        solutions.append(fit(problem, start, steps, tell, slopes))
        start, slopes = solutions[-1].free, solutions[-1].slopes
    mean = np.mean([s.free for s in solutions], axis=0)
    report = FitReport(
        targets=sum(map(len, fitted.values())),
        parameters=len(problem.parameters),
        effective_parameters=float(np.mean([s.effective_parameters for s in solutions])),
        costs=tuple(s.cost for s in solutions),
        converged=tuple(s.converged for s in solutions),
    )
    return _fitted_family(problem, mean, solutions[-1].covariance), report


def _fitted_family(problem: Problem, free: FloatArray, covariance: FloatArray) -> FittedFamily:
    """Values by name, with the error of each trial's effect and the SD between trials."""
    parameters = problem.parameters
    errors = np.sqrt(np.diag(covariance))
    of_effects = [i for i, p in enumerate(parameters) if p.name == EFFECT]
    error_of = {parameters[i].trial: float(errors[i]) for i in of_effects}
    trials = {}
    for trial in problem.trials:
        values = problem.values(free, trial)
        trials[trial] = FittedTrial(
            own={n: short(v) for n, v in values.items() if n in problem.family.trial},
            effect=short(values.get(EFFECT, 1.0)),
            effect_error=None if trial not in error_of else short(error_of[trial]),
        )
    some = next(iter(problem.trials))
    shared = problem.values(free, some)
    return FittedFamily(
        shared={n: short(shared[n]) for n in problem.family.shared},
        trials=trials,
        between_trials_sd=_spread_of_effects(problem, free[of_effects], errors[of_effects]),
    )


def _spread_of_effects(problem: Problem, logs: FloatArray, errors: FloatArray) -> float | None:
    """SD of the log effects between trials."""
    if problem.family.effect is None or logs.size < 2:
        return None
    own, own_errors = without_prior(logs, errors, problem.family.effect.prior_sd)
    known = np.isfinite(own_errors)
    if known.sum() < 2:
        return None
    return short(between_trials(own[known], own_errors[known]).sd)


def short(value: float) -> float:
    """Five digits: more are noise."""
    return float(f"{value:.5g}")
