"""F tests of all arms in a mixed model for repeated measures, against one-way analyses of variance.

Where everybody has all visits and nothing is adjusted for, the unstructured model by REML has at a
visit the means and the pooled variance of one-way analysis of variance; of two visits, arm by visit
is that of the differences between them (Scheffé 1959, The Analysis of Variance, chapter 8). The
same tests in R are compared number by number where the exported script is run.
"""

import csv
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import f_oneway

from ketaoutcomes.__main__ import main

PLAN = """\
study: {{id: ma, title: T, question: "Q?", condition: C}}
data:
  files: {{visits: v.csv}}
  columns: {{subject: id, arm: arm, visit: week, value: score}}
  labels: {{visit: {{"2": Week 2, "4": Week 4}}}}
  baseline_score: 0
phases:
  treatment:
    label: Treatment
    arms: {{a: A, b: B, c: C}}
    reference: a
    visits: {{Baseline: {{day: 1}}, Week 2: {{day: 15}}, Week 4: {{day: 29}}}}
scales: {{score: {{label: score, low: -100, high: 100, better: lower, source: made up}}}}
endpoints:
  e: {{kind: change, phase: treatment, scale: score}}
estimands:
  q:
    population: all
    treatment: {{active: b, reference: a}}
    endpoint: e
    visit: Week 4
    summary: difference_in_means
analyses:
  p: {{estimand: q, role: primary, model: mmrm, covariates: [], {options}}}
report: {{smallest_cell: 1}}
"""
ARMS = "abc"
SAME = {"rel": 1e-6}
"""REML is maximised by steps; analysis of variance is a closed form."""


def _scores() -> pd.DataFrame:
    """Twelve of each arm, with scores at two visits that no two arms share."""
    i = np.arange(36)
    first = 20 + (7 * i) % 13 - 2 * (i % 3)
    second = 0.6 * first + (11 * i) % 17 - 3.0 * (i % 3 == 1)
    wide = pd.DataFrame({"id": [f"S{n}" for n in i], "2": first, "4": second})
    wide["arm"] = [ARMS[n % 3] for n in i]
    return wide


def _run(folder: Path, options: str) -> dict[str, dict[str, str]]:
    long = _scores().melt(["id", "arm"], var_name="week", value_name="score")
    long.to_csv(folder / "v.csv", index=False)
    (folder / "plan.yaml").write_text(PLAN.format(options=options), encoding="utf-8")
    assert main(["run", str(folder / "plan.yaml"), "--out", str(folder / "out"), "-q"]) == 0
    with (folder / "out" / "results.csv").open(encoding="utf-8", newline="") as stream:
        rows = [row for row in csv.DictReader(stream) if row["table"] == "mmrmt04"]
    return {row["statistic"]: row for row in rows}


@pytest.mark.parametrize("df", ["satterthwaite", "kenward_roger_linear"])
def test_complete_data_give_one_way_analysis_of_variance(tmp_path: Path, df: str) -> None:
    rows = _run(tmp_path, f"all_arms: true, df: {df}")
    wide = _scores().set_index("arm")
    of = {
        "F test of all arms at the visit": wide["4"],
        "F test of arm by visit": wide["4"] - wide["2"],
    }
    for statistic, values in of.items():
        expected = f_oneway(*(values[arm] for arm in ARMS))
        row = rows[statistic]
        assert float(row["test_statistic"]) == pytest.approx(expected.statistic, **SAME)
        assert float(row["p_value"]) == pytest.approx(expected.pvalue, rel=1e-5)
        assert float(row["df"]) == pytest.approx(36 - 3, **SAME)
        assert row["group"] == "2 numerator degrees of freedom"


def test_they_stand_before_the_comparison_and_are_checked(tmp_path: Path) -> None:
    rows = _run(tmp_path, "all_arms: true")
    assert all("dense restricted likelihood" in row["checked_by"] for row in rows.values())
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert 'id="mmrmt04-p"' in page
    assert "All arms together. All arms at the visit, Week 4: F " in page


def test_they_are_silent_where_they_are_not_asked(tmp_path: Path) -> None:
    assert _run(tmp_path, "all_arms: false") == {}
