"""Times to one kind of event: curves, tests and restricted means by any column names.

The numbers are those of an analysis `time_to_event` of a plan: the same functions of arrays make
both.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ketaoutcomes.api.designs import design_of
from ketaoutcomes.api.shown import Tidied
from ketaoutcomes.api.tables import Rows, frame_of, rows_of
from ketaoutcomes.errors import DataError, ModelError
from ketaoutcomes.numerics.distributions import norm
from ketaoutcomes.numerics.survival import restricted_mean as rmst
from ketaoutcomes.numerics.survival.counting import SurvivalDataError
from ketaoutcomes.numerics.survival.intervals import IntervalType
from ketaoutcomes.numerics.survival.kaplan_meier import (
    KaplanMeier,
    at_risk,
    quantile,
    survival_at,
)
from ketaoutcomes.numerics.survival.kaplan_meier import kaplan_meier as curve_of
from ketaoutcomes.numerics.survival.log_rank import LogRankTest, Weight, Weighting
from ketaoutcomes.numerics.survival.log_rank import log_rank as log_rank_of
from ketaoutcomes.numerics.survival.pseudo_values import pseudo_restricted_mean, pseudo_survival
from ketaoutcomes.numerics.survival.restricted_mean_regression import regress_restricted_mean

if TYPE_CHECKING:
    from lifelines import KaplanMeierFitter

FloatArray = NDArray[np.float64]
ALL = "all"
"""The arm of data that name none."""


@dataclass(frozen=True)
class Times:
    """What was observed of one arm: intervals at risk for `entry < t <= time`."""

    time: FloatArray
    event: NDArray[np.bool_]
    entry: FloatArray | None = None
    weight: FloatArray | None = None


@dataclass(frozen=True, repr=False)
class Curves(Tidied):
    """Kaplan-Meier curves, one an arm.

    Attributes
    ----------
    curves : mapping of str to KaplanMeier
        Arm -> its curve as arrays.
    times : mapping of str to Times
        Arm -> what was observed.
    conf_level : float
    """

    curves: Mapping[Any, KaplanMeier]
    times: Mapping[Any, Times]
    conf_level: float
    left_out: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """What it is."""
        return f"Kaplan-Meier estimate ({self.conf_level:.0%} CI)"

    @property
    def notes(self) -> tuple[str, ...]:
        """Rows that were left out."""
        return self.left_out

    def tidy(self) -> pd.DataFrame:
        """One row an arm and time: probability of no event up to and including it."""
        parts = [
            pd.DataFrame(
                {
                    "arm": arm,
                    "time": curve.times,
                    "n_at_risk": curve.n_at_risk,
                    "n_events": curve.n_events,
                    "n_censored": curve.n_censored,
                    "estimate": curve.survival,
                    "std_error": curve.std_error,
                    "conf_low": curve.conf_low,
                    "conf_high": curve.conf_high,
                }
            )
            for arm, curve in self.curves.items()
        ]
        return pd.concat(parts, ignore_index=True)

    def quantiles(self, *shares: float) -> pd.DataFrame:
        """Times by which shares of the subjects had the event; by default quartiles and median.

        A time is missing where the curve does not come down so far.
        """
        rows = [
            {"arm": arm, "share": share, **asdict(quantile(curve, share))}
            for arm, curve in self.curves.items()
            for share in shares or (0.25, 0.5, 0.75)
        ]
        return pd.DataFrame(rows).astype({"estimate": float, "conf_low": float, "conf_high": float})

    def at(self, *times: float) -> pd.DataFrame:
        """Survival with its interval at these times, and the number at risk just before each."""
        rows = []
        for arm, curve in self.curves.items():
            seen = self.times[arm]
            counts = at_risk(seen.time, times, seen.entry)
            for time, count in zip(times, counts, strict=True):
                found = survival_at(curve, time)
                rows.append((arm, time, int(count), *found))
        names = ["arm", "time", "n_at_risk", "estimate", "conf_low", "conf_high"]
        return pd.DataFrame(rows, columns=names)

    def summary(self) -> Any:
        """Subjects, events and the median time of each arm."""
        medians = self.quantiles(0.5).drop(columns="share").rename(columns={"estimate": "median"})
        counts = [(t.time.size, int(t.event.sum())) for t in self.times.values()]
        medians.insert(1, "n", [n for n, _ in counts])
        medians.insert(2, "n_events", [events for _, events in counts])
        return replace(super().summary(), frame=medians)

    @property
    def lifelines(self) -> dict[Any, "KaplanMeierFitter"]:
        """Arm -> a `KaplanMeierFitter` of lifelines, fitted to the same rows."""
        from lifelines import KaplanMeierFitter  # noqa: PLC0415  (slow to load, and not always used)

        return {
            arm: KaplanMeierFitter(alpha=1 - self.conf_level).fit(
                seen.time, seen.event, entry=seen.entry, weights=seen.weight, label=str(arm)
            )
            for arm, seen in self.times.items()
        }


def kaplan_meier(
    data: Any,
    *,
    time: str,
    event: str,
    arm: str | None = None,
    entry: str | None = None,
    weight: str | None = None,
    interval: IntervalType = "log-log",
    conf_level: float = 0.95,
) -> Curves:
    """Estimate the probability of no event by time, in each arm.

    Parameters
    ----------
    data : DataFrame, Arrow table, or path of a Parquet file
        One row a subject, or an interval of observation.
    time, event : str
        Columns: when the event or censoring was, and which of them (true for the event).
    arm : str, optional
        Column of the arms; without it there is one curve.
    entry, weight : str, optional
        Columns of delayed entry and of frequency weights.
    interval : {"log-log", "log", "plain", "logit", "arcsin"}
        Scale on which the interval is symmetric; that of SAS is log-log, that of R log.

    Raises
    ------
    DataError
        If a column is not there or does not hold what it should.
    """
    rows = rows_of(data, time, event, arm, entry, weight)
    times = times_by_arm(rows, time, event, arm, entry, weight)
    curves = {
        level: taken(
            curve_of,
            seen.time,
            seen.event,
            interval,
            conf_level,
            entry=seen.entry,
            weight=seen.weight,
        )
        for level, seen in times.items()
    }
    return Curves(curves, times, conf_level, rows.notes)


def times_by_arm(
    rows: Rows,
    time: str,
    event: str,
    arm: str | None,
    entry: str | None = None,
    weight: str | None = None,
    first: object = None,
) -> dict[Any, Times]:
    """What was observed of each arm, the arm `first` before all others."""
    columns = [rows.numbers(name) if name else None for name in (time, entry, weight)]
    happened = rows.events(event)
    levels = rows.levels(arm, first) if arm else (ALL,)
    found = {}
    for level in levels:
        here = (rows.frame[arm] == level).to_numpy() if arm else np.ones(happened.size, np.bool_)
        ends, starts, weights = (None if c is None else c[here] for c in columns)
        assert ends is not None
        found[level] = Times(ends, happened[here], starts, weights)
    return found


def taken(function: Any, *arguments: Any, **options: Any) -> Any:
    """What a function of arrays makes of the data; what it refuses is an error of the data."""
    try:
        return function(*arguments, **options)
    except SurvivalDataError as error:
        raise DataError(f"the times cannot be analysed: {error}") from None


@dataclass(frozen=True, repr=False)
class LogRank(Tidied):
    """A test that the hazards are the same in all arms.

    Attributes
    ----------
    statistic, df, p_value : float
        Chi-squared.
    z : float
        For two arms, positive where the second has more events than expected; else NaN.
    weighting : str
    found : LogRankTest
        The same as arrays, with the variance of the scores.
    """

    statistic: float
    df: int
    p_value: float
    z: float
    weighting: str
    found: LogRankTest
    left_out: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """The test with its result."""
        words = f"{self.weighting}: chi-squared {self.statistic:.4g}, df {self.df}"
        return f"{words[:1].upper()}{words[1:]}, p = {self.p_value:.4g}"

    @property
    def notes(self) -> tuple[str, ...]:
        """Rows that were left out."""
        return self.left_out

    def tidy(self) -> pd.DataFrame:
        """One row, the test."""
        columns = ("statistic", "df", "p_value", "z")
        return pd.DataFrame([{name: getattr(self, name) for name in columns}])

    def observed(self) -> pd.DataFrame:
        """Events observed and expected in each arm."""
        found = self.found
        columns = {"n": found.n, "observed": found.observed, "expected": found.expected}
        return pd.DataFrame({"arm": found.groups, **columns})

    def summary(self) -> Any:
        """The test, and events observed and expected."""
        return replace(super().summary(), frame=self.observed())


def log_rank(
    data: Any,
    *,
    time: str,
    event: str,
    arm: str,
    strata: str | Sequence[str] | None = None,
    entry: str | None = None,
    weighting: Weighting = "log-rank",
    rho: float = 0.0,
    gamma: float = 0.0,
) -> LogRank:
    """Test whether the hazards are the same in all arms.

    Parameters
    ----------
    data, time, event, arm, entry
        As of `kaplan_meier`.
    strata : str or sequence of str, optional
        Columns within whose combinations arms are compared.
    weighting : str
        "log-rank", "gehan-breslow", "tarone-ware", "peto-peto", "modified peto-peto", or
        "fleming-harrington" with `rho` and `gamma`.

    Raises
    ------
    DataError
        If a column is not there or does not hold what it should.
    ModelError
        If no event tells the arms apart.
    """
    rows = rows_of(data, time, event, arm, strata, entry)
    names = [strata] if isinstance(strata, str) else list(strata or ())
    found = taken(
        log_rank_of,
        rows.numbers(time),
        rows.events(event),
        rows.frame[arm].astype(str),
        Weight(weighting, rho, gamma),
        strata=rows.frame.groupby(names, observed=True).ngroup() if names else None,
        groups=tuple(map(str, rows.levels(arm))),
        entry=rows.numbers(entry) if entry else None,
    )
    if found.reason:
        raise ModelError(f"the arms cannot be compared: {found.reason}")
    return LogRank(found.statistic, found.df, found.p_value, found.z, weighting, found, rows.notes)


@dataclass(frozen=True, repr=False)
class RestrictedMeans(Tidied):
    """Mean times without the event up to `tau`.

    Attributes
    ----------
    tau : float
        In the unit of the times.
    rows : DataFrame
        As `tidy()`.
    """

    tau: float
    rows: pd.DataFrame
    conf_level: float
    left_out: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """What it is."""
        return f"Restricted mean time to {self.tau:g} ({self.conf_level:.0%} CI)"

    @property
    def notes(self) -> tuple[str, ...]:
        """Rows that were left out."""
        return self.left_out

    def tidy(self) -> pd.DataFrame:
        """The mean of each arm; against the reference the difference, ratio, ratio of time lost."""
        return self.rows.copy()


def restricted_mean(
    data: Any,
    *,
    time: str,
    event: str,
    arm: str | None = None,
    tau: float | None = None,
    reference: object = None,
    covariates: Sequence[str] = (),
    law: rmst.Reference = "normal",
    conf_level: float = 0.95,
) -> RestrictedMeans:
    """Estimate the mean time without the event up to a time, by arm and compared.

    Parameters
    ----------
    data, time, event, arm
        As of `kaplan_meier`.
    tau : float, optional
        Up to when; by default the last time at which the curve of every arm is known.
    reference : optional
        The arm that the others are compared with; by default the first level.
    covariates : sequence of str
        Also compare adjusted for these columns, by regression (Tian, Zhao & Wei 2014).
    law : {"normal", "t"}
        To which law a comparison is referred; with few subjects "t" keeps its level.

    Raises
    ------
    DataError
        If a column is not there or does not hold what it should.
    ModelError
        If follow-up ends before `tau`.
    """
    covariates = (covariates,) if isinstance(covariates, str) else tuple(covariates)
    rows = rows_of(data, time, event, arm, covariates)
    times = times_by_arm(rows, time, event, arm, first=reference)
    curves = {level: taken(curve_of, seen.time, seen.event) for level, seen in times.items()}
    upto = rmst.largest_tau(tuple(curves.values())) if tau is None else float(tau)
    try:
        means = {level: rmst.restricted_mean(curve, upto) for level, curve in curves.items()}
    except rmst.BeyondFollowUpError as error:
        raise ModelError(f"there is no RMST: {error}") from None
    found = [
        _row("restricted mean", level, "", rmst.mean_interval(mean, conf_level))
        for level, mean in means.items()
    ]
    first, *others = means
    for level in others:
        found += _comparisons(means, level, first, conf_level, law)
        if covariates and arm:
            found += _adjusted(
                rows, (time, event, arm), (level, first), covariates, upto, conf_level
            )
    return RestrictedMeans(upto, pd.DataFrame(found), conf_level, rows.notes)


def _comparisons(
    means: Mapping[Any, rmst.RestrictedMean],
    level: Any,
    first: Any,
    conf_level: float,
    law: rmst.Reference,
) -> Iterator[dict[str, Any]]:
    pair = means[level], means[first]
    yield _row("difference", level, first, rmst.difference(*pair, conf_level, law))
    yield _row("ratio", level, first, rmst.ratio(*pair, conf_level, law))
    lost = rmst.time_lost_ratio(*pair, conf_level)
    if lost is not None:
        yield _row("ratio of time lost", level, first, lost)


def _adjusted(
    rows: Rows,
    columns: tuple[str, str, str],
    arms: tuple[Any, Any],
    covariates: tuple[str, ...],
    tau: float,
    conf_level: float,
) -> Iterator[dict[str, Any]]:
    """Difference and ratio given the covariates."""
    time, event, arm = columns
    here = rows.frame[arm].isin(arms)
    pair = Rows(rows.frame[here].reset_index(drop=True))
    design = design_of(pair, covariates, arm=arm, reference=arms[1])
    matrix = np.column_stack([np.ones(len(pair.frame)), design.X])
    for scale, term in (("difference", "adjusted difference"), ("ratio", "adjusted ratio")):
        known = pair.numbers(time), pair.events(event), matrix, pair.frame[arm].astype(str)
        fit = taken(regress_restricted_mean, *known, tau, scale)
        half = float(norm.isf((1 - conf_level) / 2)) * float(fit.std_error[1])
        limits = np.array([fit.beta[1], fit.beta[1] - half, fit.beta[1] + half], dtype=float)
        estimate, low, high = np.exp(limits) if scale == "ratio" else limits
        p_value = float(fit.p_value[1])
        found = rmst.Comparison(estimate, float(fit.std_error[1]), low, high, p_value)
        yield _row(term, *arms, found)


def _row(term: str, arm: Any, reference: Any, found: rmst.Comparison) -> dict[str, Any]:
    """One number; an error or a test that there is not is missing."""
    numbers = {key: np.nan if value is None else value for key, value in asdict(found).items()}
    return {"term": term, "arm": arm, "reference": reference, **numbers}


def pseudo_values(
    data: Any,
    *,
    time: str,
    event: str,
    at: float | Sequence[float],
    of: Literal["survival", "restricted mean"] = "survival",
) -> pd.DataFrame:
    """Give each subject a value whose mean is the survival, or the restricted mean, at a time.

    They stand in place of an outcome that censoring hides, in any regression (Andersen, Klein &
    Rosthoj 2003, Biometrika 90:15-27; by the infinitesimal jackknife).

    Parameters
    ----------
    data, time, event
        As of `kaplan_meier`, one row a subject.
    at : float or sequence of float

    Returns
    -------
    DataFrame
        The rows and index of the data, one column a time; missing where a time or event is.
    """
    rows = rows_of(data, time, event)
    times = [at] if isinstance(at, int | float) else list(at)
    make = pseudo_survival if of == "survival" else pseudo_restricted_mean
    values = taken(make, rows.numbers(time), rows.events(event), times)
    frame = frame_of(data)
    complete = frame[[time, event]].notna().all(axis=1)
    found = pd.DataFrame(values, index=frame.index[complete], columns=times)
    return found.reindex(frame.index)
