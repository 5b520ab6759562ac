"""The scores of people, one row each, as a classifier sees them."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import brentq

from ketaoutcomes.cohort import Cohort
from ketaoutcomes.scales import Scale

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]
Columns = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class People:
    """Scores of one scale, visit after visit through all phases.

    Attributes
    ----------
    scores : array, shape (n, v)
        NaN where not observed.
    arm : int array, shape (n, v)
        Arm in the phase of each visit: 0 the reference, 1 any other, -1 for who did not enter.
    """

    scores: FloatArray
    arm: IntArray

    def of(self, rows: IntArray) -> "People":
        """Some of them."""
        return People(self.scores[rows], self.arm[rows])

    def at(self, visits: tuple[int, ...]) -> "People":
        """The same people at some of the visits."""
        return People(self.scores[:, visits], self.arm[:, visits])


def people_of(cohort: Cohort, columns: Columns, scale: str, references: dict[str, str]) -> People:
    """The people of a cohort at some visits.

    Parameters
    ----------
    columns : tuple of (phase, visit)
    references : mapping
        The arm without the drug, by phase.
    """
    here = cohort.visits[cohort.visits["scale"] == scale]
    wide = here.pivot_table(
        index="subject", columns=["phase", "visit"], values="score", observed=True
    )
    names = cohort.subjects["subject"]
    scores = wide.reindex(index=names, columns=pd.MultiIndex.from_tuples(columns))
    assigned = cohort.assignments.pivot(index="subject", columns="phase", values="arm")
    assigned = assigned.reindex(names)
    arm = np.stack(
        [_is_treated(assigned[phase], references[phase]) for phase, _ in columns], axis=1
    )
    return People(scores.to_numpy(float), arm)


def own_visits(people: People) -> tuple[int, ...]:
    """The visits whose scores are their own: not, in everybody seen, those of an earlier visit.

    A file may hold one baseline for both periods of a crossover.
    """
    scores = people.scores

    def is_copy(visit: int, earlier: int) -> bool:
        seen = np.isfinite(scores[:, visit])
        return bool(seen.any() and (scores[seen, visit] == scores[seen, earlier]).all())

    return tuple(
        visit
        for visit in range(scores.shape[1])
        if not any(is_copy(visit, earlier) for earlier in range(visit))
    )


def _is_treated(arm: pd.Series, reference: str) -> IntArray:
    return np.where(arm.isna(), -1, (arm != reference).astype(int)).astype(np.int64)


def without_steps(people: People, generator: np.random.Generator) -> People:
    """Whole numbers spread over half a point to either side, at 0 or above.

    A power of them then leaves no gaps between whole numbers, and they are rounded again in the
    steps of the other scale: who has the same score again has so as often as its steps are wide.
    But 0 stays 0.
    """
    scores = people.scores + generator.uniform(-0.5, 0.5, people.scores.shape)
    return replace(people, scores=np.where(people.scores == 0, 0.0, scores))


@dataclass(frozen=True)
class Alignment:
    """What gives synthetic scores the mean and SD of real ones, at each visit of each arm.

    Each score is taken to a power and multiplied, so that 0 stays 0.

    Attributes
    ----------
    power, factor : array, shape (v, 2)
        By visit and arm.
    """

    power: FloatArray
    factor: FloatArray

    def of(self, synthetic: People, scale: Scale) -> People:
        """Synthetic people with their scores aligned, in whole numbers within the scale."""
        treated = np.maximum(synthetic.arm, 0)
        visits = np.arange(synthetic.scores.shape[1])
        power, factor = self.power[visits, treated], self.factor[visits, treated]
        scores = np.clip(np.rint(factor * synthetic.scores**power), scale.low, scale.high)
        return replace(synthetic, scores=scores)


def alignment_of(synthetic: People, real: People) -> Alignment:
    """The alignment of some synthetic people with some real ones."""
    shape = synthetic.scores.shape[1], 2
    power, factor = np.ones(shape), np.ones(shape)
    for column in range(shape[0]):
        for arm in (0, 1):
            mine = synthetic.scores[synthetic.arm[:, column] == arm, column]
            theirs = real.scores[real.arm[:, column] == arm, column]
            if min(np.isfinite(mine).sum(), np.isfinite(theirs).sum()) > 1:
                power[column, arm], factor[column, arm] = _to_moments(mine, theirs)
    return Alignment(power, factor)


def _to_moments(values: FloatArray, like: FloatArray) -> tuple[float, float]:
    """The power, and the factor, that give values the mean and SD of others."""
    mean, spread = float(np.nanmean(like)), float(np.nanstd(like))

    def excess(power: float) -> float:
        powered = values**power
        return float(np.nanstd(powered) / np.nanmean(powered)) - spread / mean

    power = brentq(excess, *POWERS) if excess(POWERS[0]) < 0 < excess(POWERS[1]) else 1.0
    return float(power), mean / float(np.nanmean(values**power))


POWERS = (0.05, 20.0)


def with_gaps_of(synthetic: People, real: People, generator: np.random.Generator) -> People:
    """The synthetic scores, missing where a real person of the same first arm missed them."""
    scores = synthetic.scores.copy()
    for arm in (0, 1):
        mine = np.flatnonzero(synthetic.arm[:, 0] == arm)
        theirs = np.flatnonzero(real.arm[:, 0] == arm)
        if theirs.size:
            gaps = np.isnan(real.scores[generator.choice(theirs, mine.size)])
            scores[mine] = np.where(gaps, np.nan, scores[mine])
    return replace(synthetic, scores=scores)


def features_of(people: People) -> FloatArray:
    """What a classifier is given, one row a person.

    Scores (the last one seen where one is missing), steps between the scores seen, which are
    missing, arm, and over all visits: the number of equal successive scores, of turns, of scores at
    the end of the scale that is nobody's illness, and the mean size of the steps.
    """
    scores, missing = people.scores, np.isnan(people.scores)
    seen = pd.DataFrame(scores).ffill(axis=1).bfill(axis=1).fillna(0.0).to_numpy()
    steps = np.diff(seen, axis=1)
    both = ~missing[:, 1:] & ~missing[:, :-1]
    turns = (steps[:, 1:] * steps[:, :-1] < 0).sum(axis=1)
    overall = np.column_stack(
        [
            ((steps == 0) & both).sum(axis=1),
            turns,
            (seen[:, 1:] == 0).sum(axis=1),
            np.abs(steps).mean(axis=1),
            np.abs(steps).max(axis=1),
        ]
    )
    return np.column_stack([seen, steps, missing[:, 1:], people.arm[:, :1], overall])


def feature_names(columns: Columns) -> tuple[str, ...]:
    """The features in words, in their order."""
    visits = [visit for _, visit in columns]
    return (
        *(f"score at {visit}" for visit in visits),
        *(f"step to {visit}" for visit in visits[1:]),
        *(f"missing at {visit}" for visit in visits[1:]),
        "arm",
        "equal successive scores",
        "turns",
        "scores of 0",
        "mean size of steps",
        "largest step",
    )
