"""Two arms of a time to event, or one, as every part of its analysis needs them."""

from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import norm

from ketaoutcomes.endpoints.data import TimeToEventData
from ketaoutcomes.plan.analyses import TimeToEventAnalysis
from ketaoutcomes.plan.analysis import AnalysisPart
from ketaoutcomes.plan.estimand import Estimand
from ketaoutcomes.results import Result

FloatArray = NDArray[np.float64]
BEYOND_MEASURE = 50.0
"""A log ratio or standard error beyond this comes from a likelihood that is flat or has no top."""


class Observed(NamedTuple):
    """Intervals at risk for `entry < t <= time`; without delayed entry `entry` is None."""

    time: FloatArray
    event: NDArray[np.bool_]
    entry: FloatArray | None


def _observed(rows: pd.DataFrame) -> Observed:
    entry = rows["entry"].to_numpy(dtype=float) if "entry" in rows else np.zeros(len(rows))
    delayed = bool((entry > 0).any())
    return Observed(
        rows["time"].to_numpy(dtype=float),
        rows["event"].to_numpy(dtype=bool),
        # who was observed from the start is at risk at time 0, too
        np.where(entry > 0, entry, -np.inf) if delayed else None,
    )


@dataclass(frozen=True)
class TwoArms:
    """The subjects of two arms, and what every result of their analysis has in common.

    `frame` has one row a subject. `rows`, `time`, `event` and `entry` are intervals of observation,
    which are the same unless somebody was observed in several: models of the hazard and the curves
    rest on these, numbers of subjects on `frame`. `reference` is empty, and the rows are those of
    one arm, where nothing is compared. `policy_events` are intercurrent events after which
    follow-up goes on.
    """

    analysis: TimeToEventAnalysis
    frame: pd.DataFrame
    courses: pd.DataFrame
    active: str
    reference: str
    conf_level: float
    common: Result
    policy_events: tuple[str, ...] = ()
    intervals: pd.DataFrame = field(default_factory=pd.DataFrame)

    @property
    def rows(self) -> pd.DataFrame:
        """Intervals of observation of these subjects with their arm, covariates and strata."""
        if self.intervals.empty:
            return self.frame
        fixed = [name for name in self.frame if name not in self.intervals or name == "subject"]
        return self.frame[fixed].merge(self.intervals, on="subject", how="inner")

    def observed(self, arm: str) -> Observed:
        """Intervals of observation of an arm."""
        rows = self.rows
        return _observed(rows[rows["arm"] == arm])

    def kept(self, frame: pd.DataFrame) -> "TwoArms":
        """Only some of the subjects."""
        return replace(self, frame=frame.reset_index(drop=True))

    def of(self, arm: str) -> tuple[FloatArray, NDArray[np.bool_]]:
        """Times and events of an arm."""
        here = self.frame[self.frame["arm"] == arm]
        return here["time"].to_numpy(dtype=float), here["event"].to_numpy(dtype=bool)

    @property
    def time(self) -> FloatArray:
        """Ends of all intervals of observation: of all subjects, unless some have several."""
        return _observed(self.rows).time

    @property
    def event(self) -> NDArray[np.bool_]:
        """Whether the event ends each interval."""
        return _observed(self.rows).event

    @property
    def entry(self) -> FloatArray | None:
        """Starts of all intervals; None where everybody was observed from time 0."""
        return _observed(self.rows).entry

    @property
    def names(self) -> tuple[str, ...]:
        """The active arm, then the reference where there is one."""
        return (self.active, self.reference) if self.reference else (self.active,)

    def between(self, statistic: str) -> Result:
        """A row that compares the arms."""
        return replace(
            self.common,
            statistic=statistic,
            arm=self.active,
            reference=self.reference,
            n=len(self.frame),
            n_events=int(self.frame["event"].sum()),
        )

    def ratio(self, row: Result, log_ratio: float, std_error: float) -> Result:
        """The row with a ratio; standard error, test and interval are those of its logarithm."""
        return with_ratio(row, log_ratio, std_error, self.conf_level)


def with_ratio(row: Result, log_ratio: float, std_error: float, conf_level: float) -> Result:
    """The row with a ratio; standard error, Wald test and interval are those of its logarithm."""
    if not (abs(log_ratio) < BEYOND_MEASURE and 0 < std_error < BEYOND_MEASURE):
        return replace(row, status="failed", message="the data do not bound the ratio")
    half = float(norm.isf((1 - conf_level) / 2)) * std_error
    z = log_ratio / std_error
    return replace(
        row,
        estimate=float(np.exp(log_ratio)),
        std_error=std_error,
        test_statistic=z,
        p_value=float(2 * norm.sf(abs(z))),
        conf_low=float(np.exp(log_ratio - half)),
        conf_high=float(np.exp(log_ratio + half)),
        conf_level=conf_level,
    )


def two_arms(
    name: str,
    analysis: TimeToEventAnalysis,
    estimand: Estimand,
    endpoint: TimeToEventData,
    conf_level: float,
) -> TwoArms:
    """The arms that the estimand compares."""
    return TwoArms(
        analysis=analysis,
        frame=compared(endpoint.frame, estimand),
        courses=endpoint.courses,
        intervals=endpoint.intervals,
        active=estimand.treatment.active,
        reference=estimand.treatment.reference,
        conf_level=conf_level,
        common=common_result(name, analysis, endpoint.name, endpoint.phase),
        policy_events=tuple(
            event
            for event, strategy in estimand.intercurrent_events.items()
            if strategy == "treatment policy"
        ),
    )


def compared(frame: pd.DataFrame, estimand: Estimand) -> pd.DataFrame:
    """The rows of the arms of an estimand."""
    return frame[frame["arm"].isin(estimand.treatment.arms)].reset_index(drop=True)


def common_result(name: str, analysis: AnalysisPart, endpoint: str, phase: str) -> Result:
    """What every result of an analysis has in common."""
    return Result(
        table="ttet01",
        statistic="",
        analysis=name,
        role=analysis.role,
        estimand=analysis.estimand,
        endpoint=endpoint,
        phase=phase,
    )


def stratum_codes(arms: TwoArms) -> NDArray[np.int64] | None:
    """Code of each row's stratum, None without strata."""
    if not arms.analysis.strata:
        return None
    strata = arms.rows.groupby(list(arms.analysis.strata), sort=True)
    return strata.ngroup().to_numpy().astype(np.int64)


@dataclass(frozen=True)
class Design:
    """Columns of a proportional hazards model, and which of them make up each term.

    Attributes
    ----------
    X : array, shape (n, p)
        The arm first, 1 for active; factors as indicators of all levels but the first.
    terms : tuple of (str, tuple of int)
    """

    X: FloatArray
    terms: tuple[tuple[str, tuple[int, ...]], ...]


def hazard_design(arms: TwoArms) -> Design:
    """The arm and the covariates."""
    return design_of(arms.rows, arms.active, arms.analysis.covariates)


def design_of(frame: pd.DataFrame, active: str, covariates: tuple[str, ...]) -> Design:
    """The arm and these covariates of a frame."""
    columns = [(frame["arm"] == active).to_numpy(dtype=float)[:, None]]
    terms: list[tuple[str, tuple[int, ...]]] = [("arm", (0,))]
    for name in covariates:
        coded = pd.get_dummies(frame[[name]], drop_first=True, dtype=float).to_numpy(dtype=float)
        first = sum(column.shape[1] for column in columns)
        columns.append(coded)
        terms.append((name, tuple(range(first, first + coded.shape[1]))))
    return Design(np.concatenate(columns, axis=1), tuple(terms))
