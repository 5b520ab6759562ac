"""Events that are known to lie between two times, as the file tells both."""

import numpy as np
import pytest

from ketaoutcomes.endpoints.data import TimeToEventData
from ketaoutcomes.errors import PlanError
from ketaoutcomes.families.fitting import derive_endpoint
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.reading.plan_file import read_plan

BOUNDS_CSV = """\
ID,TRT,LOW,HIGH,AGE
1,Active,1,2,41
2,Control,8,,52
3,Active,8,Inf,47
4,Control,,3,38
5,Control,4,4,60
"""


@pytest.fixture
def bounds(times_trial):
    times_trial.text = BOUNDS_CSV
    columns = times_trial.data["columns"]
    for field in ("time", "censored"):
        columns.pop(field, None)
    columns |= {"after": "LOW", "by": "HIGH"}
    return times_trial


def derived(trial) -> TimeToEventData:
    data = derive_endpoint(AnalysisPlan.model_validate(trial.plan), "main", trial.load())
    assert isinstance(data, TimeToEventData)
    return data


def test_both_times_reach_the_model(bounds):
    """By hand, in days of weeks: 4 is known by week 3 alone, 5 at the very week."""
    frame = derived(bounds).frame
    assert frame["subject"].tolist() == ["1", "2", "3", "4", "5"]
    assert frame["event"].tolist() == [True, False, False, True, True]
    np.testing.assert_array_equal(frame["after"], [7, 56, 56, 0, 28])
    np.testing.assert_array_equal(frame["by"], [14, np.inf, np.inf, 21, 28])
    np.testing.assert_array_equal(frame["time"], [14, 56, 56, 21, 28])


def test_a_time_a_week_before_is_that_of_weekly_records(bounds):
    bounds.text = "ID,TRT,LOW,HIGH,AGE\n1,Active,1,2,41\n2,Control,8,,52\n3,Active,3,4,47\n"
    told = derived(bounds).frame
    bounds.text = "ID,TRT,WEEKS,CNSR,AGE\n1,Active,2,0,41\n2,Control,8,1,52\n3,Active,4,0,47\n"
    columns = bounds.data["columns"]
    del columns["after"], columns["by"]
    columns |= {"time": "WEEKS", "censored": "CNSR"}
    bounds.plan["endpoints"]["relapse"]["recorded_every_days"] = 7
    weekly = derived(bounds).frame
    assert told.equals(weekly[told.columns])


def test_what_other_models_take_is_told(bounds):
    remarks = [r for r in derived(bounds).remarks if "between two assessments" in r.what]
    assert [(r.count, r.total) for r in remarks] == [(2, 3)]
    assert not [r for r in bounds.load().source.remarks if "changes during" in r.what]


@pytest.mark.parametrize(
    ("old", "new", "place", "found"),
    [
        ("1,Active,1,2", "1,Active,3,2", "`LOW`, row 2", "after 3, by 2"),
        ("1,Active,1,2", "1,Active,-1,2", "`LOW`, row 2", "`-1`"),
        ("1,Active,1,2", "1,Active,1,soon", "`HIGH`, row 2", "`soon`"),
        ("2,Control,8,", "2,Control,,", "`HIGH`, row 3", "no value"),
    ],
)
def test_what_is_no_interval_is_refused(bounds, old, new, place, found):
    bounds.replace(old, new)
    where, _, what, remedy = bounds.problem()
    assert place in where
    assert found in what
    assert remedy


@pytest.mark.parametrize(
    ("columns", "told"),
    [
        ("{subject: id, arm: arm, after: low}", "`after` needs `by`"),
        ("{subject: id, arm: arm, by: high}", "`by` needs `after`"),
        ("{subject: id, arm: arm, after: low, by: high, time: t, occurred: e}", "`time`, `occurre"),
        ("{subject: id, arm: arm, time: t}", "exactly one of `occurred` and `censored`"),
    ],
)
def test_other_columns_of_times_do_not_stand_next_to_them(tmp_path, columns, told):
    path = tmp_path / "plan.yaml"
    path.write_text(
        f"""
study: {{id: x, title: X, question: Is it?, condition: depression}}
data: {{files: {{times: t.csv}}, columns: {columns}}}
phases: {{p: {{label: P, arms: {{a: A, b: B}}, reference: a}}}}
endpoints: {{r: {{kind: time_to_event, phase: p, event_label: relapse}}}}
estimands:
  e: {{population: All, treatment: {{active: b, reference: a}}, endpoint: r, summary: time_ratio}}
analyses: {{m: {{estimand: e, role: primary, model: interval_censored, rmst_days: 50}}}}
""",
        "utf-8",
    )
    with pytest.raises(PlanError) as error:
        read_plan(path)
    assert told in str(error.value)
