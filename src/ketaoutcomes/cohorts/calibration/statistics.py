"""Statistics of simulated arms, as publications give them, each with its Monte-Carlo error."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ketaoutcomes.cohorts.calibration.relapse import hazard_ratio, median_days, relapse_share
from ketaoutcomes.cohorts.evidence.records import PublishedResult
from ketaoutcomes.numerics.percentages import improved_by
from ketaoutcomes.plan.study import HOURS_PER_DAY

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]


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
    events : mapping of array, shape (n,)
        Day of the first adverse event of a kind, infinity if never.
    """

    days: FloatArray
    scores: Mapping[str, FloatArray]
    main: str
    relapse: FloatArray
    followed: FloatArray
    events: Mapping[str, FloatArray] = field(default_factory=dict)

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
    """The statistic of a published result in simulated arms."""
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
    return _mean_of(_finite(arm.at(scale, hours)))


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
    """Mean score at visits that are a subject's last but the end, minus the others', in SDs."""
    arm = arms[result.arm]
    scores = arm.scores[_scale(result, arm)][:, 1:]
    now, then = scores[:, :-1], scores[:, 1:]
    last = np.isfinite(now) & ~np.isfinite(then)
    goes_on = np.isfinite(now) & np.isfinite(then)
    spread = float(np.nanstd(now))
    before, other = _mean_of(now[last]), _mean_of(now[goes_on])
    error = float(np.hypot(before.mc_error, other.mc_error))
    return Achieved((before.value - other.value) / spread, error / spread)


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
    until = np.inf if result.at_hours is None else result.at_hours / HOURS_PER_DAY + 1
    day = arms[result.arm].events[result.event]
    return _rate_of(np.isfinite(day) & (day < until))


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
}
