"""The relapse rule as tables: scores by day on the left, what is derived on the right.

`-` is a visit not made. Onset: the relapse began after the first day and not after the second,
`inf` if it was never seen.
"""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from ketaoutcomes.cohort import Cohort
from ketaoutcomes.families.fitting import derive_endpoint
from ketaoutcomes.plan import AnalysisPlan
from relapse_plans import one_subject, relapse_plan

DAYS = (0, 7, 14, 21, 28)

CONFIRMED = """
  0  7 14 21 28 | event              | time relapse reason               | onset
  8 22 25 10  9 | -                  | 14   yes     MADRS at or above 22 | 0 7
  8  9 25 30  9 | -                  | 21   yes     MADRS at or above 22 | 7 14
  8  9 25 12 30 | -                  | 30   no      completed            | 28 inf
  8  9 25  - 30 | -                  | 28   yes     MADRS at or above 22 | 7 14
  8 25  -  - 30 | -                  | 30   no      completed            | 28 inf
 30 30 10 10 10 | -                  | 30   no      completed            | 28 inf
  8 22 25 10  9 | hospitalisation 9  | 9    yes     hospitalisation      | 9 9
  8 22 25 10  9 | hospitalisation 16 | 14   yes     MADRS at or above 22 | 0 7
  8 10 10 10  9 | hospitalisation 29 | 29   yes     hospitalisation      | 29 29
  8 10 10 10  9 | suicide attempt 3  | 3    yes     suicide attempt      | 3 3
  8 10 10  -  - | judged 20          | 20   yes     judged               | 20 20
  8 10 10  -  - | hospitalisation 31 | 30   no      completed            | 14 inf
  8  -  -  -  - | -                  | 30   no      completed            | 0 inf
"""

FIRST = """
  0  7 14 21 28 | event              | time relapse reason               | onset
  8 22 25 10  9 | -                  | 7    yes     MADRS at or above 22 | 0 7
  8  9 25 30  9 | hospitalisation 18 | 14   yes     MADRS at or above 22 | 7 14
  8  9 25  9  9 | hospitalisation 18 | 18   yes     hospitalisation      | 18 18
"""

STOPPED = """
  0  7 14 21 28 | event              | time relapse reason               | onset
  8 22 25 10  9 | stopped 10         | 10   no      stopped              | 0 inf
  8 22 25 10  9 | stopped 14         | 14   yes     MADRS at or above 22 | 0 7
  8  9  9 25 25 | stopped 10         | 10   no      stopped              | 10 inf
  8  9  9  9  9 | stopped 10         | 10   no      stopped              | 10 inf
"""


def rows(table: str) -> list[tuple[str, ...]]:
    _, *lines = table.strip().splitlines()
    return [tuple(part.strip() for part in line.split("|")) for line in lines]


def plan(dated_at: str, strategy: str) -> AnalysisPlan:
    return relapse_plan(
        29,
        {"stopped": strategy},
        events=("hospitalisation", "suicide attempt", "judged"),
        rule={"dated_at": dated_at},
        analysis={"time_varying": [{"scale": "MADRS"}, {"event": "stopped"}]},
    )


def cohort(scores: str, event: str) -> Cohort:
    made = {d: float(s) for d, s in zip(DAYS, scores.split(), strict=True) if s != "-"}
    *words, day = event.split()
    happened = {} if event == "-" else {" ".join(words): float(day)}
    return one_subject(made, happened, last_day=30.0)


@pytest.mark.parametrize(
    ("dated_at", "strategy", "table"),
    [
        ("confirmation", "treatment policy", CONFIRMED),
        ("first", "treatment policy", FIRST),
        ("confirmation", "hypothetical", STOPPED),
    ],
)
def test_the_tables_hold(dated_at: str, strategy: str, table: str) -> None:
    for scores, event, expected, onset in rows(table):
        derived = derive_endpoint(plan(dated_at, strategy), "relapse", cohort(scores, event))
        row = derived.frame.iloc[0]
        relapse = "yes" if row["event"] else "no"
        found = f"{row['time']:g} {relapse} {row['reason']}"
        assert found.split() == expected.split(), scores
        assert f"{row['after']:g} {row['by']:g}" == onset, scores


def test_a_composite_event_ends_follow_up_as_an_event() -> None:
    row = derive_endpoint(
        plan("confirmation", "composite"), "relapse", cohort("8 9 9 25 25", "stopped 10")
    ).frame.iloc[0]
    assert (row["time"], row["event"], row["reason"]) == (10, True, "stopped")
    assert (row["after"], row["by"]) == (10, 10)


def test_covariates_that_change_hold_from_their_day_on() -> None:
    derived = derive_endpoint(
        plan("confirmation", "treatment policy"), "relapse", cohort("8 9 - 25 25", "stopped 10")
    )
    by_name = {
        name: list(zip(part["day"], part["value"], strict=True))
        for name, part in derived.courses.groupby("name")
    }
    # the baseline score is known before the first event there can be, at time 0
    assert by_name["MADRS total"] == [(-1, 8), (7, 9), (21, 25), (28, 25)]
    assert by_name["after stopped"] == [(-1, 0), (10, 1)]


@pytest.mark.parametrize(
    ("event", "every", "after", "by"),
    [(False, None, 12, np.inf), (True, None, 12, 12), (True, 7, 5, 12), (True, 30, 0, 12)],
)
def test_times_that_the_data_hold_are_exact_open_or_noted_so_often(
    event: bool, every: int | None, after: float, by: float
) -> None:
    given = cohort("8 - - - -", "-")
    times = pd.DataFrame(
        {
            "subject": ["1"],
            "phase": ["maintenance"],
            "time": [12.0],
            "event": [event],
            "reason": ["left"],
        }
    )
    of_plan = plan("confirmation", "treatment policy").model_dump(mode="json", by_alias=True)
    of_plan["endpoints"]["relapse"] = {
        "kind": "time_to_event",
        "phase": "maintenance",
        "recorded_every_days": every,
    }
    given = replace(given, times=times)
    row = derive_endpoint(AnalysisPlan.model_validate(of_plan), "relapse", given).frame.iloc[0]
    assert (row["after"], row["by"], row["reason"]) == (after, by, "left")


def test_a_baseline_score_may_be_a_covariate() -> None:
    of_plan = plan("confirmation", "treatment policy").model_dump(mode="json", by_alias=True)
    of_plan["analyses"]["relapse"]["covariates"] = ["baseline"]
    with_baseline = AnalysisPlan.model_validate(of_plan)
    derived = derive_endpoint(with_baseline, "relapse", cohort("8 9 9 9 9", "-"))
    assert derived.frame["baseline"].tolist() == [8.0]
    without = derive_endpoint(with_baseline, "relapse", cohort("- 9 9 9 9", "-"))
    assert without.excluded == (("no baseline score", 1),)
