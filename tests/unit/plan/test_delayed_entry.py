"""Models that take every subject as observed from time 0 are refused where entry is delayed."""

from pathlib import Path

import pytest

from ketaoutcomes.errors import PlanError
from ketaoutcomes.plan.reading.plan_file import read_plan

PLAN = """\
study: {id: x, title: x, question: x, condition: x}
data:
  files: {times: times.csv}
  columns: {subject: id, arm: arm, time: time, entry: entry, occurred: died}
phases:
  p: {label: x, arms: {control: Control, drug: Drug}, reference: control}
endpoints:
  y: {kind: time_to_event, phase: p, event_label: death}
estimands:
  e:
    population: x
    treatment: {active: drug, reference: control}
    endpoint: y
    intercurrent_events: {stop: treatment policy}
    summary: hazard ratio
analyses:
  a: {estimand: e, role: primary, MODEL, rmst_days: 20}
"""


@pytest.mark.parametrize(
    ("model", "refused"),
    [
        ("model: time_to_event", False),
        ("model: aft, distribution: weibull", True),
        ("model: interval_censored, distribution: weibull", True),
    ],
)
def test_a_model_that_cannot_take_entry_is_refused(
    tmp_path: Path, model: str, refused: bool
) -> None:
    path = tmp_path / "plan.yaml"
    path.write_text(PLAN.replace("MODEL", model))
    if not refused:
        read_plan(path)
        return
    with pytest.raises(PlanError) as caught:
        read_plan(path)
    (problem,) = caught.value.problems
    assert "delayed entry" in problem.expected
    assert "use `time_to_event`" in problem.remedy
    path.write_text(PLAN.replace("MODEL", model).replace(" entry: entry,", ""))
    read_plan(path)
