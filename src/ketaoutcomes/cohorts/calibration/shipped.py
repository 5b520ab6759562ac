"""Every scenario as a user gets it, beside every published result that is about it."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from itertools import groupby

import numpy as np

from ketaoutcomes.cohorts.calibration.calibrate import MOST_STEPS, short
from ketaoutcomes.cohorts.calibration.comparing import Compared, compared, shipped_replica
from ketaoutcomes.cohorts.calibration.contradicting import contradictions, where
from ketaoutcomes.cohorts.calibration.fit import fit
from ketaoutcomes.cohorts.calibration.problem import Problem, Target, target_of
from ketaoutcomes.cohorts.calibration.replay import Settings, replay
from ketaoutcomes.cohorts.calibration.statistics import Achieved, achieved
from ketaoutcomes.cohorts.evidence.holdout import held_out_trials
from ketaoutcomes.cohorts.evidence.ledger import LedgerRow, verdict_of
from ketaoutcomes.cohorts.evidence.library import Evidence
from ketaoutcomes.cohorts.evidence.parameters import Family
from ketaoutcomes.cohorts.evidence.precision import on_scale_of_comparison, precision_of
from ketaoutcomes.cohorts.evidence.shipped import ShippedRole, ShippedRow
from ketaoutcomes.cohorts.evidence.trials import Trial
from ketaoutcomes.cohorts.simulation.draws import BLOCK
from ketaoutcomes.cohorts.simulation.new_trials import AMOUNTS, factor_of, percent_in_trial
from ketaoutcomes.cohorts.simulation.scenario import Scenario, read_scenario

SHIPPED_SEED = 9101
"""A seed that no fit sees, and the replicas neither."""

SHIPPED_SUBJECTS = 20_000

SHIPPED_FIT_SEED = 9201
SHIPPED_FIT_SUBJECTS = 6_144

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

    Results of the trials that are held out never reached the fit of what ships. No trial's own
    value enters: a scenario has its own arms, doses, baseline and dropout. The SD between
    trials is that of a trial whose drug effect, or placebo response, is one SD above or below the
    typical one: half the distance between the two, both parts together; of an adverse event it is
    that of the log odds. A result that pools trials takes a part of it.

    Parameters
    ----------
    read : callable
        How a scenario is read; another one scores values that are not written yet.
    """
    wanted = set(scenarios)
    every = compared(evidence)
    against = contradictions(evidence, every)
    these = [each for each in every if each.comparison.scenario in wanted]
    replicas = {row.id: row for row in evidence.ledger}
    rows: list[ShippedRow] = []
    for _, some in groupby(sorted(these, key=_where), key=_where):
        part = tuple(some)
        scenario = read(part[0].comparison.scenario)
        found = _simulated(scenario, part, {}, seed, subjects)
        spreads = _spreads(scenario, part, found, seed, subjects)
        out = _held_out(these, part[0].comparison.scenario)
        rows += [
            replace(
                _row(each, got, spread, out, replicas.get(each.published.id)),
                contradicted_by=" ".join(against[where(each)]),
            )
            for each, got, spread in zip(part, found, spreads, strict=True)
        ]
    order = {result.id: place for place, result in enumerate(evidence.results)}
    return tuple(sorted(rows, key=lambda row: (row.scenario, order[row.id], row.phase)))


def _where(each: Compared) -> tuple[str, str, tuple[str, ...]]:
    """Scenario, phase and events of relapse: what is simulated together."""
    own = each.comparison
    return own.scenario, own.phase, own.relapse_events


SET_BY_HAND = frozenset(
    {"adverse event", "completed", "stopped for adverse event", "rise ever", "level ever"}
)
"""Rates that a scenario holds itself, set by hand near what is published: no fit moves them."""


def _held_out(these: Iterable[Compared], scenario: str) -> frozenset[str]:
    """The trials that the fit of a scenario does not see."""
    return held_out_trials(
        each.published.trial
        for each in these
        if each.comparison.scenario == scenario and each.published.statistic not in SET_BY_HAND
    )


def _simulated(
    scenario: Scenario, part: tuple[Compared, ...], values: Settings, seed: int, subjects: int
) -> tuple[Achieved, ...]:
    results = [each.here for each in part]
    arms = replay(scenario, shipped_replica(part), values, results, seed, -(-subjects // BLOCK))
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
    return tuple(float(sd / np.sqrt(each.pools)) for sd, each in zip(together, part, strict=True))


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


def fit_shipped(
    evidence: Evidence,
    name: str,
    tell: Callable[[str], None],
    *,
    seed: int = SHIPPED_FIT_SEED,
    subjects: int = SHIPPED_FIT_SUBJECTS,
    steps: int = MOST_STEPS,
    without: frozenset[str] | None = None,
) -> dict[str, float]:
    """Fit the free parameters of a scenario to the trials that it is compared with as it ships.

    The error of each result holds the spread between trials too: a scenario is meant for the
    typical trial, and two trials that contradict each other pull less than each would alone.

    Parameters
    ----------
    without : frozenset of str, optional
        Trials that the fit does not see; default: those that are held out of what ships.

    Returns
    -------
    dict
        Values by dotted path.
    """
    scenario = read_scenario(name)
    every = [each for each in compared(evidence) if each.comparison.scenario == name]
    out = _held_out(every, name) if without is None else without
    these = [each for each in every if each.published.trial not in out]
    trials, targets = {}, {}
    for place, (_, some) in enumerate(groupby(sorted(these, key=_where), key=_where)):
        part = tuple(some)
        typical = _simulated(scenario, part, {}, seed, subjects)
        spreads = _spreads(scenario, part, typical, seed, subjects)
        stands_for = f"{name}_{place}"
        trials[stands_for] = Trial(
            label=name, condition=name, design=name, replica=shipped_replica(part)
        )
        targets[stands_for] = tuple(
            Target(each.here, float(np.hypot(target_of(each.published).std_error, spread)))
            for each, spread in zip(part, spreads, strict=True)
        )
    problem = Problem(
        family=Family(
            scenarios={name: next(iter(trials))},
            statistics=tuple(dict.fromkeys(each.here.statistic for each in these)),
            shared=evidence.shipping[name],
        ),
        scenarios={name: scenario},
        trials=trials,
        targets=targets,
        seed=seed,
        blocks=-(-subjects // BLOCK),
    )
    tell(f"fitting {name} as it ships: {len(problem.parameters)} parameters")
    found = problem.values(fit(problem, None, steps, tell).free, next(iter(trials)))
    return {path: short(value) for path, value in found.items()}


def _row(
    each: Compared,
    got: Achieved,
    spread: float,
    out: frozenset[str],
    replica: LedgerRow | None,
) -> ShippedRow:
    target: Target = target_of(each.published)
    precision = precision_of(each.published)
    assert precision is not None
    residual = target.residual(got.value)
    wider = residual * target.std_error / float(np.hypot(target.std_error, spread))
    unseen = each.published.trial in out and each.published.statistic not in SET_BY_HAND
    role: ShippedRole = "held out" if unseen else "fitted"
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
