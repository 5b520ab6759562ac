"""Two arms of a time to event, or one, as every part of its analysis needs them."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ketaoutcomes.endpoints.data import TimeToEventData
from ketaoutcomes.families.shared.comparison import (
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


def stratum_codes(arms: TwoArms) -> NDArray[np.int64] | None:
    """Code of each subject's stratum, None without strata."""
    if not arms.analysis.strata:
        return None
    strata = arms.frame.groupby(list(arms.analysis.strata), sort=True)
    return strata.ngroup().to_numpy().astype(np.int64)


def hazard_design(arms: TwoArms) -> Design:
    """The arm and the covariates."""
    return design_of(arms.frame, arms.active, arms.analysis.covariates)
