"""Small cohorts for tests of participant flow: who was where, and how it ended."""

from functools import cache
from pathlib import Path

import pandas as pd

from ketaoutcomes.cohort import Cohort, Source, empty_frame
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.reading.plan_file import read_plan

ANALYSES = Path(__file__).resolve().parents[1] / "analyses"


@cache
def plan_of(name: str) -> AnalysisPlan:
    """A plan that ships."""
    return read_plan(ANALYSES / f"{name}.yaml")[0]


def cohort_of(who: list[tuple[str, str, str]]) -> Cohort:
    """People of `trd` by arm, how induction ended, and the arm of maintenance, if any."""
    people = [f"s{place:03}" for place, _ in enumerate(who)]
    rows = [(s, "induction", arm) for s, (arm, _, _) in zip(people, who, strict=True)]
    rows += [
        (s, "maintenance", later) for s, (_, _, later) in zip(people, who, strict=True) if later
    ]
    ends = [(s, "induction", 27.0, reason) for s, (_, reason, _) in zip(people, who, strict=True)]
    ends += [(s, phase, 168.0, "completed") for s, phase, _ in rows if phase == "maintenance"]
    return Cohort(
        subjects=pd.DataFrame({"subject": people}),
        assignments=pd.DataFrame(sorted(rows), columns=["subject", "phase", "arm"]),
        visits=empty_frame(("subject", "phase", "visit", "day", "scale", "score")),
        events=empty_frame(("subject", "phase", "day", "event")),
        follow_up=pd.DataFrame(sorted(ends), columns=["subject", "phase", "last_day", "reason"]),
        times=empty_frame(("subject", "phase", "time", "event", "reason", "entry")),
        source=Source("real", "made by hand"),
    )
