"""A yes or no that may be a harm, and ratios of proportions as what an estimand asks for.

The numbers of 22 of 100 against 40 of 100 are those of R 4.2.2: `metafor::escalc` ("RR", "OR") with
normal limits on the logarithm, and `chisq.test(correct = FALSE)`.
"""

import csv
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from ketaoutcomes.__main__ import main
from ketaoutcomes.cohorts.true_values import _ratio_of_proportions
from ketaoutcomes.results import Result

RISK_RATIO = (0.55, 0.35413189, 0.85420152)
ODDS_RATIO = (0.42307692, 0.22767965, 0.78616636)
P_VALUE = 0.0059228297
YES = {"drug": 22, "placebo": 40}
EXACT = {"rel": 1e-7}
"""R printed eight digits."""

PLAN = """\
study: {{id: yn, title: T, question: "Q?", condition: C}}
data:
  files: {{visits: v.csv}}
  columns: {{subject: id, arm: arm, visit: week, value: harm}}
  labels: {{visit: {{"0": Baseline, "4": Week 4}}}}
phases:
  treatment:
    label: Treatment
    arms: {{drug: drug, placebo: placebo}}
    reference: placebo
    visits: {{Baseline: {{day: 1}}, Week 4: {{day: 29}}}}
scales: {{harm: {{label: harm, low: 0, high: 1, better: lower, source: made up}}}}
endpoints:
  e: {{kind: yes_or_no, phase: treatment, scale: harm, {rule}, event_label: pancreatitis}}
estimands:
  q:
    population: all
    treatment: {{active: drug, reference: placebo}}
    endpoint: e
    visit: Week 4
    summary: {summary}
analyses:
  a: {{estimand: q, role: primary, model: {model}}}
report: {{smallest_cell: {cell}}}
check: all
"""


def _data(missing: int = 0) -> pd.DataFrame:
    """A hundred of each arm; of those with a no, so many more have no outcome."""
    rows = []
    for arm, yes in YES.items():
        for person in range(100 + missing):
            outcome = "" if person >= 100 else int(person < yes)
            rows += [(f"{arm}{person}", arm, 0, 0), (f"{arm}{person}", arm, 4, outcome)]
    return pd.DataFrame(rows, columns=["id", "arm", "week", "harm"])


def _run(
    folder: Path,
    summary: str = "risk_ratio",
    rule: str = "at_least: 1, event_is: unwanted",
    *,
    missing: int = 0,
    cell: int = 1,
    model: str = "proportions",
) -> dict[str, dict[str, str]]:
    _data(missing).to_csv(folder / "v.csv", index=False)
    text = PLAN.format(summary=summary, rule=rule, cell=cell, model=model)
    (folder / "plan.yaml").write_text(text, encoding="utf-8")
    assert main(["run", str(folder / "plan.yaml"), "--out", str(folder / "out"), "-q"]) == 0
    with (folder / "out" / "results.csv").open(encoding="utf-8", newline="") as stream:
        rows = [row for row in csv.DictReader(stream) if row["table"] == "rspt01"]
    return {f"{row['statistic']} {row['arm']}".strip(): row for row in rows}


def _limits(row: dict[str, str]) -> tuple[float, ...]:
    return tuple(float(row[key]) for key in ("estimate", "conf_low", "conf_high"))


@pytest.mark.parametrize(
    ("summary", "expected"), [("risk ratio", RISK_RATIO), ("odds ratio", ODDS_RATIO)]
)
def test_a_ratio_is_the_main_result(tmp_path: Path, summary: str, expected) -> None:
    row = _run(tmp_path, summary.replace(" ", "_"))[f"{summary} drug"]
    assert _limits(row) == pytest.approx(expected, **EXACT)
    assert float(row["p_value"]) == pytest.approx(P_VALUE, **EXACT)
    assert row["checked_by"]
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert f"The {summary} was {expected[0]:.2f}" in page
    assert "emission" not in page.split("Reporting checklist")[0].split("<body")[1]


def test_only_the_ratio_that_is_asked_for_has_a_p_value(tmp_path: Path) -> None:
    rows = _run(tmp_path, "odds_ratio")
    assert rows["risk ratio drug"]["p_value"] == ""
    assert float(rows["odds ratio drug"]["p_value"]) == float(
        rows["risk difference drug"]["p_value"]
    )


@pytest.mark.parametrize(("event_is", "yes"), [("unwanted", 30), ("wanted", 22)])
def test_a_missing_outcome_is_the_worse_one(tmp_path: Path, event_is: str, yes: int) -> None:
    """Eight more of each arm are missing: a harm is presumed, a benefit is not."""
    rows = _run(tmp_path, rule=f"at_least: 1, event_is: {event_is}", missing=8)
    assert float(rows["responders drug"]["estimate"]) == yes
    assert int(rows["proportion drug"]["n"]) == 108


def test_fewer_of_a_harm_is_a_benefit(tmp_path: Path) -> None:
    """18 of 100 fewer have it: one of 100 / 18 treated benefits, and limits are those inverted."""
    rows = _run(tmp_path)
    difference, needed = rows["risk difference drug"], rows["number needed to treat drug"]
    assert float(needed["estimate"]) == pytest.approx(100 / 18)
    low, high = (-1 / float(difference[key]) for key in ("conf_low", "conf_high"))
    assert _limits(needed)[1:] == pytest.approx((low, high))
    assert "NNTB 5.6" in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")


def test_the_other_side_of_the_cut_is_the_complement(tmp_path: Path) -> None:
    rows = _run(tmp_path, rule="at_most: 0, event_is: wanted")
    assert float(rows["proportion drug"]["estimate"]) == pytest.approx(0.78)
    assert float(rows["number needed to treat drug"]["estimate"]) == pytest.approx(100 / 18)


def test_hidden_counts_stay_hidden_where_a_ratio_is_asked_for(tmp_path: Path) -> None:
    """Of 22 in 100, a cell of 40 hides the count and all that would tell it."""
    rows = _run(tmp_path, cell=40)
    assert rows["responders drug"]["estimate"] == ""
    assert rows["risk ratio drug"]["estimate"] == ""


@pytest.mark.parametrize("model", ["incidence", "g_computation, covariates: []"])
def test_a_model_without_the_ratio_is_refused(tmp_path: Path, capsys, model: str) -> None:
    text = PLAN.format(summary="risk_ratio", rule="at_least: 1", cell=1, model=model)
    (tmp_path / "plan.yaml").write_text(text, encoding="utf-8")
    assert main(["validate", str(tmp_path / "plan.yaml")]) == 2
    assert "a model that estimates a `risk_ratio`" in capsys.readouterr().err


@pytest.mark.parametrize(("statistic", "truth"), [("risk ratio", 0.55), ("odds ratio", 11 / 26)])
def test_true_ratios_and_their_errors(statistic: str, truth: float) -> None:
    """Apart, the error of the logarithm is that of Katz et al. 1978 or of Woolf 1955."""
    active = pd.Series([1.0] * 22 + [0.0] * 78)
    reference = pd.Series([1.0] * 40 + [0.0] * 60)
    row = _ratio_of_proportions(
        Result(table="trut01", statistic=statistic), active, reference, paired=False
    )
    katz = 1 / 22 - 1 / 100 + 1 / 40 - 1 / 100
    woolf = 1 / 22 + 1 / 78 + 1 / 40 + 1 / 60
    variance = katz if statistic == "risk ratio" else woolf
    assert row.estimate == pytest.approx(truth)
    # `sem` divides by n - 1
    assert row.std_error == pytest.approx(np.sqrt(variance * 100 / 99))
    same = _ratio_of_proportions(row, active, active, paired=True)
    assert (same.estimate, same.std_error) == pytest.approx((1, 0))
