"""Two arms of a time to event, or one, as every part of its analysis needs them."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import norm

from ketaoutcomes.endpoints.data import TimeToEventData
from ketaoutcomes.families.time_to_event.plan import TimeToEventAnalysis
from ketaoutcomes.plan.analysis import AnalysisPart
from ketaoutcomes.plan.estimand import Estimand
from ketaoutcomes.results import Result

FloatArray = NDArray[np.float64]
BEYOND_MEASURE = 50.0
"""A log ratio or standard error beyond this comes from a likelihood that is flat or has no top."""


@dataclass(frozen=True)
class TwoArms:
    """The rows of two arms, and what every result of their analysis has in common.

    `reference` is empty, and the rows are those of one arm, where nothing is compared.
    `policy_events` are intercurrent events after which follow-up goes on.
    """

    analysis: TimeToEventAnalysis
    frame: pd.DataFrame
    courses: pd.DataFrame
    active: str
    reference: str
    conf_level: float
    common: Result
    policy_events: tuple[str, ...] = ()

    def of(self, arm: str) -> tuple[FloatArray, NDArray[np.bool_]]:
        """Times and events of an arm."""
        here = self.frame[self.frame["arm"] == arm]
        return here["time"].to_numpy(dtype=float), here["event"].to_numpy(dtype=bool)

    @property
    def time(self) -> FloatArray:
        """Times of all subjects."""
        return self.frame["time"].to_numpy(dtype=float)

    @property
    def event(self) -> NDArray[np.bool_]:
        """Whether each subject had the event."""
        return self.frame["event"].to_numpy(dtype=bool)

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
    """Code of each subject's stratum, None without strata."""
    if not arms.analysis.strata:
        return None
    strata = arms.frame.groupby(list(arms.analysis.strata), sort=True)
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
    return design_of(arms.frame, arms.active, arms.analysis.covariates)


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
