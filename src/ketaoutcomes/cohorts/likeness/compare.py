"""Real people against synthetic ones: the area under the curve of two classifiers."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ketaoutcomes.cohort import Cohort
from ketaoutcomes.cohorts.calibration.replay import with_values
from ketaoutcomes.cohorts.likeness.wide import (
    Columns,
    People,
    features_of,
    people_of,
    with_gaps_of,
    with_moments_of,
)
from ketaoutcomes.cohorts.obtain import schedule_of
from ketaoutcomes.cohorts.simulation.pharmacokinetics import strength
from ketaoutcomes.cohorts.simulation.phase import Regime
from ketaoutcomes.cohorts.simulation.scenario import Scenario
from ketaoutcomes.cohorts.simulation.simulate import simulate
from ketaoutcomes.numerics.classifiers import area_under_curve, logistic, trees
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.scales import SCALES

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

DRAWS = 12
FOLDS = 5
SIMULATED = 4096
"""So many are simulated for a draw, of whom as many are taken in each arm as are real."""


FEW_MISSING = 0.05
"""A visit that no more than this share of real people misses decided who is in the file."""


@dataclass(frozen=True)
class Likeness:
    """How well a classifier tells real people from synthetic ones; 0.5 is not at all.

    Attributes
    ----------
    gaps : str
        Whose missing values the synthetic people have: "own" or "real".
    classifier : str
    area : float
        Mean area under the curve over the draws.
    spread : float
        SD of it over the draws.
    """

    gaps: str
    classifier: str
    area: float
    spread: float


def compared(
    plan: AnalysisPlan, real: Cohort, scenario: Scenario, scale: str, seed: int, draws: int = DRAWS
) -> tuple[Likeness, ...]:
    """Each classifier against synthetic people with their own gaps, and with those of real people.

    Parameters
    ----------
    plan : AnalysisPlan
        The plan of the real data.
    scenario : Scenario
        Its first phases are those of the plan, in order.
    scale : str
        The scale of the real data that is compared.
    """
    schedule = schedule_of(plan)
    columns = tuple((phase, visit) for phase, visits in schedule.items() for visit in visits)
    references = {
        name: phase.reference or next(iter(phase.arms)) for name, phase in plan.phases.items()
    }
    people = people_of(real, columns, scale, references)
    like_real = with_baseline_of(scenario, people.scores[:, 0])
    like_real = _with_leavers_of(like_real, schedule, columns, people, seed)
    found: dict[tuple[str, str], list[float]] = {}
    for draw in range(draws):
        generator = np.random.default_rng([seed, draw])
        for gaps in ("own", "real"):
            made = _synthetic(like_real, schedule, columns, people, seed + draw, gaps, generator)
            matched = with_moments_of(made, people, SCALES[scale], generator)
            for classifier, area in _areas(people, matched, generator).items():
                found.setdefault((gaps, classifier), []).append(area)
    return tuple(
        Likeness(gaps, classifier, float(np.mean(areas)), float(np.std(areas, ddof=1)))
        for (gaps, classifier), areas in found.items()
    )


def with_baseline_of(scenario: Scenario, baseline: FloatArray) -> Scenario:
    """The scenario for people as unlike each other at baseline as the real ones.

    The scenario's mean stays; the SD and the lowest severity are, relative to it, those of the real
    scores. What deviation and error of a visit add to the SD is taken off before.
    """
    severity = scenario.severity
    known = baseline[np.isfinite(baseline)]
    unit = severity.baseline.mean / known.mean()
    by_visit = severity.measurement_sd**2
    by_visit += (severity.deviation.at_entry * severity.deviation.sd) ** 2
    variance = max((unit * known.std(ddof=1)) ** 2 - by_visit, 1.0)
    values = {
        "severity.baseline.sd": float(np.sqrt(variance)),
        "severity.baseline.entry_at_least": float(unit * known.min()),
    }
    return with_values(scenario, values)


def _with_leavers_of(
    scenario: Scenario,
    schedule: Mapping[str, Mapping[str, float]],
    columns: Columns,
    real: People,
    seed: int,
) -> Scenario:
    """The scenario with its hazards of stopping times the factor that loses as many as really left.

    Only how many are missing at the last visit is taken from the real people: who they are and when
    they leave is the scenario's.
    """
    made = _everybody(scenario, schedule, columns, seed, "own")
    lost = [np.isnan(people.scores[:, -1]).mean() for people in (made.of(_seen(made, real)), real)]
    if not 0 < min(lost) <= max(lost) < 1:
        return scenario
    factor = float(np.log1p(-lost[1]) / np.log1p(-lost[0]))
    rates = ("per_day", "per_day_and_point", "per_day_on_drug_first_week")
    now = {f"discontinuation.{name}": getattr(scenario.discontinuation, name) for name in rates}
    return with_values(scenario, {path: factor * value for path, value in now.items()})


def _seen(synthetic: People, real: People) -> IntArray:
    """Who was seen wherever nearly everybody real was: who was not is in no such file."""
    complete = np.isnan(real.scores).mean(axis=0) <= FEW_MISSING
    return np.flatnonzero(np.isfinite(synthetic.scores[:, complete]).all(axis=1))


def _synthetic(
    scenario: Scenario,
    schedule: Mapping[str, Mapping[str, float]],
    columns: Columns,
    real: People,
    seed: int,
    gaps: str,
    generator: np.random.Generator,
) -> People:
    """As many people in each arm of the first phase as are real."""
    made = _everybody(scenario, schedule, columns, seed, gaps)
    made = made.of(_seen(made, real))
    rows = [
        np.flatnonzero(made.arm[:, 0] == arm)[: int((real.arm[:, 0] == arm).sum())]
        for arm in (0, 1)
    ]
    taken = made.of(np.concatenate(rows))
    return taken if gaps == "own" else with_gaps_of(taken, real, generator)


def _everybody(
    scenario: Scenario,
    schedule: Mapping[str, Mapping[str, float]],
    columns: Columns,
    seed: int,
    gaps: str,
) -> People:
    """All who are simulated for a draw."""
    names = dict(zip(schedule, scenario.phases, strict=False))
    own = {names[phase]: visits for phase, visits in schedule.items()}
    regime = Regime(safety=False, scales=(), missing=gaps == "own")
    cohort = simulate(scenario, "", own, seed, SIMULATED, regime)
    references = {name: _without_drug(scenario, name) for name in own}
    there = tuple((names[phase], visit) for phase, visit in columns)
    return people_of(cohort, there, scenario.scale.name, references)


def _without_drug(scenario: Scenario, phase: str) -> str:
    """The first arm without a drug that acts on mood; else the first."""
    arms = scenario.phases[phase].arms
    return next((a for a, d in arms.items() if strength(d.drug, "mood") == 0), next(iter(arms)))


def _areas(real: People, synthetic: People, generator: np.random.Generator) -> dict[str, float]:
    """Area under the curve of each classifier, every person judged by a fit without them."""
    features = np.concatenate([features_of(real), features_of(synthetic)])
    label = np.repeat([True, False], [len(real.scores), len(synthetic.scores)])
    fold = np.empty(label.size, dtype=np.int64)
    for side in (True, False):
        rows = generator.permutation(np.flatnonzero(label == side))
        fold[rows] = np.arange(rows.size) % FOLDS
    score = {"trees": np.zeros(label.size), "logistic": np.zeros(label.size)}
    for part in range(FOLDS):
        kept, judged = fold != part, fold == part
        score["trees"][judged] = trees(features[kept], label[kept], features[judged], generator)
        score["logistic"][judged] = logistic(features[kept], label[kept], features[judged])
    return {name: area_under_curve(label, values) for name, values in score.items()}
