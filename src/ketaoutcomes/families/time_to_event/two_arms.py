"""Two arms of a time to event, or one, as every part of its analysis needs them."""

from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ketaoutcomes.endpoints.data import TimeToEventData
from ketaoutcomes.families.shared.rows import (
    Design,
    FloatArray,
    common_result,
    compared,
    design_of,
    with_ratio,
)
from ketaoutcomes.families.time_to_event.plan import TimeToEventAnalysis
from ketaoutcomes.plan.estimand import Estimand
from ketaoutcomes.results import Result


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


def stratum_codes(arms: TwoArms) -> NDArray[np.int64] | None:
    """Code of each row's stratum, None without strata."""
    if not arms.analysis.strata:
        return None
    strata = arms.rows.groupby(list(arms.analysis.strata), sort=True)
    return strata.ngroup().to_numpy().astype(np.int64)


def hazard_design(arms: TwoArms) -> Design:
    """The arm and the covariates."""
    return design_of(arms.rows, arms.active, arms.analysis.covariates)
