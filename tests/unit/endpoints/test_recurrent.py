"""Events that come again, by a worked example."""

from typing import Any

import pandas as pd
import pytest

from ketaoutcomes.cohort import TIME_COLUMNS, Cohort, Source, empty_frame
from ketaoutcomes.errors import PlanError
from ketaoutcomes.families.fitting import derive_endpoint
from ketaoutcomes.plan import AnalysisPlan

# subject: last day, days of visits in hospital, day of stopping
SUBJECTS: dict[str, tuple[float | None, list[float], float | None]] = {
    "1": (30, [5, 12], None),
    "2": (30, [], 10),
    "3": (20, [20], None),
    "4": (20, [8, 8, 25], 15),
    "5": (0, [], None),  # followed on the dosing day only, for half of it
    "6": (None, [], None),  # nobody knows for how long
}

POLICY = """
subject start stop event number
1       0     5    yes   1
1       5     12   yes   2
1       12    30   no    3
2       0     30   no    1
3       0     20   yes   1
4       0     8    yes   1
4       8     20   no    2
5       0     0.5  no    1
"""

STOPPED = """
subject start stop event number
1       0     5    yes   1
1       5     12   yes   2
1       12    30   no    3
2       0     10   no    1
3       0     20   yes   1
4       0     8    yes   1
4       8     15   no    2
5       0     0.5  no    1
"""


def plan(strategy: str) -> AnalysisPlan:
    content: dict[str, Any] = {
        "study": {"id": "x", "title": "x", "question": "x", "condition": "x"},
        "data": {"synthetic": {"scenario": "maintenance", "seed": 1}},
        "phases": {"p": {"label": "x", "arms": {"a": "A", "b": "B"}, "reference": "a"}},
        "endpoints": {"stays": {"kind": "recurrent_events", "phase": "p", "events": ["hospital"]}},
        "estimands": {
            "stays": {
                "population": "x",
                "treatment": {"active": "b", "reference": "a"},
                "endpoint": "stays",
                "intercurrent_events": {"stopped": strategy},
                "summary": "rate ratio",
            }
        },
        "analyses": {
            "stays": {"estimand": "stays", "role": "primary", "model": "recurrent_events"}
        },
    }
    return AnalysisPlan.model_validate(content)


def cohort() -> Cohort:
    events = [
        {"subject": s, "phase": "p", "day": float(day), "event": name}
        for s, (_, days, stop) in SUBJECTS.items()
        for name, happened in (("hospital", days), ("stopped", [stop] if stop else []))
        for day in happened
    ]
    follow_up = [
        {"subject": s, "phase": "p", "last_day": float(end), "reason": "completed"}
        for s, (end, _, _) in SUBJECTS.items()
        if end is not None
    ]
    visits = ["subject", "phase", "visit", "day", "scale", "score"]
    return Cohort(
        subjects=pd.DataFrame({"subject": list(SUBJECTS)}),
        assignments=pd.DataFrame({"subject": list(SUBJECTS), "phase": "p", "arm": "a"}),
        visits=pd.DataFrame(columns=visits).astype({"day": float, "score": float}),
        events=pd.DataFrame(events),
        follow_up=pd.DataFrame(follow_up),
        times=empty_frame(TIME_COLUMNS),
        source=Source("real", "by hand"),
    )


@pytest.mark.parametrize(
    ("strategy", "table"), [("treatment policy", POLICY), ("hypothetical", STOPPED)]
)
def test_rows_at_risk(strategy: str, table: str) -> None:
    derived = derive_endpoint(plan(strategy), "stays", cohort())
    found = [
        f"{r.subject} {r.start:g} {r.stop:g} {'yes' if r.event else 'no'} {r.number}".split()
        for r in derived.frame.itertuples()
    ]
    assert found == [line.split() for line in table.strip().splitlines()[1:]]
    assert derived.excluded == (("no follow-up", 1),)


def test_a_composite_strategy_is_refused() -> None:
    with pytest.raises(PlanError, match="cannot be derived"):
        derive_endpoint(plan("composite"), "stays", cohort())
