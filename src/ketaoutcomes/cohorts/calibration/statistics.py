"""Statistics of simulated arms, as publications give them, each with its Monte-Carlo error."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from ketaoutcomes.cohorts.calibration.relapse import hazard_ratio, median_days, relapse_share
from ketaoutcomes.cohorts.evidence.records import Among, Level, PublishedResult
from ketaoutcomes.numerics.percentages import improved_by
from ketaoutcomes.plan.study import HOURS_PER_DAY

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
Covariates = FloatArray | NDArray[np.str_]


def _is_at(values: Covariates, level: Level) -> BoolArray:
    """Whether a covariate has this level, or is in this range."""
    if isinstance(level, str):
        return np.asarray(values == level)
    low, high = (
        np.inf * sign if end is None else end for end, sign in zip(level, (-1, 1), strict=True)
    )
    numbers = values.astype(float)
    return np.asarray((numbers >= low) & (numbers < high))


@dataclass(frozen=True)
class ArmCourse:
    """What a simulated arm went through, times in days after the first dose of the phase.

    Attributes
    ----------
    days : array, shape (v,)
        The first is baseline.
    scores : mapping of array, shape (n, v)
        By scale; NaN where not observed.
    main : str
        The scale of severity.
    relapse, followed : array, shape (n,)
        Day of relapse, infinity if never, and the last day under observation.
    events, happened : mapping of array, shape (n,)
        Day of the first adverse event, and of the first other event, of a kind; infinity if never.
    stopped, withdrawn : array, shape (n,)
        Day of stopping treatment, and of stopping it for an adverse event; infinity if never.
    covariates : mapping of array, shape (n,)
        What the participants are, by covariate.
    """

    days: FloatArray
    scores: Mapping[str, FloatArray]
    main: str
    relapse: FloatArray
    followed: FloatArray
    events: Mapping[str, FloatArray] = field(default_factory=dict)
    happened: Mapping[str, FloatArray] = field(default_factory=dict)
    stopped: FloatArray = field(default_factory=lambda: np.zeros(0))
    withdrawn: FloatArray = field(default_factory=lambda: np.zeros(0))
    covariates: Mapping[str, Covariates] = field(default_factory=dict)

    def those(self, among: Among) -> "ArmCourse":
        """The participants of these levels and ranges alone."""
        rows = np.ones(self.relapse.size, dtype=bool)
        for name, level in among.items():
            rows &= _is_at(self.covariates[name], level)
        return self if rows.all() else self.rows(rows)

    def rows(self, rows: BoolArray) -> "ArmCourse":
        """Some of the participants."""
        return replace(
            self,
            scores={name: values[rows] for name, values in self.scores.items()},
            relapse=self.relapse[rows],
            followed=self.followed[rows],
            events={name: days[rows] for name, days in self.events.items()},
            happened={name: days[rows] for name, days in self.happened.items()},
            stopped=self.stopped[rows],
            withdrawn=self.withdrawn[rows],
            covariates={name: values[rows] for name, values in self.covariates.items()},
        )

    def at(self, scale: str, hours: float) -> FloatArray:
        """Scores at a time, shape (n,)."""
        column = int(np.argmin(np.abs(self.days - hours / HOURS_PER_DAY)))
        return self.scores[scale][:, column]

    def change(self, scale: str, hours: float) -> FloatArray:
        """Change from baseline of those observed at a time."""
        difference = self.at(scale, hours) - self.scores[scale][:, 0]
        return difference[np.isfinite(difference)]


@dataclass(frozen=True)
class Achieved:
    """What a simulation gives for a published result, with its Monte-Carlo error."""

    value: float
    mc_error: float


Arms = Mapping[str, ArmCourse]


def achieved(result: PublishedResult, arms: Arms) -> Achieved:
    """What a published result is in simulated arms, among the participants that it is about."""
    asked = {name for name in (result.arm, result.versus) if name is not None}
    if result.among and not result.against:
        arms = {name: arms[name].those(result.among) for name in asked}
    return _STATISTICS[result.statistic](result, arms)


def _mean_of(values: FloatArray) -> Achieved:
    return Achieved(float(values.mean()), float(values.std(ddof=1) / np.sqrt(values.size)))


def _spread_of(values: FloatArray) -> Achieved:
    """The SD; its error from the fourth moment, sd sqrt((kurtosis - 1) / 4n)."""
    sd = float(values.std(ddof=1))
    kurtosis = float(((values - values.mean()) ** 4).mean() / sd**4) if sd > 0 else 3.0
    return Achieved(sd, sd * float(np.sqrt(max(kurtosis - 1, 0) / (4 * values.size))))


def _rate_of(happened: BoolArray) -> Achieved:
    """Per cent, with the error of a rate that is never quite 0 or 1."""
    rate, n = float(happened.mean()), happened.size
    inner = (n * rate + 1) / (n + 2)
    return Achieved(100 * rate, 100 * float(np.sqrt(inner * (1 - inner) / n)))


def _finite(values: FloatArray) -> FloatArray:
    return values[np.isfinite(values)]


def _hours(result: PublishedResult) -> float:
    assert result.at_hours is not None
    return result.at_hours


def _scale(result: PublishedResult, arm: ArmCourse) -> str:
    """The scale of a result, where the replica measures it; else that of severity."""
    return result.scale if result.scale in arm.scores else arm.main


def _own(result: PublishedResult, arms: Arms) -> tuple[ArmCourse, str, float]:
    arm = arms[result.arm]
    return arm, _scale(result, arm), _hours(result)


def _mean(result: PublishedResult, arms: Arms) -> Achieved:
    arm, scale, hours = _own(result, arms)
    if result.state is not None:
        arm = arm.rows(_in_state(result, arm, hours))
    return _mean_of(_finite(arm.at(scale, hours)))


def _in_state(result: PublishedResult, arm: ArmCourse, hours: float) -> BoolArray:
    """Who is in remission, in response without remission, or in neither, by the main scale."""
    assert result.at_most is not None
    score = arm.at(arm.main, hours)
    responds = _responds(score, arm.scores[arm.main][:, 0], result)
    remits = score <= result.at_most
    chosen = {
        "remission": responds & remits,
        "response": responds & ~remits,
        "no response": ~responds,
    }
    return np.asarray(chosen[str(result.state)] & np.isfinite(score))


def _sd(result: PublishedResult, arms: Arms) -> Achieved:
    arm, scale, hours = _own(result, arms)
    return _spread_of(_finite(arm.at(scale, hours)))


def _mean_change(result: PublishedResult, arms: Arms) -> Achieved:
    arm, scale, hours = _own(result, arms)
    return _mean_of(arm.change(scale, hours))


def _sd_of_change(result: PublishedResult, arms: Arms) -> Achieved:
    arm, scale, hours = _own(result, arms)
    return _spread_of(arm.change(scale, hours))


def _responds(score: FloatArray, baseline: FloatArray, result: PublishedResult) -> BoolArray:
    return improved_by(score, baseline, result.fall_percent)


def _response(result: PublishedResult, arms: Arms) -> Achieved:
    arm, scale, hours = _own(result, arms)
    score, baseline = arm.at(scale, hours), arm.scores[scale][:, 0]
    seen = np.isfinite(score) & np.isfinite(baseline)
    return _rate_of(_responds(score[seen], baseline[seen], result))


def _response_of_all(result: PublishedResult, arms: Arms) -> Achieved:
    """Response of all who were treated: who is not seen does not respond."""
    arm, scale, hours = _own(result, arms)
    score = arm.at(scale, hours)
    return _rate_of(_responds(score, arm.scores[scale][:, 0], result) & np.isfinite(score))


def _response_ever(result: PublishedResult, arms: Arms) -> Achieved:
    """Response at any visit up to a time."""
    arm, scale, hours = _own(result, arms)
    until = arm.days <= hours / HOURS_PER_DAY
    scores = arm.scores[scale][:, until]
    fell = _responds(scores[:, 1:], scores[:, :1], result)
    return _rate_of(np.asarray(fell.any(axis=1)))


def _remission(result: PublishedResult, arms: Arms) -> Achieved:
    arm, scale, hours = _own(result, arms)
    assert result.at_most is not None
    return _rate_of(_finite(arm.at(scale, hours)) <= result.at_most)


def _remission_of_all(result: PublishedResult, arms: Arms) -> Achieved:
    """Remission of all who were treated: who is not seen is not in remission."""
    arm, scale, hours = _own(result, arms)
    assert result.at_most is not None
    return _rate_of(np.nan_to_num(arm.at(scale, hours), nan=np.inf) <= result.at_most)


def _difference(result: PublishedResult, arms: Arms) -> Achieved:
    """Mean change of the active arm minus that of the other."""
    assert result.versus is not None
    arm, scale, hours = _own(result, arms)
    active = _mean_of(arm.change(scale, hours))
    other = _mean_of(arms[result.versus].change(scale, hours))
    return Achieved(active.value - other.value, float(np.hypot(active.mc_error, other.mc_error)))


def _effect_size(result: PublishedResult, arms: Arms) -> Achieved:
    """Difference of mean scores over the SD of both arms together."""
    assert result.versus is not None
    arm, scale, hours = _own(result, arms)
    a, b = _finite(arm.at(scale, hours)), _finite(arms[result.versus].at(scale, hours))
    pooled = float(np.sqrt((a.var(ddof=1) + b.var(ddof=1)) / 2))
    return Achieved(float(a.mean() - b.mean()) / pooled, float(np.sqrt(1 / a.size + 1 / b.size)))


def _correlation_of(x: FloatArray, y: FloatArray) -> Achieved:
    seen = np.isfinite(x) & np.isfinite(y)
    r = float(np.corrcoef(x[seen], y[seen])[0, 1])
    return Achieved(r, (1 - r**2) / float(np.sqrt(seen.sum())))


def _correlation(result: PublishedResult, arms: Arms) -> Achieved:
    assert result.with_hours is not None
    arm, scale, hours = _own(result, arms)
    return _correlation_of(arm.at(scale, result.with_hours), arm.at(scale, hours))


def _correlation_of_change(result: PublishedResult, arms: Arms) -> Achieved:
    assert result.with_hours is not None
    arm, scale, hours = _own(result, arms)
    baseline = arm.scores[scale][:, 0]
    return _correlation_of(
        arm.at(scale, result.with_hours) - baseline, arm.at(scale, hours) - baseline
    )


def _correlation_with_dissociation(result: PublishedResult, arms: Arms) -> Achieved:
    """CADSS at 40 minutes with the per cent change of severity: below 0 if more goes with less."""
    arm, scale, hours = _own(result, arms)
    baseline = arm.scores[scale][:, 0]
    percent = (arm.at(scale, hours) - baseline) / np.maximum(baseline, 1)
    return _correlation_of(arm.at("CADSS", 2 / 3), percent)


def _correlation_with_marker(result: PublishedResult, arms: Arms) -> Achieved:
    """A biomarker at one time with the score at another."""
    assert result.marker is not None
    assert result.with_hours is not None
    arm, scale, hours = _own(result, arms)
    return _correlation_of(arm.at(result.marker, result.with_hours), arm.at(scale, hours))


def _severity_before_leaving(result: PublishedResult, arms: Arms) -> Achieved:
    arm = arms[result.arm]
    return severity_before_leaving(arm.scores[_scale(result, arm)])


def severity_before_leaving(scores: FloatArray) -> Achieved:
    """How far the scores of those who are not seen again are above those of the others, in SDs.

    It is worked out at each visit between the first and the last, as scores fall with time, and
    averaged by how many are seen there for the last time.

    Parameters
    ----------
    scores : array, shape (n, v)
        NaN where not observed.
    """
    sizes, gaps, errors = [], [], []
    for visit in range(1, scores.shape[1] - 1):
        seen = np.isfinite(scores[:, visit])
        leaves = np.isnan(scores[seen, visit + 1 :]).all(axis=1)
        now = scores[seen, visit]
        if 1 < leaves.sum() < leaves.size - 1:
            before, others = _mean_of(now[leaves]), _mean_of(now[~leaves])
            spread = float(now.std(ddof=1))
            sizes.append(int(leaves.sum()))
            gaps.append((before.value - others.value) / spread)
            errors.append(float(np.hypot(before.mc_error, others.mc_error)) / spread)
    if not sizes:
        return Achieved(np.nan, np.nan)
    weights = np.array(sizes) / sum(sizes)
    return Achieved(float(weights @ gaps), float(np.linalg.norm(weights * errors)))


def _relapse(result: PublishedResult, arms: Arms) -> Achieved:
    arm = arms[result.arm]
    until = None if result.at_hours is None else result.at_hours / HOURS_PER_DAY
    return Achieved(*relapse_share(arm.relapse, arm.followed, until))


def _hazard_ratio(result: PublishedResult, arms: Arms) -> Achieved:
    assert result.versus is not None
    a, b = arms[result.arm], arms[result.versus]
    return Achieved(*hazard_ratio(a.relapse, a.followed, b.relapse, b.followed))


def _median_days(result: PublishedResult, arms: Arms) -> Achieved:
    arm = arms[result.arm]
    return Achieved(*median_days(arm.relapse, arm.followed))


def _adverse_event(result: PublishedResult, arms: Arms) -> Achieved:
    assert result.event is not None
    day = arms[result.arm].events[result.event]
    return _rate_of(np.isfinite(day) & (day < _until(result)))


def _until(result: PublishedResult) -> float:
    """Days to the end of what a result covers, the day itself included."""
    return np.inf if result.at_hours is None else result.at_hours / HOURS_PER_DAY + 1


def _event(result: PublishedResult, arms: Arms) -> Achieved:
    return _rate_of(_had(result, arms[result.arm]))


def _had(result: PublishedResult, arm: ArmCourse) -> BoolArray:
    """Who had the event by then."""
    assert result.event is not None
    day = arm.happened[result.event]
    return np.asarray(np.isfinite(day) & (day < _until(result)))


def _completed(result: PublishedResult, arms: Arms) -> Achieved:
    """Who is still on treatment at the time."""
    arm = arms[result.arm]
    return _rate_of(arm.stopped > _hours(result) / HOURS_PER_DAY)


def _stopped_for_adverse_event(result: PublishedResult, arms: Arms) -> Achieved:
    return _rate_of(np.asarray(arms[result.arm].withdrawn < _until(result)))


def _rise_ever(result: PublishedResult, arms: Arms) -> Achieved:
    """A rise from baseline of at least so much, at any visit up to then."""
    arm, scale, hours = _own(result, arms)
    assert result.at_least is not None
    values = arm.scores[scale][:, arm.days <= hours / HOURS_PER_DAY + 1]
    rise = values[:, 1:] - values[:, :1]
    return _rate_of(np.asarray((rise >= result.at_least).any(axis=1)))


def _level_ever(result: PublishedResult, arms: Arms) -> Achieved:
    """A value of at least so much at any visit up to then but the first."""
    arm, scale, hours = _own(result, arms)
    assert result.at_least is not None
    values = arm.scores[scale][:, arm.days <= hours / HOURS_PER_DAY + 1]
    return _rate_of(np.asarray((values[:, 1:] >= result.at_least).any(axis=1)))


def _at_or_above(result: PublishedResult, arms: Arms) -> Achieved:
    arm, scale, hours = _own(result, arms)
    assert result.at_least is not None
    return _rate_of(_finite(arm.at(scale, hours)) >= result.at_least)


def _both(
    result: PublishedResult, arms: Arms, statistic: Callable[[PublishedResult, Arms], Achieved]
) -> tuple[Achieved, Achieved]:
    """A statistic in the arm and in the other one."""
    assert result.versus is not None
    return statistic(result, arms), statistic(result, {result.arm: arms[result.versus]})


def _minus(one: Achieved, other: Achieved) -> Achieved:
    error = float(np.hypot(one.mc_error, other.mc_error))
    return Achieved(one.value - other.value, error)


def _odds_ratio(one: Achieved, other: Achieved) -> Achieved:
    """The odds ratio of two percentages, with the error of its logarithm (delta method)."""
    inside = [min(max(rate.value / 100, NEVER_QUITE), 1 - NEVER_QUITE) for rate in (one, other)]
    odds = [p / (1 - p) for p in inside]
    errors = [
        rate.mc_error / 100 / (p * (1 - p)) for rate, p in zip((one, other), inside, strict=True)
    ]
    return Achieved(odds[0] / odds[1], float(np.linalg.norm(errors)))


NEVER_QUITE = 1e-4
"""A simulated share is held this far from none and from all before its odds are taken."""


def _difference_in_response(result: PublishedResult, arms: Arms) -> Achieved:
    return _minus(*_both(result, arms, _response))


def _difference_in_remission(result: PublishedResult, arms: Arms) -> Achieved:
    return _minus(*_both(result, arms, _remission))


def _odds_ratio_of_response(result: PublishedResult, arms: Arms) -> Achieved:
    return _odds_ratio(*_both(result, arms, _response))


def _odds_ratio_of_remission(result: PublishedResult, arms: Arms) -> Achieved:
    return _odds_ratio(*_both(result, arms, _remission))


def _event_among(result: PublishedResult, arms: Arms) -> tuple[Achieved, Achieved]:
    """The share with the event among some, and among those that they are held against."""
    arm = arms[result.arm]
    some, others = arm.those(result.among), arm.those(result.against)
    return _rate_of(_had(result, some)), _rate_of(_had(result, others))


def _odds_ratio_of_event(result: PublishedResult, arms: Arms) -> Achieved:
    return _odds_ratio(*_event_among(result, arms))


def _relative_rate_of_event(result: PublishedResult, arms: Arms) -> Achieved:
    """By how many per cent the share with the event is higher than among the others."""
    some, others = _event_among(result, arms)
    ratio = some.value / others.value
    error = float(np.hypot(some.mc_error, ratio * others.mc_error)) / others.value
    return Achieved(100 * (ratio - 1), 100 * error)


_STATISTICS: dict[str, Callable[[PublishedResult, Arms], Achieved]] = {
    "mean": _mean,
    "SD": _sd,
    "mean change": _mean_change,
    "SD of change": _sd_of_change,
    "mean rise": _mean_change,
    "response": _response,
    "response ever": _response_ever,
    "remission": _remission,
    "remission of all": _remission_of_all,
    "difference": _difference,
    "effect size": _effect_size,
    "correlation": _correlation,
    "correlation of change": _correlation_of_change,
    "correlation with dissociation": _correlation_with_dissociation,
    "correlation with marker": _correlation_with_marker,
    "severity before leaving": _severity_before_leaving,
    "relapse": _relapse,
    "hazard ratio": _hazard_ratio,
    "median days to relapse": _median_days,
    "adverse event": _adverse_event,
    "event": _event,
    "completed": _completed,
    "stopped for adverse event": _stopped_for_adverse_event,
    "response of all": _response_of_all,
    "rise ever": _rise_ever,
    "level ever": _level_ever,
    "at or above": _at_or_above,
    "difference in response": _difference_in_response,
    "difference in remission": _difference_in_remission,
    "odds ratio of response": _odds_ratio_of_response,
    "odds ratio of remission": _odds_ratio_of_remission,
    "odds ratio of event": _odds_ratio_of_event,
    "relative rate of event": _relative_rate_of_event,
}
