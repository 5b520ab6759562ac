"""What can be estimated is, and nothing else: empty cells, confused columns, separated outcomes."""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from empty_cells import VISITS, changes, responses
from ketaoutcomes.endpoints.data import BinaryData, ChangeData
from ketaoutcomes.families.fitted import Fitted
from ketaoutcomes.families.repeated_binary.gee import fit_gee_analysis
from ketaoutcomes.families.repeated_binary.logistic_mixed import fit_logistic_mixed_analysis
from ketaoutcomes.families.repeated_binary.plan import GeeAnalysis, LogisticMixedAnalysis
from ketaoutcomes.families.repeated_measures.mmrm import fit_mmrm_analysis
from ketaoutcomes.families.repeated_measures.plan import MmrmAnalysis, RandomInterceptAnalysis
from ketaoutcomes.families.repeated_measures.random_effects import fit_random_effects_analysis
from ketaoutcomes.families.standardisation.fit import fit_standardisation_analysis
from ketaoutcomes.families.standardisation.plan import StandardisationAnalysis
from ketaoutcomes.numerics.mmrm.contrasts import Inference, contrast
from ketaoutcomes.numerics.mmrm.fit import fit_mmrm
from ketaoutcomes.numerics.mmrm.patterns import pattern_statistics, subject_rows
from ketaoutcomes.plan.estimand import Estimand
from ketaoutcomes.results import Result
from tolerances import DEGREES_OF_FREEDOM, QUADRATURE_BY_LME4, SAME_OPTIMUM

ARMS = ("placebo", "drug")
BY_NLME = 3e-6
"""gls stops where its likelihood changes by 1e-12 of itself; its standard errors by their root."""

MODELS = {
    "mmrm": (fit_mmrm_analysis, MmrmAnalysis),
    "random_intercept": (fit_random_effects_analysis, RandomInterceptAnalysis),
    "gee": (fit_gee_analysis, GeeAnalysis),
    "logistic_mixed": (fit_logistic_mixed_analysis, LogisticMixedAnalysis),
    "g_computation": (fit_standardisation_analysis, StandardisationAnalysis),
}


def change_data(frame: pd.DataFrame) -> ChangeData:
    return ChangeData("y", "p", "MADRS", ARMS, VISITS, frame, nominal_days=(15.0, 29.0, 43.0))


def binary_data(frame: pd.DataFrame) -> BinaryData:
    return BinaryData("y", "p", "MADRS", ARMS, VISITS[:2], frame, "rule")


def estimand(visit: str, summary: str = "difference in means") -> Estimand:
    return Estimand.model_validate(
        {
            "population": "x",
            "treatment": {"active": "drug", "reference": "placebo"},
            "endpoint": "y",
            "visit": visit,
            "summary": summary,
        }
    )


def fit(model: str, data: ChangeData | BinaryData, visit: str, **options: Any) -> Fitted:
    binary = isinstance(data, BinaryData)
    run, part = MODELS[model]
    base = {"estimand": "e", "role": "primary", "model": model, "covariates": ["baseline"]}
    if model != "g_computation":
        base["by_visit"] = []
    analysis = part.model_validate(base | options)
    summary = "difference in proportions" if binary else "difference in means"
    return run("a", analysis, estimand(visit, summary), data, 0.95)


def rows(done: Fitted) -> dict[tuple[str, str], Result]:
    """Differences by statistic and visit."""
    return {(r.statistic, r.visit): r for r in done.results if r.reference and not r.group}


# R 4.2.2, nlme 3.1-162: gls(change ~ 0 + cell + baseline, corSymm, varIdent, REML), and lme4
# 1.1-31: lmer(change ~ 0 + cell + baseline + (1 | subject)); a cell is an arm at a visit.
@pytest.mark.parametrize(
    ("model", "visit", "estimate", "std_error"),
    [
        ("mmrm", "Week 2", -3.51291799, 1.33118474),
        ("mmrm", "Week 6", -5.83578676, 1.40879546),
        ("random_intercept", "Week 2", -3.49530273, 1.35290856),
        ("random_intercept", "Week 6", -5.71095602, 1.41342528),
    ],
)
def test_a_visit_empty_in_one_arm_costs_that_visit_alone(model, visit, estimate, std_error):
    options = {"covariance": ["us"]} if model == "mmrm" else {}
    done = fit(model, change_data(changes()), "Week 6", **options)
    found = rows(done)
    row = found["difference in LS means", visit]
    assert row.estimate == pytest.approx(estimate, rel=BY_NLME)
    assert row.std_error == pytest.approx(std_error, rel=BY_NLME)
    lost = found["difference in LS means", "Week 4"]
    assert (lost.status, lost.estimate) == ("failed", None)
    assert lost.message == "not estimable: no placebo score at Week 4"
    means = {(r.visit, r.arm): r.status for r in done.results if r.statistic == "LS mean"}
    assert {cell for cell, status in means.items() if status == "failed"} == {("Week 4", "placebo")}
    (remark,) = done.remarks
    assert "arm drug by visit Week 4" in remark.sentence()


@pytest.mark.parametrize("df", ["satterthwaite", "kenward-roger"])
def test_degrees_of_freedom_are_those_of_the_full_rank_design(df):
    """The same model with one column a cell that somebody was seen in: two routes to one number."""
    frame = changes()
    row = rows(fit("mmrm", change_data(frame), "Week 6", covariance=["us"], df=df))[
        "difference in LS means", "Week 6"
    ]
    cells = [(v, a) for v in VISITS for a in ARMS if (v, a) != ("Week 4", "placebo")]
    X = np.column_stack(
        [((frame["visit"] == v) & (frame["arm"] == a)).to_numpy(float) for v, a in cells]
        + [frame["baseline"].to_numpy(float)]
    )
    at = subject_rows(
        frame["change"].to_numpy(float),
        X,
        pd.factorize(frame["subject"], sort=True)[0],
        pd.Categorical(frame["visit"], list(VISITS)).codes.astype(np.int64),
        3,
    )
    inference = Inference(fit_mmrm(pattern_statistics(at), "us"), df, "model", at)
    c = np.zeros(len(cells) + 1)
    c[cells.index(("Week 6", "drug"))], c[cells.index(("Week 6", "placebo"))] = 1, -1
    found = contrast(inference, c)
    assert row.estimate == pytest.approx(found.estimate, rel=SAME_OPTIMUM)
    assert row.std_error == pytest.approx(found.std_error, rel=SAME_OPTIMUM)
    assert row.df == pytest.approx(found.df, rel=DEGREES_OF_FREEDOM)


@settings(max_examples=10, deadline=None)
@given(
    st.sets(st.tuples(st.sampled_from(VISITS), st.sampled_from(ARMS)), max_size=3),
    st.sampled_from(["mmrm", "random_intercept", "gee"]),
)
def test_a_difference_has_a_number_if_and_only_if_both_cells_have_scores(empty, model):
    frame = changes()
    lost = [cell in empty for cell in zip(frame["visit"], frame["arm"], strict=True)]
    frame = frame[~np.array(lost)].reset_index(drop=True)
    options = {"covariance": ["cs"]} if model == "mmrm" else {}
    if frame["arm"].nunique() < 2:
        return
    found = rows(fit(model, change_data(frame), "Week 6", **options))
    seen = set(zip(frame["visit"], frame["arm"], strict=True))
    for visit in sorted({v for v, _ in seen}):
        row = found["difference in LS means", visit]
        estimable = {(visit, arm) for arm in ARMS} <= seen
        assert (row.estimate is not None) == estimable
        assert (row.std_error is not None) == estimable
        assert (row.status == "failed") == (not estimable)


def test_a_covariate_that_is_the_arm_is_named():
    frame = changes()
    frame = frame.assign(site=frame["arm"].map({"placebo": "north", "drug": "south"}))
    done = fit("mmrm", change_data(frame), "Week 6", covariates=["baseline", "site"])
    row = rows(done)["difference in LS means", "Week 6"]
    assert row.message == "not estimable: site cannot be told apart from arm"
    assert all(r.estimate is None for r in done.results if r.statistic == "LS mean")


def test_a_site_that_determines_its_region_costs_no_difference():
    """The column is left out; the difference is that of the model without it."""
    frame = changes()
    number = frame["subject"].str[1:].astype(int)
    frame = frame.assign(site=(number // 2 % 3).map("s{}".format))
    frame = frame.assign(region=frame["site"].map({"s0": "east", "s1": "east", "s2": "west"}))
    both = fit("mmrm", change_data(frame), "Week 6", covariates=["baseline", "site", "region"])
    alone = fit("mmrm", change_data(frame), "Week 6", covariates=["baseline", "site"])
    for visit in ("Week 2", "Week 6"):
        key = ("difference in LS means", visit)
        a, b = rows(both)[key], rows(alone)[key]
        assert a.estimate == pytest.approx(b.estimate, rel=SAME_OPTIMUM)
        assert (a.std_error, a.df) == pytest.approx((b.std_error, b.df), rel=SAME_OPTIMUM)
    # no participant of the east is at the site of the west: the mean over both has no estimate
    means = [r for r in both.results if r.statistic == "LS mean"]
    assert {r.status for r in means} == {"failed"}
    assert "region" in both.remarks[0].sentence()


# R 4.2.2 on the outcomes without those of placebo at Week 2, which are all failures: lme4 1.1-31
# glmer(outcome ~ 0 + cell + baseline + (1 | subject), nAGQ = 25), geepack 1.3.9 geeglm(...,
# corstr = "independence"); log odds ratio and its standard error at Week 4.
@pytest.mark.parametrize(
    ("model", "log_ratio", "std_error", "options"),
    [
        ("logistic_mixed", 1.33884925, 1.11778143, {}),
        (
            "gee",
            0.85790798,
            0.67582626,
            {"correlation": "independence", "coefficient_covariance": "robust"},
        ),
    ],
)
def test_a_visit_without_success_in_an_arm_costs_its_odds_ratio_alone(
    model, log_ratio, std_error, options
):
    done = fit(model, binary_data(responses()), "Week 4", **options)
    found = rows(done)
    row = found["odds ratio", "Week 4"]
    assert np.log(row.estimate) == pytest.approx(log_ratio, rel=QUADRATURE_BY_LME4)
    assert row.std_error == pytest.approx(std_error, rel=2 * QUADRATURE_BY_LME4)
    lost = found["odds ratio", "Week 2"]
    assert (lost.status, lost.message) == (
        "failed",
        "not estimable on the odds scale: no participant in placebo met the criterion at Week 2",
    )
    (zero,) = (
        r
        for r in done.results
        if (r.statistic, r.visit, r.arm) == ("proportion", "Week 2", "placebo")
    )
    assert (zero.estimate, zero.std_error, zero.status) == (0.0, None, "warning")


@pytest.mark.parametrize("model", ["gee", "logistic_mixed", "g_computation"])
def test_a_penalised_odds_ratio_stands_next_to_an_infinite_one(model):
    """Without covariates Firth's estimate of a two-by-two table adds a half to each cell."""
    options: dict[str, Any] = {"covariates": []}
    done = fit(model, binary_data(responses()), "Week 2", **options)
    row = rows(done)["penalised odds ratio", "Week 2"]
    assert row.estimate == pytest.approx((12.5 / 8.5) / (0.5 / 20.5), rel=1e-8)
    assert "Firth" in row.method
    assert (row.conf_low or 0.0) > 1
    main = rows(done)["risk difference", "Week 2"]
    assert main.status == "failed"


@pytest.mark.parametrize("correlation", ["independence", "exchangeable", "ar1", "unstructured"])
def test_a_trial_too_small_for_its_working_correlation_is_told(correlation):
    for seed in range(6):
        frame = responses()
        rng = np.random.default_rng(seed)
        few = rng.choice(frame["subject"].unique(), 6, replace=False)
        small = frame[frame["subject"].isin(few)].reset_index(drop=True)
        if small["arm"].nunique() == 2:
            done = fit("gee", binary_data(small), "Week 4", correlation=correlation)
            assert all(
                r.status == "failed" and r.message for r in done.results if r.estimate is None
            )


def test_a_full_cell_mirrors_an_empty_one():
    """Success and failure change places: the odds ratio at the other visit is the reciprocal."""
    frame = responses()
    mirrored = frame.assign(outcome=1 - frame["outcome"])
    a = rows(fit("gee", binary_data(frame), "Week 4"))
    b = rows(fit("gee", binary_data(mirrored), "Week 4"))
    key = ("odds ratio", "Week 4")
    assert a[key].estimate == pytest.approx(1 / b[key].estimate, rel=SAME_OPTIMUM)
    assert b["odds ratio", "Week 2"].message.startswith(
        "not estimable on the odds scale: every participant in placebo"
    )
    key = ("penalised odds ratio", "Week 2")
    assert a[key].estimate == pytest.approx(1 / b[key].estimate, rel=SAME_OPTIMUM)


def test_the_order_of_rows_changes_nothing():
    frame = responses()
    shuffled = frame.sort_values(["subject", "visit"], kind="stable").reset_index(drop=True)
    one, other = (fit("gee", binary_data(f), "Week 4").results for f in (frame, shuffled))
    assert [replace(r, message="") for r in one] == [replace(r, message="") for r in other]
