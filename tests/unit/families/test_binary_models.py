"""Estimating equations and mixed models of binary outcomes, against closed forms."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from ketaoutcomes.endpoints.data import BinaryData, ChangeData
from ketaoutcomes.families.repeated_binary.estimating_equations import (
    GeeFit,
    fit_estimating_equations,
)
from ketaoutcomes.families.repeated_binary.gee import fit_gee_analysis
from ketaoutcomes.families.repeated_binary.logistic_mixed import fit_logistic_mixed_analysis
from ketaoutcomes.families.repeated_binary.plan import GeeAnalysis, LogisticMixedAnalysis
from ketaoutcomes.numerics.estimating_equations import correlation_of
from ketaoutcomes.plan.estimand import Estimand
from ketaoutcomes.results import Result
from tolerances import EXACT, SAME_OPTIMUM

VISITS = ("v1", "v2", "v3")


def binary_data(n: int = 80, seed: int = 3, lost: float = 0.0) -> BinaryData:
    rng = np.random.default_rng(seed)
    drug = np.arange(n) % 2 == 1
    eta = 1.5 * rng.normal(size=(n, 1)) - 0.5 + 0.4 * np.arange(3) * (1 + drug[:, None])
    outcome = (rng.random((n, 3)) < 1 / (1 + np.exp(-eta))).astype(float)
    outcome[rng.random((n, 3)) < lost] = np.nan
    frame = pd.DataFrame(
        {
            "subject": np.repeat([f"s{i:03d}" for i in range(n)], 3),
            "arm": np.repeat(np.where(drug, "drug", "control"), 3),
            "visit": list(VISITS) * n,
            "baseline": np.repeat(rng.normal(30, 4, n), 3),
            "outcome": outcome.ravel(),
        }
    )
    return BinaryData("y", "p", "MADRS", ("control", "drug"), VISITS, frame, "rule")


def estimand() -> Estimand:
    return Estimand.model_validate(
        {
            "population": "x",
            "treatment": {"active": "drug", "reference": "control"},
            "endpoint": "y",
            "visit": "v3",
            "summary": "difference in proportions",
        }
    )


def gee(data: BinaryData | ChangeData, **options: object) -> dict[str, Result]:
    analysis = GeeAnalysis.model_validate(
        {"estimand": "e", "role": "secondary", "model": "gee", "covariates": []} | options
    )
    return by_key(fit_gee_analysis("a", analysis, estimand(), data, 0.95).results)


def by_key(rows: tuple[Result, ...]) -> dict[str, Result]:
    return {f"{row.statistic} {row.visit} {row.arm}".strip(): row for row in rows}


def test_without_covariates_proportions_are_those_observed():
    data = binary_data(lost=0.1)
    rows = gee(data, correlation="independence", coefficient_covariance="robust")
    observed = data.frame.groupby(["visit", "arm"])["outcome"].agg(["mean", "count"])
    for (visit, arm), (mean, count) in observed.iterrows():
        row = rows[f"proportion {visit} {arm}"]
        assert (row.estimate, row.n) == (pytest.approx(mean, rel=SAME_OPTIMUM), count)
    (p1, n1), (p0, n0) = (observed.loc[("v3", arm)] for arm in ("drug", "control"))
    difference = rows["risk difference v3 drug"]
    variance = p1 * (1 - p1) / n1 + p0 * (1 - p0) / n0
    assert difference.estimate == pytest.approx(p1 - p0, rel=SAME_OPTIMUM)
    assert difference.std_error == pytest.approx(np.sqrt(variance), rel=SAME_OPTIMUM)
    odds = p1 / (1 - p1) * (1 - p0) / p0
    assert rows["odds ratio v3 drug"].estimate == pytest.approx(odds, rel=SAME_OPTIMUM)


def clusters(kind: str = "exchangeable", family: str = "binomial", seed: int = 1) -> tuple:
    rng = np.random.default_rng(seed)
    subject, visit = np.repeat(np.arange(25), 3), np.tile(np.arange(3), 25)
    X = np.column_stack([np.ones(75), subject % 2, rng.normal(size=75)]).astype(float)
    eta = X @ [0.2, 0.5, -0.4] + rng.normal(size=25)[subject]
    y = (rng.random(75) < 1 / (1 + np.exp(-eta))).astype(float) if family == "binomial" else eta
    return y, X, subject, visit, 3, family, kind


def test_the_correction_of_mancl_and_derouen_is_statsmodels():
    y, X, subject, visit, *_ = arguments = clusters()
    fit = fit_estimating_equations(*arguments)
    same = {"family": sm.families.Binomial(), "cov_struct": sm.cov_struct.Exchangeable()}
    model = sm.GEE(y, X, subject, time=visit, **same)
    theirs = model.fit(ddof_scale=0, ctol=1e-10, cov_type="bias_reduced")
    np.testing.assert_allclose(fit.beta, theirs.params, rtol=SAME_OPTIMUM)
    np.testing.assert_allclose(fit.covariance("mancl-derouen"), theirs.cov_params(), rtol=1e-5)


def test_subjects_of_one_visit_have_the_corrections_of_regression():
    """Kauermann & Carroll's is HC2 and Mancl & DeRouen's HC3 (MacKinnon & White 1985)."""
    rng = np.random.default_rng(2)
    n = 30
    X = np.column_stack([np.ones(n), rng.exponential(size=n)])
    y = X @ [1.0, 2.0] + rng.normal(size=n) * X[:, 1]
    at = np.arange(n), np.zeros(n, dtype=int)
    fit = fit_estimating_equations(y, X, *at, 1, "gaussian", "independence")
    ols = sm.OLS(y, X).fit()
    for kind, theirs in (
        ("robust", ols.cov_HC0),
        ("kauermann-carroll", ols.cov_HC2),
        ("mancl-derouen", ols.cov_HC3),
    ):
        np.testing.assert_allclose(fit.covariance(kind), theirs, rtol=1e-9)


def test_the_correction_of_morel_by_its_formula():
    """Morel, Bokossa & Neerchal 2003: c = (N-1)/(N-p) m/(m-1), plus delta xi times the model's."""
    fit = fit_estimating_equations(*clusters())
    m, p, n = 25, 3, 75
    robust, naive = fit.covariance("robust"), fit.naive_covariance
    xi = max(1.0, np.trace(np.linalg.solve(naive, robust)) / p)
    expected = (n - 1) / (n - p) * m / (m - 1) * robust + min(0.5, p / (m - p)) * xi * naive
    np.testing.assert_allclose(fit.covariance("morel"), expected, rtol=1e-9)


@pytest.mark.parametrize("kind", ["independence", "exchangeable", "ar1", "unstructured"])
def test_corrections_are_ordered_and_order_of_rows_does_not_matter(kind):
    arguments = clusters(kind)
    fit = fit_estimating_equations(*arguments)
    kinds = ("robust", "kauermann-carroll", "mancl-derouen")
    for less, more in pairwise(kinds):
        assert (np.diag(fit.covariance(less)) < np.diag(fit.covariance(more))).all()
    order = np.random.default_rng(1).permutation(75)
    y, X, subject, visit, *rest = arguments
    other = fit_estimating_equations(y[order], X[order], subject[order], visit[order], *rest)
    np.testing.assert_allclose(other.beta, fit.beta, rtol=SAME_OPTIMUM)
    robust = (f.covariance("robust") for f in (fit, other))
    np.testing.assert_allclose(*robust, rtol=SAME_OPTIMUM)


def test_degrees_of_freedom():
    fit: GeeFit = fit_estimating_equations(*clusters())
    c = np.array([0.0, 1.0, 0.0])
    assert fit.df("mancl-derouen", c, "subjects") == 22
    assert 10 < fit.df("kauermann-carroll", c, "satterthwaite") < 23


def test_an_autoregression_is_the_least_squares_fit_of_all_lags():
    lag = np.abs(np.subtract.outer(np.arange(4), np.arange(4)))
    counts = np.full((4, 4), 9.0)
    np.testing.assert_allclose(
        correlation_of("ar1", counts * 0.7**lag, counts), 0.7**lag, rtol=EXACT
    )
    np.testing.assert_array_equal(correlation_of("ar1", counts, counts)[0, 1] > 0.99, True)


def test_complete_change_by_estimating_equations_is_the_difference_in_means():
    data = binary_data()
    frame = data.frame.assign(change=data.frame["outcome"] * 3 - data.frame["baseline"])
    change = ChangeData("y", "p", "MADRS", data.arms, data.visits, frame)
    row = gee(change, correlation="unstructured")["difference in LS means v3 drug"]
    means = frame[frame["visit"] == "v3"].groupby("arm")["change"].mean()
    assert row.estimate == pytest.approx(means["drug"] - means["control"], rel=SAME_OPTIMUM)


def test_an_arm_without_any_response_is_told():
    data = binary_data()
    silent = data.frame["outcome"].where(data.frame["arm"] == "drug", 0.0)
    frame = data.frame.assign(outcome=silent)
    other = BinaryData("y", "p", "MADRS", data.arms, VISITS, frame, "rule")
    row = gee(other)["risk difference v3 drug"]
    assert row.status == "failed"
    # the reason is the arm's outcomes, in the reader's words
    assert row.message == "not estimable: no participant in control met the criterion at v3"
    analysis = LogisticMixedAnalysis.model_validate(
        {"estimand": "e", "role": "secondary", "model": "logistic_mixed", "covariates": []}
    )
    mixed = fit_logistic_mixed_analysis("a", analysis, estimand(), other, 0.95).results
    # the infinite effects fail, and each has a penalised odds ratio next to it
    for row in mixed:
        if row.reference:
            assert row.status == ("ok" if row.statistic == "penalised odds ratio" else "failed")


def test_proportions_of_the_mixed_model_lie_near_those_observed():
    """They are means over subjects, so that complete data nearly give them back."""
    data = binary_data(n=200)
    analysis = LogisticMixedAnalysis.model_validate(
        {"estimand": "e", "role": "secondary", "model": "logistic_mixed", "covariates": []}
    )
    rows = by_key(fit_logistic_mixed_analysis("a", analysis, estimand(), data, 0.95).results)
    observed = data.frame.groupby(["visit", "arm"])["outcome"].mean()
    for (visit, arm), mean in observed.items():
        assert rows[f"proportion {visit} {arm}"].estimate == pytest.approx(mean, abs=0.03)
    # a subject's odds ratio is further from one than that of proportions
    marginal = gee(data)["odds ratio v3 drug"].estimate
    assert marginal is not None
    assert 1 < marginal < (rows["odds ratio v3 drug"].estimate or 0)


def test_one_outcome_per_participant_has_no_random_intercept() -> None:
    data = binary_data()
    one = replace(data, frame=data.frame[data.frame["visit"] == "v3"])
    analysis = LogisticMixedAnalysis.model_validate(
        {"estimand": "e", "role": "secondary", "model": "logistic_mixed", "covariates": []}
    )
    (row,) = fit_logistic_mixed_analysis("a", analysis, estimand(), one, 0.95).results
    assert row.status == "failed"
    assert "no participant has two outcomes" in row.message
