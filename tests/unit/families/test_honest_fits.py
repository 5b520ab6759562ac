"""What a repeated-measures analysis says where the data cannot give what the plan asks."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf

from ketaoutcomes.endpoints.data import ChangeData
from ketaoutcomes.families.fitted import Fitted
from ketaoutcomes.families.repeated_measures.mmrm import fit_mmrm_analysis
from ketaoutcomes.families.repeated_measures.plan import (
    MmrmAnalysis,
    RandomInterceptAnalysis,
    RandomSlopeAnalysis,
)
from ketaoutcomes.families.repeated_measures.random_effects import fit_random_effects_analysis
from ketaoutcomes.families.shared.mixed_calls import SAS_DF, r_uncertainty
from ketaoutcomes.plan.estimand import Estimand
from ketaoutcomes.results import Result
from tolerances import SAME_OPTIMUM
from unit.families.test_mmrm_options import change_data, outcomes

ANALYSES = {
    "mmrm": (MmrmAnalysis, fit_mmrm_analysis),
    "random_intercept": (RandomInterceptAnalysis, fit_random_effects_analysis),
    "random_slope": (RandomSlopeAnalysis, fit_random_effects_analysis),
}


def analysed(data: ChangeData, model: str = "mmrm", **options: object) -> Fitted:
    part, fit = ANALYSES[model]
    basic = {"estimand": "e", "role": "primary", "model": model, "covariates": [], "by_visit": []}
    target = {
        "population": "x",
        "treatment": {"active": "drug", "reference": "control"},
        "endpoint": "y",
        "visit": data.visits[-1],
        "summary": "difference in means",
    }
    analysis = part.model_validate(basic | options)
    return fit("a", analysis, Estimand.model_validate(target), data, 0.95)


def last_difference(fitted: Fitted) -> Result:
    return [row for row in fitted.results if row.statistic == "difference in LS means"][-1]


def test_kenward_roger_of_a_small_trial_is_analysis_of_covariance():
    """Twelve participants, one visit, an unstructured covariance and the baseline."""
    drug, y = outcomes(n=12, n_visits=1)
    baseline = np.random.default_rng(4).normal(30, 5, 12)
    data = change_data(drug, y, baseline=baseline)
    frame = pd.DataFrame({"y": y[:, 0], "drug": drug.astype(float), "b": baseline})
    exact = smf.ols("y ~ drug + b", frame).fit()
    row = last_difference(analysed(data, covariates=["baseline"], df="kenward-roger"))
    found = row.estimate, row.std_error, row.df, row.p_value
    expected = exact.params["drug"], exact.bse["drug"], 9, exact.pvalues["drug"]
    np.testing.assert_allclose(found, expected, rtol=SAME_OPTIMUM)
    other = last_difference(analysed(data, covariates=["baseline"], df="kenward-roger-mmrm"))
    np.testing.assert_allclose(other.std_error / row.std_error, np.sqrt(8 / 9), rtol=1e-5)


@pytest.mark.parametrize(
    ("df", "linear", "vcov"),
    [
        ("kenward-roger", True, True),
        ("kenward-roger", False, False),
        ("kenward-roger-linear", False, True),
        ("kenward-roger-mmrm", True, False),
        ("satterthwaite", True, False),
    ],
)
def test_the_printed_call_in_r_has_the_form_that_was_used(df, linear, vcov):
    options = r_uncertainty(df, linear=linear)
    assert ('vcov = "Kenward-Roger-Linear"' in options) == vcov
    assert (
        options[0] == f'method = "{"Satterthwaite" if df == "satterthwaite" else "Kenward-Roger"}"'
    )
    assert df in SAS_DF


def test_a_constant_change_is_named_by_its_visit():
    drug, y = outcomes(n=20)
    y[:, 1] = -5.0
    row = last_difference(analysed(change_data(drug, y)))
    assert row.status == "failed"
    assert "us: no variance at v2" in row.message
    kept = analysed(change_data(drug, y), covariance=["us", "csh", "cs"])
    assert kept.record is not None
    assert last_difference(kept).status == "ok"


def test_too_few_participants_are_counted():
    drug, y = outcomes(n=4)
    row = last_difference(analysed(change_data(drug, y)))
    assert row.status == "failed"
    assert "4 were observed at v1, v2 and v3, and it needs at least 5" in row.message


def test_two_visits_on_one_day_are_a_failed_row():
    drug, y = outcomes(n=20)
    data = change_data(drug, y)
    same = (data.frame["subject"] == "s003") & (data.frame["visit"] == "v2")
    frame = data.frame.assign(day=data.frame["day"].mask(same, 1.0))
    other = ChangeData("y", "p", "MADRS", data.arms, data.visits, frame)
    row = last_difference(analysed(other, covariance=["sp_exp"]))
    assert row.status == "failed"
    assert "1 participant has two visits on one day (v1 and v2)" in row.message


def test_a_subgroup_that_cannot_be_fitted_fails_alone():
    drug, y = outcomes(n=20)
    site = np.where(drug, "north", "south")
    fitted = analysed(change_data(drug, y, site=site), subgroups=[{"by": "site"}])
    assert last_difference(fitted).status == "ok"
    failed = [row for row in fitted.results if row.status == "failed"]
    assert [(row.statistic, row.group) for row in failed] == [
        ("difference in subgroup", "site: north"),
        ("difference in subgroup", "site: south"),
        ("interaction", "site"),
    ]
    assert "site" in failed[-1].message


def test_a_participant_who_cannot_be_left_out_is_counted():
    """The only one of a level: without it the level has no coefficient."""
    drug, y = outcomes(n=20)
    site = np.array(["south"] * 19 + ["north"])
    fitted = analysed(change_data(drug, y, site=site), covariates=["site"], covariance=["cs"])
    (remark,) = fitted.remarks
    assert remark.count == 1
    assert "1 participant" in remark.sentence()
    low, high = (
        next(row for row in fitted.results if row.statistic == f"{end} without one subject")
        for end in ("lowest", "highest")
    )
    assert low.estimate is not None
    assert high.estimate is not None
    assert low.estimate < last_difference(fitted).estimate < high.estimate


def test_a_random_intercept_without_variance_is_said():
    """Scores that differ less between participants than within: the estimate is at its border."""
    rng = np.random.default_rng(2)
    drug, _ = outcomes(n=20)
    y = rng.normal(0, 2, (20, 3))
    y -= y.mean(axis=1, keepdims=True)
    fitted = analysed(change_data(drug, y), "random_intercept")
    assert last_difference(fitted).status == "warning"
    assert [r.gravity for r in fitted.remarks] == ["note"]
    assert "estimated as 0" in fitted.remarks[0].what


def test_a_random_slope_of_two_visits_says_what_it_needs():
    drug, y = outcomes(n=20, n_visits=2)
    row = last_difference(analysed(change_data(drug, y), "random_slope"))
    assert row.status == "failed"
    assert "no participant has more than 2 visits" in row.message
    assert row.estimate is None


@pytest.mark.parametrize("model", ["mmrm", "random_intercept"])
def test_a_covariate_far_from_zero_changes_no_number(model):
    """Its mean is 13 million standard deviations; moving it by a power of two rounds nothing."""
    drug, y = outcomes(n=20)
    baseline = np.round(np.random.default_rng(4).normal(30, 5, 20) * 1024) / 1024
    options = {"covariates": ["baseline"], "by_visit": ["baseline"]}
    near, far = (
        analysed(change_data(drug, y, baseline=baseline + shift), model, **options).results
        for shift in (0.0, 2.0**26)
    )
    assert [row.id for row in near] == [row.id for row in far]
    for one, two in zip(near, far, strict=True):
        assert two.status == one.status
        np.testing.assert_allclose(two.estimate, one.estimate, rtol=1e-7, atol=1e-7)
        if one.std_error is not None:
            found = two.std_error, two.df
            np.testing.assert_allclose(found, (one.std_error, one.df), rtol=1e-7)
