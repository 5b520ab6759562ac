"""Tests over all arms, before two of them are compared, against those of R 4.2.2's survival."""

import csv
from pathlib import Path

import pandas as pd
import pytest

from ketaoutcomes.__main__ import main

PLAN = """\
study: {{id: aa, title: T, question: "Q?", condition: C}}
data:
  files: {{times: t.csv}}
  columns:
    {{subject: id, arm: arm, time: time, occurred: event, covariates: {{age: age, site: site}}}}
  deidentification: {{accept: {{age: made up, site: made up}}}}
phases:
  treatment: {{label: Treatment, arms: {{a: A, b: B, c: C}}, reference: a}}
endpoints:
  e: {{kind: time_to_event, phase: treatment}}
estimands:
  q:
    population: all
    treatment: {{active: b, reference: a}}
    endpoint: e
    summary: hazard_ratio
analyses:
  p: {{estimand: q, role: primary, model: time_to_event, rmst_days: 20, {options}}}
report: {{smallest_cell: 1}}
"""
LOG_RANK, LIKELIHOOD, WALD, SCORE = (
    f"{kind} test of all arms" for kind in ("log-rank", "likelihood ratio", "Wald", "score")
)
IN_R = {
    "all_arms: true": (12.12167, 12.592389, 10.852325, 12.052176),
    "all_arms: true, covariates: [age], strata: [site]": (
        14.101628,
        14.903414,
        12.367408,
        14.02194,
    ),
    "all_arms: true, ties: breslow": (12.12167, 12.538174, 10.816925, 12.0086),
}
"""`survdiff` and `coxph` with its score at the estimates of the covariates, eight digits."""


def _data(*, without_events: str = "") -> pd.DataFrame:
    i = pd.Series(range(60))
    arm = (i % 3).map({0: "a", 1: "b", 2: "c"})
    return pd.DataFrame(
        {
            "id": [f"S{n}" for n in i],
            "arm": arm,
            "time": 1 + (37 * i) % 53 + 20 * (i % 3 == 1),
            "event": ((7 * i) % 5 > 0).astype(int).mask(arm == without_events, 0),
            "age": 20 + (11 * i) % 40,
            "site": ((i // 3) % 2).map({0: "x", 1: "y"}),
        }
    )


def _run(folder: Path, options: str, data: pd.DataFrame, code: int = 0) -> dict[str, dict]:
    data.to_csv(folder / "t.csv", index=False)
    (folder / "plan.yaml").write_text(PLAN.format(options=options), encoding="utf-8")
    assert main(["run", str(folder / "plan.yaml"), "--out", str(folder / "out"), "-q"]) == code
    with (folder / "out" / "results.csv").open(encoding="utf-8", newline="") as stream:
        return {row["statistic"]: row for row in csv.DictReader(stream) if row["table"] == "ttet04"}


@pytest.mark.parametrize(("options", "expected"), IN_R.items())
def test_the_four_tests_are_those_of_r(tmp_path: Path, options: str, expected) -> None:
    rows = _run(tmp_path, options, _data())
    found = [float(rows[name]["test_statistic"]) for name in (LOG_RANK, LIKELIHOOD, WALD, SCORE)]
    # the Wald test has the error of the optimiser in it
    assert found == pytest.approx(expected, rel=1e-6)
    assert {float(row["df"]) for row in rows.values()} == {2.0}
    assert all(row["checked_by"] for row in rows.values())
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert page.index("All arms together") < page.index(">RMST ratio<")
    assert "Wald test (3 arms)" in page


def test_the_score_test_with_exact_ties_is_the_log_rank_test(tmp_path: Path) -> None:
    """The variance of both is that of a hypergeometric law (Cox 1972)."""
    rows = _run(tmp_path, "all_arms: true, ties: exact", _data())
    score, log_rank = (float(rows[name]["test_statistic"]) for name in (SCORE, LOG_RANK))
    assert score == pytest.approx(log_rank, rel=1e-9)


def test_an_arm_without_events_leaves_what_can_be_tested(tmp_path: Path) -> None:
    """Its hazard ratio is 0, so that Wald's test fails, and the other three hold."""
    rows = _run(tmp_path, "all_arms: true", _data(without_events="c"), code=1)
    assert rows[WALD]["status"] == "failed"
    assert [rows[name]["status"] for name in (LOG_RANK, LIKELIHOOD, SCORE)] == ["ok"] * 3


def test_it_is_silent_where_it_is_not_asked(tmp_path: Path) -> None:
    assert _run(tmp_path, "all_arms: false", _data()) == {}
