"""Fitted values become the ledger of how well they meet the record."""

from collections.abc import Iterable, Mapping

from ketaoutcomes.cohorts.calibration.calibrate import problem_of, short, targets_of
from ketaoutcomes.cohorts.calibration.problem import EFFECT, Problem, Target
from ketaoutcomes.cohorts.calibration.statistics import Achieved
from ketaoutcomes.cohorts.evidence.holdout import held_out
from ketaoutcomes.cohorts.evidence.ledger import LedgerRole, LedgerRow, verdict_of
from ketaoutcomes.cohorts.evidence.library import Evidence
from ketaoutcomes.cohorts.evidence.parameters import Family, FittedFamily, FittedTrial
from ketaoutcomes.cohorts.evidence.precision import precision_of
from ketaoutcomes.cohorts.evidence.records import PublishedResult

SCORE_SEED = 9001
"""A seed that no fit sees."""

SCORE_SUBJECTS = 50_000


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
    return tuple(rows)


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
        return "set" if _is_set_to(problem, result) else "held out"
    return "held out" if result.id in out else "fitted"


def _is_set_to(problem: Problem, result: PublishedResult) -> bool:
    """Whether a scenario that nobody fitted was made to meet a result."""
    replica = problem.trials[result.trial].replica
    assert replica is not None
    named = {target.trial for target in problem.scenarios[replica.scenario].calibrated_to}
    return result.trial in problem.family.scenarios.values() or result.trial in named


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
        std_error=short(precision.std_error),
        origin=precision.origin,
        achieved=short(got.value),
        mc_error=short(got.mc_error),
        residual=round(residual, 3),
        verdict=verdict_of(residual),
        assumed="; ".join(word for word in (result.assumed, replica.assumed) if word),
    )
