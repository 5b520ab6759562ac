"""A trial in files, as real data come, with values of single subjects that can be told again."""

from pathlib import Path

import numpy as np
import pandas as pd

N = 160
SUBJECT = "QX17-"
BASELINE, LATER, AGE, TIME = 43.2187, 5.7319, 71.4913, 97.31827
REGION, REASON = "Isle of Skye", "moved to Zanzibar"

PLANTED = (
    SUBJECT,
    *(f"{value:.4f}"[:-1] for value in (BASELINE, LATER, AGE, TIME)),
    f"{LATER - BASELINE:.4f}"[:-1],
    REGION,
    "isle_of_skye",
    REASON,
    "zanzibar",
)
"""Texts that would betray a row; numbers with three decimals, which nothing else has."""

PLAN = """\
study:
  id: planted
  title: A trial in files
  question: Does the drug lower the MADRS total more than placebo?
  condition: major depression
data:
  files: {subjects: subjects.csv, visits: visits.csv, times: times.csv}
  columns:
    subject: ID
    arm: TRT
    visit: VISIT
    day: DAY
    value: SCORE
    time: TTE
    occurred: EVENT
    reason: REASON
    covariates: {sex: SEX, region: REGION, age: AGE}
  scale: MADRS
phases:
  treatment:
    label: Double-blind treatment
    arms: {placebo: Placebo, drug: Drug}
    reference: placebo
    visits: {Baseline: {day: 1}, Week 2: {day: 15}, Week 4: {day: 29}}
endpoints:
  change: {kind: change, phase: treatment, scale: MADRS}
  response: {kind: response, phase: treatment, scale: MADRS}
  relapse: {kind: time_to_event, phase: treatment, event_label: relapse}
estimands:
  change:
    population: All
    treatment: {active: drug, reference: placebo}
    endpoint: change
    visit: Week 4
    summary: difference_in_means
  response:
    population: All
    treatment: {active: drug, reference: placebo}
    endpoint: response
    visit: Week 4
    summary: difference_in_proportions
  relapse:
    population: All
    treatment: {active: drug, reference: placebo}
    endpoint: relapse
    summary: hazard ratio
analyses:
  change: {estimand: change, role: primary, model: mmrm, covariates: [baseline, sex]}
  response: {estimand: response, role: secondary, model: proportions}
  relapse:
    estimand: relapse
    role: secondary
    model: time_to_event
    rmst_days: 84
    risk_table_every_days: 14
report:
  baseline_table: [sex, region, age, baseline]
"""


def write_planted_trial(folder: Path) -> Path:
    """Write the plan and its files; the plan's path."""
    chance = np.random.default_rng(20261124)
    ids = [f"{SUBJECT}{n:04d}" for n in range(N)]
    drug = np.arange(N) % 2 == 1
    baseline = chance.integers(24, 40, N).astype(float)
    gone = chance.random(N) < 0.2
    subjects = pd.DataFrame(
        {
            "ID": ids,
            "TRT": np.where(drug, "drug", "placebo"),
            "DAY": np.where(gone, 15, 29),
            "REASON": np.where(gone, "lost to follow-up", "completed"),
            "SEX": np.where(chance.random(N) < 0.4, "male", "female"),
            "REGION": np.where(chance.random(N) < 0.5, "north", "south"),
            "AGE": chance.integers(20, 66, N).astype(float),
        }
    )
    later = [
        np.clip(np.round(baseline + chance.normal(-6 * week, 5, N) - 3 * drug), 7, 55)
        for week in (1, 2)
    ]
    baseline[3], later[1][3] = BASELINE, LATER
    subjects.loc[3, ["REGION", "AGE"]] = REGION, AGE
    subjects.loc[4, ["REASON", "DAY"]] = REASON, 15
    gone[[3, 4]] = False, True
    subjects.loc[3, ["REASON", "DAY"]] = "completed", 29
    visits = pd.concat(
        pd.DataFrame({"ID": ids, "VISIT": visit, "DAY": day, "SCORE": score})
        for visit, day, score in (
            ("Baseline", 1, baseline),
            ("Week 2", 15, later[0]),
            ("Week 4", 29, np.where(gone, np.nan, later[1])),
        )
    )
    time = np.round(np.clip(chance.exponential(np.where(drug, 130, 70)), 1, 90))
    event = time < 90
    time[3], event[3] = TIME, True
    times = pd.DataFrame({"ID": ids, "TTE": time, "EVENT": event.astype(int)})
    for name, frame in (("subjects", subjects), ("visits", visits), ("times", times)):
        frame.to_csv(folder / f"{name}.csv", index=False)
    plan = folder / "planted.yaml"
    plan.write_text(PLAN)
    return plan
