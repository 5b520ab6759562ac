"""A plan of one time to relapse, and one subject whose scores and events are written by hand."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from ketaoutcomes.cohort import TIME_COLUMNS, Cohort, Source, empty_frame
from ketaoutcomes.plan import AnalysisPlan

RULE = {"scale": "MADRS", "at_least": 22, "consecutive": 2, "within_days": [5, 15]}


def relapse_plan(
    until_day: int,
    handled: Mapping[str, str],
    *,
    score: Mapping[str, Any] | None = None,
    events: Sequence[str] = ("hospitalisation",),
    rule: Mapping[str, Any] | None = None,
    analysis: Mapping[str, Any] | None = None,
) -> AnalysisPlan:
    """A plan of the time to relapse by a score or an event.

    Parameters
    ----------
    until_day : int
        Last of the weekly visits.
    handled : mapping
        Intercurrent event -> strategy.
    score, rule, analysis : mapping
        What is set beside, or instead of, the usual.
    """
    arms = {"withdraw": "W", "continue": "C"}
    phase = {
        "label": "x",
        "arms": arms,
        "reference": "withdraw",
        "visits": {"every_days": 7, "until_day": until_day},
    }
    endpoint = {
        "kind": "time_to_relapse",
        "phase": "maintenance",
        "any_of": [RULE | dict(score or {}), *({"event": event} for event in events)],
        **(rule or {}),
    }
    estimand = {
        "population": "x",
        "treatment": {"active": "continue", "reference": "withdraw"},
        "endpoint": "relapse",
        "intercurrent_events": dict(handled),
        "summary": "hazard ratio",
    }
    model = {
        "estimand": "relapse",
        "role": "primary",
        "model": "time_to_event",
        "rmst_days": 28,
        **(analysis or {}),
    }
    return AnalysisPlan.model_validate(
        {
            "study": {"id": "x", "title": "x", "question": "x", "condition": "x"},
            "data": {"synthetic": {"scenario": "maintenance", "seed": 1}},
            "phases": {"maintenance": phase},
            "endpoints": {"relapse": endpoint},
            "estimands": {"relapse": estimand},
            "analyses": {"relapse": model},
        }
    )


def one_subject(
    scores: Mapping[float, float], events: Mapping[str, float], last_day: float
) -> Cohort:
    """Subject `1` in the arm `withdraw`, with scores by day and events by name."""
    base = {"subject": "1", "phase": "maintenance"}
    visits = [
        base
        | {
            "visit": f"Day {day + 1:g}" if day else "Baseline",
            "day": float(day),
            "scale": "MADRS",
            "score": float(score),
        }
        for day, score in scores.items()
    ]
    happened = [base | {"day": day, "event": event} for event, day in events.items()]
    return Cohort(
        subjects=pd.DataFrame({"subject": ["1"]}),
        assignments=pd.DataFrame([base | {"arm": "withdraw"}]),
        visits=pd.DataFrame(visits),
        events=pd.DataFrame(happened, columns=["subject", "phase", "day", "event"]),
        follow_up=pd.DataFrame([base | {"last_day": last_day, "reason": "completed"}]),
        times=empty_frame(TIME_COLUMNS),
        source=Source("real", "by hand"),
    )
