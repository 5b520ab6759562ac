"""One phase of one block of subjects: treatment, severity, scores and events."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from ketaoutcomes.simulate.course import built_up, deviation, drug_state, mixture, time_of_event
from ketaoutcomes.simulate.draws import BLOCK, Draws
from ketaoutcomes.simulate.scenario import Dosing, Scenario

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]


@dataclass(frozen=True)
class Regime:
    """What is forced on a counterfactual cohort.

    Attributes
    ----------
    arms : tuple of (phase, arm)
        Phases in which every subject takes this arm.
    discontinuation : bool
        False switches off stopping of treatment.
    missing : bool
        False observes everybody at every visit to the end of the phase.
    """

    arms: tuple[tuple[str, str], ...] = ()
    discontinuation: bool = True
    missing: bool = True


@dataclass(frozen=True)
class PhaseCourse:
    """What happened in a phase, for all subjects of a block, times in days of the phase.

    Attributes
    ----------
    days : array, shape (v,)
    score : array, shape (BLOCK, v)
        NaN where not observed.
    arm : int array, shape (BLOCK,)
    stopped, left : array, shape (BLOCK,)
        Time of stopping treatment and of leaving the study, infinity if never.
    lack_of_efficacy : bool array, shape (BLOCK,)
    events : tuple of (str, array)
        Times of events by name, infinity if never.
    doses : array, shape (d,)
        Days of the doses of any arm.
    given, taken : arrays, shape (BLOCK, d)
        What acts, on into the next phase; and whether a dose, be it of placebo, was taken.
    """

    days: FloatArray
    score: FloatArray
    arm: NDArray[np.int64]
    stopped: FloatArray
    left: FloatArray
    lack_of_efficacy: BoolArray
    events: tuple[tuple[str, FloatArray], ...]
    doses: FloatArray
    given: FloatArray
    taken: BoolArray


@dataclass(frozen=True)
class History:
    """Doses of earlier phases (times relative to this phase) and the days since study start."""

    doses: FloatArray
    given: FloatArray
    elapsed: float


FIRST = History(np.zeros(0), np.zeros((BLOCK, 0)), 0.0)


def baseline_severity(scenario: Scenario, draws: Draws) -> FloatArray:
    """True severity at entry: normal, cut below at the entry criterion by inversion."""
    baseline = scenario.severity.baseline
    cut = norm.cdf((baseline.entry_at_least - baseline.mean) / baseline.sd)
    uniform = cut + (1 - cut) * draws.uniform("baseline")
    return np.asarray(baseline.mean + baseline.sd * norm.ppf(uniform))


def simulate_phase(
    scenario: Scenario,
    name: str,
    days: FloatArray,
    draws: Draws,
    regime: Regime,
    history: History,
) -> PhaseCourse:
    """Simulate a phase at the given days for everybody of the block."""
    phase = scenario.phases[name]
    arms = tuple(phase.arms)
    arm = _allocate(phase.arms, draws.uniform(f"{name} allocation"), dict(regime.arms).get(name))
    doses = np.unique(np.concatenate([_dose_days(d, phase.days) for d in phase.arms.values()]))
    planned = np.stack([np.isin(doses, _dose_days(phase.arms[a], phase.days)) for a in arms])[arm]
    active = np.array([phase.arms[a].drug not in ("placebo", "midazolam") for a in arms])[arm]
    own = planned * active[:, None].astype(float)
    quiet = _severity(scenario, name, days, draws, history, doses, own)
    stopped = (
        _stopping(scenario, name, days, draws, quiet, own) if regime.discontinuation else _never()
    )
    taken = planned & (doses[None, :] < stopped[:, None])
    severity = _severity(scenario, name, days, draws, history, doses, own * taken)
    episodes = phase.enters is not None
    on_drug = np.asarray(own.any(axis=1))
    if episodes:
        severity = severity + _episodes(scenario, name, days, draws, severity, on_drug, stopped)
    score = _scores(scenario, name, days, draws, severity)
    leaves = draws.uniform(f"{name} leaving") < scenario.discontinuation.leaves_study
    left = np.where(leaves, stopped, np.inf) if regime.missing else _never()
    if regime.missing:
        missed = draws.uniform(f"{name} missed", days.size) < scenario.missing_visit
        missed[:, 0] = False
        score = np.where(missed | (days[None, :] > left[:, None]), np.nan, score)
    events = _relapse_events(scenario, name, days, draws, severity) if episodes else ()
    fall = severity[:, 0] - severity[:, -1]
    return PhaseCourse(
        days=days,
        score=score,
        arm=arm,
        stopped=stopped,
        left=left,
        lack_of_efficacy=fall < 0.25 * severity[:, 0],
        events=events,
        doses=doses,
        given=own * taken,
        taken=taken,
    )


def _never() -> FloatArray:
    return np.full(BLOCK, np.inf)


def _allocate(
    arms: dict[str, Dosing], uniform: FloatArray, forced: str | None
) -> NDArray[np.int64]:
    """Arm of each subject: forced, or by the allocation ratio."""
    names = tuple(arms)
    if forced is not None:
        return np.full(BLOCK, names.index(forced))
    shares = np.cumsum([dosing.share for dosing in arms.values()])
    return np.searchsorted(shares / shares[-1], uniform, side="right").astype(np.int64)


def _dose_days(dosing: Dosing, until: float) -> FloatArray:
    """Days of the doses: those written, then at the interval until the phase ends."""
    written = np.array(dosing.dose_days, dtype=float)
    if dosing.every_days is None:
        return written
    start = written[-1] + dosing.every_days if written.size else 0.0
    return np.concatenate([written, np.arange(start, until, dosing.every_days)])


def _severity(
    scenario: Scenario,
    name: str,
    days: FloatArray,
    draws: Draws,
    history: History,
    doses: FloatArray,
    given: FloatArray,
) -> FloatArray:
    """True severity without new episodes, shape (BLOCK, v)."""
    s = scenario.severity
    all_doses = np.concatenate([history.doses, doses])
    all_given = np.concatenate([history.given, given], axis=1)
    drug = mixture(s.drug, draws.uniform("drug responder"), draws.normal("drug effect"))
    placebo = mixture(s.placebo, draws.uniform("placebo responder"), draws.normal("placebo effect"))
    expectancy = s.expectancy.mean + s.expectancy.sd * draws.normal("expectancy")
    since_start = days + history.elapsed
    acute = (1 - np.exp(-since_start * 24)) * np.exp(-since_start / s.expectancy.fades_in_days)
    return np.asarray(
        baseline_severity(scenario, draws)[:, None]
        - placebo[:, None] * built_up(s.placebo, since_start)
        - expectancy[:, None] * acute
        - drug[:, None] * drug_state(s.drug, days, all_doses, all_given)
        + deviation(s.deviation, days, draws.normal(f"{name} deviation", days.size))
    )


def _stopping(
    scenario: Scenario,
    name: str,
    days: FloatArray,
    draws: Draws,
    severity: FloatArray,
    own: FloatArray,
) -> FloatArray:
    """Time of stopping treatment: more likely when ill, and in the first week on the drug."""
    rates = scenario.discontinuation
    hazard = rates.per_day + rates.per_day_and_point * np.maximum(severity[:, :-1], 0)
    early = (days[:-1] < 7)[None, :] & np.asarray(own.any(axis=1))[:, None]
    hazard = hazard + rates.per_day_on_drug_first_week * early
    return time_of_event(hazard, days, draws.exponential(f"{name} stopping"))


def _episodes(
    scenario: Scenario,
    name: str,
    days: FloatArray,
    draws: Draws,
    severity: FloatArray,
    on_drug: BoolArray,
    stopped: FloatArray,
) -> FloatArray:
    """Points that a new episode adds, shape (BLOCK, v)."""
    relapse = scenario.relapse
    treated = on_drug[:, None] & (days[None, :-1] < stopped[:, None])
    hazard = relapse.per_day + relapse.per_day_and_point * np.maximum(severity[:, :-1], 0)
    hazard = hazard * np.where(treated, relapse.hazard_ratio_on_drug, 1.0)
    onset = time_of_event(hazard, days, draws.exponential(f"{name} episode"))
    since = np.maximum(days[None, :] - onset[:, None], 0)
    rise = relapse.rise.mean + relapse.rise.sd * draws.normal(f"{name} rise")
    return np.asarray(rise[:, None] * (1 - np.exp(-since / relapse.rise.days)))


def _scores(
    scenario: Scenario, name: str, days: FloatArray, draws: Draws, severity: FloatArray
) -> FloatArray:
    """Observed totals: measurement error, rounded, within the scale."""
    error = scenario.severity.measurement_sd * draws.normal(f"{name} measurement", days.size)
    score = np.clip(np.rint(severity + error), scenario.scale.low, scenario.scale.high)
    if scenario.phases[name].enters is None:
        score[:, 0] = np.maximum(score[:, 0], scenario.severity.baseline.entry_at_least)
    return np.asarray(score)


def _relapse_events(
    scenario: Scenario, name: str, days: FloatArray, draws: Draws, severity: FloatArray
) -> tuple[tuple[str, FloatArray], ...]:
    """Hospitalisation, suicide attempt and relapse judged by the investigator."""
    relapse = scenario.relapse
    ill = severity[:, :-1]
    hazards: dict[str, FloatArray] = {
        "hospitalisation for worsening depression": relapse.hospitalised_per_day
        * (ill > relapse.hospitalised_above).astype(float),
        "suicide attempt": relapse.suicide_attempt_per_day * np.ones_like(ill),
        "relapse judged by the investigator": relapse.judged_per_day
        * (ill > relapse.judged_above).astype(float),
    }
    return tuple(
        (event, time_of_event(hazard, days, draws.exponential(f"{name} {event}")))
        for event, hazard in hazards.items()
    )
