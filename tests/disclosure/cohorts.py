"""Trials in files that are hard to publish: small arms, rare events, many tables."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

PLAN = """\
study: {{id: hard, title: A small trial, question: "Better?", condition: major depression}}
data:
  files: {{subjects: subjects.csv, visits: visits.csv, times: times.csv, adverse_events: ae.csv}}
  columns:
    subject: ID
    arm: TRT
    visit: VISIT
    day: DAY
    value: SCORE
    time: TTE
    occurred: EVENT
    reason: REASON
    soc: SOC
    term: TERM
{graded}    covariates: {{sex: SEX, region: REGION, attempt: ATTEMPT, stage: STAGE, weight: WEIGHT}}
  scale: MADRS
phases:
  treatment:
    label: Treatment
    arms: {{placebo: Placebo, drug: Drug}}
    reference: placebo
    visits: {{Baseline: {{day: 1}}, Week 2: {{day: 15}}, Week 4: {{day: 29}}}}
endpoints:
  change: {{kind: change, phase: treatment, scale: MADRS}}
  response: {{kind: response, phase: treatment, scale: MADRS}}
  relapse: {{kind: time_to_event, phase: treatment, event_label: relapse}}
estimands:
  change: {{{common}, endpoint: change, visit: Week 4, summary: difference in means}}
  response: {{{common}, endpoint: response, visit: Week 4, summary: difference in proportions}}
  relapse: {{{common}, endpoint: relapse, summary: hazard ratio}}
analyses:
{analyses}
safety: {{{vitals}}}
{together}check: {check}
report:
  baseline_table: [sex, region, attempt, {staged}baseline]
  smallest_cell: {smallest}
"""
CROSSOVER = """\
study: {{id: hard, title: A small trial, question: "Better?", condition: major depression}}
data:
  files: {{subjects: subjects.csv, visits: visits.csv}}
  columns:
    subject: ID
    arm: TRT
    phase: PERIOD
    visit: VISIT
    day: DAY
    value: SCORE
    covariates: {{sex: SEX, region: REGION, attempt: ATTEMPT}}
  scale: MADRS
  labels: {{phase: {{"1": first, "2": second}}}}
phases:
  first: &period
    label: First period
    arms: {{placebo: Placebo, drug: Drug}}
    reference: placebo
    visits: {{Baseline: {{day: 1}}, Week 2: {{day: 15}}, Week 4: {{day: 29}}}}
  second: {{<<: *period, label: Second period}}
endpoints:
  change: {{kind: change, phase: first, scale: MADRS}}
  later: {{kind: change, phase: second, scale: MADRS}}
estimands:
  change: {{{common}, endpoint: change, visit: Week 4, summary: difference in means}}
  later: {{{common}, endpoint: later, visit: Week 4, summary: difference in means}}
analyses:
{analyses}
check: {check}
report:
  baseline_table: [sex, region, attempt, baseline]
  smallest_cell: {smallest}
"""
COMMON = "population: All, treatment: {active: drug, reference: placebo}"
ANALYSES = {
    "mmrm": "{estimand: change, role: primary, model: mmrm, covariance: [us, toeph, ar1h], "
    "subgroups: [{by: sex}, {by: region}]}",
    "tipping": "{estimand: change, role: sensitivity, model: tipping_point, imputations: 5, "
    "seed: 3, steps: 5, shifts: {drug: [0, 8]}}",
    "shares": "{estimand: response, role: secondary, model: proportions}",
    "standardised": "{estimand: response, role: sensitivity, model: g_computation, "
    "covariates: [baseline]}",
    "times_14": "{estimand: relapse, role: secondary, model: time_to_event, "
    "restricted_mean_days: 80, ticks_every_days: 14, periods_days: [14]}",
    "times_15": "{estimand: relapse, role: sensitivity, model: time_to_event, "
    "restricted_mean_days: 80, ticks_every_days: 15}",
    "exponential": "{estimand: relapse, role: sensitivity, model: aft, "
    "distribution: exponential, restricted_mean_days: 80, ticks_every_days: 14}",
    "estimating": "{estimand: response, role: sensitivity, model: gee}",
    "stratified": "{estimand: response, role: supplementary, model: proportions, strata: [region]}",
    "times_strata": "{estimand: relapse, role: supplementary, model: time_to_event, "
    "restricted_mean_days: 80, ticks_every_days: 14, strata: [sex]}",
    "competing": "{estimand: relapse, role: supplementary, model: time_to_event, "
    "restricted_mean_days: 80, ticks_every_days: 14, competing: [death]}",
    "weighted": "{estimand: relapse, role: supplementary, model: time_to_event, "
    "restricted_mean_days: 80, ticks_every_days: 14, "
    "weighted_tests: [{rho: 0, gamma: 1}]}",
    "weighted_means": "{estimand: change, role: sensitivity, model: mmrm, weights: weight}",
    "classes": "{estimand: change, role: supplementary, model: trajectory_classes, "
    "classes: [1, 2]}",
    "crossover": "{estimand: change, role: primary, model: crossover, periods: [first, second]}",
    "first": "{estimand: change, role: supplementary, model: mmrm}",
    "second": "{estimand: later, role: supplementary, model: mmrm}",
}
TOGETHER = (
    "multiplicity: {both: {method: holm, hypotheses: "
    "{change: {analysis: mmrm}, relapse: {analysis: times_14}, response: {analysis: shares}}}}\n"
)
PERIODS = ("crossover", "first", "second")
SCORES = ("mmrm", "tipping")
SHARES = ("shares", "standardised")
TIMES = ("times_14", "times_15", "exponential")


@dataclass(frozen=True)
class Trial:
    """How large a trial is, how much is missing, how rare events are, and what is analysed."""

    name: str
    per_arm: int
    missing: float
    rate: float
    analyses: tuple[str, ...]
    smallest: int = 11
    check: str = "none"
    """Which numbers the second program computes again, and lists in a file of its own. With all
    come severities of adverse events, a covariate of three values, means of the score at each
    visit, and hypotheses that are tested together, too."""


TRIALS = (
    Trial("tiny", 9, 0.1, 1.0, SCORES),
    Trial("tiny times", 9, 0.0, 0.7, TIMES),
    Trial("small", 14, 0.15, 1.0, (*SCORES, *SHARES)),
    Trial("small times", 16, 0.0, 0.5, TIMES),
    Trial("few missing", 40, 0.06, 1.0, SCORES),
    Trial("few missing, more people", 90, 0.04, 1.0, ("mmrm",)),
    Trial("some missing", 42, 0.15, 1.0, SCORES),
    Trial("few respond", 35, 0.05, 1.0, SHARES),
    Trial("few respond, less people", 25, 0.0, 1.0, SHARES),
    Trial("rare events", 60, 0.0, 0.12, TIMES),
    Trial("rare events, more people", 150, 0.0, 0.06, TIMES),
    Trial("frequent events", 60, 0.0, 1.5, TIMES),
    Trial("two ticks", 200, 0.0, 0.4, ("times_14", "times_15")),
    Trial("two ticks, less people", 80, 0.0, 0.6, ("times_14", "times_15")),
    Trial("subgroups", 60, 0.08, 1.0, ("mmrm", "shares")),
    Trial("subgroups, more people", 120, 0.03, 1.0, ("mmrm", "shares")),
    Trial("everything", 45, 0.1, 0.5, (*SCORES, *SHARES, *TIMES)),
    Trial("under six", 20, 0.1, 0.4, ("mmrm", *SHARES, *TIMES), 6),
    Trial("under three", 15, 0.1, 0.3, ("mmrm", *SHARES, *TIMES), 3),
    Trial("under twenty", 45, 0.2, 0.6, ("mmrm", *SHARES, *TIMES), 20),
    Trial("crossover", 18, 0.1, 1.0, PERIODS),
    Trial("crossover, more people", 50, 0.06, 1.0, PERIODS),
    Trial("strata", 60, 0.06, 0.3, ("shares", "stratified", "times_14", "times_strata")),
    Trial("strata, less people", 25, 0.1, 0.5, ("shares", "stratified", "times_strata")),
    Trial("competing", 60, 0.0, 0.5, ("times_14", "competing")),
    Trial("competing, more people", 150, 0.0, 0.3, ("times_14", "competing")),
    Trial("weights", 22, 0.12, 1.0, ("mmrm", "weighted_means"), check="all"),
    Trial("weights, more people", 60, 0.06, 1.0, ("mmrm", "weighted_means"), check="all"),
    Trial("classes", 45, 0.05, 1.0, ("mmrm", "classes", "shares"), check="all"),
    Trial("checked", 35, 0.08, 0.4, ("mmrm", *SHARES, "times_14"), check="all"),
    Trial("estimating", 30, 0.06, 1.0, (*SHARES, "estimating")),
    Trial("tested together", 60, 0.05, 0.12, ("mmrm", *SHARES, "times_14"), check="all"),
)


def write_trial(folder: Path, trial: Trial, seed: int) -> Iterator[Path]:
    """Write the files of a trial; a plan that hides small counts, and one that shows them all."""
    folder.mkdir(parents=True)
    for name, frame in _frames(trial, np.random.default_rng([seed, 20261130])).items():
        frame.to_csv(folder / f"{name}.csv", index=False)
    lines = "\n".join(f"  {name}: {ANALYSES[name]}" for name in trial.analyses)
    for smallest in (trial.smallest, 1):
        form = CROSSOVER if "crossover" in trial.analyses else PLAN
        more = trial.check == "all"
        text = form.format(
            common=COMMON,
            analyses=lines,
            smallest=smallest,
            check=trial.check,
            staged="stage, " if more else "",
            vitals="vital_signs: {MADRS: {label: Score, within_hours: 800}}" if more else "",
            together=TOGETHER if more and {"mmrm", "times_14"} <= {*trial.analyses} else "",
            graded="    severity: GRADE\n    related: RELATED\n" if more else "",
        )
        plan = folder / f"plan_{smallest}.yaml"
        plan.write_text(text)
        yield plan


def _frames(trial: Trial, chance: np.random.Generator) -> dict[str, pd.DataFrame]:
    n = 2 * trial.per_arm
    ids, drug = [f"S-{k:04d}" for k in range(n)], np.arange(n) % 2 == 1
    gone = chance.random(n) < trial.missing
    baseline = chance.integers(24, 40, n).astype(float)
    subjects = pd.DataFrame(
        {
            "ID": ids,
            "TRT": np.where(drug, "drug", "placebo"),
            "DAY": np.where(gone, 15, 29),
            "REASON": np.where(gone, "lost to follow-up", "completed"),
            "SEX": np.where(chance.random(n) < 0.25, "male", "female"),
            "REGION": chance.choice(["north", "south", "other"], n, p=[0.55, 0.35, 0.1]),
            "ATTEMPT": (chance.random(n) < 0.08).astype(int),
        }
    )
    other = np.random.default_rng(n)  # apart, so that the other columns stay as they were
    subjects["STAGE"] = other.choice(3, n, p=[0.6, 0.32, 0.08])
    subjects["WEIGHT"] = np.round(other.uniform(0.5, 2.0, n), 2)
    seen = {
        "Baseline": baseline,
        "Week 2": np.where(chance.random(n) < trial.missing / 2, np.nan,
                           np.round(baseline - 5 + chance.normal(0, 5, n) - 2 * drug)),
        "Week 4": np.where(gone, np.nan,
                           np.round(baseline - 9 + chance.normal(0, 7, n) - 3 * drug)),
    }  # fmt: skip
    visits = pd.concat(
        pd.DataFrame({"ID": ids, "VISIT": visit, "DAY": day, "SCORE": np.clip(score, 0, 60)})
        for day, (visit, score) in zip((1, 15, 29), seen.items(), strict=True)
    ).dropna()
    time = np.ceil(chance.exponential(np.where(drug, 130, 80) / trial.rate))
    censor = np.ceil(chance.uniform(40, 95, n))
    times = pd.DataFrame(
        {"ID": ids, "TTE": np.minimum(time, censor), "EVENT": np.where(time <= censor, "yes", "no")}
    )
    terms = [
        "Headache",
        "Nausea",
        "Dizziness",
        *(f"Rare disorder {'ABCDEFG'[k]}" for k in range(7)),
    ]
    who = chance.choice(n, 2 * n)
    adverse = pd.DataFrame(
        {
            "ID": [ids[k] for k in who],
            "DAY": chance.integers(2, 28, 2 * n),
            "SOC": "Nervous system disorders",
            "TERM": chance.choice(terms, 2 * n, p=[0.4, 0.3, 0.265, *[0.005] * 7]),
        }
    )
    adverse["GRADE"] = other.choice(["mild", "moderate", "severe"], 2 * n, p=[0.6, 0.33, 0.07])
    adverse["RELATED"] = other.choice(["yes", "no"], 2 * n, p=[0.3, 0.7])
    if "competing" in trial.analyses:
        died = (chance.random(n) < 0.4) & (time <= censor)
        times["EVENT"] = times["EVENT"].mask(died, "no")
        times["REASON"] = np.where(died, "death", "end of study")
    if "crossover" in trial.analyses:
        subjects, visits = _in_two_periods(subjects, visits, gone, drug, chance)
    return {"subjects": subjects, "visits": visits, "times": times, "ae": adverse}


def _in_two_periods(
    subjects: pd.DataFrame,
    visits: pd.DataFrame,
    gone: np.ndarray,
    drug: np.ndarray,
    chance: np.random.Generator,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Those who completed the first period take the other treatment in a second one."""
    other = subjects[~gone].assign(TRT=np.where(drug[~gone], "placebo", "drug"), PERIOD=2)
    other["DAY"] = 29
    other["REASON"] = "completed"
    again = visits[visits["ID"].isin(other["ID"])].assign(PERIOD=2)
    again["SCORE"] = np.clip(again["SCORE"] + np.round(chance.normal(-2, 4, len(again))), 0, 60)
    again = again[(again["VISIT"] == "Baseline") | (chance.random(len(again)) > 0.05)]
    return (
        pd.concat([subjects.assign(PERIOD=1), other]),
        pd.concat([visits.assign(PERIOD=1), again]),
    )
