"""Intercurrent events: what each strategy of ICH E9(R1) does to the scores.

One small function a strategy; each takes the day of a subject's first such event, infinity if there
is none.
"""

from collections.abc import Callable

import numpy as np
import pandas as pd

from ketaoutcomes.clock import not_after
from ketaoutcomes.cohort import Cohort
from ketaoutcomes.errors import PlanError, Problem
from ketaoutcomes.plan.estimand import Estimand
from ketaoutcomes.plan.parts import in_style
from ketaoutcomes.vocabulary import Strategy


def first_day(cohort: Cohort, phase: str, event: str, subjects: pd.Series) -> pd.Series:
    """Day of each subject's first event of this name in the phase, infinity if none."""
    events = cohort.events
    here = events[(events["phase"] == phase) & (events["event"] == event)]
    days = here.groupby("subject")["day"].min()
    return subjects.map(days).astype(float).fillna(np.inf)


def days_by_strategy(
    estimand: Estimand, cohort: Cohort, phase: str, subjects: pd.Series, strategy: Strategy
) -> pd.Series:
    """Day of the first event, of any name, that the estimand handles by a strategy."""
    first = pd.Series(np.inf, index=subjects.index)
    for event, handled_by in estimand.intercurrent_events.items():
        if handled_by == strategy:
            first = first.clip(upper=first_day(cohort, phase, event, subjects))
    return first


def first_event(
    cohort: Cohort, phase: str, events: tuple[str, ...], subjects: pd.Series, day: pd.Series
) -> pd.Series:
    """The first of some events, of those before a day; empty where none was."""
    days = np.column_stack([first_day(cohort, phase, event, subjects) for event in events])
    first = np.argmin(days, axis=1)
    names = np.array(events, dtype=object)[first]
    before = ~not_after(day.to_numpy(dtype=float), days.min(axis=1))
    return pd.Series(np.where(before, names, ""), index=subjects.index)


def treatment_policy(score: pd.Series, _day: pd.Series, _event: pd.Series) -> pd.Series:
    """Scores are used whether or not the event occurred."""
    return score


def hypothetical(score: pd.Series, day: pd.Series, event: pd.Series) -> pd.Series:
    """Scores after the event are not of interest: they are set missing, for the model to bridge."""
    return score.where(not_after(day.to_numpy(dtype=float), event.to_numpy(dtype=float)))


SCORE_STRATEGIES: dict[Strategy, Callable[[pd.Series, pd.Series, pd.Series], pd.Series]] = {
    "treatment policy": treatment_policy,
    "hypothetical": hypothetical,
}


def refuse_unsupported(
    name: str, estimand: Estimand, supported: tuple[Strategy, ...], kind: str
) -> None:
    """Refuse a strategy that this kind of endpoint cannot carry out.

    Raises
    ------
    PlanError
        With every such strategy of the estimand.
    """
    problems = tuple(
        Problem(
            f"estimands.{name}.intercurrent_events.{event}",
            f"a strategy for a {kind} endpoint: {', '.join(supported)}",
            f"`{in_style(strategy)}`",
            "choose one of these, or another endpoint",
        )
        for event, strategy in estimand.intercurrent_events.items()
        if strategy not in supported
    )
    if problems:
        raise PlanError(f"the estimand `{name}` cannot be derived", problems)
