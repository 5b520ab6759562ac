"""What the report shows of fitted models beside the results table."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ketaoutcomes.remarks import Remark
from ketaoutcomes.results import Result

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class MmrmRecord:
    """How a repeated-measures model came out.

    Attributes
    ----------
    structure : str
        The covariance structure that was kept.
    ladder : tuple of (str, str)
        Each structure tried, and "kept" or why it was left.
    groups : tuple of str
        Groups with a covariance of their own; empty where all subjects share one.
    covariance : FloatArray, shape (n_groups, n_visits, n_visits)
    residuals : FloatArray, shape (n_obs,)
        Normalised residuals, sorted; standard normal under the model.
    tests : tuple of str
        Ids of the results that compare arms.
    correlation : FloatArray, shape (tests, tests)
        Of their estimates.
    """

    analysis: str
    converged: bool
    structure: str
    ladder: tuple[tuple[str, str], ...]
    visits: tuple[str, ...]
    covariance: FloatArray
    groups: tuple[str, ...]
    residuals: FloatArray
    log_likelihood: float
    n_subjects: int | None
    n_obs: int | None
    messages: tuple[str, ...] = ()
    tests: tuple[str, ...] = ()
    correlation: FloatArray = field(default_factory=lambda: np.zeros((0, 0)))

    def correlation_of(self, ids: tuple[str, ...]) -> FloatArray:
        """Correlations of the estimates of these results."""
        places = [self.tests.index(one) for one in ids]
        return np.asarray(self.correlation[np.ix_(places, places)])


@dataclass(frozen=True)
class SurvivalCurve:
    """A Kaplan-Meier curve from time 0, constant between `times` (days).

    `at_risk` counts subjects at risk at each tick, None where they may not be shown; `n_events`
    events up to each tick and, last, in all.
    """

    arm: str
    times: FloatArray
    survival: FloatArray
    conf_low: FloatArray
    conf_high: FloatArray
    censored_at: FloatArray
    at_risk: tuple[int | None, ...]
    n_events: tuple[int, ...] = ()


@dataclass(frozen=True)
class HazardTrend:
    """The arm's log hazard ratio over time.

    Attributes
    ----------
    events_at, residuals : FloatArray, shape (n_events,)
        Event times, and scaled Schoenfeld residuals of the arm plus its coefficient.
    times, estimate, conf_low, conf_high : FloatArray, shape (k,)
        A smooth curve through them, with pointwise limits.
    """

    events_at: FloatArray
    residuals: FloatArray
    times: FloatArray
    estimate: FloatArray
    conf_low: FloatArray
    conf_high: FloatArray


@dataclass(frozen=True)
class IncidenceCurve:
    """Cumulative incidence of one kind of event in an arm, constant between `times` (days).

    `n_events` counts events of the kind up to each tick and, last, in all.
    """

    arm: str
    cause: str
    times: FloatArray
    incidence: FloatArray
    conf_low: FloatArray
    conf_high: FloatArray
    n_events: tuple[int, ...] = ()


@dataclass(frozen=True)
class SurvivalRecord:
    """Curves with the numbers at risk at each tick (days), in the plan's arm order.

    `trend` is there where proportional hazards could be tested, `incidence` where the plan names
    competing events. `joined` curves are known at some ticks only, and lines join them.
    """

    analysis: str
    ticks: tuple[float, ...]
    curves: tuple[SurvivalCurve, ...]
    trend: HazardTrend | None = None
    incidence: tuple[IncidenceCurve, ...] = ()
    messages: tuple[str, ...] = ()
    joined: bool = False

    @property
    def shown_ticks(self) -> tuple[float, ...]:
        """Ticks at which the number at risk may be shown in some arm."""
        of_arms = zip(*(curve.at_risk for curve in self.curves), strict=True)
        return tuple(
            tick
            for tick, counts in zip(self.ticks, of_arms, strict=True)
            if any(n is not None for n in counts)
        )


@dataclass(frozen=True)
class ValueRecord:
    """A cost-effectiveness plane and acceptability curve.

    Attributes
    ----------
    cost, effect : FloatArray
        Increments of the resamples that are drawn.
    point : (float, float)
        Incremental effect and cost of the sample.
    worths, acceptability : FloatArray
        Worth of a unit of effect, and the share of resamples in which the active arm has the
        greater net benefit.
    """

    analysis: str
    currency: str
    unit: str
    cost: FloatArray
    effect: FloatArray
    point: tuple[float, float]
    worths: FloatArray
    acceptability: FloatArray


@dataclass(frozen=True)
class TippingRecord:
    """The difference under shifts of the imputed scores.

    Attributes
    ----------
    arms : tuple of str
        The arms shifted, that along the columns first.
    shifts : tuple of array
        Shifts of each of these arms.
    estimate, conf_low, conf_high, p_value : array, shape (rows, columns)
        One row where only one arm is shifted.
    contour_rows, contour : array, shape (n,)
        Shifts of the second arm, and those of the first at which the interval just reaches zero,
        NaN where none does. Of one value where only one arm is shifted.
    """

    analysis: str
    arms: tuple[str, ...]
    shifts: tuple[FloatArray, ...]
    estimate: FloatArray
    conf_low: FloatArray
    conf_high: FloatArray
    p_value: FloatArray
    contour_rows: FloatArray
    contour: FloatArray


@dataclass(frozen=True)
class DoseResponseRecord:
    """LS means by dose with their limits, and a curve with its pointwise band."""

    analysis: str
    unit: str
    doses: FloatArray
    means: FloatArray
    low: FloatArray
    high: FloatArray
    grid: FloatArray
    curve: FloatArray
    curve_low: FloatArray
    curve_high: FloatArray


@dataclass(frozen=True)
class ParametricCurve:
    """A fitted survival curve of an arm, and the one that presumes no law.

    Attributes
    ----------
    left, right, survival : FloatArray, shape (k,)
        Intervals in which the free curve falls, and its height after each; empty where its steps
        may not be shown.
    times, fitted : FloatArray
        The parametric curve, averaged over the subjects' covariates.
    """

    arm: str
    left: FloatArray
    right: FloatArray
    survival: FloatArray
    times: FloatArray
    fitted: FloatArray


@dataclass(frozen=True)
class ParametricRecord:
    """Curves of a parametric model, the reference first."""

    analysis: str
    ticks: tuple[float, ...]
    curves: tuple[ParametricCurve, ...]
    messages: tuple[str, ...] = ()


@dataclass(frozen=True)
class MeanCurve:
    """Mean number of events of a subject in an arm, constant between `times` (days).

    At each tick, `at_risk` counts subjects still followed, `n_events` events up to it and
    `n_with_event` subjects with any event since the tick before; both end with a number for the end
    of follow-up.
    """

    arm: str
    times: FloatArray
    mean: FloatArray
    conf_low: FloatArray
    conf_high: FloatArray
    at_risk: tuple[int, ...] = ()
    n_events: tuple[int, ...] = ()
    n_with_event: tuple[int, ...] = ()


@dataclass(frozen=True)
class RecurrentRecord:
    """Mean numbers of events, the reference first.

    `joined` curves are known at some ticks only, and lines join them.
    """

    analysis: str
    ticks: tuple[float, ...]
    curves: tuple[MeanCurve, ...]
    messages: tuple[str, ...] = ()
    joined: bool = False


ModelRecord = (
    MmrmRecord
    | SurvivalRecord
    | ParametricRecord
    | RecurrentRecord
    | ValueRecord
    | DoseResponseRecord
    | TippingRecord
)


@dataclass(frozen=True)
class Fitted:
    """One analysis done: its rows of the results table; a record and remarks, if any."""

    analysis: str
    results: tuple[Result, ...]
    record: ModelRecord | None = None
    remarks: tuple[Remark, ...] = ()
