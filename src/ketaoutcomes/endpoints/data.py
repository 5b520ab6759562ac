"""Analysis-ready endpoints, one frozen record a kind."""

from dataclasses import dataclass, field
from typing import Final

import pandas as pd

from ketaoutcomes.remarks import Remark

COURSE_COLUMNS: Final = ("subject", "name", "day", "value")


@dataclass(frozen=True)
class ChangeData:
    """A score and its change from baseline at each scheduled visit after baseline.

    Attributes
    ----------
    name, phase, scale : str
        Endpoint, phase and scale of the plan.
    arms, visits : tuple of str
        In the plan's order.
    frame : DataFrame
        One row a subject of the analysis set and scheduled visit: `subject, arm, visit, day,
        baseline, score, change` and the covariates. `day` is when the subject was seen, days since
        the first dose. `score` and `change` are NaN where missing or where an intercurrent event
        with the hypothetical strategy came before. Rows are sorted by subject and visit order.
        For an analysis that follows intercurrent events, `event` names the first before the visit.
        Where data tell how scores were derived that were not observed, `derived` says it.
    nominal_days : tuple of float
        Scheduled day of each visit, days since the first dose.
    excluded : tuple of (str, int)
        Why assigned subjects are not in the analysis set, with their number.
    """

    name: str
    phase: str
    scale: str
    arms: tuple[str, ...]
    visits: tuple[str, ...]
    frame: pd.DataFrame
    excluded: tuple[tuple[str, int], ...] = ()
    remarks: tuple[Remark, ...] = ()
    nominal_days: tuple[float, ...] = ()


@dataclass(frozen=True)
class CrossoverData:
    """A score and its change from baseline in every period of a crossover trial.

    Attributes
    ----------
    periods : tuple of str
        The phases that are periods, in order.
    frame : DataFrame
        As that of `ChangeData`, one row a subject, period and visit, with `period`, `order` (the
        sequence of arms as words) and `previous` (the arm of the period before, or "none").
    """

    name: str
    phase: str
    scale: str
    arms: tuple[str, ...]
    visits: tuple[str, ...]
    periods: tuple[str, ...]
    frame: pd.DataFrame
    excluded: tuple[tuple[str, int], ...] = ()
    remarks: tuple[Remark, ...] = ()
    nominal_days: tuple[float, ...] = ()

    @property
    def first_period(self) -> ChangeData:
        """The first period as a trial of parallel groups."""
        frame = self.frame[self.frame["period"] == self.periods[0]].reset_index(drop=True)
        return ChangeData(
            self.name,
            self.phase,
            self.scale,
            self.arms,
            self.visits,
            frame,
            nominal_days=self.nominal_days,
        )


@dataclass(frozen=True)
class BinaryData:
    """Success or failure at each scheduled visit after baseline.

    Attributes
    ----------
    frame : DataFrame
        `subject, arm, visit, baseline, score, outcome` (1.0, 0.0 or NaN where missing) and the
        covariates; `event` as above.
    rule : str
        The rule in words.
    unwanted : bool
        Whether an outcome of 1 is a harm, so that a missing one counted as failure is 1.
    """

    name: str
    phase: str
    scale: str
    arms: tuple[str, ...]
    visits: tuple[str, ...]
    frame: pd.DataFrame
    rule: str
    unwanted: bool = False
    excluded: tuple[tuple[str, int], ...] = ()
    remarks: tuple[Remark, ...] = ()


@dataclass(frozen=True)
class TimeToEventData:
    """Time to an event or to censoring.

    Attributes
    ----------
    frame : DataFrame
        One row a subject: `subject, arm, time` (days), `event` (bool), `reason` (which criterion,
        or why censored), `after` and `by` (the event lies after the one and not after the other;
        equal where its day is known, `by` infinite if censored) and the covariates and strata.
        `entry` is when the subject came under observation; 0, or no such column, is the start.
    rule : str
        The rule in words.
    courses : DataFrame
        Covariates that change with time: `subject, name, day, value`, from that day on.
    intervals : DataFrame
        Where some subject was observed in several intervals: `subject, entry, time, event, reason`
        and the covariates that change between them, at risk for `entry < t <= time`. Else empty.
    """

    name: str
    phase: str
    arms: tuple[str, ...]
    frame: pd.DataFrame
    rule: str
    event_label: str
    courses: pd.DataFrame = field(
        default_factory=lambda: pd.DataFrame(columns=list(COURSE_COLUMNS))
    )
    intervals: pd.DataFrame = field(default_factory=pd.DataFrame)
    excluded: tuple[tuple[str, int], ...] = ()
    remarks: tuple[Remark, ...] = ()


@dataclass(frozen=True)
class RecurrentData:
    """Events that happen again and again.

    Attributes
    ----------
    frame : DataFrame
        Rows of a subject at risk: `subject, arm, start, stop` (days), `event` (bool, at `stop`),
        `number` (1 for the first event and the time before it) and the covariates and strata.
    rule : str
        The rule in words.
    """

    name: str
    phase: str
    arms: tuple[str, ...]
    frame: pd.DataFrame
    rule: str
    event_label: str
    excluded: tuple[tuple[str, int], ...] = ()
    remarks: tuple[Remark, ...] = ()


@dataclass(frozen=True)
class MediationData:
    """Outcome and mediator of each subject who has both, as changes from baseline.

    Attributes
    ----------
    frame : DataFrame
        One row a subject: `subject, arm, outcome, baseline, mediator, mediator_baseline` and the
        covariates.
    """

    name: str
    phase: str
    scale: str
    arms: tuple[str, ...]
    frame: pd.DataFrame
    excluded: tuple[tuple[str, int], ...] = ()
    remarks: tuple[Remark, ...] = ()


@dataclass(frozen=True)
class ValueData:
    """What each subject cost and gained over a phase.

    Attributes
    ----------
    frame : DataFrame
        One row a subject: `subject, arm` and the covariates.
    costs : DataFrame
        The same rows: cost by item, in `currency`.
    times : DataFrame
        The same rows: years in each health state, or the effect itself in one column.
    utilities : tuple of (float, float)
        Mean and standard error of the utility of each column of `times`.
    price_errors : tuple of float
        Relative standard error of the price of each column of `costs`.
    unknown_prices : tuple of str
        Items whose price has an error in the plan, of which there is no cost.
    unit : str
        What the effect is counted in.
    """

    name: str
    phase: str
    arms: tuple[str, ...]
    frame: pd.DataFrame
    costs: pd.DataFrame
    times: pd.DataFrame
    utilities: tuple[tuple[float, float], ...]
    price_errors: tuple[float, ...]
    currency: str
    unit: str
    unknown_prices: tuple[str, ...] = ()
    excluded: tuple[tuple[str, int], ...] = ()
    remarks: tuple[Remark, ...] = ()

    @property
    def cost(self) -> pd.Series:
        """Cost of each subject."""
        return self.costs.sum(axis=1)

    @property
    def effect(self) -> pd.Series:
        """Effect of each subject at the mean utilities."""
        means = [mean for mean, _ in self.utilities]
        return (self.times * means).sum(axis=1)


EndpointData = (
    ChangeData
    | CrossoverData
    | BinaryData
    | TimeToEventData
    | RecurrentData
    | MediationData
    | ValueData
)
