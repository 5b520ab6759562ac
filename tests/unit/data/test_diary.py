"""Daily scores become weekly means, by hand and by R, and nothing is left out in silence."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml

from ketaoutcomes.data.load import load_cohort
from ketaoutcomes.errors import DataError, PlanError
from ketaoutcomes.pipeline import Request, run
from ketaoutcomes.plan.reading.plan_file import read_plan
from tolerances import SAME_OPTIMUM

PLAN: dict[str, Any] = {
    "study": {"id": "pain", "title": "Pain diary", "question": "Less?", "condition": "pain"},
    "data": {
        "files": {"visits": "diary.csv"},
        "columns": {"subject": "id", "arm": "group", "day": "day", "value": "pain"},
        "scale": "NRS",
        "diary": {"days": 7, "needed": 4},
        "factors": [],
    },
    "scales": {
        "NRS": {"label": "Pain today", "low": 0, "high": 10, "better": "lower", "source": "x"}
    },
    "phases": {
        "treatment": {
            "label": "Treatment",
            "arms": {"placebo": "Placebo", "drug": "Drug"},
            "reference": "placebo",
            "visits": {"Run-in": {"day": 1}, "Week 1": {"day": 7}, "Week 2": {"day": 14}},
        }
    },
    "endpoints": {"pain": {"kind": "change", "phase": "treatment", "scale": "NRS"}},
    "estimands": {
        "pain": {
            "population": "All",
            "treatment": {"active": "drug", "reference": "placebo"},
            "endpoint": "pain",
            "visit": "Week 2",
            "summary": "difference in means",
        }
    },
    "analyses": {
        "pain": {"estimand": "pain", "role": "primary", "model": "mmrm", "by_visit": ["baseline"]}
    },
    "report": {"smallest_cell": 1},
}
DAYS = (*range(-7, 0), *range(1, 15))
"""Study days: there is no day 0."""


def daily(n: int = 12) -> pd.DataFrame:
    rng = np.random.default_rng(5)
    rows = [
        (f"p{k:02d}", ("placebo", "drug")[k % 2], day, int(rng.integers(2, 9)))
        for k in range(n)
        for day in DAYS
    ]
    return pd.DataFrame(rows, columns=["id", "group", "day", "pain"])


def plan_in(folder: Path, frame: pd.DataFrame, **data: Any) -> Path:
    frame.to_csv(folder / "diary.csv", index=False)
    path = folder / "plan.yaml"
    path.write_text(yaml.safe_dump(PLAN | {"data": PLAN["data"] | data}, sort_keys=False))
    return path


def load(folder: Path, frame: pd.DataFrame, **data: Any) -> Any:
    return load_cohort(read_plan(plan_in(folder, frame, **data))[0], folder)


def scores(cohort: Any, subject: str) -> dict[str, float]:
    here = cohort.visits[cohort.visits["subject"] == subject]
    return dict(zip(here["visit"], here["score"], strict=True))


def words(cohort: Any) -> str:
    return " ".join(remark.sentence() for remark in cohort.source.remarks)


def without(frame: pd.DataFrame, subject: str, days: set[int]) -> pd.DataFrame:
    return frame[~((frame["id"] == subject) & frame["day"].isin(days))]


def test_each_visit_has_the_mean_of_the_seven_days_up_to_it(tmp_path: Path) -> None:
    frame = daily()
    cohort = load(tmp_path, frame)
    own = frame[frame["id"] == "p03"].set_index("day")["pain"]
    assert scores(cohort, "p03") == pytest.approx(
        {
            "Run-in": own.loc[-7:-1].mean(),
            "Week 1": own.loc[1:7].mean(),
            "Week 2": own.loc[8:14].mean(),
        }
    )
    assert "0 periods with fewer than 4 days were left out" in words(cohort)


@pytest.mark.parametrize(("lost", "known"), [({8, 9, 10}, True), ({8, 9, 10, 11}, False)])
def test_a_week_needs_four_days(tmp_path: Path, lost: set[int], known: bool) -> None:
    cohort = load(tmp_path, without(daily(), "p03", lost))
    assert np.isfinite(scores(cohort, "p03").get("Week 2", np.nan)) == known
    count = "0 periods" if known else "1 period"
    assert f"{count} with fewer than 4 days" in words(cohort)


def test_who_has_no_full_week_was_there_still(tmp_path: Path) -> None:
    frame = daily()
    few = frame[(frame["id"] != "p02") | frame["day"].isin({1, 9})]
    none = few[(few["id"] != "p05")]
    late = pd.DataFrame([("p05", "drug", 40, 5)], columns=list(frame))
    cohort = load(tmp_path, pd.concat([none, late]))
    assert set(cohort.assignments["subject"]) == set(frame["id"])
    assert "days that belong to no visit were not used: 1 row" in words(cohort)


def test_several_entries_of_a_day_count_once(tmp_path: Path) -> None:
    frame = daily()
    more = pd.DataFrame([("p03", "drug", 9, 10), ("p03", "drug", 9, 10)], columns=list(frame))
    cohort = load(tmp_path, pd.concat([frame, more]))
    own = frame[frame["id"] == "p03"].set_index("day")["pain"].astype(float)
    own[9] = (own[9] + 20) / 3
    assert scores(cohort, "p03")["Week 2"] == pytest.approx(own.loc[8:14].mean())
    assert "the mean counts once; that concerned 2 rows" in words(cohort)


def test_the_order_of_rows_changes_nothing(tmp_path: Path) -> None:
    frame = without(daily(), "p03", {8, 9, 10, 11})
    one = load(tmp_path, frame).visits
    other = load(tmp_path, frame.sample(frac=1, random_state=3)).visits
    pd.testing.assert_frame_equal(one, other)


@pytest.mark.parametrize(
    ("value", "expected"), [("bad", "a number"), ("99", "a NRS score from 0 to 10")]
)
def test_a_wrong_day_is_refused_and_not_averaged(tmp_path: Path, value: str, expected: str) -> None:
    frame = daily().astype({"pain": object})
    frame.loc[40, "pain"] = value
    with pytest.raises(DataError) as caught:
        load(tmp_path, frame)
    (problem,) = [p for p in caught.value.problems if p.expected == expected]
    assert "row 42" in problem.place  # of the file: the header is row 1


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"diary": {"days": 7, "needed": 8}}, "no visit would have a score"),
        ({"diary": {"days": 8}}, "visits at least 8 days apart"),
        ({"visit_windows": {}}, "write one"),
        (
            {"columns": PLAN["data"]["columns"] | {"visit": "week"}},
            "the column `day` says when a score was given",
        ),
    ],
)
def test_what_does_not_go_together_is_said(tmp_path: Path, change: Any, words: str) -> None:
    with pytest.raises(PlanError) as caught:
        read_plan(plan_in(tmp_path, daily(), **change))
    assert any(words in str(problem) for problem in caught.value.problems)


def test_without_a_run_in_the_first_week_is_the_baseline(tmp_path: Path) -> None:
    frame = daily()
    path = plan_in(tmp_path, frame[frame["day"] > 0])
    plan = yaml.safe_load(path.read_text())
    plan["phases"]["treatment"]["visits"] = {"Week 1": {"day": 7}, "Week 2": {"day": 14}}
    path.write_text(yaml.safe_dump(plan, sort_keys=False))
    cohort = load_cohort(read_plan(path)[0], tmp_path)
    own = frame[frame["id"] == "p03"].set_index("day")["pain"]
    assert scores(cohort, "p03") == pytest.approx(
        {"Week 1": own.loc[1:7].mean(), "Week 2": own.loc[8:14].mean()}
    )


def test_the_report_has_the_model_of_weekly_means_and_says_the_rule(tmp_path: Path) -> None:
    """With all weeks complete the difference of Week 2 is least squares on the weekly means."""
    frame = daily(40)
    path = plan_in(tmp_path, frame)
    assert run(Request(path, tmp_path, tmp_path / "out"), lambda _: None).failures == ()
    results = pd.read_parquet(tmp_path / "out" / "results.parquet").set_index("id")
    row = results.loc["mmrmt01/pain/week_2/drug/placebo/difference_in_ls_means"]
    week = pd.cut(frame["day"], [-8, -1, 7, 14], labels=["base", "one", "two"])
    wide = frame.groupby(["id", "group", week], observed=True)["pain"].mean().unstack()
    drug = wide.index.get_level_values("group") == "drug"
    X = np.column_stack([np.ones(len(wide)), drug, wide["base"]])
    beta = np.linalg.lstsq(X, wide["two"] - wide["base"], rcond=None)[0]
    assert row["estimate"] == pytest.approx(beta[1], rel=SAME_OPTIMUM)
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "mean of daily entries over 7 days up to the visit" in page
