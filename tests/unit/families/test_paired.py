"""Paired comparisons against R and closed forms, and what the report says of one order."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from ketaoutcomes.errors import PlanError
from ketaoutcomes.numerics.paired import correlation_of_pairs, paired_difference
from ketaoutcomes.pipeline import Request, run
from ketaoutcomes.plan.reading.plan_file import read_plan
from tolerances import DEGREES_OF_FREEDOM, EXACT, OTHER_SOFTWARE

BEFORE = (0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0)
AFTER = (1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4)
"""Hours of sleep gained by each of ten patients on one drug and on another (Student 1908)."""
STUDENT = {
    "estimate": 1.58,
    "std_error": 0.388958723888,
    "df": 9,
    "test_statistic": 4.06212768338,
    "conf_low": 0.70011423672302,
    "conf_high": 2.45988576327698,
    "p_value": 0.00283289019738,
}
"""R 4.2.2: t.test(after, before, paired = TRUE)."""
LME = {"estimate": 1.58, "std_error": 0.388958827937, "df": 9}
"""nlme::lme(y ~ drug, random = ~ 1 | id)."""
GLS = {"estimate": 1.793241815684, "std_error": 0.425575188581}
"""nlme::gls(y ~ drug, corSymm(form = ~ as.integer(drug) | id), varIdent(form = ~ 1 | drug)), of
the same without the first score of the third and the second score of the fifth."""
PLAN: dict[str, Any] = {
    "study": {"id": "sleep", "title": "Sleep", "question": "More?", "condition": "insomnia"},
    "data": {
        "files": {"visits": "sleep.csv"},
        "columns": {"subject": "id", "visit": "drug", "value": "gained"},
        "scale": "sleep gained",
    },
    "scales": {
        "sleep gained": {"label": "Sleep gained", "low": -10, "high": 10, "better": "higher",
                         "unit": "hours", "decimals": 1, "source": "Student 1908"},
    },
    "phases": {
        "treatment": {
            "label": "Two drugs",
            "arms": {"treated": "All patients"},
            "visits": {"A": {"day": 1}, "B": {"day": 8}},
        }
    },
    "endpoints": {
        "gained": {"kind": "change", "phase": "treatment", "scale": "sleep gained",
                   "label": "Sleep gained"},
    },
    "estimands": {
        "gained": {
            "population": "All",
            "treatment": {"active": "treated"},
            "endpoint": "gained",
            "visit": "B",
            "summary": "mean change",
        }
    },
    "analyses": {
        "pairs": {"estimand": "gained", "role": "primary", "model": "paired"},
        "all": {"estimand": "gained", "role": "sensitivity", "model": "paired",
                "method": "mixed model"},
    },
    "check": "all",
    "report": {"smallest_cell": 1},
}  # fmt: skip


def written(folder: Path, *, incomplete: bool = False, **analysis: str) -> Path:
    rows = [(f"s{k}", drug, score)
            for drug, scores in (("A", BEFORE), ("B", AFTER))
            for k, score in enumerate(scores)
            if not (incomplete and (k, drug) in {(2, "A"), (4, "B")})]  # fmt: skip
    frame = pd.DataFrame(rows, columns=["id", "drug", "gained"])
    frame.to_csv(folder / "sleep.csv", index=False)
    plan = PLAN | {"analyses": {n: a | analysis for n, a in PLAN["analyses"].items()}}
    path = folder / "plan.yaml"
    path.write_text(yaml.safe_dump(plan, sort_keys=False), encoding="utf-8")
    return path


def results_of(folder: Path, **how: Any) -> pd.DataFrame:
    path = written(folder, **how)
    assert run(Request(path, folder, folder / "out"), lambda _: None).failures == ()
    return pd.read_parquet(folder / "out" / "results.parquet").set_index("id")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("sleep")


@pytest.fixture(scope="module")
def complete(folder: Path) -> pd.DataFrame:
    return results_of(folder)


def main(results: pd.DataFrame, name: str) -> pd.Series:
    return results.loc[f"pairt01/{name}/b/treated/paired_difference"]


def test_it_is_the_paired_t_test_of_student(complete: pd.DataFrame) -> None:
    found = main(complete, "pairs")
    # R printed twelve digits
    assert {key: found[key] for key in STUDENT} == pytest.approx(STUDENT, rel=1e-10)
    assert found["n"] == len(BEFORE)
    assert found["checked_by"].startswith("scipy")


def test_both_means_and_the_correlation_stand_beside_it(complete: pd.DataFrame) -> None:
    rows = complete.filter(like="pairt01/pairs/", axis=0).set_index("statistic")["estimate"]
    assert rows["mean at the first visit"] == pytest.approx(np.mean(BEFORE), abs=EXACT)
    assert rows["mean at the visit"] == pytest.approx(np.mean(AFTER), abs=EXACT)
    # R: cor(after, before)
    assert rows["correlation of pairs"] == pytest.approx(0.795170205834, rel=1e-10)


def test_of_complete_pairs_the_mixed_model_is_the_t_test_and_that_of_lme(
    complete: pd.DataFrame,
) -> None:
    found = main(complete, "all")
    assert {key: found[key] for key in LME} == pytest.approx(LME, rel=OTHER_SOFTWARE)
    assert found["p_value"] == pytest.approx(STUDENT["p_value"], rel=DEGREES_OF_FREEDOM)
    assert found["checked_by"].startswith("scipy")


def test_the_mixed_model_uses_those_with_one_score(tmp_path: Path) -> None:
    results = results_of(tmp_path, incomplete=True)
    found = main(results, "all")
    assert {key: found[key] for key in GLS} == pytest.approx(GLS, rel=OTHER_SOFTWARE)
    assert found["n"] == len(BEFORE)
    both = [(a, b) for k, (a, b) in enumerate(zip(BEFORE, AFTER, strict=True)) if k not in (2, 4)]
    known = stats.ttest_rel([b for _, b in both], [a for a, _ in both])
    assert main(results, "pairs")["test_statistic"] == pytest.approx(known.statistic, rel=EXACT)
    assert main(results, "pairs")["n"] == len(both)


def test_the_report_says_that_one_order_is_confounded_with_time(folder: Path, complete) -> None:
    assert not complete.empty
    page = (folder / "out" / "report.html").read_text(encoding="utf-8")
    assert "All participants had the conditions in the same order" in page
    assert (
        "The order was the same for all participants, so the difference is confounded with time"
        in page
    )
    assert "at B the mean was 1.6 hours higher than at A" in page


def test_an_order_that_varied_is_said_to_be_not_in_the_data(tmp_path: Path) -> None:
    results_of(tmp_path, order="varied")
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "period effects are not adjusted for" in page
    assert "confounded with time" not in page


def test_arms_are_not_each_compared_with_their_own_baseline(tmp_path: Path) -> None:
    """Bland & Altman 2011: two tests within arms are no test between them."""
    plan = yaml.safe_load(yaml.safe_dump(PLAN))
    phase = plan["phases"]["treatment"]
    phase |= {"arms": {"treated": "T", "control": "C"}, "reference": "control"}
    plan["data"]["columns"]["arm"] = "arm"
    plan["estimands"]["gained"] |= {
        "treatment": {"active": "treated", "reference": "control"},
        "summary": "difference in means",
    }
    path = tmp_path / "plan.yaml"
    path.write_text(yaml.safe_dump(plan), encoding="utf-8")
    with pytest.raises(PlanError) as caught:
        read_plan(path)
    told = [str(problem) for problem in caught.value.problems]
    assert any("compares visits within participants" in words for words in told)
    assert any("model: mmrm" in words for words in told)


@pytest.mark.parametrize(
    ("scores", "reason"),
    [
        ([("a", 1, 2), ("b", 2, 3), ("c", 5, 6)], "all differences are equal"),
        ([("a", 1, 3)], "fewer than two participants"),
    ],
)
def test_what_cannot_be_tested_says_why(tmp_path: Path, scores, reason: str) -> None:
    path = written(tmp_path)
    rows = [(who, drug, value) for who, *both in scores
            for drug, value in zip("AB", both, strict=True)]  # fmt: skip
    pd.DataFrame(rows, columns=["id", "drug", "gained"]).to_csv(tmp_path / "sleep.csv", index=False)
    outcome = run(Request(path, tmp_path, tmp_path / "out"), lambda _: None)
    assert any(reason in words for words in outcome.failures)


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.integers(-60, 60), st.integers(-60, 60)), min_size=3, max_size=30).filter(
        lambda pairs: len({a - b for a, b in pairs}) > 1
    )
)
def test_any_pairs_give_the_numbers_of_scipy(pairs: list[tuple[int, int]]) -> None:
    before, after = np.array(pairs, dtype=float).T
    found, known = paired_difference(after - before, 0.9), stats.ttest_rel(after, before)
    limits = known.confidence_interval(0.9)
    assert found.statistic == pytest.approx(known.statistic, abs=1e-9)
    assert found.p_value == pytest.approx(known.pvalue, abs=1e-9)
    assert [found.conf_low, found.conf_high] == pytest.approx([limits.low, limits.high], abs=1e-9)
    turned = paired_difference(before - after, 0.9)
    assert turned.estimate == -found.estimate


def test_two_pairs_have_no_correlation() -> None:
    assert correlation_of_pairs(np.array([1.0, 2.0]), np.array([2.0, 5.0])) is None
    assert correlation_of_pairs(np.array([1.0, 2.0, 3.0]), np.array([4.0, 4.0, 4.0])) is None


def test_of_data_in_parts_it_says_that_it_needs_all_rows(tmp_path: Path) -> None:
    path = written(tmp_path)
    plan = yaml.safe_load(path.read_text("utf-8"))
    plan["data"]["parts"], plan["data"]["files"] = 2, {"visits": "sleep.parquet"}
    pd.read_csv(tmp_path / "sleep.csv").to_parquet(tmp_path / "sleep.parquet")
    path.write_text(yaml.safe_dump(plan), encoding="utf-8")
    run(Request(path, tmp_path, tmp_path / "out"), lambda _: None)
    results = pd.read_parquet(tmp_path / "out" / "results.parquet")
    failed = results[results["status"] == "failed"]
    assert set(failed["analysis"]) == set(plan["analyses"])
    assert failed["message"].str.contains("needs all rows at once").all()
