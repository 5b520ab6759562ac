"""Every scenario as a user gets it, beside every published result that is about it."""

from collections.abc import Callable, Iterable, Mapping
from itertools import groupby

import numpy as np

from ketaoutcomes.cohorts.calibration.calibrate import short
from ketaoutcomes.cohorts.calibration.comparing import Compared, compared, shipped_replica
from ketaoutcomes.cohorts.calibration.problem import Target, target_of
from ketaoutcomes.cohorts.calibration.replay import Settings, replay
from ketaoutcomes.cohorts.calibration.statistics import Achieved, achieved
from ketaoutcomes.cohorts.evidence.ledger import LedgerRow, verdict_of
from ketaoutcomes.cohorts.evidence.library import Evidence
from ketaoutcomes.cohorts.evidence.precision import on_scale_of_comparison, precision_of
from ketaoutcomes.cohorts.evidence.shipped import ShippedRole, ShippedRow
from ketaoutcomes.cohorts.simulation.draws import BLOCK
from ketaoutcomes.cohorts.simulation.new_trials import AMOUNTS, factor_of, percent_in_trial
from ketaoutcomes.cohorts.simulation.scenario import Scenario, read_scenario

SHIPPED_SEED = 9101
"""A seed that no fit sees, and the replicas neither."""

SHIPPED_SUBJECTS = 20_000

APART = 1.0
"""A new trial's effect is taken so many SDs between trials above and below the typical one."""


def score_shipped(
    evidence: Evidence,
    scenarios: Iterable[str],
    *,
    seed: int = SHIPPED_SEED,
    subjects: int = SHIPPED_SUBJECTS,
    read: Callable[[str], Scenario] = read_scenario,
) -> tuple[ShippedRow, ...]:
    """The ledger of some scenarios as they ship.

    No trial's own value enters: a scenario is simulated with its own arms, doses, baseline and
    dropout. The SD between trials is that of a trial whose drug effect, or placebo response, is one
    SD above or below the typical one, half the distance between the two, both parts together; of
    an adverse event it is that of the log odds. A result of several trials takes a part of it.

    Parameters
    ----------
    read : callable
        How a scenario is read; another one scores values that are not written yet.
    """
    wanted = set(scenarios)
    these = [each for each in compared(evidence) if each.comparison.scenario in wanted]
    replicas = {row.id: row for row in evidence.ledger if row.role != "refitted"}
    rows: list[ShippedRow] = []
    for _, some in groupby(sorted(these, key=_where), key=_where):
        part = tuple(some)
        scenario = read(part[0].comparison.scenario)
        found = _simulated(scenario, part, {}, seed, subjects)
        spreads = _spreads(scenario, part, found, seed, subjects)
        trials = _trials_of(evidence, scenario)
        rows += [
            _row(each, got, spread, trials, replicas.get(each.published.id))
            for each, got, spread in zip(part, found, spreads, strict=True)
        ]
    order = {result.id: place for place, result in enumerate(evidence.results)}
    return tuple(sorted(rows, key=lambda row: (row.scenario, order[row.id], row.phase)))


def _where(each: Compared) -> tuple[str, str, tuple[str, ...]]:
    """Scenario, phase and events of relapse: what is simulated together."""
    own = each.comparison
    return own.scenario, own.phase, own.relapse_events


def _trials_of(evidence: Evidence, scenario: Scenario) -> frozenset[str]:
    """The trials of which the scenario was set to meet any result."""
    named = {target.id for target in scenario.calibrated_to}
    return frozenset(result.trial for result in evidence.results if result.id in named)


def _simulated(
    scenario: Scenario, part: tuple[Compared, ...], values: Settings, seed: int, subjects: int
) -> tuple[Achieved, ...]:
    results = [each.here for each in part]
    arms = replay(
        scenario, shipped_replica(part), values, results, seed, -(-subjects // BLOCK)
    )
    return tuple(achieved(result, arms) for result in results)


def _spreads(
    scenario: Scenario,
    part: tuple[Compared, ...],
    typical: tuple[Achieved, ...],
    seed: int,
    subjects: int,
) -> tuple[float, ...]:
    """SD of each result between trials of the scenario's design, on the scale of comparison."""
    spread = scenario.between_trials
    halves = []
    for name, sd in (("drug", spread.drug), ("placebo", spread.placebo)):
        high, low = (
            _simulated(scenario, part, _with_factor(scenario, name, sd, sign), seed, subjects)
            for sign in (APART, -APART)
        )
        halves.append(
            [_half(each, a.value, b.value) for each, a, b in zip(part, high, low, strict=True)]
        )
    halves.append(
        [
            _half_of_event(each, got, spread.adverse_events)
            for each, got in zip(part, typical, strict=True)
        ]
    )
    together = np.sqrt(np.sum(np.square(halves), axis=0))
    return tuple(
        float(sd / np.sqrt(each.pools)) for sd, each in zip(together, part, strict=True)
    )


def _with_factor(scenario: Scenario, name: str, sd: float, sign: float) -> Settings:
    """An effect of a trial that is so many SDs from the typical one."""
    effect, factor = getattr(scenario.severity, name), float(factor_of(sd, sign))
    return {f"severity.{name}.{field}": factor * getattr(effect, field) for field in AMOUNTS}


def _half(each: Compared, high: float, low: float) -> float:
    """Half the distance between two values on the scale of comparison."""
    ends = (on_scale_of_comparison(each.here, value) for value in (high, low))
    distance = next(ends) - next(ends)
    return distance / 2 if np.isfinite(distance) else 0.0


def _half_of_event(each: Compared, got: Achieved, sd: float) -> float:
    """What the spread of its log odds is in an adverse event's per cent."""
    if each.here.statistic != "adverse event":
        return 0.0
    inside = np.clip([got.value], 0.01, 99.99)
    return float((percent_in_trial(inside, sd) - percent_in_trial(inside, -sd))[0] / 2)


def _row(
    each: Compared,
    got: Achieved,
    spread: float,
    trials: frozenset[str],
    replica: LedgerRow | None,
) -> ShippedRow:
    target: Target = target_of(each.published)
    precision = precision_of(each.published)
    assert precision is not None
    residual = target.residual(got.value)
    wider = residual * target.std_error / float(np.hypot(target.std_error, spread))
    role: ShippedRole = "fitted" if each.published.trial in trials else "held out"
    assumed = (each.published.assumed, each.comparison.assumed)
    return ShippedRow(
        id=each.published.id,
        trial=each.published.trial,
        scenario=each.comparison.scenario,
        phase=each.comparison.phase,
        arm=each.here.arm,
        role=role,
        published=each.published.value,
        std_error=short(precision.std_error),
        origin=precision.origin,
        shipped=short(got.value),
        mc_error=short(got.mc_error),
        spread=short(spread),
        residual=round(residual, 3),
        verdict=verdict_of(residual),
        residual_with_spread=round(wider, 3),
        verdict_with_spread=verdict_of(wider),
        replica=None if replica is None else replica.achieved,
        replica_residual=None if replica is None else replica.residual,
        replica_verdict="" if replica is None else replica.verdict,
        assumed="; ".join(word for word in assumed if word),
    )


