"""Real people against synthetic ones: the area under the curve of two classifiers."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import count, islice, takewhile

import numpy as np
from numpy.typing import NDArray

from ketaoutcomes.cohort import Cohort
from ketaoutcomes.cohorts.calibration.replay import with_values
from ketaoutcomes.cohorts.evidence.precision import NORMAL_975
from ketaoutcomes.cohorts.likeness.steps import MEASURES, steps_of
from ketaoutcomes.cohorts.likeness.wide import (
    Columns,
    People,
    alignment_of,
    feature_names,
    features_of,
    own_visits,
    people_of,
    with_gaps_of,
    without_steps,
)
from ketaoutcomes.cohorts.obtain import schedule_of
from ketaoutcomes.cohorts.simulation.pharmacokinetics import strength
from ketaoutcomes.cohorts.simulation.phase import Regime
from ketaoutcomes.cohorts.simulation.scenario import Scenario
from ketaoutcomes.cohorts.simulation.simulate import simulate
from ketaoutcomes.numerics.classifiers import area_under_curve, logistic, trees
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.scales import SCALES, Scale

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
    itself : float
        The same of two samples of the scenario as large as the real one: what is left of 0.5 by the
        alignment and by few participants.
    chance : tuple of float or None
        The range that holds `area` for 95% of real trials that are samples of the scenario; None
        where it was not asked for.
    """

    gaps: str
    classifier: str
    area: float
    spread: float
    itself: float
    chance: tuple[float, float] | None = None


@dataclass(frozen=True)
class Telling:
    """How well one feature alone tells real people from synthetic ones.

    Attributes
    ----------
    feature : str
    area : float
        Mean area under its curve over the draws; above 0.5 where real people have more of it.
    real, synthetic : float
        Its means.
    """

    feature: str
    area: float
    real: float
    synthetic: float


@dataclass(frozen=True)
class Moving:
    """A measure of how scores move from visit to visit, in real and in synthetic people."""

    measure: str
    real: float
    synthetic: float


@dataclass(frozen=True)
class Comparison:
    """All classifiers, the features that tell most, those that tell most first, and the steps.

    Attributes
    ----------
    classifiers : tuple of Likeness
    features : tuple of Telling
    steps : tuple of Moving
        Of synthetic people who miss what real ones miss.
    """

    classifiers: tuple[Likeness, ...]
    features: tuple[Telling, ...]
    steps: tuple[Moving, ...]


MOST_FEATURES = 5
"""Features that are listed."""


def compared(
    plan: AnalysisPlan,
    real: Cohort,
    scenario: Scenario,
    scale: str,
    seed: int,
    draws: int,
    trials: int = 0,
) -> Comparison:
    """Each classifier against synthetic people with their own gaps, and with those of real people.

    Parameters
    ----------
    plan : AnalysisPlan
        The plan of the real data.
    scenario : Scenario
        Its first phases are those of the plan, in order.
    scale : str
        The scale of the real data that is compared.
    draws : int
        Samples of the scenario that the real people are compared with, each once.
    trials : int
        Samples of the scenario that stand for a real trial, from which the range of chance is
        worked out; 0 for none.
    """
    schedule = schedule_of(plan)
    columns = tuple((phase, visit) for phase, visits in schedule.items() for visit in visits)
    references = {
        name: phase.reference or next(iter(phase.arms)) for name, phase in plan.phases.items()
    }
    people = people_of(real, columns, scale, references)
    kept = own_visits(people)
    columns, people = tuple(columns[visit] for visit in kept), people.at(kept)
    like_real = with_baseline_of(scenario, people.scores[:, 0], SCALES[scale])
    like_real = _with_leavers_of(like_real, schedule, columns, people, seed)
    found: dict[tuple[str, str], list[tuple[float, float]]] = {}
    told: list[FloatArray] = []
    moved: list[FloatArray] = []
    for draw in range(draws):
        generator = np.random.default_rng([seed, draw])
        for gaps in ("own", "real"):
            made, another = (
                _synthetic(like_real, schedule, columns, people, own, gaps, generator)
                for own in (seed + draw, seed + draw + OTHER_SEEDS)
            )
            areas = _areas(people, made, SCALES[scale], generator)
            itself = _areas(another, made, SCALES[scale], generator)
            for classifier in areas:
                pair = areas[classifier], itself[classifier]
                found.setdefault((gaps, classifier), []).append(pair)
            if gaps == "own":
                told.append(_told_alone(people, made, SCALES[scale], generator))
            else:
                apart = np.random.default_rng([seed, draw, STEPS])
                moved.append(steps_of(_aligned(people, made, SCALES[scale], apart)))
    ranges = (
        _ranges(like_real, schedule, columns, people, SCALES[scale], seed, draws, trials)
        if trials
        else {}
    )
    classifiers = tuple(
        Likeness(
            *kind,
            *_mean_and_sd(pairs),
            float(np.mean([b for _, b in pairs])),
            ranges.get(kind),
        )
        for kind, pairs in found.items()
    )
    names = feature_names(columns)
    rows = [Telling(*row) for row in zip(names, *np.mean(told, axis=0).tolist(), strict=True)]
    ranked = sorted(rows, key=lambda row: -abs(row.area - 0.5))
    pairs = zip(MEASURES, steps_of(people), np.mean(moved, axis=0), strict=True)
    steps = tuple(Moving(name, float(own), float(like)) for name, own, like in pairs)
    return Comparison(classifiers, tuple(ranked[:MOST_FEATURES]), steps)


STEPS = 1
"""Sets the stream of numbers of the steps apart from that of the classifiers."""

OTHER_SEEDS = 10_000
"""What lies between the seeds of two samples of a scenario."""


def _mean_and_sd(pairs: list[tuple[float, float]]) -> tuple[float, float]:
    areas = [area for area, _ in pairs]
    return float(np.mean(areas)), float(np.std(areas, ddof=1))


DRAWS_OF_A_TRIAL = 4
"""Samples that each trial of the scenario's own is compared with; no two trials share one."""


def _ranges(
    scenario: Scenario,
    schedule: Mapping[str, Mapping[str, float]],
    columns: Columns,
    real: People,
    scale: Scale,
    seed: int,
    draws: int,
    trials: int,
) -> dict[tuple[str, str], tuple[float, float]]:
    """The 95% range of the mean area over the draws if the real trial were the scenario's own.

    A real trial is one sample, however many draws it is compared with: samples of the scenario
    take its place. The variance between them is that of their means over a few draws, less what
    the few draws add; the variance of the draws is divided by as many as the real trial has.
    """
    found = {}
    for gaps in ("own", "real"):
        generator = np.random.default_rng([seed, trials])
        samples = _samples(scenario, schedule, columns, real, seed, gaps, generator)
        areas = []
        for _ in range(trials):
            trial, *others = islice(samples, 1 + DRAWS_OF_A_TRIAL)
            areas.append([_areas(trial, other, scale, generator) for other in others])
        for classifier in areas[0][0]:
            table = np.array([[one[classifier] for one in of_trial] for of_trial in areas])
            within = float(table.var(axis=1, ddof=1).mean())
            between = max(float(table.mean(axis=1).var(ddof=1)) - within / table.shape[1], 0.0)
            half = NORMAL_975 * np.sqrt(between + within / draws)
            found[gaps, classifier] = (float(table.mean() - half), float(table.mean() + half))
    return found


def _samples(
    scenario: Scenario,
    schedule: Mapping[str, Mapping[str, float]],
    columns: Columns,
    real: People,
    seed: int,
    gaps: str,
    generator: np.random.Generator,
) -> Iterator[People]:
    """Samples of the scenario as large as the real trial, none with a participant of another."""
    size = [int((real.arm[:, 0] == arm).sum()) for arm in (0, 1)]
    for block in count(seed + 2 * OTHER_SEEDS):
        made = _everybody(scenario, schedule, columns, real, block, gaps)
        rows = [np.flatnonzero(made.arm[:, 0] == arm) for arm in (0, 1)]
        for k in range(min(len(r) // n for r, n in zip(rows, size, strict=True) if n)):
            own = [r[k * n : (k + 1) * n] for r, n in zip(rows, size, strict=True)]
            taken = made.of(np.concatenate(own))
            yield taken if gaps == "own" else with_gaps_of(taken, real, generator)


def _told_alone(
    real: People, synthetic: People, scale: Scale, generator: np.random.Generator
) -> FloatArray:
    """The area of each feature alone, and its means in real and synthetic people, shape (3, p)."""
    theirs = features_of(real)
    mine = features_of(_aligned(real, synthetic, scale, generator))
    label = np.repeat([True, False], [len(theirs), len(mine)])
    both = np.concatenate([theirs, mine])
    areas = [area_under_curve(label, column) for column in both.T]
    return np.stack([areas, theirs.mean(axis=0), mine.mean(axis=0)])


def _aligned(
    real: People, synthetic: People, scale: Scale, generator: np.random.Generator
) -> People:
    """Synthetic people with the means and SDs of the real ones."""
    smooth = without_steps(synthetic, generator)
    return alignment_of(smooth, real).of(smooth, scale)


def with_baseline_of(scenario: Scenario, baseline: FloatArray, scale: Scale) -> Scenario:
    """The scenario for people as unlike each other at baseline as the real ones.

    The scenario's mean stays; the SD, the lowest severity and the highest score are, relative to
    it, those of the real scores and their scale. What deviation and error of a visit add to the SD
    is taken off before.
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
        "scale.high": float(np.rint(unit * scale.high)),
    }
    return with_values(scenario, values)


def _with_leavers_of(
    scenario: Scenario,
    schedule: Mapping[str, Mapping[str, float]],
    columns: Columns,
    real: People,
    seed: int,
) -> Scenario:
    """The scenario with its hazards of stopping times a factor that loses about as many as left.

    Only how many are missing at the last visit is taken from the real people: who they are and when
    they leave is the scenario's. Nobody who stopped is seen in the real files, so that whoever
    stops leaves; nobody in them stopped before the last of the first visits that nearly everybody
    has. Whoever is better stops less; the factor is therefore found in some steps.
    """
    from_day = _everybody_until(schedule, columns, real)
    values = {"discontinuation.leaves_study": 1.0, "discontinuation.from_day": from_day}
    scenario = with_values(scenario, values)
    for _ in range(STEPS_TO_LEAVERS):
        seen = _everybody(scenario, schedule, columns, real, seed, "own")
        lost = [np.isnan(people.scores[:, -1]).mean() for people in (seen, real)]
        if not 0 < min(lost) <= max(lost) < 1:
            return scenario
        factor = float(np.log1p(-lost[1]) / np.log1p(-lost[0]))
        rates = ("per_day", "per_day_and_point", "per_day_on_drug_first_week")
        now = {f"discontinuation.{name}": getattr(scenario.discontinuation, name) for name in rates}
        scenario = with_values(scenario, {path: factor * value for path, value in now.items()})
    return scenario


def _everybody_until(
    schedule: Mapping[str, Mapping[str, float]], columns: Columns, real: People
) -> float:
    """The day of the last of the first visits, in the first phase, that nearly everybody has."""
    first = columns[0][0]
    missing = np.isnan(real.scores).mean(axis=0)
    reached = takewhile(
        lambda place: columns[place][0] == first and missing[place] <= FEW_MISSING,
        range(len(columns)),
    )
    return max((schedule[first][columns[place][1]] for place in reached), default=0.0)


STEPS_TO_LEAVERS = 3
"""After these the shares who leave are alike, where the scenario can lose so many."""


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
    made = _everybody(scenario, schedule, columns, real, seed, gaps)
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
    real: People,
    seed: int,
    gaps: str,
) -> People:
    """All who are simulated for a draw, and seen wherever nearly everybody real was.

    Who was not is in no such file.
    """
    names = dict(zip(schedule, scenario.phases, strict=False))
    own = {names[phase]: visits for phase, visits in schedule.items()}
    regime = Regime(safety=False, scales=(), missing=gaps == "own")
    cohort = simulate(scenario, "", own, seed, SIMULATED, regime)
    references = {name: _without_drug(scenario, name) for name in own}
    there = tuple((names[phase], visit) for phase, visit in columns)
    made = people_of(cohort, there, scenario.scale.name, references)
    complete = np.isnan(real.scores).mean(axis=0) <= FEW_MISSING
    return made.of(np.flatnonzero(np.isfinite(made.scores[:, complete]).all(axis=1)))


def _without_drug(scenario: Scenario, phase: str) -> str:
    """The first arm without a drug that acts on mood; else the first."""
    arms = scenario.phases[phase].arms
    return next((a for a, d in arms.items() if strength(d.drug, "mood") == 0), next(iter(arms)))


def _areas(
    real: People, synthetic: People, scale: Scale, generator: np.random.Generator
) -> dict[str, float]:
    """Area under the curve of each classifier, every person judged by a fit without them.

    The alignment of the scores is learnt without them, too. Were the synthetic people aligned with
    all the real ones, those kept would be off in the direction opposite to those left out, and a
    classifier would do worse than guessing.
    """
    made = without_steps(synthetic, generator)
    parts = _parts(len(real.scores), generator), _parts(len(made.scores), generator)
    label = np.repeat([True, False], [part.size for part in parts])
    score = {"trees": np.zeros(label.size), "logistic": np.zeros(label.size)}
    for part in range(FOLDS):
        kept_real, kept_made = (np.flatnonzero(each != part) for each in parts)
        like = alignment_of(made.of(kept_made), real.of(kept_real)).of(made, scale)
        features = np.concatenate([features_of(real), features_of(like)])
        judged = np.concatenate(parts) == part
        kept = features[~judged], label[~judged], features[judged]
        score["trees"][judged] = trees(*kept, generator)
        score["logistic"][judged] = logistic(*kept)
    return {name: area_under_curve(label, values) for name, values in score.items()}


def _parts(size: int, generator: np.random.Generator) -> IntArray:
    """The part of each person, of as many parts of about the same size as there are folds."""
    part = np.empty(size, dtype=np.int64)
    part[generator.permutation(size)] = np.arange(size) % FOLDS
    return part
