"""Analysis-ready endpoints, one frozen record a kind."""

from dataclasses import dataclass, field
from typing import Final

import pandas as pd

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
    nominal_days: tuple[float, ...] = ()


@dataclass(frozen=True)
class BinaryData:
    """Success or failure at each scheduled visit after baseline.

    Attributes
    ----------
    frame : DataFrame
        `subject, arm, visit, baseline, outcome` (1.0, 0.0 or NaN where missing) and the covariates.
    rule : str
        The rule in words.
    """

    name: str
    phase: str
    scale: str
    arms: tuple[str, ...]
    visits: tuple[str, ...]
    frame: pd.DataFrame
    rule: str
    excluded: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class TimeToEventData:
    """Time to an event or to censoring.

    Attributes
    ----------
    frame : DataFrame
        One row a subject: `subject, arm, time` (days), `event` (bool), `reason` (which criterion,
        or why censored), `after` and `by` (the event lies after the one and not after the other;
        equal where its day is known, `by` infinite if censored) and the covariates and strata.
    rule : str
        The rule in words.
    courses : DataFrame
        Covariates that change with time: `subject, name, day, value`, from that day on.
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
    excluded: tuple[tuple[str, int], ...] = ()


EndpointData = ChangeData | BinaryData | TimeToEventData
