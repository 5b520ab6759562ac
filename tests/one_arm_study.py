"""An open study in files that tell no arm: scores at three visits, a time, and adverse events."""

from pathlib import Path

import numpy as np
import pandas as pd

N = 60
SEEN_LATE = 45
"""Subjects seen at the last visit in the files with dropout; all are seen before it."""

PLAN = """\
study:
  id: open_study
  title: An open study
  question: How far does the MADRS total fall on the drug, and how many respond?
  condition: major depression
data:
  files: {subjects: subjects.csv, visits: visits.csv, times: times.csv, adverse_events: harms.csv}
  columns:
    subject: ID
    visit: VISIT
    value: SCORE
    time: DAYS
    occurred: EVENT
    covariates: {sex: SEX}
    day: DAY
    term: TERM
  scale: MADRS
phases:
  treatment:
    label: Open treatment
    arms: {drug: The drug}
    visits: {Baseline: {day: 1}, Week 2: {day: 15}, Week 4: {day: 29}}
endpoints:
  change: {kind: change, phase: treatment, scale: MADRS}
  response: {kind: response, phase: treatment, scale: MADRS}
  relapse: {kind: time_to_event, phase: treatment, event_label: relapse}
estimands:
  change:
    population: All
    treatment: {active: drug}
    endpoint: change
    visit: Week 4
    intercurrent_events: {stopping: hypothetical}
    summary: mean change
  response:
    population: All
    treatment: {active: drug}
    endpoint: response
    visit: Week 4
    intercurrent_events: {stopping: composite}
    summary: proportion
  relapse:
    population: All
    treatment: {active: drug}
    endpoint: relapse
    intercurrent_events: {stopping: treatment_policy}
    summary: restricted mean time
analyses:
  change: {estimand: change, role: primary, model: mmrm, covariates: [], by_visit: [],
           df: kenward-roger-linear, contrasts: {later: {visits: {Week 2: -1, Week 4: 1}}}}
  adjusted: {estimand: change, role: sensitivity, model: mmrm}
  likelihood: {estimand: change, role: sensitivity, model: mmrm, covariates: [], by_visit: [],
               method: ml}
  intercept: {estimand: change, role: sensitivity, model: random_intercept}
  jackknife: {estimand: change, role: sensitivity, model: conditional_mean, covariates: [],
              by_visit: []}
  imputed: {estimand: change, role: sensitivity, model: multiple_imputation, imputations: 20,
            seed: 1, covariates: [], by_visit: []}
  response: {estimand: response, role: secondary, model: proportions}
  exact: {estimand: response, role: sensitivity, model: incidence, missing_as: no event}
  equations: {estimand: response, role: sensitivity, model: gee, covariates: [],
              correlation: independence}
  logistic: {estimand: response, role: sensitivity, model: logistic_mixed}
  scores: {estimand: response, role: sensitivity, model: multiple_imputation, imputations: 20,
           seed: 1}
  relapse: {estimand: relapse, role: secondary, model: time_to_event, rmst_days: 60,
            risk_table_every_days: 14, landmark_days: [30], competing: [death]}
safety: {}
report: {baseline_table: [sex, baseline], smallest_cell: 1}
"""


def write_study(folder: Path, *, dropout: bool = False) -> dict[str, pd.DataFrame]:
    """The files and the plan `plan.yaml`, and what the files hold."""
    rng = np.random.default_rng(20261125)
    ids = [f"P{number:03d}" for number in range(N)]
    baseline = np.round(rng.normal(32, 5, N)).clip(22, 50)
    usual = rng.normal(0, 6, N)
    week_2 = np.round(baseline - 10 + 0.4 * (baseline - 32) + usual + rng.normal(0, 4, N))
    week_4 = np.round(baseline - 16 + usual + rng.normal(0, 5, N))
    scores = pd.DataFrame({"Baseline": baseline, "Week 2": week_2, "Week 4": week_4}, index=ids)
    scores = scores.clip(0, 60)
    if dropout:
        worse = scores["Week 2"].sort_values(kind="stable").index[SEEN_LATE:]
        scores.loc[worse, "Week 4"] = np.nan
    visits = scores.rename_axis("ID").reset_index().melt("ID", var_name="VISIT", value_name="SCORE")
    visits["DAY"] = visits["VISIT"].map({"Baseline": 1, "Week 2": 15, "Week 4": 29})
    event, censored = rng.exponential(50, N), rng.uniform(40, 120, N)
    times = pd.DataFrame({"ID": ids, "DAYS": np.round(np.minimum(event, censored)).clip(1)})
    times["EVENT"] = (event <= censored).astype(int)
    subjects = pd.DataFrame({"ID": ids, "SEX": np.where(rng.random(N) < 0.6, "female", "male")})
    terms = ["Nausea"] * 21 + ["Cystitis"] * 4
    harms = pd.DataFrame({"ID": ids[:21] + ids[:4], "TERM": terms, "DAY": 3})
    frames = {"subjects": subjects, "visits": visits.dropna(), "times": times, "harms": harms}
    for name, frame in frames.items():
        frame.to_csv(folder / f"{name}.csv", index=False)
    (folder / "plan.yaml").write_text(PLAN, encoding="utf-8")
    return frames | {"scores": scores}
