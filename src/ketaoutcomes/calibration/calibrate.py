"""Evidence and scenarios become fitted values, and the ledger of how well they meet the record."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ketaoutcomes.calibration.between_trials import between_trials, without_prior
from ketaoutcomes.calibration.fit import Solution, fit
from ketaoutcomes.calibration.problem import EFFECT, Problem, Target, target_of
from ketaoutcomes.calibration.replay import with_values
from ketaoutcomes.calibration.statistics import Achieved
from ketaoutcomes.evidence.holdout import held_out
from ketaoutcomes.evidence.ledger import LedgerRole, LedgerRow, verdict_of
from ketaoutcomes.evidence.library import Evidence
from ketaoutcomes.evidence.parameters import Family, FittedFamily, FittedTrial
from ketaoutcomes.evidence.precision import precision_of
from ketaoutcomes.evidence.records import PublishedResult
from ketaoutcomes.evidence.trials import Replica
from ketaoutcomes.simulate.draws import BLOCK
from ketaoutcomes.simulate.scenario import Scenario, read_scenario

FloatArray = NDArray[np.float64]
Tell = Callable[[str], None]

FIT_SEEDS = (101, 102, 103)
SCORE_SEED = 9001
"""A seed that no fit sees."""

FIT_SUBJECTS = 2048
SCORE_SUBJECTS = 50_000
MOST_STEPS = 8
STEPS_OF_LATER_SEEDS = 3
"""A later seed starts where the one before ended and takes off what that one owed to its chance."""


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
    """Whether the scenarios of a family can give a result."""
    if replica.scenario not in scenarios or result.arm not in replica.arms:
        return False
    if result.statistic not in family.statistics:
        return False
    scenario = scenarios[replica.scenario]
    if result.statistic == "adverse event":
        known = {term.lower() for term in scenario.adverse_events}
        return replica.adverse_events and result.event in known
    return result.statistic not in OF_RELAPSE or scenario.phases[replica.phase].relapses


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
    results, seeds = targets_of(evidence, name), tuple(seeds)
    out = held_out(r for found in results.values() for r in found)
    fitted = {t: tuple(r for r in found if r.id not in out) for t, found in results.items()}
    solutions: list[Solution] = []
    start: FloatArray | None = None
    for seed in seeds:
        problem = problem_of(evidence, name, fitted, seed, subjects)
        tell(f"fitting {name} with seed {seed}: {len(problem.parameters)} parameters")
        most = steps if start is None else min(steps, STEPS_OF_LATER_SEEDS)
        solutions.append(fit(problem, start, most, tell))
        start = solutions[-1].free
    mean = np.mean([s.free for s in solutions], axis=0)
    report = FitReport(
        targets=sum(map(len, fitted.values())),
        parameters=len(problem.parameters),
        effective_parameters=float(np.mean([s.effective_parameters for s in solutions])),
        costs=tuple(s.cost for s in solutions),
        converged=tuple(s.converged for s in solutions),
    )
    found = _fitted_family(problem, mean, solutions[-1].covariance)
    own = {
        scenario: _own_values(evidence, name, found, scenario, results, seeds[0], subjects)
        for scenario in evidence.families[name].scenarios
    }
    return found.model_copy(update={"scenarios": own}), report


def _own_values(
    evidence: Evidence,
    name: str,
    found: FittedFamily,
    scenario: str,
    results: Mapping[str, tuple[PublishedResult, ...]],
    seed: int,
    subjects: int,
) -> FittedTrial:
    """The values of a scenario's trial, fitted to all its results with the shared ones kept."""
    family = evidence.families[name]
    trial = family.scenarios[scenario]
    alone = family.model_copy(update={"shared": {}, "scenarios": {scenario: trial}})
    if trial not in results or not (alone.trial or alone.effect):
        return FittedTrial()
    whole = problem_of(evidence, name, {trial: results[trial]}, seed, subjects)
    base = with_values(whole.scenarios[scenario], found.shared)
    problem = replace(whole, family=alone, scenarios={scenario: base})
    solution = fit(problem, None, MOST_STEPS, lambda _: None)
    values = problem.values(solution.free, trial)
    return FittedTrial(
        own={n: _short(v) for n, v in values.items() if n in family.trial},
        effect=_short(values.get(EFFECT, 1.0)),
    )


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
            own={n: _short(v) for n, v in values.items() if n in problem.family.trial},
            effect=_short(values.get(EFFECT, 1.0)),
            effect_error=None if trial not in error_of else _short(error_of[trial]),
        )
    some = next(iter(problem.trials))
    shared = problem.values(free, some)
    return FittedFamily(
        shared={n: _short(shared[n]) for n in problem.family.shared},
        trials=trials,
        between_trials_sd=_spread_of_effects(problem, free[of_effects], errors[of_effects]),
    )


def _spread_of_effects(problem: Problem, logs: FloatArray, errors: FloatArray) -> float | None:
    """SD of the log effects between trials."""
    if problem.family.effect is None or logs.size < 2:  # noqa: PLR2004
        return None
    own, own_errors = without_prior(logs, errors, problem.family.effect.prior_sd)
    known = np.isfinite(own_errors)
    if known.sum() < 2:  # noqa: PLR2004
        return None
    return _short(between_trials(own[known], own_errors[known]).sd)


def _short(value: float) -> float:
    """Five digits: more are noise."""
    return float(f"{value:.5g}")


def score(
    evidence: Evidence,
    name: str,
    *,
    seed: int = SCORE_SEED,
    subjects: int = SCORE_SUBJECTS,
    trials: Iterable[str] | None = None,
) -> tuple[LedgerRow, ...]:
    """The ledger of a family with its fitted values, in a large cohort with a fresh seed."""
    results = targets_of(evidence, name)
    out = held_out(r for found in results.values() for r in found)
    wanted = tuple(results) if trials is None else tuple(trials)
    problem = problem_of(evidence, name, {t: results[t] for t in wanted}, seed, subjects)
    fitted = evidence.fitted.get(name, FittedFamily())
    rows: list[LedgerRow] = []
    for trial in wanted:
        values = fitted_values(problem.family, fitted, trial)
        roles = {t.result.id: _role(problem, t.result, out) for t in problem.targets[trial]}
        rows += _scored(evidence, name, problem, trial, values, roles)
    for scenario, own in fitted.scenarios.items():
        trial = problem.family.scenarios[scenario]
        if trial in wanted and own.own:
            values = {**fitted.shared, **own.own, EFFECT: own.effect}
            refitted = dict.fromkeys((t.result.id for t in problem.targets[trial]), _REFITTED)
            rows += _scored(evidence, name, problem, trial, values, refitted)
    return tuple(rows)


_REFITTED: LedgerRole = "refitted"


def _scored(
    evidence: Evidence,
    name: str,
    problem: Problem,
    trial: str,
    values: Mapping[str, float],
    roles: Mapping[str, LedgerRole],
) -> list[LedgerRow]:
    """A row for each target of a trial."""
    found = problem.achieved(trial, values)
    problem.forget()
    return [
        _row(evidence, name, target, got, role=roles[target.result.id])
        for target, got in zip(problem.targets[trial], found, strict=True)
    ]


def fitted_values(family: Family, fitted: FittedFamily, trial: str) -> dict[str, float]:
    """Parameters of a trial: shared ones, its own, and its effect."""
    found = fitted.trials.get(trial, FittedTrial())
    effect = {EFFECT: found.effect} if family.effect is not None else {}
    return {**fitted.shared, **found.own, **effect}


def _role(problem: Problem, result: PublishedResult, out: frozenset[str]) -> LedgerRole:
    if not problem.family.is_fitted:
        return "set" if result.trial in problem.family.scenarios.values() else "held out"
    return "held out" if result.id in out else "fitted"


def _row(
    evidence: Evidence, family: str, target: Target, got: Achieved, *, role: LedgerRole
) -> LedgerRow:
    result = target.result
    precision, replica = precision_of(result), evidence.trials[result.trial].replica
    assert precision is not None
    assert replica is not None
    residual = target.residual(got.value)
    return LedgerRow(
        id=result.id,
        family=family,
        scenario=replica.scenario,
        trial=result.trial,
        role=role,
        published=result.value,
        std_error=_short(precision.std_error),
        origin=precision.origin,
        achieved=_short(got.value),
        mc_error=_short(got.mc_error),
        residual=round(residual, 3),
        verdict=verdict_of(residual),
        assumed="; ".join(word for word in (result.assumed, replica.assumed) if word),
    )
